"""Wishing: what a household ticks and has not sent yet. Reserves nothing, survives refusals, devices and two members.

Where nothing is unsent, what the household wants is its order. The first change after that copies the order into the wish.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, models, transaction
from django.utils.translation import gettext_lazy as _

from hub.models import Collection, Household
from hub.refusals import Refusal
from orders.models import OrderLine, Wish, WishLine
from producers.models import Packaging

MOST_PACKS = 1000


class StaleWish(Refusal):
    """Somebody of the household changed the wish meanwhile. `data` holds both versions: `theirs` is stored, `yours` was
    sent; for one line they are quantities, for the whole wish a mapping of packaging id to packs."""

    code = "stale-wish"


class BadWish(Refusal):
    """A quantity out of bounds, or a packaging that does not exist."""

    code = "bad-quantity"
    status = 422


@dataclass(frozen=True)
class Wanted:
    """What a household wants from a collection. `unsent` says whether a wish stands beside what is ordered."""

    quantities: dict[int, int]
    note: str
    revision: int
    unsent: bool


def wanted(household: Household, collection: Collection) -> Wanted:
    """The unsent wish where there is one, else the order. Two statements at most."""
    rows = list(
        Wish.objects.filter(household=household, collection=collection).values_list(
            "revision", "note", "sent_at", "lines__packaging", "lines__quantity"
        )
    )
    if rows and rows[0][2] is None:
        return Wanted({row[3]: row[4] for row in rows if row[3]}, rows[0][1], rows[0][0], unsent=True)
    lines = ordered_lines(household, collection).values_list("packaging", "quantity", "order__note")
    ordered = list(lines)
    note = ordered[0][2] if ordered else ""
    return Wanted({row[0]: row[1] for row in ordered}, note, rows[0][0] if rows else 0, unsent=False)


def current(household: Household, collection: Collection) -> dict[int, int]:
    """Packs per packaging id: the unsent wish where there is one, else the order."""
    return wanted(household, collection).quantities


def ordered_lines(household: Household, collection: Collection) -> models.QuerySet[OrderLine]:
    """The weekly lines of the household's live order."""
    return OrderLine.objects.filter(
        order__household=household, collection=collection, order__cancelled_at=None, kind=OrderLine.Kind.WEEKLY
    )


@dataclass(frozen=True)
class Touch:
    """What a stepper asks for: `packs` now (0 removes), after the number it showed before (`seen`; None overwrites)."""

    packs: int
    seen: int | None


def touch(
    *, household: Household, collection: Collection, touches: Mapping[str, Touch], now: datetime
) -> dict[str, Refusal]:
    """Wish for what was touched, by packaging code; other lines stay. Returns what was refused, each with its reason.

    A line is StaleWish, and stays, where another number is stored than the one seen: somebody of the household has changed
    it meanwhile. BadWish: a quantity out of bounds, or no such packaging. One statement, however many lines, once the wish
    exists.
    """
    bad = {code: _bad_quantity() for code, asked in touches.items() if not 0 <= asked.packs <= MOST_PACKS}
    asked = {code: line for code, line in touches.items() if code not in bad}
    if not asked:
        return dict(bad)
    exists, _changed, done = _write_lines(household, collection, asked, now)
    if not exists:
        with transaction.atomic():
            _begin(household, collection, now)
            _exists, changed, done = _write_lines(household, collection, asked, now)
            if not changed:
                transaction.set_rollback(True)  # what is ordered is what is wanted: nothing stands unsent
    return bad | _refusals(household, collection, {code: line for code, line in asked.items() if code not in done})


def _write_lines(
    household: Household, collection: Collection, asked: Mapping[str, Touch], now: datetime
) -> tuple[bool, int, list[str]]:
    """Whether an unsent wish is there, how many of its lines changed, and the codes that now stand as asked.

    Each line is compared twice, as this statement began and when its row is written: a member who writes at the same time
    is not overwritten.
    """
    keys: dict[str, Any] = {
        "h": household.pk, "c": collection.pk, "now": now, "codes": list(asked),
        "packs": [line.packs for line in asked.values()], "seen": [line.seen for line in asked.values()],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH wish AS (SELECT id FROM orders_wish
                             WHERE household_id = %(h)s AND collection_id = %(c)s AND sent_at IS NULL FOR NO KEY UPDATE),
                    may AS (SELECT w.id AS wish, k.id AS pack, a.code, a.packs, a.seen, coalesce(l.quantity, 0) AS stored
                            FROM wish w CROSS JOIN unnest(%(codes)s::text[], %(packs)s::int[], %(seen)s::int[])
                                 AS a(code, packs, seen)
                            JOIN producers_packaging k ON k.code = a.code
                            LEFT JOIN orders_wishline l ON l.wish_id = w.id AND l.packaging_id = k.id
                            WHERE a.seen IS NULL OR coalesce(l.quantity, 0) IN (a.seen, a.packs)),
                    added AS (INSERT INTO orders_wishline (wish_id, packaging_id, quantity)
                              SELECT wish, pack, packs FROM may WHERE packs > 0 AND stored = 0
                              ON CONFLICT (wish_id, packaging_id) DO UPDATE SET quantity = EXCLUDED.quantity
                              WHERE orders_wishline.quantity = EXCLUDED.quantity RETURNING packaging_id),
                    moved AS (UPDATE orders_wishline l SET quantity = m.packs FROM may m
                              WHERE l.wish_id = m.wish AND l.packaging_id = m.pack AND m.packs > 0 AND m.stored <> m.packs
                                AND m.stored > 0 AND (m.seen IS NULL OR l.quantity IN (m.seen, m.packs))
                              RETURNING l.packaging_id),
                    removed AS (DELETE FROM orders_wishline l USING may m
                                WHERE l.wish_id = m.wish AND l.packaging_id = m.pack AND m.packs = 0
                                  AND (m.seen IS NULL OR l.quantity = m.seen) RETURNING l.packaging_id),
                    changed AS (SELECT packaging_id FROM added UNION ALL SELECT packaging_id FROM moved
                                UNION ALL SELECT packaging_id FROM removed),
                    counted AS (UPDATE orders_wish SET revision = revision + 1, changed_at = %(now)s
                                WHERE id IN (SELECT id FROM wish) AND EXISTS (SELECT FROM changed))
               SELECT EXISTS (SELECT FROM wish), (SELECT count(*) FROM changed), coalesce(array_agg(code), '{}')
               FROM may WHERE stored = packs OR pack IN (SELECT packaging_id FROM changed)""",
            keys,
        )
        exists, changed, done = cursor.fetchone()
    return exists, changed, done


def _begin(household: Household, collection: Collection, now: datetime) -> Wish:
    """The household's unsent wish, locked; made from the order where nothing was unsent. Two statements, once it stands one.

    The order is read after the lock: one that is being placed is in it.
    """
    keys: dict[str, Any] = {"h": household.pk, "c": collection.pk, "now": now, "weekly": OrderLine.Kind.WEEKLY.value}
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO orders_wish (household_id, collection_id, note, revision, changed_at, sent_at)
               VALUES (%(h)s, %(c)s, '', 0, %(now)s, %(now)s)
               ON CONFLICT (household_id, collection_id) DO UPDATE SET changed_at = EXCLUDED.changed_at
               RETURNING id, revision, note, sent_at""",
            keys,
        )
        key, revision, note, sent_at = cursor.fetchone()
        if sent_at is not None:
            cursor.execute(
                """WITH ordered AS (SELECT l.packaging_id, l.quantity, o.note FROM orders_orderline l
                                    JOIN orders_order o ON o.id = l.order_id
                                    WHERE o.household_id = %(h)s AND l.collection_id = %(c)s AND l.kind = %(weekly)s
                                      AND o.cancelled_at IS NULL),
                        copied AS (INSERT INTO orders_wishline (wish_id, packaging_id, quantity)
                                   SELECT %(wish)s, packaging_id, quantity FROM ordered)
                   UPDATE orders_wish SET sent_at = NULL, note = coalesce((SELECT min(note) FROM ordered), '')
                   WHERE id = %(wish)s RETURNING note""",
                keys | {"wish": key},
            )
            (note,) = cursor.fetchone()
    return Wish(pk=key, household=household, collection=collection, revision=revision, note=note, changed_at=now)


def _refusals(household: Household, collection: Collection, left: Mapping[str, Touch]) -> dict[str, Refusal]:
    """Why these lines do not stand as asked."""
    if not left:
        return {}
    known = dict(Packaging.objects.filter(code__in=left).values_list("code", "pk"))
    stored = current(household, collection)
    return {
        code: _stale_line(stored.get(known[code], 0), line.packs)
        if code in known
        else BadWish(_("This product does not exist."), packaging=code)
        for code, line in left.items()
    }


def _stale_line(theirs: int, yours: int) -> StaleWish:
    words = _("Somebody of your household has just changed this. They want %(theirs)s, you asked for %(yours)s.")
    return StaleWish(words % {"theirs": theirs, "yours": yours}, theirs=theirs, yours=yours)


def _bad_quantity() -> Refusal:
    return BadWish(_("A quantity is a whole number between 0 and 1,000."))


def save(
    *,
    household: Household,
    collection: Collection,
    quantities: Mapping[int, int],
    note: str,
    revision: int | None,
    now: datetime,
) -> int:
    """Make the wish equal to `quantities` (packaging id → packs) and `note`; returns the new revision.

    `revision` is the one the screen was made from; when another one is stored, StaleWish is raised with both versions and
    nothing changes. None overwrites. Raises BadWish. The number of statements does not grow with the lines.
    """
    with transaction.atomic():
        wish = _begin(household, collection, now)
        stored = dict(WishLine.objects.filter(wish=wish).values_list("packaging", "quantity"))
        _store(wish, stored, quantities, note, revision, now)
    return wish.revision


def _store(
    wish: Wish, stored: Mapping[int, int], quantities: Mapping[int, int], note: str, revision: int | None, now: datetime
) -> None:
    """Make the lines of a locked wish, of which `stored` are there, equal to `quantities`. Raises BadWish, StaleWish."""
    kept = {packaging: packs for packaging, packs in quantities.items() if packs}
    if any(not 0 <= packs <= MOST_PACKS for packs in kept.values()):
        raise _bad_quantity()
    _check_revision(wish.revision, revision, stored, kept)
    if gone := stored.keys() - kept.keys():
        WishLine.objects.filter(wish=wish, packaging__in=gone).delete()
    changed = [WishLine(wish=wish, packaging_id=p, quantity=n) for p, n in kept.items() if stored.get(p) != n]
    WishLine.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["wish", "packaging"], update_fields=["quantity"]
    )
    wish.note, wish.changed_at, wish.revision = note[:300], now, wish.revision + 1
    wish.save(update_fields=["note", "changed_at", "revision"])


def _check_revision(stored: int, seen: int | None, theirs: Mapping[int, int], yours: Mapping[int, int]) -> None:
    if seen is not None and stored != seen:
        raise StaleWish(
            _("Somebody of your household has changed the order meanwhile. Look at it again before sending."),
            theirs={str(p): n for p, n in theirs.items()},
            yours={str(p): n for p, n in yours.items()},
            revision=stored,
        )


def drop(*, household: Household, collection: Collection, now: datetime) -> None:
    """Forget what was not sent: what the household wants is what it has ordered."""
    with transaction.atomic():
        wish = Wish.objects.select_for_update().filter(household=household, collection=collection).first()
        if wish is None:
            return
        wish.lines.all().delete()
        wish.note, wish.sent_at, wish.revision = "", now, wish.revision + 1
        wish.save(update_fields=["note", "sent_at", "revision"])


def with_changes(
    *, household: Household, collection: Collection, changes: Mapping[str, int], revision: int | None
) -> dict[int, int]:
    """What the household wants once some lines are changed (packaging code → packs); nothing is stored.

    `revision` as for `save`. Raises StaleWish.
    """
    before = wanted(household, collection)
    whole = _changed(before.quantities, changes)
    _check_revision(before.revision, revision, before.quantities, whole)
    return whole


def _changed(stored: Mapping[int, int], changes: Mapping[str, int]) -> dict[int, int]:
    """With what was changed, without what is not wanted; unknown codes are left out."""
    known = dict(Packaging.objects.filter(code__in=changes).values_list("code", "pk"))
    whole = {**stored} | {known[code]: packs for code, packs in changes.items() if code in known}
    return {packaging: packs for packaging, packs in whole.items() if packs}


def overlay(
    *,
    household: Household,
    collection: Collection,
    changes: Mapping[str, int],
    now: datetime,
    note: str | None = None,
    revision: int | None = None,
) -> dict[int, int]:
    """Change some lines of the wish (packaging code → packs) and leave the others; returns the whole.

    `note` and `revision` as for `save`. Raises BadWish, StaleWish.
    """
    with transaction.atomic():
        wish = _begin(household, collection, now)
        stored = dict(WishLine.objects.filter(wish=wish).values_list("packaging", "quantity"))
        quantities = _changed(stored, changes)
        _store(wish, stored, quantities, wish.note if note is None else note, revision, now)
    return quantities
