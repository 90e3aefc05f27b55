"""Contents of the producers' sheets: delivery note and members’ slips of a collection, harvest list of a week."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.conf import settings

from distribution.contents.farm import (
    DeliveryNote,
    DeliveryRow,
    Harvest,
    HarvestCell,
    HarvestColumn,
    HarvestRow,
    MemberSlips,
    Slip,
)
from distribution.contents.shared import Change, Farm, Item, Kind, Point, Taker
from distribution.models import Sheet
from distribution.sheets.reading import CHANGES, ZONES, Line, Reading, brought_by, local, mark, plain, reasons, rows
from hub.models import Hub


def delivery_note(reading: Reading, producer_id: int) -> DeliveryNote:
    """What one producer brings to the point."""
    lines = reading.by_producer[producer_id]
    farm, collection = lines[0].producer(), reading.collection
    year, _sign, week = collection.week.partition("-W")
    return {
        "header": reading.header("delivery-note", farm, producer_id),
        "number": f"BL-{year}-{week}-{collection.pk:03}-{producer_id:02}",
        "due_at": local(collection.starts_at),
        "rows": [_delivery_row(reading, group) for group in by_item(lines)],
    }


def _delivery_row(reading: Reading, lines: list[Line]) -> DeliveryRow:
    kind: Kind = "delivery-note"
    producer_id = lines[0].producer_id
    return {
        **lines[0].item(),
        "quantity": sum(line.due for line in lines),
        "change": reading.change(kind, lines, producer_id),
        "lot": "",
        "takers": takers(reading, kind, lines, producer_id),
    }


def takers(reading: Reading, kind: Kind, lines: list[Line], producer_id: int | None = None) -> list[Taker]:
    """Who takes the packs of one row, by basket number."""
    return [
        {
            "basket_number": line.basket_number,
            "quantity": line.due,
            "change": reading.change(kind, [line], producer_id),
        }
        for line in sorted(lines, key=lambda line: line.basket_number)
    ]


def member_slips(reading: Reading, producer_id: int) -> MemberSlips:
    """One slip per household that takes something of this producer. No contact: first name and an initial."""
    lines = sorted(reading.by_producer[producer_id], key=lambda line: line.basket_number)
    by_order = groupby(lines, key=lambda line: line.order_id)
    return {
        "header": reading.header("member-slips", lines[0].producer(), producer_id),
        "slips": [_slip(reading, order_id, list(group), producer_id) for order_id, group in by_order],
    }


def _slip(reading: Reading, order_id: int, lines: list[Line], producer_id: int) -> Slip:
    house = reading.house_of[order_id]
    kind: Kind = "member-slips"
    return {
        "basket_number": house.basket_number,
        "order": house.code,
        "url": "",
        "name": f"{house.given_name} {house.family_name[:1]}.".strip() if house.given_name else house.family_name,
        "change": reading.household_change(kind, lines, producer_id),
        "lines": [
            {**line.item(), "quantity": line.due, "change": reading.change(kind, [line], producer_id)}
            for line in sorted(lines, key=_by_zone)
        ],
    }


def _by_zone(line: Line) -> tuple[int, str, int]:
    return (ZONES.index(line.zone), plain(line.name), line.content)


def by_product(line: Line) -> tuple[bool, str, int, str, int]:
    """Baskets first, then product name, content."""
    return (not line.basket, plain(line.name), line.content, line.label, line.packaging_id)


def by_item(lines: Iterable[Line]) -> list[list[Line]]:
    """Lines of the same packaging together, in the order of a delivery note."""
    ordered = sorted(lines, key=lambda line: (*by_product(line), line.name))
    return [list(group) for _key, group in groupby(ordered, key=lambda line: line.item_key)]


HARVEST = f"""
    SELECT l.producer_id, f.code AS producer_code, f.name AS producer_name, l.packaging_id, l.name, l.label,
           l.kind = 'basket' AS basket, l.collection_id,
           min(l.reference) AS reference, min(l.unit) AS unit, min(l.zone) AS zone, min(l.content) AS content,
           bool_or(l.weighed) AS weighed, max(l.max_content) AS max_content,
           sum(l.due)::int AS due, sum(l.quantity + coalesce(d.early, 0))::int AS base,
           max(d.changed_at) AS changed_at,
           coalesce((array_agg(d.reason ORDER BY d.changed_at DESC NULLS LAST))[1], '') AS reason
    FROM orders_orderline l
    JOIN orders_order o ON o.id = l.order_id
    JOIN hub_collection k ON k.id = l.collection_id
    JOIN producers_producer f ON f.id = l.producer_id
    {CHANGES}
    WHERE k.week = %s AND l.producer_id = ANY(%s) AND (o.cancelled_at IS NULL OR o.basket_number IS NOT NULL)
      AND (k.cancelled_at IS NULL OR k.counted_at IS NOT NULL)
    GROUP BY l.producer_id, f.code, f.name, l.packaging_id, l.name, l.label, l.kind = 'basket', l.collection_id
    HAVING sum(l.due) > 0 OR sum(l.quantity + coalesce(d.early, 0)) > 0
"""  # noqa: S608 - CHANGES is a constant

POINTS = """
    SELECT k.id, k.code, k.starts_at, k.ends_at, k.counted_at IS NULL AS open, l.producer_id,
           count(DISTINCT o.id) FILTER (WHERE o.cancelled_at IS NULL AND l.due > 0)::int AS households,
           p.code AS point_code, p.name AS point_name, p.kind AS point_kind,
           concat_ws(', ', nullif(p.address, ''), nullif(trim(p.postcode || ' ' || p.city), '')) AS address
    FROM hub_collection k
    JOIN hub_collectionpoint p ON p.id = k.point_id
    JOIN orders_orderline l ON l.collection_id = k.id
    JOIN orders_order o ON o.id = l.order_id
    WHERE k.week = %s AND l.producer_id = ANY(%s) AND (k.cancelled_at IS NULL OR k.counted_at IS NOT NULL)
    GROUP BY k.id, l.producer_id, p.id
    ORDER BY k.starts_at, p.name, k.id
"""


@dataclass(frozen=True)
class Picked:
    """The packs of one packaging for one collection."""

    producer_id: int
    producer_code: str
    producer_name: str
    packaging_id: int
    name: str
    label: str
    basket: bool
    collection_id: int
    reference: str
    unit: str
    zone: str
    content: int
    weighed: bool
    max_content: int | None
    due: int
    base: int
    changed_at: datetime | None
    reason: str

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


@dataclass(frozen=True)
class Place:
    """A collection of the week where a producer has something ordered."""

    id: int
    code: str
    starts_at: datetime
    ends_at: datetime
    open: bool
    producer_id: int
    households: int
    point_code: str
    point_name: str
    point_kind: str
    address: str

    def column(self) -> HarvestColumn:
        """The collection as a column of the harvest list."""
        point: Point = {
            "code": self.point_code,
            "name": self.point_name,
            "short": self.point_name,
            "kind": self.point_kind,  # type: ignore[typeddict-item]
            "address": self.address,
        }
        return {
            "collection": self.code,
            "point": point,
            "starts_at": local(self.starts_at),
            "households": self.households,
            "open": self.open,
        }


def harvests(week: str, producers: Iterable[int], *, hub: Hub, now: datetime) -> dict[int, Harvest]:
    """The harvest list of each producer for a week, over all its points: closed ones as frozen, open ones as ordered
    so far. Five statements for any number of producers and points."""
    wanted = sorted(producers)
    picked: dict[int, list[Picked]] = {one: [] for one in wanted}
    for cell in rows(Picked, HARVEST, [week, wanted]):
        picked[cell.producer_id].append(cell)
    places: dict[int, list[Place]] = {one: [] for one in wanted}
    for place in rows(Place, POINTS, [week, wanted]):
        places[place.producer_id].append(place)
    taken: dict[int, list[datetime]] = {one: [] for one in wanted}
    known = Sheet.objects.filter(kind=Sheet.Kind.HARVEST, week=week, producer__in=wanted).order_by("version")
    for producer_id, at in known.values_list("producer", "extracted_at"):
        taken[producer_id].append(at)
    said = reasons(hub.language)
    return {
        one: _Week(hub, week, now, picked[one], places[one], taken[one], said).harvest()
        for one in wanted
        if picked[one]
    }


@dataclass(frozen=True)
class _Week:
    hub: Hub
    week: str
    now: datetime
    picked: list[Picked]
    places: list[Place]
    taken: list[datetime]
    reasons: dict[str, str]

    def harvest(self) -> Harvest:
        """The harvest list of the farm's week, a column for each collection that takes something."""
        one = self.picked[0]
        farm: Farm = {"code": one.producer_code, "name": one.producer_name}
        used = {cell.collection_id for cell in self.picked}
        places = [place for place in self.places if place.id in used]
        return {
            "header": {
                "kind": "harvest",
                "hub": self.hub.name,
                "language": self.hub.language,
                "currency": settings.CURRENCY,
                "week": self.week,
                "version": len(self.taken) + 1,
                "extracted_at": local(self.now),
                "collection": None,
                "point": None,
                "starts_at": local(min(place.starts_at for place in places)),
                "ends_at": local(max(place.ends_at for place in places)),
                "producer": farm,
            },
            "ready_at": local(min(place.starts_at for place in places)),
            "columns": [place.column() for place in places],
            "rows": [self._row(group, places) for group in self._groups()],
            "contracts": [],
        }

    def _groups(self) -> list[list[Picked]]:
        def order(cell: Picked) -> tuple[int, bool, str, int, str, int]:
            return (
                ZONES.index(cell.zone),
                not cell.basket,
                plain(cell.name),
                cell.content,
                cell.label,
                cell.packaging_id,
            )

        def same(cell: Picked) -> tuple[int, str, str]:
            return (cell.packaging_id, cell.name, cell.label)

        return [list(group) for _key, group in groupby(sorted(self.picked, key=order), key=same)]

    def _row(self, cells: list[Picked], places: list[Place]) -> HarvestRow:
        at = {cell.collection_id: cell for cell in cells}
        one = cells[0]
        return {
            **one.item(),
            "zone": one.zone,  # type: ignore[typeddict-item]
            "quantity": sum(cell.due for cell in cells),
            "pack_g": one.content if one.unit == "g" else None,
            "change": self._change(cells),
            "cells": [self._cell(at.get(place.id)) for place in places],
        }

    def _cell(self, cell: Picked | None) -> HarvestCell:
        return {"quantity": cell.due, "change": self._change([cell])} if cell else {"quantity": 0, "change": None}

    def _change(self, cells: list[Picked]) -> Change | None:
        was, due = sum(cell.base for cell in cells), sum(cell.due for cell in cells)
        moved = [(cell.changed_at, cell.reason) for cell in cells if cell.changed_at]
        if was == due or not moved:
            return None
        at, reason = max(moved)
        since = brought_by(self.taken, at)
        return {"mark": mark(was, due), "was": was, "since": since, "reason": self.reasons.get(reason, "")}
