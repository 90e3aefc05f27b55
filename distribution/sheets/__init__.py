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
    wanted = _wanted(reading, producers)
    return _of_collection(reading, wanted) | _harvests(reading, wanted, now)


def _wanted(reading: Reading, producers: Iterable[int] | None) -> list[int]:
    """The producers ordered from, in the order of their ids; of those given, where some are."""
    return sorted(reading.by_producer if producers is None else reading.by_producer.keys() & set(producers))


def _of_collection(reading: Reading, producers: list[int]) -> dict[Key, Content]:
    sheets = _of_point(reading)
    for one in producers:
        sheets["delivery-note", one] = farm.delivery_note(reading, one)
        sheets["member-slips", one] = farm.member_slips(reading, one)
    return sheets


def _harvests(reading: Reading, producers: list[int], now: datetime) -> dict[Key, Content]:
    """The week's harvest lists, numbered alone until the transaction ends: neighbours' closes of the same farms wait here."""
    if not producers:
        return {}
    locks.own_harvests(producers)
    lists = farm.harvests(reading.collection.week, producers, hub=reading.hub, now=now)
    return {("harvest", one): harvest for one, harvest in lists.items()}


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
    """Write the next version of the collection's sheets, in the caller's transaction and under its lock.

    The harvest lists come last, so that neighbours who close at the same time wait for one another as little as can be.
    """
    reading = read(collection, now=now)
    wanted = _wanted(reading, producers)
    written = _store(collection, _of_collection(reading, wanted), now)
    return written + _store(collection, _harvests(reading, wanted, now), now)


def _store(collection: Collection, contents: dict[Key, Content], now: datetime) -> list[Sheet]:
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
