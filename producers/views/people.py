"""Who works for a farm: people and invitations on its page, and opening an invitation."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hub import inviting
from hub.access import MemberRequest, coordinator_required, member_required, public
from hub.forms import InvitationForm
from hub.views import invitations
from hub.views.common import done, told
from producers import farms
from producers.models import Producer, ProducerInvitation


@public
@require_safe
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """You are invited to keep a farm's catalogue."""
    answer_url = reverse("producers:invitation-answer", args=[token])
    return invitations.page(request, ProducerInvitation, token, answer_url=answer_url)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: MemberRequest, token: str) -> HttpResponse:
    """Yes, I keep it. Somebody sent here by the sign-in page finds the button."""
    if request.method != "POST":
        return redirect("producers:invitation", token)

    def accept() -> None:
        farms.accept(token=token, member=request.user, now=timezone.now())

    if told(request, accept, _("Welcome. Begin with your catalogue: what you sell and how it is packed.")):
        return redirect("producers:catalogue")
    return redirect("producers:invitation", token)


@coordinator_required
@require_safe
def people(request: MemberRequest, producer: str) -> HttpResponse:
    """The people of a farm."""
    return _page(request, _farm(producer))


@coordinator_required
@require_POST
def invite(request: MemberRequest, producer: str) -> HttpResponse:
    """Invite somebody to keep its catalogue."""
    farm, form = _farm(producer), InvitationForm(request.POST)

    def act() -> None:
        farms.invite(producer=farm, email=form.cleaned_data["email"], by=request.user, now=timezone.now())

    if done(request, form, act, _("The invitation leaves within a minute.")):
        return redirect("producers:people", producer)
    return _page(request, farm, form)


@coordinator_required
@require_POST
def resend(request: MemberRequest, producer: str) -> HttpResponse:
    """Send an invitation again, with a new link."""
    waiting = _waiting(request, producer)
    told(
        request,
        lambda: inviting.resend(invitation=waiting, by=request.user, now=timezone.now()),
        _("A new link leaves within a minute. The old one no longer works."),
    )
    return redirect("producers:people", producer)


@coordinator_required
@require_POST
def withdraw(request: MemberRequest, producer: str) -> HttpResponse:
    """Take an invitation back."""
    waiting = _waiting(request, producer)
    told(
        request,
        lambda: inviting.withdraw(invitation=waiting, by=request.user, now=timezone.now()),
        _("The link no longer works."),
    )
    return redirect("producers:people", producer)


@coordinator_required
@require_POST
def part(request: MemberRequest, producer: str) -> HttpResponse:
    """Somebody no longer works for the farm."""
    farm = _farm(producer)
    person = get_object_or_404(farm.people.select_related("member"), member__email=request.POST.get("email"))
    told(
        request,
        lambda: farms.part_from(producer=farm, member=person.member, by=request.user, now=timezone.now()),
        _("%(name)s no longer works for this farm.") % {"name": person.member.full_name},
    )
    return redirect("producers:people", producer)


def _farm(code: str) -> Producer:
    return get_object_or_404(Producer, code=code)


def _waiting(request: MemberRequest, code: str) -> ProducerInvitation:
    pending = ProducerInvitation.objects.pending().filter(producer=_farm(code)).select_related("producer")
    waiting: ProducerInvitation = get_object_or_404(pending, email=request.POST.get("email"))
    return waiting


def _page(request: MemberRequest, farm: Producer, form: InvitationForm | None = None) -> HttpResponse:
    context = {
        "farm": farm,
        "people": farm.people.select_related("member").order_by("since", "pk"),
        "invitations": farm.invitations.pending().select_related("invited_by").order_by("created_at"),
        "invite_form": form or InvitationForm(),
        "now": timezone.now(),
        "space": "coordinator",
    }
    return render(request, "producers/people.html", context, status=422 if form else 200)
