"""Forms of the day: what somebody typed at the counter, as an act."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID, uuid4

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from distribution.acts import BadQuantity
from distribution.handover import Act
from distribution.models import HandoverAction

FIELDS = {
    HandoverAction.Kind.COLLECTED: ("by",),
    HandoverAction.Kind.SHORT: ("quantity", "reason", "note"),
    HandoverAction.Kind.WEIGHED: ("confirmed",),
    HandoverAction.Kind.PAID: ("means", "note"),
    HandoverAction.Kind.NOTE: ("text",),
}


def read_act(posted: QueryDict, *, order: str, now: datetime) -> Act:
    """The act a form of the counter stands for. Raises BadQuantity for a number nobody can read."""
    kind = posted.get("kind", "")
    fields = FIELDS.get(HandoverAction.Kind(kind), ()) if kind in HandoverAction.Kind.values else ()
    data: dict[str, Any] = {name: posted.get(name, "").strip() for name in fields}
    if kind == HandoverAction.Kind.WEIGHED:
        data["grams"] = int(number(posted.get("kg", "")) * 1000)
    if kind == HandoverAction.Kind.PAID:
        data["amount"] = str(number(posted.get("amount", "")))
    return Act(uid=_uid(posted), kind=kind, at=now, order=order, line=posted.get("line", ""), data=data)


def number(typed: str) -> Decimal:
    """A number as people type it: 1,92 · 1.92 · 12 €. Raises BadQuantity."""
    text = typed.replace("\u202f", "").replace("\u00a0", "").replace(" ", "").replace(",", ".").strip("€kg")
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise BadQuantity(_("Enter a number, as 1.92.")) from error
    if not value.is_finite() or abs(value) >= 1_000_000:
        raise BadQuantity(_("Enter a number, as 1.92."))
    return value


def _uid(posted: QueryDict) -> UUID:
    """The id the page gave its form, so that a form sent twice counts once."""
    try:
        return UUID(posted.get("uid", ""))
    except ValueError:
        return uuid4()
