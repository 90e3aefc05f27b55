"""Counting a box: what lies in it beside what the books expect, and the difference explained."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from djmoney.money import Money

from distribution.boxes.refusals import Changed, Unexplained
from distribution.models import CashCount
from hub import activity, ledger, locks
from hub import format as say
from hub.models import CollectionPoint, Member, Transfer
from hub.money import money
from hub.refusals import the_first

COINS = tuple(
    map(Decimal, ("200", "100", "50", "20", "10", "5", "2", "1", "0.50", "0.20", "0.10", "0.05", "0.02", "0.01"))
)


@dataclass(frozen=True)
class Box:
    """What the books expect in the boxes of a point, and how they were counted last."""

    point: CollectionPoint
    cash: Decimal
    local: Decimal
    last: CashCount | None

    @property
    def cash_money(self) -> Money:
        return money(self.cash)

    @property
    def local_money(self) -> Money:
        return money(self.local)

    def held(self, means: str) -> Decimal:
        """What the box should hold of one means, in euros."""
        return self.local if means == CashCount.Means.LOCAL else self.cash


def boxes(member: Member) -> list[Box]:
    """The boxes a member looks after, by point: three statements."""
    points = list(CollectionPoint.objects.visible_to(member).filter(archived_at=None).order_by("name", "pk"))
    held = ledger.balances(account(means, point) for point in points for means in CashCount.Means.values)
    last = {
        one.point_id: one
        for one in CashCount.objects.filter(point__in=points, undone_at=None).select_related("by").order_by("at", "pk")
    }
    return [
        Box(point, held[account("cash", point)], held[account("local", point)], last.get(point.pk)) for point in points
    ]


def account(means: str, point: CollectionPoint) -> str:
    """The account of a box: `cash:tilleuls`."""
    return f"{means}:{point.code}"


def total(sheet: Mapping[str, int]) -> Decimal:
    """What coins and notes come to."""
    return sum((Decimal(value) * count for value, count in sheet.items()), Decimal("0.00"))


def count(
    *, point: CollectionPoint, means: str, counted: Decimal, seen: Decimal, key: str, by: Member, now: datetime,
    sheet: Mapping[str, int] | None = None, note: str = "",
) -> CashCount:  # fmt: skip
    """Write a count down. `seen` is what the person was told to expect. The same key again gives the first count.

    Raises Changed when the books have moved meanwhile, Unexplained for a difference without a note, AnotherFact.
    """
    with transaction.atomic():
        locks.own_box(point.pk)
        known = CashCount.objects.filter(key=key).first()
        if known is not None:
            same = (known.point_id, known.means, known.counted.amount) == (point.pk, means, counted)
            return the_first(known, same=same)
        expected = ledger.balance(account(means, point))
        if expected != seen:
            raise Changed(
                _("Money was noted meanwhile: the box should hold %(amount)s now.") % {"amount": say.money(expected)},
                expected=str(expected),
            )
        if counted != expected and not note.strip():
            raise Unexplained(
                _("You counted %(counted)s, the books expect %(expected)s: %(difference)s. Count again, or say why.")
                % {
                    "counted": say.money(counted),
                    "expected": say.money(expected),
                    "difference": say.signed_money(counted - expected),
                }
            )
        made = CashCount.objects.create(
            point=point, means=means, expected=money(expected), counted=money(counted), sheet=dict(sheet or {}),
            note=note.strip()[:200], key=key, at=now, by=by,
            transfer=_post(means, point, counted - expected, key, by, now),
        )  # fmt: skip
        activity.record(
            verb="box.counted", subject=point.code, by=by, now=now,
            data={"means": means, "expected": str(expected), "counted": str(counted)},
        )  # fmt: skip
    return made


def undo(*, count: CashCount, by: Member, now: datetime) -> None:
    """A count was wrong: its difference is put back. Doing it again changes nothing."""
    with transaction.atomic():
        locked = CashCount.objects.select_for_update(of=("self",)).select_related("point", "transfer").get(pk=count.pk)
        if locked.undone_at is not None:
            return
        if locked.transfer is not None:
            ledger.reverse(locked.transfer.reference, memo=gettext("Count taken back"), now=now, by=by)
        locked.undone_at, locked.undone_by = now, by
        locked.save(update_fields=["undone_at", "undone_by"])
        activity.record(verb="box.count-undone", subject=locked.point.code, by=by, now=now, data={"key": locked.key})


def _post(
    means: str, point: CollectionPoint, difference: Decimal, key: str, by: Member, now: datetime
) -> Transfer | None:
    if not difference:
        return None
    box, reference = account(means, point), f"count:{key}"
    debit, credit = (box, "cash:differences") if difference > 0 else ("cash:differences", box)
    entry = ledger.Entry(reference, debit, credit, abs(difference), gettext("Difference of a counted box"))
    ledger.post([entry], now=now, by=by)
    return Transfer.objects.get(reference=reference)
