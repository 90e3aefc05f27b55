"""One household's goods on the counter: where each line lies, what is missing, what is still to weigh. It writes nothing."""

from dataclasses import dataclass, field
from uuid import UUID, uuid4

from django.db.models import Case, When
from django.utils.translation import gettext, ngettext
from djmoney.money import Money

from distribution import containers
from distribution.models import Handover, HandoverAction
from distribution.queue import Entry, queue
from hub import format as say
from hub.models import Collection
from hub.money import line_amount, money
from hub.refusals import Refusal
from orders.models import Order, OrderLine


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
