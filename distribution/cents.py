"""Where every cent of an order went: what was delivered, who received what of it, how it was paid, when it reached the farm.

Pure reading of what settlement wrote. Each sum shown is the sum of what stands above it, to the cent.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _
from djmoney.money import Money

from distribution.models import Payout, Refund, StatementBlock
from hub.models import Transfer
from hub.money import ZERO, split
from hub.refusals import Words
from orders.models import CardPayment, CardRefund, Order, OrderLine, Payment

State = CardPayment.State
MEANS: dict[str, Words] = dict(Payment.Means.choices)


@dataclass(frozen=True)
class Parts:
    """An amount a household pays and who receives what of it; `vat` is the state's part, taken out of the cooperative's."""

    producer: Decimal = ZERO
    host: Decimal = ZERO
    hub: Decimal = ZERO
    vat: Decimal = ZERO
    deposit: Decimal = ZERO

    def __add__(self, other: "Parts") -> "Parts":
        return Parts(*(mine + its for mine, its in zip(self.each, other.each, strict=True)))

    @property
    def each(self) -> tuple[Decimal, Decimal, Decimal, Decimal, Decimal]:
        return self.producer, self.host, self.hub, self.vat, self.deposit

    @property
    def total(self) -> Decimal:
        return sum(self.each, ZERO)

    @property
    def bars(self) -> list[tuple[str, str, str]]:
        """For a drawing 100 wide: class, where the bar begins and how wide it is. Drawings know no decimal comma."""
        whole, at, bars = self.total, ZERO, []
        for css, part in zip("abcde", self.each, strict=True):
            if part:
                bars.append((css, f"{at * 100 / whole:.3f}", f"{part * 100 / whole:.3f}"))
            at += part
        return bars


@dataclass(frozen=True)
class Bought:
    """One line of the order: the row itself, what was missing, and where its price went."""

    line: OrderLine
    missing: int
    reason: Words
    parts: Parts

    @property
    def above(self) -> bool:
        """Whether it weighs more than the greatest amount shown: that much is given."""
        line = self.line
        most = (line.max_content or line.content) * (line.delivered or 0)
        return bool(line.weighed and line.weight_g and line.weight_g > most)


@dataclass(frozen=True)
class Farm:
    """A farm of the order: its lines, what comes to it (deposits included), and the statement and payout it goes with."""

    code: str
    name: str
    lines: list[Bought]
    parts: Parts
    block: StatementBlock | None
    payout: Payout | None

    @property
    def due(self) -> Decimal:
        return self.parts.producer + self.parts.deposit


@dataclass(frozen=True)
class Paid:
    """One movement that paid the order: below zero when money went back to the household."""

    words: Words
    amount: Decimal
    at: datetime | None = None
    detail: str = ""


@dataclass(frozen=True)
class Story:
    """Everything about one settled order. `paid` sums to `total`; so do the parts of the farms."""

    total: Decimal
    parts: Parts
    farms: list[Farm]
    paid: list[Paid]
    holds: list[CardPayment]
    stripe_fee: Decimal
    refund: Refund | None


def read(order: Order) -> Story:
    """The story of a settled order: ten statements at most, whatever it holds."""
    farms = _farms(order, _bought(order))
    parts = sum((farm.parts for farm in farms), Parts())
    cards = list(CardPayment.objects.filter(order=order).select_related("card").order_by("number"))
    refunds = Refund.objects.select_related("card_refund")
    refund = refunds.filter(household=order.household_id, collection=order.collection_id).first()
    total = _amount(order.final_total)
    paid = [*_by_card(cards), *_at_point(order), *_sent_back(order, refund)]
    return Story(
        total=total,
        parts=parts,
        farms=farms,
        paid=paid + _account(total - sum((one.amount for one in paid), ZERO)),
        holds=[one for one in cards if one.held_at],
        stripe_fee=_fees(order),
        refund=refund,
    )


def _bought(order: Order) -> list[Bought]:
    rows = order.lines.select_related("producer", "shortage").order_by("producer__name", "producer_id", "name", "pk")
    lines = list(rows)
    vat = _vat(order, lines)
    found = []
    for line in lines:
        short = getattr(line, "shortage", None)
        hub = _amount(line.hub_share)
        parts = Parts(
            producer=_amount(line.producer_share), host=_amount(line.host_share), hub=hub - vat.get(line.pk, ZERO),
            vat=vat.get(line.pk, ZERO), deposit=_amount(line.deposit) * (line.delivered or 0),
        )  # fmt: skip
        missing = line.quantity - (line.delivered or 0)
        found.append(Bought(line, max(missing, 0), short.get_reason_display() if short else "", parts))
    return found


def _vat(order: Order, lines: Sequence[OrderLine]) -> dict[int, Decimal]:
    """The VAT in the cooperative's part of each line: what settlement booked per farm, told apart to the cent over all lines
    of the farm at the collection, so that the stories of all households sum to the books."""
    start = f"settle:{order.collection_id}:vat:"
    farms = {f"{start}{line.producer.code}": line.producer_id for line in lines}
    booked = {
        farms[reference]: _amount(amount)
        for reference, amount in Transfer.objects.filter(reference__in=farms).values_list("reference", "amount")
    }
    shares: dict[int, list[tuple[int, Decimal]]] = defaultdict(list)
    sold = OrderLine.objects.filter(collection=order.collection_id, producer__in=booked, order__cancelled_at=None)
    for farm, pk, share in sold.order_by("pk").values_list("producer", "pk", "hub_share"):
        shares[farm].append((pk, _amount(share)))
    told: dict[int, Decimal] = {}
    for farm, rows in shares.items():
        told |= zip((pk for pk, _share in rows), split(booked[farm], [share for _pk, share in rows]), strict=True)
    return told


def _farms(order: Order, bought: Sequence[Bought]) -> list[Farm]:
    by_farm: dict[int, list[Bought]] = defaultdict(list)
    for one in bought:
        by_farm[one.line.producer_id].append(one)
    stated = StatementBlock.objects.filter(collection=order.collection_id, producer__in=by_farm)
    blocks = {
        block.producer_id: block for block in stated.select_related("statement").prefetch_related("statement__payouts")
    }
    return [_farm(lines, blocks.get(pk)) for pk, lines in by_farm.items()]


def _farm(lines: list[Bought], block: StatementBlock | None) -> Farm:
    producer = lines[0].line.producer
    payout = block.statement.payout if block else None
    return Farm(producer.code, producer.name, lines, sum((one.parts for one in lines), Parts()), block, payout)


def _by_card(cards: Sequence[CardPayment]) -> Iterable[Paid]:
    for one in cards:
        if one.state == State.CAPTURED:
            yield Paid(_("Card"), _amount(one.captured), one.captured_at, f"•••• {one.card.last4}")
    for back in CardRefund.objects.filter(payment__in=cards, state=CardRefund.State.DONE).order_by("done_at", "pk"):
        yield Paid(_("Back to the card"), -_amount(back.amount), back.done_at)


def _at_point(order: Order) -> Iterable[Paid]:
    for one in Payment.objects.filter(order=order, undone_at=None).order_by("received_at", "pk"):
        yield Paid(str(MEANS[one.means]).capitalize(), _amount(one.amount), one.received_at)


def _sent_back(order: Order, refund: Refund | None) -> Iterable[Paid]:
    """What the cooperative gave after the settlement, and what left the bank; what went to the card is told there."""
    if refund is None:
        return
    for gift in Transfer.objects.filter(reference=f"refund-granted:{order.collection_id}:{order.household.code}"):
        yield Paid(_("Given by the cooperative for what was missing"), _amount(gift.amount), gift.occurred_at)
    if refund.paid_at is not None and not refund.goes_by_itself:
        yield Paid(_("Sent back for what was missing"), -_amount(refund.amount), refund.paid_at)


def _account(rest: Decimal) -> list[Paid]:
    """What is left to pay was charged to the household's account; what was too much is on it."""
    if rest > 0:
        return [Paid(_("Charged to the household’s account"), rest)]
    return [Paid(_("Put on the household’s account"), rest)] if rest < 0 else []


def _fees(order: Order) -> Decimal:
    """What Stripe kept for this order's cards, as it is in the books."""
    fees = Transfer.objects.filter(reference__startswith=f"card:{order.code}:", debit__code="stripe:fees")
    return sum((_amount(fee) for fee in fees.values_list("amount", flat=True)), ZERO)


def _amount(amount: Money | Decimal | None) -> Decimal:
    """The bare amount; what is not there counts as nothing."""
    if amount is None:
        return ZERO
    return Decimal(amount.amount) if isinstance(amount, Money) else amount
