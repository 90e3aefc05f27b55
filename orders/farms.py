"""Farms as everybody sees them: what they sell at the next collections, and where they bring it. Reads only."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Q, QuerySet, Subquery

from hub.calendar import local_date
from hub.models import Collection, CollectionPoint, Household
from hub.ordering import alphabetical
from orders import shelf
from producers.models import Offer, Producer, Supply


@dataclass(frozen=True)
class Place:
    """A point a farm supplies, with its smallest order there and its next collection, if one is planned."""

    supply: Supply
    next: Collection | None

    @property
    def point(self) -> CollectionPoint:
        return self.supply.point


def places(farm: Producer, now: datetime) -> list[Place]:
    """Where the farm brings its food, the soonest collection first. Two statements."""
    coming = _coming(now).filter(point=OuterRef("point")).order_by("starts_at").values("pk")[:1]
    supplies = Supply.objects.active_on(local_date(now)).filter(producer=farm, point__archived_at=None)
    rows = list(
        supplies.select_related("point").annotate(next_id=Subquery(coming)).order_by(alphabetical("point__name"), "pk")
    )
    collections = Collection.objects.in_bulk([row.next_id for row in rows if row.next_id])  # type: ignore[attr-defined]
    found = [Place(row, collections.get(row.next_id)) for row in rows]  # type: ignore[attr-defined]
    return sorted(found, key=lambda place: (place.next is None, place.next.starts_at if place.next else now))


def sale(farm: Producer, now: datetime, household: Household | None) -> Collection | None:
    """The collection whose week the farm's page shows: one the household may order from now before any other, then the
    next that takes orders, then the next at all. One statement."""
    points = Supply.objects.active_on(local_date(now)).filter(producer=farm).values("point")
    coming = list(_coming(now).filter(point__in=points).select_related("point").order_by("closes_at")[:100])
    mine = household.memberships.filter(status="accepted").values_list("point", flat=True) if household else []
    own = set(mine)
    return min(
        coming,
        key=lambda c: (not (c.is_open(now) and c.point_id in own), not c.is_open(now), c.closes_at),
        default=None,
    )


def cards(farm: Producer, collection: Collection) -> list[shelf.Card]:
    """What the farm sells in the collection's week, by aisle and name. One statement."""
    offers = Offer.objects.at(collection).filter(packaging__producer=farm)
    return shelf.public_cards(offers)


def _coming(now: datetime) -> QuerySet[Collection]:
    return Collection.objects.filter(Q(counted_at=None, closes_at__gt=now), cancelled_at=None, starts_at__gt=now)
