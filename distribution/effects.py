"""What a change after the close, or giving up a collection, would do: told before anybody confirms. Nothing is written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext_lazy as _
from djmoney.money import Money

from distribution import amending
from distribution.amending import Change
from distribution.models import Duty, MinimumDecision, Sheet
from distribution.models.sheet import SheetQuerySet
from hub import in_charge
from hub.models import Collection, Member
from hub.money import ZERO, money
from hub.refusals import Words
from orders import ordering
from orders.models import CardPayment, Order, OrderLine, Payment, Wish
from orders.ordering.lines import amounts
from producers.models import Offer, ProducerPerson, Stock


@dataclass(frozen=True)
class Row:
    """A line before and after."""

    name: str
    label: str
    farm: str
    before: int
    after: int
    amount: Money


@dataclass(frozen=True)
class Amendment:
    """What a change of an order would do. `sheets` is empty while none are frozen."""

    rows: list[Row]
    before: Money
    after: Money
    empties: bool
    sheets: list[tuple[Words, int]]
    members: int
    farms: list[str]
    hosts: int


def to_add(order: Order) -> list[Offer]:
    """What can be added to an order after the count: on sale that week, with a pack left, of farms that come."""
    collection = order.collection
    refused = MinimumDecision.objects.filter(collection=collection, decision="cancel").values("producer")
    offers = (
        Offer.objects.at(collection)
        .exclude(packaging__producer__in=refused)
        .exclude(packaging__in=order.lines.filter(kind=OrderLine.Kind.WEEKLY).values("packaging"))
        .select_related("packaging__product__producer", "stock")
        .order_by("packaging__producer__name", "packaging__product__name", "packaging__content")
    )
    return [offer for offer in offers if _enough(offer.stock, offer.packaging.content)]


def amendment(order: Order, changes: Sequence[Change], *, reason: str) -> Amendment:
    """The effect of a change, refused for the same reasons as the act: see `amending.amend_order`."""
    amending.check_sense(changes, reason)
    frozen = amending.check_amendable(order).frozen_at is not None
    offers = _offers(order, changes)
    lines = [change.line or _unsaved(order, change, offers) for change in changes]
    amending.check_changes(order, lines, changes)
    _check_stock(lines, changes)
    rows = [_row(line, change) for line, change in zip(lines, changes, strict=True)]
    farms = {line.producer_id for line in lines}
    left = order.lines.aggregate(packs=Sum("due"))["packs"] or 0
    return Amendment(
        rows=rows,
        before=order.expected_total,
        after=sum((row.amount for row in rows), order.expected_total),
        empties=left + sum(change.delta for change in changes) == 0,
        sheets=_next_versions(_sheets(order.collection, farms)) if frozen else [],
        members=Member.objects.filter(household=order.household_id, is_active=True).count(),
        farms=sorted({line.producer.name for line in lines}) if frozen else [],
        hosts=in_charge.hosts(order.collection.point_id).count() if frozen else 0,
    )


def _offers(order: Order, changes: Sequence[Change]) -> dict[int, Offer]:
    wanted = [change.packaging.pk for change in changes if change.packaging]
    offers = Offer.objects.at(order.collection).filter(packaging__in=wanted)
    return {offer.packaging_id: offer for offer in offers.select_related("packaging__product__producer", "stock")}


def _unsaved(order: Order, change: Change, offers: dict[int, Offer]) -> OrderLine:
    offer = offers.get(change.packaging.pk) if change.packaging else None
    if offer is None:
        raise ordering.NotOnSale(_("Some products are no longer on sale here."))
    pack = offer.packaging
    return OrderLine(
        order=order, producer=pack.product.producer, packaging=pack, stock=offer.stock, name=pack.product.name,
        label=pack.label, content=pack.content, max_content=pack.max_content, weighed=pack.weighed,
        unit_price=offer.price, deposit=pack.deposit, quantity=0, due=0, expected_amount=money(0),
    )  # fmt: skip


def _check_stock(lines: Sequence[OrderLine], changes: Sequence[Change]) -> None:
    wanted: dict[int, int] = {}
    for line, change in zip(lines, changes, strict=True):
        if line.stock_id is not None:
            wanted[line.stock_id] = wanted.get(line.stock_id, 0) + change.delta * line.content
    short = {line.stock_id for line in lines if line.stock and not _enough(line.stock, wanted[line.stock.pk])}
    if short:
        pairs = zip(lines, changes, strict=True)
        raise amending.sold_out([(line, change.delta) for line, change in pairs if line.stock_id in short])


def _enough(stock: Stock, units: int) -> bool:
    return stock.left is None or units <= 0 or stock.left >= units


def _row(line: OrderLine, change: Change) -> Row:
    after = line.due + change.delta
    amount, _most = amounts(
        after, content=line.content, most=line.max_content or line.content, weighed=line.weighed,
        price=line.unit_price.amount,
    )  # fmt: skip
    difference = amount - line.expected_amount.amount + line.deposit.amount * change.delta
    return Row(line.name, line.label, line.producer.name, line.due, after, money(difference))


def _sheets(collection: Collection, farms: Iterable[int]) -> SheetQuerySet:
    """The newest sheets of the point, and those of the farms, their harvest lists of the week among them."""
    own = Q(collection=collection) & (Q(producer=None) | Q(producer__in=farms))
    harvest = Q(kind=Sheet.Kind.HARVEST, week=collection.week, producer__in=farms)
    return Sheet.objects.filter(own | harvest).latest_versions()


def _next_versions(sheets: SheetQuerySet) -> list[tuple[Words, int]]:
    """The kinds of sheets that get a new version, with its number."""
    versions: dict[str, int] = {}
    for kind, version in sheets.values_list("kind", "version"):
        versions[kind] = max(versions.get(kind, 0), version + 1)
    return [(kind.label, versions[kind]) for kind in Sheet.Kind if kind in versions]


@dataclass(frozen=True)
class Cancellation:
    """What giving up a collection would undo."""

    households: int
    value: Money
    farms: list[tuple[str, int]]
    wishes: int
    paid: Money
    holds: int
    held: Money
    sheets: int
    members: int
    farmers: int
    hosts: int
    on_duty: int


def cancellation(collection: Collection) -> Cancellation:
    """Everything that cancelling a collection would undo: a fixed number of statements."""
    orders = Order.objects.live().filter(collection=collection)
    total = orders.aggregate(households=Count("pk"), value=Sum("expected_total"))
    lines = OrderLine.objects.filter(order__in=orders, due__gt=0)
    packs = lines.values_list("producer__name").annotate(packs=Sum("due")).order_by("producer__name")
    people = ProducerPerson.objects.filter(producer__in=lines.values("producer"), member__is_active=True)
    paid = Payment.objects.filter(order__in=orders, undone_at=None).aggregate(total=Sum("amount"))
    cards = CardPayment.objects.filter(order__in=orders, state=CardPayment.State.HELD)
    held = cards.aggregate(holds=Count("pk"), amount=Sum("amount"))
    wishes = Wish.objects.filter(collection=collection, sent_at=None, lines__isnull=False).distinct()
    return Cancellation(
        households=total["households"],
        value=money(total["value"] or ZERO),
        farms=list(packs),
        wishes=0 if collection.is_counted else wishes.count(),
        paid=money(paid["total"] or ZERO),
        holds=held["holds"],
        held=money(held["amount"] or ZERO),
        sheets=_sheets(collection, lines.values_list("producer", flat=True)).count() if collection.is_counted else 0,
        members=Member.objects.filter(household__orders__in=orders, is_active=True).count(),
        farmers=people.values("member").distinct().count(),
        hosts=in_charge.hosts(collection.point_id).count(),
        on_duty=Duty.objects.filter(collection=collection, member__is_active=True).values("member").distinct().count(),
    )
