"""What was sent when the session had just ended: kept in the browser's new session, wished for once its author is back."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from hub.models import Collection, Household, Member
from hub.refusals import Refusal
from orders import concerning, forms, ordering, wishes
from orders.wishes import Touch

KEY = "typed"
KEPT_FOR = timedelta(hours=1)
MOST_LINES = 1000


def keep(request: HttpRequest, code: str) -> None:
    """Keep the quantities and the note of a form. `mine` of it says whose page it was: nobody else is given them."""
    touches, _unreadable = forms.touches(request.POST)
    lines = {pack: (touch.packs, touch.seen) for pack, touch in touches.items() if len(pack) <= 60}
    request.session[KEY] = {
        "collection": code, "mine": request.POST.get("mine", "")[:20], "at": timezone.now().timestamp(),
        "lines": dict(list(lines.items())[:MOST_LINES]), "note": request.POST.get("note", "")[:300],
    }  # fmt: skip


def take_up(request: HttpRequest, member: Member) -> None:
    """Wish for what was kept, where it is this member's and fresh; say so, and what of it has changed meanwhile."""
    kept: dict[str, Any] | None = request.session.pop(KEY, None)
    now = timezone.now()
    if kept is None or kept["mine"] != str(member.pk) or now.timestamp() - kept["at"] > KEPT_FOR.total_seconds():
        return
    collection = concerning.of(member).filter(code=kept["collection"]).first()
    if collection is None or member.household_id is None:
        return
    try:
        ordering.check_window(collection, now)
    except Refusal as closed:
        messages.error(request, str(closed))
        return
    household = Household(pk=member.household_id)
    for refusal in _wish(household, collection, kept).values():
        messages.warning(request, str(refusal))
    messages.info(request, _("Your session had ended. What you typed is kept below and not sent yet: send it again."))


def _wish(household: Household, collection: Collection, kept: dict[str, Any]) -> dict[str, Refusal]:
    now = timezone.now()
    touches = {code: Touch(packs, seen) for code, (packs, seen) in kept["lines"].items()}
    refused = wishes.touch(household=household, collection=collection, touches=touches, now=now)
    if kept["note"]:
        wishes.overlay(household=household, collection=collection, changes={}, note=kept["note"], now=now)
    return refused
