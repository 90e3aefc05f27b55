"""Placing: the only way an order changes before the close.

`place` makes a household's order equal to a wish. First placing, change and cancellation are the same act, with the
differences reserved or released. Locks are taken in the house's order: collection (shared, so that a close waits for us
and we for it), household, stock by id. The number of statements does not grow with the lines.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from hub import activity, ledger, locks, stripe_gateway
from hub.models import Collection, Household, Member, PaymentMethod
from hub.money import ZERO, line_amount, money
from hub.refusals import Refusal
from orders.models import Order, OrderLine, SavedCard

MOST_PACKS = 1000


class NotOpenYet(Refusal):
    code = "not-open-yet"


class OrderingClosed(Refusal):
    code = "ordering-closed"


class NotAMember(Refusal):
    code = "not-a-member"
    status = 404


class SoldOut(Refusal):
    """`data["short"]` lists each line that cannot be had: packaging id, name, label, wanted and available packs."""

    code = "sold-out"


class NotOnSale(Refusal):
    """`data["packagings"]` are ids of what is not on sale at this collection."""

    code = "not-on-sale"


class MinimumNotMet(Refusal):
    code = "minimum-not-met"


class AccountTooLow(Refusal):
    code = "account-too-low"


class CardNeeded(Refusal):
    """An order paid by card needs a card saved first."""

    code = "card-needed"


class BadQuantity(Refusal):
    code = "bad-quantity"
    status = 422


class NoSuchPayment(Refusal):
    code = "no-such-payment"
    status = 422


@dataclass(frozen=True)
class Sale:
    """What placing must know of a collection, read under its lock by the database's clock.

    `engaged` is the most that the household's other unsettled orders may take from its account, `engaged_at_point` the most
    it may have to pay at a point.
    """

    week: str
    started: bool
    ended: bool
    accepted: bool
    methods: list[str]
    floor: Decimal
    ceiling: Decimal
    engaged: Decimal
    engaged_at_point: Decimal
    minimum: Decimal | None
    host_rate: Decimal
    hub_rate: Decimal


@dataclass(frozen=True)
class Pack:
    """A packaging on sale, as the shelf says today."""

    packaging: int
    product: int
    producer: int
    stock: int
    name: str
    label: str
    reference: str
    unit: str
    zone: str
    content: int
    weighed: bool
    max_content: int | None
    price: Decimal
    deposit: Decimal
    vat_rate: Decimal
    vat_reason: str


def place(
    *,
    household: Household,
    collection: Collection,
    wish: Mapping[int, int],
    by: Member | None,
    now: datetime,
    note: str = "",
    payment_method: str = "",
) -> Order | None:
    """Make the household's order equal to `wish` (packaging id → packs; 0 or absent removes; empty cancels).

    Returns the order, or None when nothing was ordered and nothing is. All or nothing: when a Refusal is raised neither
    order nor stock nor wish has changed. A line placed before keeps its price however the catalogue moves, also for packs
    added to it. Raises NotOpenYet, OrderingClosed, NotAMember, BadQuantity, NotOnSale, SoldOut, MinimumNotMet,
    AccountTooLow, CardNeeded, NoSuchPayment. The deadline is decided by the database's clock.
    """
    wanted = _whole_packs(wish)
    with transaction.atomic():
        sale = _lock_and_read(collection, household)
        _check_open(sale)
        order, lines = _current(household, collection)
        method = _method(sale, payment_method, order)
        changed = {p: n for p, n in wanted.items() if p not in lines or lines[p].quantity != n}
        removed = [line for p, line in lines.items() if p not in wanted]
        packs = _on_sale(collection, sale, list(changed)) if changed else {}
        _check_on_sale(changed, lines, packs)
        _move_stock(changed, removed, lines, packs)
        if order is None and not wanted:
            return None
        rows = _rows(wanted, lines, packs, sale, now)
        totals = _totals(rows)
        _check_minimum(sale, totals)
        if wanted:
            _check_money(household, sale, method, totals)
        order = _write_order(order, household, collection, rows, totals, note, method, now, bool(changed or removed))
        _write_lines(order, rows, removed, changed)
        _forget_wish(household, collection)
        if changed or removed:
            activity.record(
                verb="order.placed" if wanted else "order.cancelled",
                subject=order.code,
                by=by,
                now=now,
                household=household,
                collection=collection,
                data={
                    "packs": {str(p): n for p, n in sorted(changed.items())},
                    "removed": [r.packaging_id for r in removed],
                },
            )
    return order


def late_lines(*, order: Order, packagings: list[int], now: datetime) -> list[OrderLine]:
    """The lines (not saved, nothing ordered) for packs a host adds to an order after the count, at the week's price.

    In the caller's transaction, which owns the collection. Raises NotOnSale.
    """
    sale = _lock_and_read(order.collection, order.household)
    packs = _on_sale(order.collection, sale, packagings)
    if gone := [packaging for packaging in packagings if packaging not in packs]:
        raise NotOnSale(_("Some products are no longer on sale here."), packagings=gone)
    lines = [_new_line(packs[packaging], sale, now) for packaging in packagings]
    for line in lines:
        line.order, line.collection_id, line.quantity, line.due = order, order.collection_id, 0, 0
        line.expected_amount = line.maximum_amount = money(0)
    return lines


def _whole_packs(wish: Mapping[int, int]) -> dict[int, int]:
    bad = [packaging for packaging, packs in wish.items() if not 0 <= packs <= MOST_PACKS]
    if bad:
        raise BadQuantity(_("A quantity is a whole number between 0 and 1,000."), packagings=bad)
    return {packaging: packs for packaging, packs in wish.items() if packs}


def _lock_and_read(collection: Collection, household: Household) -> Sale:
    """Take both locks, then read: a statement of its own, so that it sees what a close has committed meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock_shared(%s, %s), pg_advisory_xact_lock(%s, %s)",
            [int(locks.LockSpace.COLLECTION), collection.pk, int(locks.LockSpace.HOUSEHOLD), household.pk],
        )
        cursor.execute(
            """SELECT c.week,
                      c.opens_at IS NOT NULL AND c.opens_at <= clock_timestamp(),
                      clock_timestamp() >= c.closes_at OR c.counted_at IS NOT NULL OR c.cancelled_at IS NOT NULL,
                      EXISTS (SELECT 1 FROM hub_membership m WHERE m.point_id = c.point_id
                              AND m.household_id = %(household)s AND m.status = 'accepted'),
                      p.payment_methods, p.account_floor, p.at_point_ceiling,
                      coalesce(sum(o.maximum_total) FILTER (WHERE o.payment_method = 'account'), 0),
                      coalesce(sum(o.maximum_total) FILTER (WHERE o.payment_method = 'at-point'), 0),
                      p.minimum_order,
                      coalesce((SELECT r.percentage FROM hub_feerule r WHERE r.payee = 'host' AND r.valid_from <= current_date
                                AND (r.point_id = p.id OR r.point_id IS NULL)
                                ORDER BY r.point_id IS NULL, r.valid_from DESC LIMIT 1), 0),
                      coalesce((SELECT r.percentage FROM hub_feerule r WHERE r.payee = 'hub' AND r.valid_from <= current_date
                                AND (r.point_id = p.id OR r.point_id IS NULL)
                                ORDER BY r.point_id IS NULL, r.valid_from DESC LIMIT 1), 0)
               FROM hub_collection c JOIN hub_collectionpoint p ON p.id = c.point_id
               LEFT JOIN orders_order o ON o.household_id = %(household)s AND o.collection_id <> c.id
                    AND o.settled_at IS NULL AND o.cancelled_at IS NULL
               WHERE c.id = %(collection)s GROUP BY c.id, p.id""",
            {"household": household.pk, "collection": collection.pk},
        )
        return Sale(*cursor.fetchone())


def _check_open(sale: Sale) -> None:
    if not sale.accepted:
        raise NotAMember(_("Your household does not belong to this collection point."))
    if sale.ended:
        raise OrderingClosed(_("Orders are closed. What you had chosen is kept as it was."))
    if not sale.started:
        raise NotOpenYet(_("Orders are not open yet."))


def _current(household: Household, collection: Collection) -> tuple[Order | None, dict[int, OrderLine]]:
    order = Order.objects.filter(household=household, collection=collection).first()
    if order is None:
        return None, {}
    lines = order.lines.filter(kind=OrderLine.Kind.WEEKLY)
    return order, {line.packaging_id: line for line in lines}


def _method(sale: Sale, asked: str, order: Order | None) -> str:
    method = asked or (order.payment_method if order else "") or sale.methods[0]
    if method not in sale.methods or (method == PaymentMethod.CARD and not stripe_gateway.is_set_up()):
        raise NoSuchPayment(_("This collection point does not offer this way to pay."), offered=sale.methods)
    return method


def _on_sale(collection: Collection, sale: Sale, packagings: list[int]) -> dict[int, Pack]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT k.id, d.id, k.producer_id, o.stock_id, d.name, k.label, k.reference, d.unit, d.zone, k.content,
                      k.weighed, k.max_content, o.price, k.deposit,
                      CASE WHEN f.vat_regime = 'standard' THEN d.vat_rate ELSE 0 END,
                      CASE WHEN f.vat_regime = 'standard' THEN '' ELSE f.vat_regime END
               FROM producers_offer o
               JOIN producers_packaging k ON k.id = o.packaging_id
               JOIN producers_product d ON d.id = k.product_id
               JOIN producers_producer f ON f.id = k.producer_id
               JOIN producers_supply y ON y.producer_id = f.id AND y.point_id = %(point)s
                    AND y.since <= %(day)s AND (y.until IS NULL OR y.until >= %(day)s)
               WHERE o.week = %(week)s AND o.on_sale AND k.id = ANY(%(ids)s)
                     AND k.archived_at IS NULL AND d.archived_at IS NULL AND f.archived_at IS NULL""",
            {"point": collection.point_id, "day": collection.local_date, "week": sale.week, "ids": packagings},
        )
        return {row[0]: Pack(*row) for row in cursor.fetchall()}


def _check_on_sale(changed: Mapping[int, int], lines: Mapping[int, OrderLine], packs: Mapping[int, Pack]) -> None:
    """What is no longer on sale may be kept or reduced, not added to."""
    gone = [p for p, n in changed.items() if p not in packs and (p not in lines or n > lines[p].quantity)]
    if gone:
        raise NotOnSale(_("Some products are no longer on sale here."), packagings=gone)


def _move_stock(
    changed: Mapping[int, int], removed: list[OrderLine], lines: Mapping[int, OrderLine], packs: Mapping[int, Pack]
) -> None:
    """Reserve and release in one statement: rows locked by id, then moved only where there is enough."""
    deltas: dict[int, int] = {}
    for line in removed:
        if line.stock_id is not None:
            deltas[line.stock_id] = deltas.get(line.stock_id, 0) - line.content * line.quantity
    for packaging, packs_wanted in changed.items():
        stock, content, before = _source(packaging, lines, packs)
        if stock is not None:
            deltas[stock] = deltas.get(stock, 0) + content * (packs_wanted - before)
    deltas = {stock: delta for stock, delta in deltas.items() if delta}
    if not deltas:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH asked AS (SELECT * FROM unnest(%s::bigint[], %s::bigint[]) AS a(id, delta)),
                    held AS MATERIALIZED (
                        SELECT s.id, a.delta FROM producers_stock s JOIN asked a USING (id)
                        ORDER BY s.id FOR NO KEY UPDATE OF s),
                    moved AS (
                        UPDATE producers_stock s SET reserved = s.reserved + h.delta FROM held h
                        WHERE s.id = h.id
                          AND (h.delta <= 0 OR s.quantity IS NULL OR s.reserved + h.delta <= s.quantity)
                        RETURNING s.id)
               SELECT count(*) FROM moved""",
            [list(deltas), list(deltas.values())],
        )
        if cursor.fetchone()[0] != len(deltas):
            raise _sold_out(changed, lines, packs, deltas)


def _source(packaging: int, lines: Mapping[int, OrderLine], packs: Mapping[int, Pack]) -> tuple[int | None, int, int]:
    """From which stock a packaging is taken, its content, and how many packs the order has already."""
    if packaging in lines:
        line = lines[packaging]
        return line.stock_id, line.content, line.quantity
    return packs[packaging].stock, packs[packaging].content, 0


def _sold_out(
    changed: Mapping[int, int], lines: Mapping[int, OrderLine], packs: Mapping[int, Pack], deltas: Mapping[int, int]
) -> SoldOut:
    with connection.cursor() as cursor:
        # What of our own this same transaction reserved is put back by the rollback, so it counts as free.
        cursor.execute("SELECT id, quantity - reserved FROM producers_stock WHERE id = ANY(%s)", [list(deltas)])
        left = dict(cursor.fetchall())
    short: list[dict[str, Any]] = []
    for packaging, wanted in changed.items():
        stock, content, before = _source(packaging, lines, packs)
        if stock is None or deltas.get(stock, 0) <= 0 or left[stock] is None or wanted <= before:
            continue
        if left[stock] < deltas[stock]:
            text = lines.get(packaging) or packs[packaging]
            available = before + max(left[stock], 0) // content
            short.append(
                {
                    "packaging": packaging,
                    "name": text.name,
                    "label": text.label,
                    "wanted": wanted,
                    "available": available,
                }
            )
    return SoldOut(_("There is not enough left of some products."), short=short)


def _rows(
    wanted: Mapping[int, int], lines: Mapping[int, OrderLine], packs: Mapping[int, Pack], sale: Sale, now: datetime
) -> list[OrderLine]:
    """The lines as they shall be, not saved: kept ones with their frozen price, new ones with today's."""
    rows = []
    for packaging, quantity in wanted.items():
        line = lines.get(packaging) or _new_line(packs[packaging], sale, now)
        line.quantity = line.due = quantity
        expected, maximum = _amounts(line)
        line.expected_amount, line.maximum_amount = money(expected), money(maximum)
        rows.append(line)
    return rows


def _new_line(pack: Pack, sale: Sale, now: datetime) -> OrderLine:
    return OrderLine(
        producer_id=pack.producer,
        product_id=pack.product,
        packaging_id=pack.packaging,
        stock_id=pack.stock,
        name=pack.name,
        label=pack.label,
        reference=pack.reference,
        unit=pack.unit,
        zone=pack.zone,
        content=pack.content,
        weighed=pack.weighed,
        max_content=pack.max_content,
        unit_price=money(pack.price),
        deposit=money(pack.deposit),
        vat_rate=pack.vat_rate,
        vat_reason=pack.vat_reason,
        host_rate=sale.host_rate,
        hub_rate=sale.hub_rate,
        placed_at=now,
    )


def _amounts(line: OrderLine) -> tuple[Decimal, Decimal]:
    """Expected and greatest amount of a line, deposits apart; the same for what is not weighed."""
    price: Decimal = line.unit_price.amount
    if not line.weighed:
        return price * line.quantity, price * line.quantity
    expected = line_amount(grams=line.content * line.quantity, price_per_kg=price)
    return expected, line_amount(grams=(line.max_content or line.content) * line.quantity, price_per_kg=price)


def _totals(rows: list[OrderLine]) -> tuple[Decimal, Decimal]:
    deposits = sum((row.deposit.amount * row.quantity for row in rows), ZERO)
    expected = sum((row.expected_amount.amount for row in rows), deposits)
    return expected, sum((row.maximum_amount.amount for row in rows), deposits)


def _check_minimum(sale: Sale, totals: tuple[Decimal, Decimal]) -> None:
    if sale.minimum is not None and 0 < totals[0] < sale.minimum:
        raise MinimumNotMet(
            _("This collection point takes orders from %(minimum)s.") % {"minimum": money(sale.minimum)},
            minimum=str(sale.minimum),
            ordered=str(totals[0]),
        )


def _write_order(
    order: Order | None,
    household: Household,
    collection: Collection,
    rows: list[OrderLine],
    totals: tuple[Decimal, Decimal],
    note: str,
    method: str,
    now: datetime,
    changed: bool,
) -> Order:
    if order is None:
        order = Order(household=household, collection=collection, placed_at=now, changed_at=now)
    elif not changed and (order.note, order.payment_method) == (note, method):
        return order
    if order.cancelled_at is not None and rows:
        order.placed_at = now  # a new one under the old code
    order.note, order.payment_method, order.changed_at = note, method, now
    order.expected_total, order.maximum_total = money(totals[0]), money(totals[1])
    order.cancelled_at = None if rows else now
    order.save()
    return order


def _write_lines(order: Order, rows: list[OrderLine], removed: list[OrderLine], changed: Mapping[int, int]) -> None:
    if removed:
        OrderLine.objects.filter(pk__in=[line.pk for line in removed]).delete()
    kept = [row for row in rows if row.pk and row.packaging_id in changed]
    if kept:
        with connection.cursor() as cursor:
            cursor.execute(
                """UPDATE orders_orderline l SET quantity = n.quantity, due = n.quantity,
                          expected_amount = n.expected, maximum_amount = n.maximum
                   FROM unnest(%s::bigint[], %s::int[], %s::numeric[], %s::numeric[]) AS n(id, quantity, expected, maximum)
                   WHERE l.id = n.id""",
                [
                    [row.pk for row in kept],
                    [row.quantity for row in kept],
                    [row.expected_amount.amount for row in kept],
                    [row.maximum_amount.amount for row in kept],
                ],
            )
    added = [row for row in rows if not row.pk]
    for row in added:
        row.order, row.collection_id = order, order.collection_id
    if added:
        OrderLine.objects.bulk_create(added)


def _check_money(household: Household, sale: Sale, method: str, totals: tuple[Decimal, Decimal]) -> None:
    """Credit less what all unsettled orders may cost stays at or above the floor; at the point, a ceiling holds; a card is
    saved. Stripe is not asked: what it says is for after the deadline."""
    if method == PaymentMethod.CARD:
        if not SavedCard.objects.usable().filter(household=household).exists():
            raise CardNeeded(_("Save your card first: nothing is charged before the food is handed over."))
    elif method == PaymentMethod.AT_POINT:
        _check_ceiling(sale, sale.engaged_at_point + totals[1])
    else:
        _check_credit(household, sale, sale.engaged + totals[1])


def _check_ceiling(sale: Sale, engaged: Decimal) -> None:
    if engaged > sale.ceiling:
        raise AccountTooLow(
            _("Orders paid at the collection point may reach %(ceiling)s in all.") % {"ceiling": money(sale.ceiling)},
            ceiling=str(sale.ceiling),
            engaged=str(engaged),
        )


def _check_credit(household: Household, sale: Sale, engaged: Decimal) -> None:
    missing = sale.floor - ledger.balance(ledger.household_account(household)) + engaged
    if missing > 0:
        raise AccountTooLow(
            _("Your account does not cover this order: %(missing)s missing.") % {"missing": money(missing)},
            missing=str(missing),
        )


def _forget_wish(household: Household, collection: Collection) -> None:
    """What was wished is ordered now: nothing is left unsent."""
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH sent AS (DELETE FROM orders_wishline l USING orders_wish w
                             WHERE w.id = l.wish_id AND w.household_id = %(h)s AND w.collection_id = %(c)s)
               UPDATE orders_wish SET revision = revision + 1, note = '', sent_at = clock_timestamp()
               WHERE household_id = %(h)s AND collection_id = %(c)s""",
            {"h": household.pk, "c": collection.pk},
        )
