"""The team: who coordinates, who hosts where, who works for which farm; roles are given and taken back."""

from django.db.models import Count, Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hub import roles
from hub.access import MemberRequest, coordinator_required, proof_required
from hub.forms import AppointmentForm
from hub.models import CollectionPoint, Host, Role
from hub.ordering import alphabetical
from hub.views.common import done, told
from producers.models import Producer, ProducerPerson

WAITING = Count("invitations", filter=Q(invitations__used_at=None, invitations__withdrawn_at=None), distinct=True)


@coordinator_required
@require_safe
def team(request: MemberRequest) -> HttpResponse:
    """Everybody who holds a role."""
    return _page(request)


@coordinator_required
@proof_required
@require_POST
def appoint(request: MemberRequest) -> HttpResponse:
    """Let a member coordinate too."""
    form = AppointmentForm(request.POST)

    def act() -> None:
        roles.appoint_coordinator(email=form.cleaned_data["email"], by=request.user, now=timezone.now())

    if done(request, form, act, _("Done. They find the coordination in their menu.")):
        return redirect("producers:team")
    return _page(request, form)


@coordinator_required
@proof_required
@require_POST
def dismiss(request: MemberRequest) -> HttpResponse:
    """Somebody no longer coordinates."""
    held = Role.objects.current().coordinators().select_related("member")
    role = get_object_or_404(held, member__email=request.POST.get("email"))
    told(
        request,
        lambda: roles.dismiss_coordinator(member=role.member, by=request.user, now=timezone.now()),
        _("%(name)s no longer coordinates.") % {"name": role.member.full_name},
    )
    return redirect("orders:home" if role.member == request.user else "producers:team")


def _page(request: MemberRequest, form: AppointmentForm | None = None) -> HttpResponse:
    hosts = Prefetch("hosts", Host.objects.current().select_related("member").order_by("since", "pk"))
    people = Prefetch("people", ProducerPerson.objects.select_related("member").order_by("since", "pk"))
    context = {
        "coordinators": Role.objects.current().coordinators().select_related("member", "granted_by").order_by("pk"),
        "points": CollectionPoint.objects.active()
        .prefetch_related(hosts)
        .annotate(waiting=WAITING)
        .order_by(alphabetical(), "pk"),
        "farms": Producer.objects.active()
        .prefetch_related(people)
        .annotate(waiting=WAITING)
        .order_by(alphabetical(), "pk"),
        "form": form or AppointmentForm(),
        "space": "coordinator",
    }
    return render(request, "producers/team.html", context, status=422 if form else 200)
