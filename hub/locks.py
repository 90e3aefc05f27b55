"""Advisory locks of the database, taken in the house's order: collection, order, stock (by id), account (by id)."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from enum import IntEnum, unique

from django.db import connection


@unique
class LockSpace(IntEnum):
    """First key of PostgreSQL's two-key advisory locks: what the second key counts."""

    COLLECTION = 4201
    TICK = 4202
    WEEK = 4203
    HOUSEHOLD = 4204
    HARVEST = 4205
    ROLES = 4206  # taken by the trigger that keeps a coordinator
    CLOSER = 4208
    CREDITED = 4207  # an invoice, taken by the trigger that keeps credit notes below it
    BANK = 4210
    BOOKS = 4220  # taken by the triggers of postings (shared) and of closings
    BOX = 4211
    CONTAINERS = 4212  # taken by the trigger of returns as well


def share_collection(collection_id: int) -> None:
    """Wait until no close of this collection is under way and keep closers out until the transaction ends."""
    _lock("pg_advisory_xact_lock_shared", LockSpace.COLLECTION, collection_id)


def own_collection(collection_id: int) -> None:
    """Wait until nobody places an order in this collection and keep everybody out until the transaction ends."""
    _lock("pg_advisory_xact_lock", LockSpace.COLLECTION, collection_id)


def own_household(household_id: int) -> None:
    """Hold a household's account until the transaction ends: two orders at once cannot both spend the same credit."""
    _lock("pg_advisory_xact_lock", LockSpace.HOUSEHOLD, household_id)


def own_bank() -> None:
    """Write statements of the bank alone until the transaction ends: two files may tell of the same lines."""
    _lock("pg_advisory_xact_lock", LockSpace.BANK, 0)


def own_box(point_id: int) -> None:
    """Count a point's boxes, or carry from them, alone until the transaction ends."""
    _lock("pg_advisory_xact_lock", LockSpace.BOX, point_id)


def own_containers(producer_id: int) -> None:
    """Take a farm's containers back alone until the transaction ends: two households may bring the last ones."""
    _lock("pg_advisory_xact_lock", LockSpace.CONTAINERS, producer_id)


def own_harvests(producer_ids: Sequence[int]) -> None:
    """Number these producers' harvest lists alone until the transaction ends: two collections may close at once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, id) FROM (SELECT unnest(%s::int[]) AS id ORDER BY 1) AS ordered",
            [int(LockSpace.HARVEST), list(producer_ids)],
        )


def hold_tick(tick: int) -> AbstractContextManager[bool]:
    """Whether this process alone may run the sweep `tick`, held for the block over any number of transactions."""
    return _hold(LockSpace.TICK, tick)


def hold_close(collection_id: int) -> AbstractContextManager[bool]:
    """Whether this process alone may close the collection, held for the block over any number of transactions.

    It only shares the work out; that each step happens once is the collection's own lock's doing.
    """
    return _hold(LockSpace.CLOSER, collection_id)


@contextmanager
def _hold(space: LockSpace, key: int) -> Iterator[bool]:
    """The lock belongs to the database session: a killed process frees it, and a sweep commits each step by itself."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [int(space), key])
        held = bool(cursor.fetchone()[0])
    try:
        yield held
    finally:
        if held:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [int(space), key])


def try_tick(tick: int) -> bool:
    """Whether this process may run the sweep `tick` now; held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [LockSpace.TICK, tick])
        return bool(cursor.fetchone()[0])


def _lock(function: str, space: LockSpace, key: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s)", [int(space), key])
