"""The deadline: one function per step, each in a transaction of its own and safe to repeat, killed anywhere and run again.

count → minimums → numbers → sheets → notices. How far a collection has come is stored in its `Closing`; `close_due` takes
up what a killed sweep left. Every step holds the collection's exclusive lock: an order being placed is waited for, and two
closers at once do each step once. Deadlines are the database clock's.
"""

from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import datetime

from django.db import connection, models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from distribution import due, minimums, sheets, telling
from distribution.amending import amend, amend_order
from distribution.cancelling import cancel
from distribution.minimums import decide
from distribution.models import Closing
from distribution.prolonging import prolong
from hub import activity, locks
from hub.models import Collection
from hub.refusals import Refusal

__all__ = [
    "amend",
    "amend_order",
    "announce",
    "cancel",
    "close_collection",
    "close_due",
    "count",
    "decide",
    "freeze",
    "number",
    "open_due",
    "prolong",
    "settle_minimums",
    "waiting",
]


class NotDueYet(Refusal):
    """The deadline has not passed; `data["closes_at"]` says when it does."""

    code = "not-due-yet"


class CollectionCancelled(Refusal):
    """A cancelled collection is not closed."""

    code = "collection-cancelled"


NUMBERS = """
    UPDATE orders_order o SET basket_number = n.number
    FROM (SELECT o.id, row_number() OVER (ORDER BY lower(unaccent(h.name)), h.name, o.id) AS number
          FROM orders_order o JOIN hub_household h ON h.id = o.household_id
          WHERE o.collection_id = %s AND o.cancelled_at IS NULL) n
    WHERE o.id = n.id
"""


def count(*, collection: Collection, now: datetime) -> Closing:
    """Take no more orders: from here on quantities are frozen. Raises NotDueYet, CollectionCancelled."""
    with transaction.atomic():
        locks.own_collection(collection.pk)
        row = Collection.objects.get(pk=collection.pk)
        if row.cancelled_at is not None:
            raise CollectionCancelled(_("This collection is cancelled."))
        if not row.is_counted:
            if not _deadline_passed(row):
                raise NotDueYet(_("Orders are still open."), closes_at=row.closes_at.isoformat())
            row.move_to(Collection.Status.CLOSED, now)
            activity.record(verb="collection.counted", subject=row.code, by=None, now=now, collection=row)
        closing, _made = Closing.objects.get_or_create(collection=row, defaults={"counted_at": row.counted_at or now})
    return closing


def _deadline_passed(collection: Collection) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT closes_at <= clock_timestamp() FROM hub_collection WHERE id = %s", [collection.pk])
        return bool(cursor.fetchone()[0])


def settle_minimums(*, collection: Collection, now: datetime) -> bool:
    """Ask for a decision where a producer stays below their minimum; after the delay the point's default counts.

    Returns whether all is decided, so that the next step may run.
    """
    with transaction.atomic():
        closing = _take(collection)
        if closing is None or closing.minimums_at is not None:
            return closing is not None
        if not minimums.settle(closing.collection, counted_at=closing.counted_at, now=now):
            return False
        _done(closing, "minimums_at", now)
    return True


def number(*, collection: Collection, now: datetime) -> bool:
    """Cancel the orders left empty and number the others, dense from 1 by household name. Returns whether it is done."""
    with transaction.atomic():
        closing = _take(collection)
        if closing is None or closing.minimums_at is None:
            return False
        if closing.numbered_at is None:
            due.cancel_empty(closing.collection, now=now)
            with connection.cursor() as cursor:
                cursor.execute(NUMBERS, [collection.pk])
            _done(closing, "numbered_at", now)
    return True


def freeze(*, collection: Collection, now: datetime) -> bool:
    """Write version 1 of the collection's sheets, and the next of its producers' harvest lists. Returns whether it is
    done. A collection nobody ordered from has no sheets."""
    with transaction.atomic():
        closing = _take(collection)
        if closing is None or closing.numbered_at is None:
            return False
        if closing.frozen_at is None:
            # Before the sheets are read: what was changed earlier is no difference from version 1.
            _done(closing, "frozen_at", now)
            sheets.write(closing.collection, now=now)
    return True


def announce(*, collection: Collection, now: datetime) -> bool:
    """Queue the messages to producers, hosts and households, each once. Returns whether it is done."""
    with transaction.atomic():
        closing = _take(collection)
        if closing is None or closing.frozen_at is None:
            return False
        if closing.announced_at is None:
            telling.closed(closing.collection, now=now)
            _done(closing, "announced_at", now)
    return True


STEPS: tuple[Callable[..., bool], ...] = (settle_minimums, number, freeze, announce)


def close_collection(*, collection: Collection, now: datetime) -> bool:
    """Run the steps a collection is due for. Returns whether it is closed; False while a minimum waits for an answer.

    Raises NotDueYet, CollectionCancelled.
    """
    count(collection=collection, now=now)
    return all(step(collection=collection, now=now) for step in STEPS)


def waiting(*, now: datetime) -> models.QuerySet[Collection]:
    """Collections whose deadline has passed, and those whose close was left half way; the oldest deadline first."""
    unfinished = Q(closing__isnull=False, closing__announced_at=None, cancelled_at=None)
    counted_only = Q(counted_at__isnull=False, closing=None, cancelled_at=None)
    passed = Q(closes_at__lte=now, counted_at=None, cancelled_at=None)
    return Collection.objects.filter(passed | unfinished | counted_only).order_by("closes_at", "pk")


def close_due(*, now: datetime) -> list[str]:
    """Close what is due, collection by collection, and go on with what was left half way. Returns the codes of those
    whose close was finished here. Workers who do this at the same time share: each takes what nobody else has."""
    finished: list[str] = []
    with ExitStack() as stack:  # one whose close fails does not hold up the others; its error is raised at the end
        for collection in reversed(waiting(now=now)):
            stack.callback(_close_one, collection, finished, now)
    return finished


def _close_one(collection: Collection, finished: list[str], now: datetime) -> None:
    # Prolonged or cancelled since the list was read, or our clock is ahead of the database's: the next sweep looks again.
    with locks.hold_close(collection.pk) as mine, suppress(NotDueYet, CollectionCancelled):
        if not mine or not waiting(now=now).filter(pk=collection.pk).exists():
            return  # another worker closes it, or has closed it since the list was read
        if close_collection(collection=collection, now=now):
            finished.append(collection.code)


def open_due(*, now: datetime) -> int:
    """Say "open" of the collections whose order window has begun; placing does not wait for it. Returns how many."""
    begun = Collection.objects.taking_orders(now).filter(status=Collection.Status.PLANNED)
    with transaction.atomic():
        opening = list(begun.select_for_update(skip_locked=True, of=("self",)))
        for collection in opening:
            collection.move_to(Collection.Status.OPEN, now)
    return len(opening)


def _take(collection: Collection) -> Closing | None:
    """The collection's close under its lock, read afterwards; None when it was not counted or has been cancelled."""
    locks.own_collection(collection.pk)
    found = Closing.objects.select_related("collection__point").filter(collection=collection).first()
    return None if found is None or found.collection.cancelled_at is not None else found


def _done(closing: Closing, step: str, now: datetime) -> None:
    setattr(closing, step, now)
    closing.save(update_fields=[step])
