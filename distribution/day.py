"""What the screens of the day read: farms, the queue of households, one basket, the money taken. It writes nothing."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import Case, Exists, OuterRef, Sum, When
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from djmoney.money import Money

from distribution import containers, settlement
from distribution.models import Handover, HandoverAction, Shortage
from distribution.sheets.reading import plain
from hub import format as say
from hub.models import Collection, Member, PaymentMethod
from hub.money import ZERO, line_amount, money
from hub.refusals import Refusal, Words
from orders.links import code_in
from orders.models import CardPayment, Order, OrderLine, Payment
from orders.shelf import fold

UNDO_FOR = timedelta(seconds=60)  # a page that loads later than this shows no undo; the basket still lists the act


@dataclass(frozen=True)
class Farm:
    """A farm expected at the point, and how many packs of it."""

    code: str
    name: str
    picture: str
    spot: str
    packs: int
    short: int
    arrived_at: datetime | None
    note: str

    @property
    def there(self) -> int:
        return self.packs - self.short


def farms(collection: Collection) -> list[Farm]:
    """The farms of a collection, those still expected first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT p.code, p.name, p.picture, coalesce(y.spot, ''), sum(l.due)::int,
                      coalesce(sum(s.quantity), 0)::int, a.arrived_at, coalesce(a.note, '')
               FROM orders_orderline l
               JOIN orders_order o ON o.id = l.order_id AND o.cancelled_at IS NULL
               JOIN producers_producer p ON p.id = l.producer_id
               LEFT JOIN distribution_shortage s ON s.line_id = l.id
               LEFT JOIN producers_supply y ON y.producer_id = p.id AND y.point_id = %s
               LEFT JOIN distribution_arrival a ON a.producer_id = p.id AND a.collection_id = l.collection_id
               WHERE l.collection_id = %s GROUP BY p.id, y.spot, a.arrived_at, a.note
               HAVING sum(l.due) > 0 OR a.arrived_at IS NOT NULL ORDER BY a.arrived_at NULLS FIRST, p.name""",
            [collection.point_id, collection.pk],
        )
        return [Farm(*row) for row in cursor.fetchall()]


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


@dataclass(frozen=True)
class BasketLine:
    """A line as it is ticked: where it lies, what is missing, what it weighs."""

    line: OrderLine
    code: str
    spot: str
    short: int
    reason: str
    reason_code: str
    uid: UUID = field(default_factory=uuid4)

    @property
    def packs(self) -> int:
        return self.line.due - self.short

    @property
    def to_weigh(self) -> bool:
        return self.line.weighed and self.line.weight_g is None and self.packs > 0

    @property
    def expected_g(self) -> int:
        return self.line.content * self.packs

    @property
    def maximum_g(self) -> int:
        return (self.line.max_content or self.line.content) * self.packs

    @property
    def above_g(self) -> int:
        """What it weighs above the greatest weight billed: nobody pays for that much, the farm gives it."""
        return max((self.line.weight_g or 0) - self.maximum_g, 0) if self.line.weighed else 0

    @property
    def ceiling(self) -> Money:
        """What its household pays at most, deposits apart (see settlement.Line.amount)."""
        return money(line_amount(grams=self.maximum_g, price_per_kg=self.line.unit_price.amount))


@dataclass(frozen=True)
class Basket:
    """One household's goods on the counter."""

    order: Order
    entry: Entry
    lines: list[BasketLine]
    acts: list[HandoverAction] = field(default_factory=list)
    kept: list[containers.Kept] = field(default_factory=list)
    others: list[containers.Kept] = field(default_factory=list)

    @property
    def weighing(self) -> BasketLine | None:
        """The next line to weigh."""
        return next((line for line in self.lines if line.to_weigh), None)


def basket(collection: Collection, order: Order) -> Basket:
    """One order's lines by storage zone, with what was done to it so far."""
    lines = list(
        order.lines.filter(due__gt=0)
        .select_related("producer", "packaging", "shortage")
        .annotate(cold=Case(When(zone="dry", then=0), When(zone="chilled", then=1), default=2))
        .order_by("cold", "producer__name", "name", "pk")
    )
    spots = dict(collection.point.supplies.values_list("producer_id", "spot"))
    acts = order.handover_actions.exclude(kind=HandoverAction.Kind.UNDO).select_related("line").order_by("-at", "-pk")
    rows = [_basket_line(line, spots.get(line.producer_id, "")) for line in lines]
    entry = next(one for one in queue(collection) if one.order == order.code)
    kept = containers.kept(order.household)
    mine = {one.value for one in kept}
    return Basket(
        order, entry, rows, list(acts.filter(undone_at=None)[:8]), kept,
        others=[one for one in containers.known(collection) if one.value not in mine],
    )  # fmt: skip


class StillToWeigh(Refusal):
    """A household is about to leave with goods that nobody has weighed; said twice, it leaves."""

    code = "still-to-weigh"
    status = 422


def all_weighed(order: Order) -> None:
    """Raises StillToWeigh where something of an order is sold by weight and has none yet."""
    lines = order.lines.filter(due__gt=0, weighed=True, weight_g=None).select_related("shortage")
    if left := sum(_basket_line(line, "").to_weigh for line in lines):
        raise StillToWeigh(
            ngettext(
                "%(number)s line is still to weigh. Once the food has left, its weight is lost.",
                "%(number)s lines are still to weigh. Once the food has left, their weights are lost.",
                left,
            )
            % {"number": left}
        )


def told_before(order: Order, kind: str) -> str:
    """Why an act changed nothing: another host was first, or says something newer."""
    given = Handover.objects.filter(order=order).select_related("recorded_by").first()
    if kind == HandoverAction.Kind.COLLECTED and given is not None:
        words = gettext("%(who)s has handed this basket over already, at %(when)s.")
        return words % {"who": given.recorded_by, "when": say.clock(given.collected_at)}
    return gettext("Somebody has noted something newer about this line meanwhile: that stands.")


def _basket_line(line: OrderLine, spot: str) -> BasketLine:
    shortage = getattr(line, "shortage", None)
    door = "" if line.kind == OrderLine.Kind.WEEKLY else f".{line.kind}"
    return BasketLine(
        line=line,
        code=f"{line.packaging.code}{door}",
        spot=spot,
        short=shortage.quantity if shortage else 0,
        reason=shortage.get_reason_display() if shortage else "",
        reason_code=shortage.reason if shortage else "",
    )


@dataclass(frozen=True)
class Undo:
    """What the undo toast needs."""

    uid: UUID
    said: str


SAID = {
    HandoverAction.Kind.COLLECTED: _("all handed over"),
    HandoverAction.Kind.SHORT: _("missing noted"),
    HandoverAction.Kind.WEIGHED: _("weight noted"),
    HandoverAction.Kind.PAID: _("payment noted"),
    HandoverAction.Kind.RETURNED: _("containers taken back"),
    HandoverAction.Kind.NOTE: _("note kept"),
}


def last_act(collection: Collection, member: Member, now: datetime) -> Undo | None:
    """The member's last act of the last minute, unless it is undone."""
    recent = HandoverAction.objects.filter(collection=collection, by=member, applied_at__gt=now - UNDO_FOR)
    action = recent.select_related("order").order_by("-applied_at", "-pk").first()
    if action is None or action.order is None or action.undone_at is not None or "conflict" in action.data:
        return None
    words = SAID[HandoverAction.Kind(action.kind)]
    return Undo(action.uid, gettext("No. %(number)s: %(what)s") % {"number": action.order.basket_number, "what": words})


def order_of(uid: UUID) -> str:
    """The code of the order an act belongs to."""
    return str(Order.objects.values_list("code", flat=True).get(handover_actions__uid=uid))


def at_hand(member: Member, now: datetime) -> list[Collection]:
    """The distributions a member runs that are not over: under way, or the next of each point within a week."""
    mine = Collection.objects.run_by(member).select_related("point")
    near = mine.filter(status__in=["closed", "in_progress"]).filter(starts_at__lt=now + timedelta(days=7))
    return list(near.order_by("starts_at", "point__name"))


def just_over(member: Member, now: datetime) -> list[Collection]:
    """The distributions of the last two weeks that are confirmed, latest first: to look something up."""
    mine = Collection.objects.run_by(member).select_related("point")
    return list(mine.filter(status="confirmed", ends_at__gt=now - timedelta(days=14)).order_by("-starts_at")[:6])


def shortages(collection: Collection) -> list[Shortage]:
    """What was missing, by basket."""
    found = Shortage.objects.filter(collection=collection).select_related("line__order", "line__producer")
    return list(found.order_by("line__order__basket_number", "pk"))


@dataclass(frozen=True)
class Taken:
    """Money taken here by one means."""

    means: Words
    count: int
    amount: Money


def taken(collection: Collection) -> tuple[list[Taken], Money]:
    """The money taken at the hand-over by means, and its sum."""
    rows = Payment.objects.filter(order__collection=collection, undone_at=None).values_list("means", "amount")
    counts, sums = Counter(means for means, _amount in rows), dict.fromkeys(Payment.Means.values, ZERO)
    for means, amount in rows:
        sums[means] += amount
    parts = [Taken(Payment.Means(means).label, counts[means], money(sums[means])) for means in sorted(counts)]
    return parts, money(sum(sums.values(), ZERO))
