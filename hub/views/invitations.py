"""Opening an invitation: a page for its link, and one button. Signed out, one signs up or in first and comes back."""

from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hub import inviting
from hub.access import MemberRequest, member_required, public
from hub.models import HostInvitation, Invitation, Member
from hub.refusals import Refusal
from hub.views.common import told


@public
@require_safe
def host_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """You are invited to host a point."""
    return page(request, HostInvitation, token, answer_url=reverse("hub:host-answer", args=[token]))


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def host_answer(request: MemberRequest, token: str) -> HttpResponse:
    """Yes, I host it. Somebody sent here by the sign-in page finds the button."""
    if request.method != "POST":
        return redirect("hub:host-invitation", token)

    def accept() -> None:
        inviting.accept_as_host(token=token, member=request.user, now=timezone.now())

    if told(request, accept, _("Thank you. This is your point from now on.")):
        return redirect("hub:my-point")
    return redirect("hub:host-invitation", token)


def page(request: HttpRequest, model: type[Invitation], token: str, *, answer_url: str) -> HttpResponse:
    """What the invitation opens and for whom; a link that does not work says why."""
    now = timezone.now()
    found = model.objects.with_token(token).select_related(model.PLACE, "invited_by").first()
    over = _over(found, now)
    context = {
        "invitation": found, "over": over, "answer_url": answer_url, "kind": model.PLACE,
        "mine": found is not None and request.user.is_authenticated and found.used_by_id == request.user.pk,
        "another": isinstance(request.user, Member) and found is not None
        and request.user.email.lower() != found.email.lower(),
        "query": urlencode({"next": request.path} | ({"email": found.email} if found else {})),
    }  # fmt: skip
    return render(request, "hub/invitation.html", context, status=_status(over))


def _over(found: Invitation | None, now: datetime) -> Refusal | None:
    if found is None:
        return inviting.over(None)
    state = found.state(now)
    return None if state == Invitation.State.OPEN else inviting.over(state)


def _status(over: Refusal | None) -> int:
    if over is None:
        return 200
    return 404 if over.data["state"] == "unknown" else over.status
