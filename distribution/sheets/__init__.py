"""Sheets as data: built from order lines, hashed, written once. What each kind says is laid down in `distribution.contents`.

`write` makes the next version: the first of all sheets at the close, later that of the sheets a change concerns.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

from distribution.contents import Content
from distribution.fingerprints import fingerprint
from distribution.models import Sheet
from distribution.sheets import day, farm, point
from distribution.sheets.reading import Reading, read
from hub import locks
from hub.models import Collection

Key = tuple[str, int | None]


def build(collection: Collection, *, now: datetime, producers: Iterable[int] | None = None) -> dict[Key, Content]:
    """The contents of a numbered collection's sheets by (kind, producer's row id or None), as they are now.

    `producers` limits the producers' sheets to those (the point's sheets are always all there). The number of SQL
    statements does not grow with households, lines or producers.
    """
    reading = read(collection, now=now)
    sheets = _of_point(reading)
    wanted = reading.by_producer if producers is None else reading.by_producer.keys() & set(producers)
    for one in sorted(wanted):
        sheets["delivery-note", one] = farm.delivery_note(reading, one)
        sheets["member-slips", one] = farm.member_slips(reading, one)
    concerned = sorted(wanted)
    if concerned:
        locks.own_harvests(concerned)
        for one, harvest in farm.harvests(collection.week, concerned, hub=reading.hub, now=now).items():
            sheets["harvest", one] = harvest
    return sheets


def _of_point(reading: Reading) -> dict[Key, Content]:
    sheets: dict[Key, Content] = {
        ("packing", None): point.packing(reading),
        ("table-plan", None): point.table_plan(reading),
        ("labels", None): point.labels(reading),
        ("duty", None): day.duty(reading),
    }
    at = reading.collection.point
    if at.kind == at.Kind.ROUND:
        sheets["route", None] = day.route(reading)
    else:
        sheets["sign-off", None] = point.sign_off(reading)
    return sheets


def write(collection: Collection, *, now: datetime, producers: Iterable[int] | None = None) -> list[Sheet]:
    """Write the next version of the collection's sheets, in the caller's transaction and under its lock."""
    contents = build(collection, now=now, producers=producers)
    return Sheet.objects.bulk_create(_sheet(collection, key, content, now) for key, content in contents.items())


def _sheet(collection: Collection, key: Key, content: Content, now: datetime) -> Sheet:
    kind, producer_id = key
    return Sheet(
        kind=kind,
        collection=None if kind == Sheet.Kind.HARVEST else collection,
        week=collection.week,
        producer_id=producer_id,
        version=content["header"]["version"],
        content=cast(dict[str, Any], content),
        sha256=fingerprint(content),
        extracted_at=now,
    )
