"""My point: what people must know about it, who hosts it, who is invited to."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hub import inviting, points, roles
from hub.access import MemberRequest, coordinator_required, host_required
from hub.forms import InvitationForm
from hub.models import CollectionPoint, HostInvitation
from hub.ordering import alphabetical
from hub.settings_forms import PracticalForm
from hub.views.common import done, told


@host_required
@require_safe
def my_points(request: MemberRequest) -> HttpResponse:
    """The page of my point; who looks after several chooses."""
    mine = list(CollectionPoint.objects.active().visible_to(request.user).order_by(alphabetical(), "pk"))
    if len(mine) == 1:
        return redirect("hub:my-point", mine[0].code)
    return render(request, "hub/my_points.html", {"points": mine, "space": "host"})


@host_required
@require_safe
def my_point(request: MemberRequest, code: str) -> HttpResponse:
    """One point."""
    return _page(request, _mine(request, code))


@host_required
@require_POST
def tell(request: MemberRequest, code: str) -> HttpResponse:
    """What members and helpers must know about it."""
    point = _mine(request, code)
    form = PracticalForm(request.POST, instance=point)

    def act() -> None:
        points.tell(point=point, by=request.user, now=timezone.now())

    if done(request, form, act, _("Saved.")):
        return redirect("hub:my-point", code)
    return _page(request, _mine(request, code), practical_form=form)


@host_required
@require_POST
def invite(request: MemberRequest, code: str) -> HttpResponse:
    """Invite somebody to host it too."""
    point, form = _mine(request, code), InvitationForm(request.POST)

    def act() -> None:
        inviting.invite_host(point=point, email=form.cleaned_data["email"], by=request.user, now=timezone.now())

    if done(request, form, act, _("The invitation leaves within a minute.")):
        return redirect("hub:my-point", code)
    return _page(request, point, invite_form=form)


@host_required
@require_POST
def resend(request: MemberRequest, code: str) -> HttpResponse:
    """Send an invitation again, with a new link."""
    waiting = _waiting(request, code)
    told(
        request,
        lambda: inviting.resend(invitation=waiting, by=request.user, now=timezone.now()),
        _("A new link leaves within a minute. The old one no longer works."),
    )
    return redirect("hub:my-point", code)


@host_required
@require_POST
def withdraw(request: MemberRequest, code: str) -> HttpResponse:
    """Take an invitation back."""
    waiting = _waiting(request, code)
    told(
        request,
        lambda: inviting.withdraw(invitation=waiting, by=request.user, now=timezone.now()),
        _("The link no longer works."),
    )
    return redirect("hub:my-point", code)


@coordinator_required
@require_POST
def dismiss(request: MemberRequest, code: str) -> HttpResponse:
    """Somebody no longer hosts the point."""
    point = _mine(request, code)
    host = get_object_or_404(point.hosts.current().select_related("member"), member__email=request.POST.get("email"))
    told(
        request,
        lambda: roles.dismiss_host(point=point, member=host.member, by=request.user, now=timezone.now()),
        _("%(name)s no longer hosts this point.") % {"name": host.member.full_name},
    )
    return redirect("hub:my-point", code)


def _mine(request: MemberRequest, code: str) -> CollectionPoint:
    return get_object_or_404(CollectionPoint.objects.visible_to(request.user), code=code)


def _waiting(request: MemberRequest, code: str) -> HostInvitation:
    pending = HostInvitation.objects.pending().filter(point=_mine(request, code))
    waiting: HostInvitation = get_object_or_404(pending.select_related("point"), email=request.POST.get("email"))
    return waiting


def _page(request: MemberRequest, point: CollectionPoint, **forms: Any) -> HttpResponse:
    context = {
        "point": point,
        "hosts": point.hosts.current().select_related("member").order_by("since", "pk"),
        "invitations": point.invitations.pending().select_related("invited_by").order_by("created_at"),
        "invite_form": InvitationForm(),
        "practical_form": PracticalForm(instance=point),
        "now": timezone.now(),
        "space": "host",
    }
    return render(request, "hub/my_point.html", context | forms, status=422 if forms else 200)
