"""What members and visitors find at the door: the sales that matter now, with the household's order in each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, OuterRef, Q, Subquery, Sum, When

from hub.calendar import local_date
from hub.models import Collection, CollectionPoint, Household, Member, Membership
from hub.ordering import alphabetical
from orders import concerning
from orders.models import Order, OrderLine, Wish
from producers.models import Producer, Supply


@dataclass(frozen=True)
class Sale:
    """A collection as its member sees it: open or not, what they ordered, whether something is unsent."""

    collection: Collection
    open: bool
    order: Order | None
    unsent: int
    pictures: Sequence[tuple[str, str]]


def sales(member: Member, household: Household, now: datetime) -> list[Sale]:
    """The member's collections not yet over: open ones by deadline, then the ordered ones by day; of points they left, those
    where they have an order. Three statements."""
    mine = (
        concerning.with_left(concerning.of(member), member)
        .filter(ends_at__gt=now, cancelled_at=None)
        .annotate(
            unsent=Subquery(
                Wish.objects.filter(collection=OuterRef("pk"), household=household, sent_at=None)
                .annotate(packs=Sum("lines__quantity"))
                .values("packs")
            )
        )
    )
    orders = {order.collection_id: order for order in _orders(household, now)}
    pictures = _pictures(orders.values())
    found = [
        Sale(row, row.is_open(now), orders.get(row.pk), row.unsent or 0, pictures.get(row.pk, []))  # type: ignore[attr-defined]
        for row in mine.order_by("starts_at")
        if row.pk in orders or (row.is_open(now) and not row.left)  # type: ignore[attr-defined]
    ]
    return sorted(
        found, key=lambda sale: (not sale.open, sale.collection.closes_at if sale.open else sale.collection.starts_at)
    )


def _orders(household: Household, now: datetime) -> list[Order]:
    live = Order.objects.live().filter(household=household, collection__ends_at__gt=now)
    return list(live.annotate(packs=Sum("lines__due")))


def _pictures(orders: Iterable[Order]) -> dict[int, list[tuple[str, str]]]:
    """Photo and drawing of each order's first products that have one."""
    ids = [order.pk for order in orders]
    if not ids:
        return {}
    found: dict[int, list[tuple[str, str]]] = {}
    rows = OrderLine.objects.filter(order__in=ids).exclude(product__picture="", product__photo="").order_by("name")
    for collection, photo, drawing in rows.values_list("collection", "product__photo", "product__picture"):
        if len(found.setdefault(collection, [])) < 6:
            found[collection].append((photo, drawing))
    return found


def points(now: datetime, household: Household | None = None) -> list[CollectionPoint]:
    """All points with their next collection (`next`) and, for a household, the state of its membership (`mine`)."""
    coming = Collection.objects.filter(point=OuterRef("pk"), cancelled_at=None, starts_at__gt=now).order_by("starts_at")
    states = Membership.objects.filter(
        point=OuterRef("pk"), household=household, status__in=["requested", "accepted"]
    ).values("status")
    rows = list(
        CollectionPoint.objects.active()
        .annotate(next_id=Subquery(coming.values("pk")[:1]), mine=Subquery(states))
        .order_by(alphabetical(), "pk")
    )
    collections = Collection.objects.in_bulk([row.next_id for row in rows if row.next_id])  # type: ignore[attr-defined]
    for row in rows:
        row.next = collections.get(row.next_id)  # type: ignore[attr-defined]
    return rows


def soonest_first(found: list[CollectionPoint]) -> list[CollectionPoint]:
    """Points that hand out something soon; those without a date are left out."""
    coming: list[Any] = [point for point in found if getattr(point, "next", None)]
    return sorted(coming, key=lambda point: (point.next.starts_at, point.name))


def dates(point: CollectionPoint, now: datetime, count: int = 4) -> list[tuple[Collection, bool]]:
    """A point's next collections, and whether orders are open."""
    rows = Collection.objects.filter(point=point, cancelled_at=None, starts_at__gt=now).order_by("starts_at")
    return [(row, row.is_open(now)) for row in rows[:count]]


def deliverers(point: CollectionPoint, now: datetime) -> list[Producer]:
    """The farms that supply a point today."""
    here = Supply.objects.active_on(local_date(now)).filter(point=point)
    return list(Producer.objects.filter(pk__in=here.values("producer")).order_by(alphabetical(), "pk"))


def memberships(household: Household) -> list[Membership]:
    """The household's points: where it is accepted, and where it has asked."""
    mine = Membership.objects.filter(household=household, status__in=["requested", "accepted"])
    return list(mine.select_related("point").order_by(alphabetical("point__name"), "pk"))


def farms(now: datetime) -> list[Producer]:
    """Farms with something on sale at a collection to come, with how many products (`products_on_sale`)."""
    return [farm for farm in all_farms(now) if farm.products_on_sale]  # type: ignore[attr-defined]


def all_farms(now: datetime) -> list[Producer]:
    """All farms, those with something on sale at a collection to come first, with how many products
    (`products_on_sale`). One statement."""
    weeks = Collection.objects.filter(cancelled_at=None, starts_at__gt=now).values("week")
    on_sale = Q(packagings__offers__week__in=weeks, packagings__offers__on_sale=True, packagings__archived_at=None)
    return list(
        Producer.objects.active()
        .annotate(products_on_sale=Count("packagings__product", filter=on_sale, distinct=True))
        .order_by(Case(When(products_on_sale=0, then=1), default=0), alphabetical(), "pk")
    )
