"""What programs see of a collection, its offers and an order; public ids in place of row ids."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Literal

from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _
from pydantic import Field

from hub.models import Collection, Household, Member, PaymentMethod
from hub.models.calendar import CollectionQuerySet
from hub.money import money
from hub.refusals import Refusal
from hub.wire.shapes import Amount, Answer, Asked, Code, Instant, Named, Whole, amount, days, maybe, one_of
from orders import concerning, ordering, payments
from orders.models import Order, OrderLine
from orders.shelf import Card
from producers.models import Offer, Supply, Unit

CollectionState = Literal["planned", "open", "closed", "in_progress", "confirmed", "cancelled"]
ORDER_STATES = ("placed", "closed", "settled", "cancelled")


class CollectionOut(Answer):
    """One date at one point."""

    id: str = Field(examples=["grange-2026-11-27"])
    point: Named
    opens_at: Instant | None
    closes_at: Instant
    starts_at: Instant
    ends_at: Instant
    week: str = Field(examples=["2026-W48"])
    status: str = one_of(Collection.Status.values)


class PackagingOut(Answer):
    """How a product is packed; `content` in base units, for a weighed piece the expected weight in grams."""

    id: str
    label: str = Field(examples=["botte"])
    content: int


class WeighedOut(Answer):
    """Sold by weight: grams and amounts expected and at most."""

    expected_g: int
    maximum_g: int
    expected: Amount
    maximum: Amount


class ComparedOut(Answer):
    """The price to compare by, as the shelf shows it: of one kg (`g`), l (`ml`) or piece."""

    price: Amount
    unit: str = one_of(Unit.values)


class OfferOut(Answer):
    """A packaging on sale. `price` is that of one pack, for a weighed one as expected; `unit_price` per kg, l or piece, as
    the stock counts: a braid of 500 g that is counted by the piece is compared by the kg."""

    id: str
    product: Named
    producer: Named
    packaging: PackagingOut
    unit: str = one_of(Unit.values)
    price: Amount
    unit_price: Amount
    compared: ComparedOut | None = Field(description="null for a piece of unknown weight")
    deposit: Amount
    available: int | None = Field(description="packs this household may have in all, null when unlimited")
    ordered: int
    weighed: WeighedOut | None
    allergens: list[str] | None = Field(description="null when not given, which is not the same as none")
    labels: list[str]
    aisle: str


class LineOut(Answer):
    """A line of an order; its price and names are those of the day it was placed."""

    offer: str | None
    packaging: PackagingOut
    product: Named
    producer: Named
    unit: str = one_of(Unit.values)
    quantity: int
    due: int = Field(description="packs to be delivered, after changes made since the close")
    delivered: int | None
    weighed: bool
    weight_g: int | None
    unit_price: Amount = Field(description="per pack, or per kg where weighed")
    deposit: Amount
    expected: Amount
    maximum: Amount
    final: Amount | None


class TotalsOut(Answer):
    """With deposits; `final` once the distribution is settled."""

    expected: Amount
    maximum: Amount
    final: Amount | None


class PaymentOut(Answer):
    """`account`: taken from the household's account when settled. Else `due` or `paid`, with what was paid so far less what
    was given back; for a card also `held` (on the card, charged at most that once the food is handed over) and `refused`."""

    method: str = one_of(PaymentMethod.values)
    state: str = one_of(["account", "due", "held", "refused", "paid"])
    paid: Amount
    held: Amount = Field(description="on the card now; 0.00 for other methods")


class OrderOut(Answer):
    """A household's order at a collection."""

    code: str = Field(examples=["K7Q2MX"])
    collection: str
    basket_number: int | None
    status: str = one_of(ORDER_STATES)
    note: str
    placed_at: Instant
    changed_at: Instant
    lines: list[LineOut]
    totals: TotalsOut
    payment: PaymentOut


class LineIn(Asked):
    """So many packs of an offer."""

    offer: Code
    quantity: Whole = Field(ge=0, le=ordering.MOST_PACKS)


class OrderIn(Asked):
    """What the order shall be, whole."""

    lines: list[LineIn] = Field(max_length=1000)
    note: str = Field("", max_length=300)
    payment_method: Literal["account", "at-point", "card"] | None = Field(
        None, description="as before unless said; `card` charges the card saved on the household's page"
    )


class TwiceInOrder(Refusal):
    """One offer stands on two lines; `data["offers"]` are those."""

    code = "offer-twice"
    status = 422


def collections(member: Member) -> CollectionQuerySet:
    """Collections that concern a member: as household or host, or where one of their farms comes."""
    if member.is_coordinator:
        return Collection.objects.all()
    mine = Supply.objects.filter(producer__people__member=member, point=OuterRef("point")).values("point")
    return Collection.objects.filter(
        Q(pk__in=concerning.of(member).values("pk"))
        | Q(pk__in=Collection.objects.run_by(member).values("pk"))
        | Q(point__in=mine)
    )


def between(first: date | None, last: date | None) -> Q:
    """Handed out from one local day to another, both included."""
    since, until = days(first, last)
    return (Q(starts_at__gte=since) if since else Q()) & (Q(starts_at__lt=until) if until else Q())


def collection_out(one: Collection, now: datetime) -> CollectionOut:
    """A collection as programs read it."""
    return CollectionOut(
        id=one.code, point=Named(id=one.point.code, name=one.point.name), opens_at=one.opens_at,
        closes_at=one.closes_at, starts_at=one.starts_at, ends_at=one.ends_at, week=one.week,
        status=one.state(now).value,
    )  # fmt: skip


def offer_ids(collection: Collection, packagings: Iterable[int]) -> dict[int, str]:
    """Packaging id → public id of its offer in the collection's week."""
    found = Offer.objects.filter(week=collection.week, packaging__in=list(packagings))
    return dict(found.values_list("packaging", "code"))


def offer_out(card: Card, offer: str) -> OfferOut:
    weighed = None
    if card.weighed:
        low, high = card.amounts(1)
        most = card.max_content or card.content
        weighed = WeighedOut(expected_g=card.content, maximum_g=most, expected=amount(low), maximum=amount(high))
    return OfferOut(
        id=offer, product=Named(id=card.product_code, name=card.name), producer=Named(id=card.farm_code, name=card.farm),
        packaging=PackagingOut(id=card.code, label=card.label, content=card.content), unit=card.unit,
        price=amount(card.pack_price), unit_price=amount(card.unit_price), compared=_compared(card),
        deposit=amount(card.deposit),
        available=card.packs_left, ordered=card.ordered, weighed=weighed,
        allergens=None if card.allergens is None else list(card.allergens), labels=list(card.labels), aisle=card.aisle,
    )  # fmt: skip


def _compared(card: Card) -> ComparedOut | None:
    found = card.compared
    return ComparedOut(price=amount(found.price), unit=found.unit) if found else None


def asked_packs(collection: Collection, lines: Iterable[LineIn]) -> dict[int, int]:
    """Packaging id → packs, from lines with public ids. Raises TwiceInOrder, ordering.NotOnSale."""
    quantities: dict[str, int] = {}
    twice = []
    for line in lines:
        if line.offer in quantities:
            twice.append(line.offer)
        quantities[line.offer] = line.quantity
    if twice:
        raise TwiceInOrder(_("An offer stands on one line."), offers=sorted(set(twice)))
    known = dict(Offer.objects.filter(week=collection.week, code__in=quantities).values_list("code", "packaging"))
    if unknown := sorted(set(quantities) - set(known)):
        raise ordering.NotOnSale(_("Some products are no longer on sale here."), offers=unknown)
    return {known[code]: packs for code, packs in quantities.items()}


def place(*, household: Household, collection: Collection, asked: OrderIn, by: Member, now: datetime) -> Order | None:
    """`ordering.place` with public ids: in what it takes and in what it refuses."""
    wish = asked_packs(collection, asked.lines)
    try:
        return ordering.place(
            household=household, collection=collection, wish=wish, note=asked.note,
            payment_method=asked.payment_method or "", by=by, now=now,
        )  # fmt: skip
    except (ordering.SoldOut, ordering.NotOnSale) as refusal:
        raise type(refusal)(refusal.message, **_public(refusal, offer_ids(collection, wish))) from refusal


def _public(refusal: Refusal, ids: Mapping[int, str]) -> dict[str, list[object]]:
    if isinstance(refusal, ordering.SoldOut):
        short = [{"offer": ids.get(row["packaging"], ""), **row} for row in refusal.data["short"]]
        return {"short": [{name: row[name] for name in row if name != "packaging"} for row in short]}
    return {"offers": [ids.get(packaging, "") for packaging in refusal.data["packagings"]]}


def order_out(order: Order, collection: Collection) -> OrderOut:
    """The order with its lines and payments; three statements at most, however many lines."""
    offer = Offer.objects.filter(week=collection.week, packaging=OuterRef("packaging")).values("code")
    lines = order.lines.select_related("product", "producer", "packaging").annotate(offer=Subquery(offer))
    return OrderOut(
        code=order.code, collection=collection.code, basket_number=order.basket_number,
        status=_status(order, collection), note=order.note, placed_at=order.placed_at, changed_at=order.changed_at,
        lines=[_line_out(line) for line in lines.order_by("producer__name", "name", "label", "pk")],
        totals=TotalsOut(
            expected=amount(order.expected_total), maximum=amount(order.maximum_total), final=maybe(order.final_total)
        ),
        payment=_payment_out(order),
    )  # fmt: skip


def _status(order: Order, collection: Collection) -> str:
    if order.cancelled_at is not None:
        return "cancelled"
    if order.settled_at is not None:
        return "settled"
    return "closed" if collection.is_counted else "placed"


def _line_out(line: OrderLine) -> LineOut:
    return LineOut(
        offer=line.offer,  # type: ignore[attr-defined]  # annotated above
        packaging=PackagingOut(id=line.packaging.code, label=line.label, content=line.content),
        product=Named(id=line.product.code, name=line.name),
        producer=Named(id=line.producer.code, name=line.producer.name),
        unit=line.unit, quantity=line.quantity, due=line.due, delivered=line.delivered, weighed=line.weighed,
        weight_g=line.weight_g, unit_price=amount(line.unit_price), deposit=amount(line.deposit),
        expected=amount(line.expected_amount), maximum=amount(line.maximum_amount), final=maybe(line.final_amount),
    )  # fmt: skip


def _payment_out(order: Order) -> PaymentOut:
    paid, held = money(payments.taken_for(order)), money(0)
    due = order.final_total if order.final_total is not None else order.expected_total
    state = "paid" if paid >= due else "due"
    if order.payment_method == PaymentMethod.ACCOUNT:
        state = "account"
    elif order.payment_method == PaymentMethod.CARD and (card := order.card_payments.order_by("-number").first()):
        taken = card.captured or money(0)
        waits = {card.State.HELD: "held", card.State.REFUSED: "refused"}
        state = "paid" if paid + taken >= due else waits.get(card.State(card.state), "due")
        paid, held = paid + taken - card.refunded, card.amount if state == "held" else held
    return PaymentOut(method=order.payment_method, state=state, paid=amount(paid), held=amount(held))
