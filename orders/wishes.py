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


def set_quantity(
    *, household: Household, collection: Collection, packaging: str, quantity: int, seen: int | None, now: datetime
) -> None:
    """Wish for so many packs of one packaging (its public code); 0 removes it.

    `seen` is the number the screen showed before: if another one is stored meanwhile, StaleWish is raised with both, and
    changes to other lines never disturb. Raises BadWish. One statement once the wish exists.
    """
    if not 0 <= quantity <= MOST_PACKS:
        raise BadWish(_("A quantity is a whole number between 0 and 1,000."), quantity=quantity)
    keys = {"h": household.pk, "c": collection.pk, "code": packaging, "n": quantity, "seen": seen, "now": now}
    with transaction.atomic():
        if _write_line(keys):
            return
        _begin(household, collection, now)
        if not _write_line(keys):
            raise _stale_line(household, collection, packaging, quantity)


def _write_line(keys: dict[str, Any]) -> bool:
    """Whether the line now stands as asked; False when there is no unsent wish, no such packaging, or it was changed."""
    touch = """WITH wish AS (UPDATE orders_wish SET revision = revision + 1, changed_at = %(now)s
                             WHERE household_id = %(h)s AND collection_id = %(c)s AND sent_at IS NULL RETURNING id),
                    pack AS (SELECT id FROM producers_packaging WHERE code = %(code)s),
                    stored AS (SELECT l.quantity FROM orders_wishline l JOIN wish w ON w.id = l.wish_id
                               JOIN pack p ON p.id = l.packaging_id),
                    may AS (SELECT w.id AS wish_id, p.id AS packaging_id FROM wish w, pack p
                            WHERE %(seen)s::int IS NULL
                               OR coalesce((SELECT quantity FROM stored), 0) IN (%(seen)s, %(n)s)),"""
    act = (
        """done AS (INSERT INTO orders_wishline (wish_id, packaging_id, quantity)
                    SELECT wish_id, packaging_id, %(n)s FROM may
                    ON CONFLICT (wish_id, packaging_id) DO UPDATE SET quantity = EXCLUDED.quantity
                    WHERE %(seen)s::int IS NULL OR orders_wishline.quantity IN (%(seen)s, %(n)s) RETURNING 1)
           SELECT count(*) FROM done"""
        if keys["n"]
        else """done AS (DELETE FROM orders_wishline l USING may m
                         WHERE l.wish_id = m.wish_id AND l.packaging_id = m.packaging_id
                           AND (%(seen)s::int IS NULL OR l.quantity = %(seen)s) RETURNING 1)
           SELECT count(*) FROM may WHERE EXISTS (SELECT 1 FROM done) OR NOT EXISTS (SELECT 1 FROM stored)"""
    )
    with connection.cursor() as cursor:
        cursor.execute(f"{touch} {act}", keys)
        return bool(cursor.fetchone()[0])


def _begin(household: Household, collection: Collection, now: datetime) -> Wish:
    """The household's unsent wish, locked; made from the order where nothing was unsent."""
    Wish.objects.bulk_create(
        [Wish(household=household, collection=collection, changed_at=now, sent_at=now)], ignore_conflicts=True
    )
    wish = Wish.objects.select_for_update().get(household=household, collection=collection)
    if wish.sent_at is not None:
        lines = list(ordered_lines(household, collection).values_list("packaging", "quantity", "order__note"))
        WishLine.objects.bulk_create([WishLine(wish=wish, packaging_id=p, quantity=n) for p, n, _note in lines])
        wish.sent_at, wish.note = None, lines[0][2] if lines else ""
        wish.save(update_fields=["sent_at", "note"])
    return wish


def _stale_line(household: Household, collection: Collection, packaging: str, quantity: int) -> Refusal:
    found = Packaging.objects.filter(code=packaging).values_list("pk", flat=True).first()
    if found is None:
        return BadWish(_("This product does not exist."), packaging=packaging)
    theirs = current(household, collection).get(found, 0)
    return StaleWish(
        _("Somebody of your household has just changed this. They want %(theirs)s, you asked for %(yours)s.")
        % {"theirs": theirs, "yours": quantity},
        theirs=theirs,
        yours=quantity,
    )


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
        raise BadWish(_("A quantity is a whole number between 0 and 1,000."))
    if revision is not None and wish.revision != revision:
        raise StaleWish(
            _("Somebody of your household has changed the order meanwhile. Look at it again before sending."),
            theirs={str(p): n for p, n in stored.items()},
            yours={str(p): n for p, n in kept.items()},
            revision=wish.revision,
        )
    if gone := stored.keys() - kept.keys():
        WishLine.objects.filter(wish=wish, packaging__in=gone).delete()
    changed = [WishLine(wish=wish, packaging_id=p, quantity=n) for p, n in kept.items() if stored.get(p) != n]
    WishLine.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["wish", "packaging"], update_fields=["quantity"]
    )
    wish.note, wish.changed_at, wish.revision = note[:300], now, wish.revision + 1
    wish.save(update_fields=["note", "changed_at", "revision"])


def drop(*, household: Household, collection: Collection, now: datetime) -> None:
    """Forget what was not sent: what the household wants is what it has ordered."""
    with transaction.atomic():
        wish = Wish.objects.select_for_update().filter(household=household, collection=collection).first()
        if wish is None:
            return
        wish.lines.all().delete()
        wish.note, wish.sent_at, wish.revision = "", now, wish.revision + 1
        wish.save(update_fields=["note", "sent_at", "revision"])


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
        known = dict(Packaging.objects.filter(code__in=changes).values_list("code", "pk"))
        quantities = stored | {known[code]: packs for code, packs in changes.items() if code in known}
        _store(wish, stored, quantities, wish.note if note is None else note, revision, now)
    return {packaging: packs for packaging, packs in quantities.items() if packs}
