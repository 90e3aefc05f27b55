"""What shall be delivered after the count: the rows behind every later change, set-based.

A change is an appended `LineChange` (a trigger moves the line's `due`), the stock moved with it, and the amounts of the
orders concerned. The caller holds the collection's lock and its transaction; stock rows are locked in id order.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.db import connection

from hub.models import Collection, Member
from hub.money import ZERO
from orders.ordering.lines import amounts
from orders.ordering.reserving import reserve

TAKE_AWAY = """
    WITH taken AS (
        INSERT INTO distribution_linechange (line_id, collection_id, key, delta, reason, note, by_id, at)
        SELECT l.id, l.collection_id, %(reason)s || ':' || l.id, -l.due, %(reason)s, %(note)s, %(by)s, %(now)s
        FROM orders_orderline l
        WHERE l.collection_id = %(collection)s AND l.due > 0
          AND (%(producer)s::bigint IS NULL OR l.producer_id = %(producer)s)
        ORDER BY l.id
        ON CONFLICT (key) DO NOTHING
        RETURNING line_id, -delta AS packs)
    SELECT l.order_id, l.stock_id, l.content * t.packs FROM taken t JOIN orders_orderline l ON l.id = t.line_id
"""


def take_away(
    collection: Collection, *, reason: str, note: str, by: Member | None, now: datetime, producer_id: int | None = None
) -> set[int]:
    """Everything still due at a counted collection (of one producer, where given) is due no more: a change per line,
    its stock released. Returns the ids of the orders concerned; again, nothing. Four statements and one per batch."""
    with connection.cursor() as cursor:
        cursor.execute(
            TAKE_AWAY,
            {
                "reason": reason,
                "note": note,
                "by": by.pk if by else None,
                "now": now,
                "collection": collection.pk,
                "producer": producer_id,
            },
        )
        taken = cursor.fetchall()
    reserve([(stock, -units) for _order, stock, units in taken if stock is not None])
    orders = {order for order, _stock, _units in taken}
    reprice(orders)
    return orders


def reprice(orders: Iterable[int]) -> None:
    """Make the amounts of these orders and their lines those of what is due, deposits in the orders' totals."""
    ids = sorted(orders)
    if not ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT id, order_id, due, content, coalesce(max_content, content), weighed, unit_price, deposit
               FROM orders_orderline WHERE order_id = ANY(%s) ORDER BY id""",
            [ids],
        )
        rows = cursor.fetchall()
        lines: list[tuple[int, Decimal, Decimal]] = []
        totals = dict.fromkeys(ids, (ZERO, ZERO))
        for line, order, due, content, most, weighed, price, deposit in rows:
            expected, maximum = amounts(due, content=content, most=most, weighed=weighed, price=price)
            lines.append((line, expected, maximum))
            before = totals[order]
            totals[order] = (before[0] + expected + deposit * due, before[1] + maximum + deposit * due)
        cursor.execute(
            """UPDATE orders_order o SET expected_total = n.expected, maximum_total = n.maximum
               FROM unnest(%s::bigint[], %s::numeric[], %s::numeric[]) AS n(id, expected, maximum) WHERE o.id = n.id""",
            [list(totals), [total[0] for total in totals.values()], [total[1] for total in totals.values()]],
        )
        cursor.execute(
            """UPDATE orders_orderline l SET expected_amount = n.expected, maximum_amount = n.maximum
               FROM unnest(%s::bigint[], %s::numeric[], %s::numeric[]) AS n(id, expected, maximum)
               WHERE l.id = n.id AND (l.expected_amount, l.maximum_amount) <> (n.expected, n.maximum)""",
            [[line[0] for line in lines], [line[1] for line in lines], [line[2] for line in lines]],
        )


def cancel_empty(collection: Collection, *, now: datetime) -> None:
    """Orders of a counted collection with nothing left to deliver are cancelled; they keep a number they have."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE orders_order o SET cancelled_at = %s
               WHERE o.collection_id = %s AND o.cancelled_at IS NULL
                 AND NOT EXISTS (SELECT 1 FROM orders_orderline l WHERE l.order_id = o.id AND l.due > 0)""",
            [now, collection.pk],
        )
