"""The households of a distribution as they queue: what each ordered, has paid and has collected. It writes nothing."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Exists, OuterRef, Sum
from djmoney.money import Money

from distribution import settlement
from distribution.sheets.reading import plain
from hub.models import Collection, PaymentMethod
from hub.money import ZERO, money
from orders.links import code_in
from orders.models import CardPayment, Order, Payment
from orders.shelf import fold


@dataclass(frozen=True)
class Entry:
    """A household in the queue. Whose card the bank refused pays on the spot like those who always do."""

    order: str
    number: int | None
    name: str
    note: str
    at_point: bool
    by_card: bool
    refused: bool
    collected_at: datetime | None
    collected_by: str
    lines: int
    to_weigh: int
    estimate: Money
    paid: Money

    @property
    def owed(self) -> Money | None:
        """What is still to be paid on the spot."""
        left = self.estimate - self.paid
        return left if self.at_point and left.amount > 0 else None


def queue(collection: Collection) -> list[Entry]:
    """The households with something to collect, by name: three statements."""
    found: dict[str, list[settlement.Line]] = defaultdict(list)
    for line in settlement.lines(collection):
        if line.packs or line.short:
            found[line.order].append(line)
    paid = _paid(collection)
    refused = CardPayment.objects.filter(order=OuterRef("pk"), state=CardPayment.State.REFUSED)
    orders = Order.objects.live().filter(collection=collection, code__in=found).annotate(refused=Exists(refused))
    rows = orders.select_related("household", "handover")
    entries = [_entry(order, found[order.code], paid.get(order.code, ZERO)) for order in rows]
    return sorted(entries, key=lambda one: (fold(one.name), one.order))


def searched(entries: Iterable[Entry], search: str) -> list[Entry]:
    """Those whose name holds the words, or whose basket number, order code or scanned address it is."""
    return [one for one in entries if _matches(one, search)]


def named(entries: Iterable[Entry], search: str) -> Entry | None:
    """The one whose basket number, order code or scanned address it is: what a code reader sends."""
    return next((one for one in entries if _is(one, search)), None)


@dataclass(frozen=True)
class Summary:
    """How far the hand-over has come."""

    households: int
    served: int
    to_weigh: int
    value: Money


def summary(entries: Iterable[Entry]) -> Summary:
    """The numbers above the screens of the day."""
    every = list(entries)
    return Summary(
        households=len(every),
        served=sum(one.collected_at is not None for one in every),
        to_weigh=sum(one.to_weigh for one in every),
        value=money(sum((one.estimate.amount for one in every if one.collected_at is not None), ZERO)),
    )


def _entry(order: Order, lines: Sequence[settlement.Line], paid: Decimal) -> Entry:
    handover, by_card = getattr(order, "handover", None), order.payment_method == PaymentMethod.CARD
    refused = by_card and bool(getattr(order, "refused", False))
    return Entry(
        order=order.code,
        number=order.basket_number,
        name=order.household.name,
        note=order.note,
        at_point=order.payment_method == PaymentMethod.AT_POINT or refused,
        by_card=by_card,
        refused=refused,
        collected_at=handover.collected_at if handover else None,
        collected_by=handover.collected_by if handover else "",
        lines=len(lines),
        to_weigh=sum(line.to_weigh for line in lines),
        estimate=money(sum((line.estimate() for line in lines), ZERO)),
        paid=money(paid),
    )


def _paid(collection: Collection) -> dict[str, Decimal]:
    rows = Payment.objects.filter(order__collection=collection, undone_at=None).values_list("order__code")
    return dict(rows.annotate(total=Sum("amount")).values_list("order__code", "total"))


def _matches(entry: Entry, search: str) -> bool:
    text = plain(search.strip())
    return _is(entry, search) or (not text.isdecimal() and text in plain(entry.name))


def _is(entry: Entry, search: str) -> bool:
    return str(entry.number) == search.strip() or entry.order == code_in(search)
