"""What the sheets of a collection are made of, read once: the number of statements is the same for 6 and 600 households."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Sum
from django.utils import translation

from distribution.contents.shared import Change, Farm, Header, HouseholdChange, Item, Kind, Mark, Point
from distribution.models import LineChange, Sheet
from hub import calendar
from hub.models import Collection, Hub
from hub.money import line_amount
from orders.models import OrderLine, Payment
from producers.models import Supply

ZONES = ("dry", "chilled", "frozen")

# Changes made before the sheets were frozen (producers below their minimum) are not differences from version 1.
EARLY = "(c.reason = 'minimum' OR g.frozen_at IS NULL OR c.at < g.frozen_at)"

# What was changed in a line `l`: before the sheets were frozen (which is their base), and afterwards (which they mark).
CHANGES = f"""LEFT JOIN distribution_closing g ON g.collection_id = l.collection_id
    LEFT JOIN LATERAL (
        SELECT sum(c.delta) FILTER (WHERE {EARLY}) AS early,
               max(c.at) FILTER (WHERE NOT {EARLY}) AS changed_at,
               (array_agg(c.reason ORDER BY c.at DESC, c.id DESC) FILTER (WHERE NOT {EARLY}))[1] AS reason
        FROM distribution_linechange c WHERE c.line_id = l.id) d ON true"""  # noqa: S608 - EARLY is a constant above

LINES = f"""
    SELECT l.id, l.order_id, o.basket_number, o.code AS order_code, o.household_id, l.kind, l.producer_id,
           f.code AS producer_code, f.name AS producer_name, l.product_id, l.packaging_id, l.name, l.label, l.reference,
           l.unit, l.zone, l.content, l.weighed, l.max_content, l.unit_price, l.deposit, l.due,
           l.quantity + coalesce(d.early, 0) AS base, d.changed_at, coalesce(d.reason, '') AS reason,
           p.allergens, p.use_by_days
    FROM orders_orderline l
    JOIN orders_order o ON o.id = l.order_id
    JOIN producers_producer f ON f.id = l.producer_id
    JOIN producers_product p ON p.id = l.product_id
    {CHANGES}
    WHERE l.collection_id = %s AND o.basket_number IS NOT NULL
"""  # noqa: S608 - CHANGES is a constant above

HOUSEHOLDS = """
    SELECT o.id, o.basket_number, o.code, o.note, o.payment_method, o.expected_total, o.cancelled_at,
           coalesce(nullif(m.last_name, ''), h.name) AS family_name, coalesce(m.first_name, '') AS given_name,
           coalesce(m.phone, '') AS phone,
           concat_ws(', ', nullif(h.address, ''), nullif(trim(h.postcode || ' ' || h.city), '')) AS address,
           h.access_note, h.route_position, h.id AS household_id
    FROM orders_order o
    JOIN hub_household h ON h.id = o.household_id
    LEFT JOIN LATERAL (
        SELECT last_name, first_name, phone FROM hub_member
        WHERE household_id = h.id AND is_active ORDER BY id LIMIT 1) m ON true
    WHERE o.collection_id = %s AND o.basket_number IS NOT NULL
    ORDER BY o.basket_number
"""


@dataclass(frozen=True)
class Line:
    """An order line as the sheets see it: `base` packs were frozen at the close, `due` packs shall be delivered."""

    id: int
    order_id: int
    basket_number: int
    order_code: str
    household_id: int
    kind: str
    producer_id: int
    producer_code: str
    producer_name: str
    product_id: int
    packaging_id: int
    name: str
    label: str
    reference: str
    unit: str
    zone: str
    content: int
    weighed: bool
    max_content: int | None
    unit_price: Decimal
    deposit: Decimal
    due: int
    base: int
    changed_at: datetime | None
    reason: str
    allergens: list[str] | None
    use_by_days: int | None

    @property
    def basket(self) -> bool:
        return self.kind == OrderLine.Kind.BASKET

    @property
    def item_key(self) -> tuple[int, str, str]:
        """What counts as one row: a packaging under the name it was sold by."""
        return (self.packaging_id, self.name, self.label)

    @property
    def expected(self) -> Decimal:
        """What the packs due are expected to cost, deposits apart."""
        if self.weighed:
            return line_amount(grams=self.content * self.due, price_per_kg=self.unit_price)
        return self.unit_price * self.due

    def item(self) -> Item:
        return {
            "ref": self.reference,
            "product": self.name,
            "packaging": self.label,
            "contract": self.basket,
            "weighed": {"expected_g": self.content, "max_g": self.max_content or self.content}
            if self.weighed
            else None,
        }

    def producer(self) -> Farm:
        return {"code": self.producer_code, "name": self.producer_name}


@dataclass(frozen=True)
class House:
    """A household that has a basket number at this collection."""

    id: int
    basket_number: int
    code: str
    note: str
    payment_method: str
    expected_total: Decimal
    cancelled_at: datetime | None
    family_name: str
    given_name: str
    phone: str
    address: str
    access_note: str
    route_position: int
    household_id: int


@dataclass
class Reading:
    """Everything the sheets of one collection are built from."""

    hub: Hub
    collection: Collection
    now: datetime
    lines: list[Line]
    houses: list[House]
    spots: dict[int, str]
    paid: dict[int, Decimal]
    versions: dict[tuple[str, int | None], list[datetime]]
    reasons: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def by_order(self) -> dict[int, list[Line]]:
        return grouped(self.lines, "order_id")

    @cached_property
    def by_producer(self) -> dict[int, list[Line]]:
        return grouped(self.lines, "producer_id")

    @cached_property
    def house_of(self) -> dict[int, House]:
        return {house.id: house for house in self.houses}

    def place(self, line: Line) -> str:
        """Where a line's farm stands at the point, empty where nobody said."""
        return self.spots.get(line.producer_id, "")

    def due(self, house: House) -> str | None:
        """What the household has left to pay at the point, None when nothing is."""
        if house.payment_method != "at-point" or house.cancelled_at:
            return None
        left = house.expected_total - self.paid.get(house.id, Decimal(0))
        return f"{left:.2f}" if left > 0 else None

    def header(self, kind: Kind, producer: Farm | None = None, producer_id: int | None = None) -> Header:
        """What stands at the head of a sheet, of one farm where one is given."""
        c = self.collection
        return {
            "kind": kind,
            "hub": self.hub.name,
            "language": self.hub.language,
            "currency": settings.CURRENCY,
            "week": c.week,
            "version": len(self.versions.get((kind, producer_id), ())) + 1,
            "extracted_at": local(self.now),
            "collection": c.code,
            "point": point_of(c),
            "starts_at": local(c.starts_at),
            "ends_at": local(c.ends_at),
            "producer": producer,
        }

    def since(self, kind: Kind, producer_id: int | None, at: datetime) -> int:
        """The version of a sheet that brought a change made at `at`."""
        return brought_by(self.versions.get((kind, producer_id), []), at)

    def change(self, kind: Kind, lines: Iterable[Line], producer_id: int | None = None) -> Change | None:
        """How the lines together differ from version 1."""
        here = list(lines)
        was, now_due = sum(line.base for line in here), sum(line.due for line in here)
        moved = [line for line in here if line.changed_at]
        if was == now_due or not moved:
            return None
        latest = max(moved, key=_changed)
        return {
            "mark": mark(was, now_due),
            "was": was,
            "since": self.since(kind, producer_id, _changed(latest)),
            "reason": self.reasons.get(latest.reason, ""),
        }

    def household_change(self, kind: Kind, lines: list[Line], producer_id: int | None = None) -> HouseholdChange | None:
        """How an order (or one producer's part of it) differs from version 1."""
        moved = [line for line in lines if line.changed_at and line.base != line.due]
        if not moved:
            return None
        latest = max(moved, key=_changed)
        whole = mark(sum(line.base for line in lines), sum(line.due for line in lines))
        since = self.since(kind, producer_id, _changed(latest))
        return {"mark": whole, "since": since, "reason": self.reasons.get(latest.reason, "")}


def read(collection: Collection, *, now: datetime) -> Reading:
    """Read a numbered collection. Lines that were never frozen with packs nor are due any are left out."""
    hub = Hub.get()
    lines = [line for line in rows(Line, LINES, [collection.pk]) if line.base or line.due]
    producers = {line.producer_id for line in lines}
    return Reading(
        hub=hub,
        collection=collection,
        now=now,
        lines=lines,
        houses=rows(House, HOUSEHOLDS, [collection.pk]),
        spots=dict(
            Supply.objects.filter(point=collection.point_id, producer__in=producers).values_list("producer", "spot")
        ),
        paid=dict(
            Payment.objects.filter(order__collection=collection, undone_at=None)
            .values_list("order")
            .annotate(total=Sum("amount"))
        ),
        versions=versions(collection),
        reasons=reasons(hub.language),
    )


def versions(collection: Collection) -> dict[tuple[str, int | None], list[datetime]]:
    """When each sheet's versions were taken, oldest first."""
    taken: dict[tuple[str, int | None], list[datetime]] = {}
    known = Sheet.objects.filter(collection=collection).order_by("version")
    for kind, producer, at in known.values_list("kind", "producer", "extracted_at"):
        taken.setdefault((kind, producer), []).append(at)
    return taken


def reasons(language: str) -> dict[str, str]:
    """The words of the reasons, in the hub's language."""
    with translation.override(language):
        return {code: str(words) for code, words in LineChange.Reason.choices}


def rows(cls: type[Any], sql: str, parameters: list[Any]) -> list[Any]:
    """The rows of a statement as instances of a dataclass whose fields are its columns, by name."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        order = {column.name: nth for nth, column in enumerate(cursor.description)}
        picks = [order[one.name] for one in fields(cls)]
        return [cls(*(row[pick] for pick in picks)) for row in cursor.fetchall()]


def grouped(lines: Iterable[Any], attribute: str) -> dict[Any, list[Any]]:
    """Lists by an attribute, in the order met."""
    groups: dict[Any, list[Any]] = {}
    for line in lines:
        groups.setdefault(getattr(line, attribute), []).append(line)
    return groups


def brought_by(taken: list[datetime], at: datetime) -> int:
    """Of versions taken at these moments, the first taken at `at` or later, else the one being made; the first version
    of all brings nothing, unless it is the one being made."""
    making = len(taken) + 1
    return next((nth for nth, when in enumerate(taken, 1) if nth > 1 and when >= at), making)


def mark(was: int, now: int) -> Mark:
    """What became of something that had `was` packs."""
    return "cancelled" if not now else "changed" if was else "added"


def plain(text: str) -> str:
    """For sorting names: no accents, no case."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c)).casefold()


def local(when: datetime) -> str:
    """ISO 8601 with the hub's offset."""
    return when.astimezone(calendar.zone()).isoformat(timespec="seconds")


def point_of(collection: Collection) -> Point:
    """The point of a collection as sheets name it."""
    at = collection.point
    return {"code": at.code, "name": at.name, "short": at.name, "kind": at.kind, "address": at.full_address}  # type: ignore[typeddict-item]


def _changed(line: Line) -> datetime:
    assert line.changed_at is not None  # noqa: S101 - callers pass changed lines only
    return line.changed_at
