"""Forms of the day and of what comes after the close: what somebody typed, as an act."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from distribution.acts import BadQuantity
from distribution.amending import Change
from distribution.handover import Act
from distribution.models import HandoverAction
from hub import calendar
from hub.form_fields import whole
from hub.models import Collection
from orders.models import OrderLine
from orders.wishes import MOST_PACKS
from producers.models import Packaging

FIELDS = {
    HandoverAction.Kind.COLLECTED: ("by",),
    HandoverAction.Kind.SHORT: ("quantity", "reason", "note"),
    HandoverAction.Kind.WEIGHED: ("confirmed",),
    HandoverAction.Kind.PAID: ("means", "note"),
    HandoverAction.Kind.NOTE: ("text",),
    HandoverAction.Kind.RETURNED: ("quantity", "elsewhere"),
}

PLAIN = re.compile(r"-?(?=\.?[0-9])[0-9]{0,6}(\.[0-9]*)?")
"""Digits as people write them: 1e3 is nobody's amount."""


def read_act(posted: QueryDict, *, order: str, now: datetime) -> Act:
    """The act a form of the counter stands for. Raises BadQuantity for a number nobody can read."""
    kind = posted.get("kind", "")
    fields = FIELDS.get(HandoverAction.Kind(kind), ()) if kind in HandoverAction.Kind.values else ()
    data: dict[str, Any] = {name: posted.get(name, "").strip() for name in fields}
    if kind == HandoverAction.Kind.WEIGHED:
        data["grams"] = int(number(posted.get("kg", "")) * 1000)
    if kind == HandoverAction.Kind.PAID:
        data["amount"] = str(amount(posted.get("amount", "")))
    if kind == HandoverAction.Kind.RETURNED:
        data["producer"], _colon, data["deposit"] = posted.get("container", "").rpartition(":")
    return Act(uid=_uid(posted), kind=kind, at=now, order=order, line=posted.get("line", ""), data=data)


def read_changes(posted: QueryDict, lines: Mapping[str, OrderLine], offers: Mapping[str, Packaging]) -> list[Change]:
    """The changes a form asks for: `q-<line>` is wanted where `seen-<line>` was due, and `packs` of `add` on top.

    Raises BadQuantity for what is no whole number, and for a product that cannot be added.
    """
    changes = []
    for code, line in lines.items():
        seen = _packs(posted.get(f"seen-{code}", str(line.due)))
        delta = _packs(posted.get(f"q-{code}", str(seen))) - seen
        if delta:
            changes.append(Change(delta, line=line, seen=seen))
    if added := posted.get("add", ""):
        if added not in offers:
            raise BadQuantity(_("This product cannot be added any more."))
        changes.append(Change(_packs(posted.get("packs", "") or "1"), packaging=offers[added]))
    return changes


def _packs(typed: str) -> int:
    packs = whole(typed, MOST_PACKS)
    if packs is None:
        raise BadQuantity(_("A quantity is a whole number between 0 and 1,000."))
    return packs


def number(typed: str) -> Decimal:
    """A number as people type it: 1,92 · 1.92 · 12 €. Raises BadQuantity."""
    text = typed.replace("\u202f", "").replace("\u00a0", "").replace(" ", "").replace(",", ".").strip("€kg")
    if not PLAIN.fullmatch(text):
        raise BadQuantity(_("Enter a number, as 1.92."))
    return Decimal(text)


def amount(typed: str) -> Decimal:
    """An amount of money as people type it. Raises BadQuantity, with words about money."""
    try:
        return number(typed)
    except BadQuantity as error:
        raise BadQuantity(_("Type an amount in euros and cents, as 12.50.")) from error


def _uid(posted: QueryDict) -> UUID:
    """The id the page gave its form, so that a form sent twice counts once."""
    try:
        return UUID(posted.get("uid", ""))
    except ValueError:
        return uuid4()


class ProlongingForm(forms.Form):
    """Until when orders stay open: a day and an hour of the hub's wall clock."""

    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    hour = forms.TimeField(label=_("Hour"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))

    def __init__(self, collection: Collection, data: Any = None) -> None:
        later = min(collection.closes_at + timedelta(hours=2), collection.starts_at).astimezone(calendar.zone())
        super().__init__(data, initial={"day": later.date(), "hour": later.time()})
        first, last = collection.closes_at.astimezone(calendar.zone()), collection.starts_at.astimezone(calendar.zone())
        self.fields["day"].widget.attrs |= {"min": first.date().isoformat(), "max": last.date().isoformat()}

    def clean(self) -> dict[str, Any]:
        """Adds `closes_at`, the instant meant."""
        cleaned = super().clean() or {}
        if "day" in cleaned and "hour" in cleaned:
            cleaned["closes_at"] = calendar.wall_to_utc(cleaned["day"], cleaned["hour"])
        return cleaned
