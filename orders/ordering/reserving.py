"""Reserving and releasing stock, all that an order changes in one statement."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from orders.models import OrderLine
from orders.ordering.refusals import SoldOut
from orders.ordering.sale import Pack

MOVE = """
    WITH asked AS (SELECT * FROM unnest(%s::bigint[], %s::bigint[]) AS a(id, delta)),
         held AS MATERIALIZED (
             SELECT s.id, a.delta FROM producers_stock s JOIN asked a USING (id) ORDER BY s.id FOR NO KEY UPDATE OF s),
         moved AS (
             UPDATE producers_stock s SET reserved = s.reserved + h.delta FROM held h
             WHERE s.id = h.id AND (h.delta <= 0 OR s.quantity IS NULL OR s.reserved + h.delta <= s.quantity)
             RETURNING s.id)
    SELECT count(*) FROM moved
"""


def reserve(deltas: Iterable[tuple[int, int]]) -> bool:
    """Reserve (above zero) and release (below) base units of stock rows in one statement: rows locked by id, then moved
    only where there is enough. Whether there was enough of all of them; if not, the caller rolls back."""
    wanted: dict[int, int] = {}
    for stock, delta in deltas:
        wanted[stock] = wanted.get(stock, 0) + delta
    wanted = {stock: delta for stock, delta in wanted.items() if delta}
    if not wanted:
        return True
    with connection.cursor() as cursor:
        cursor.execute(MOVE, [list(wanted), list(wanted.values())])
        return bool(cursor.fetchone()[0] == len(wanted))


def move_stock(
    changed: Mapping[int, int], removed: list[OrderLine], lines: Mapping[int, OrderLine], packs: Mapping[int, Pack]
) -> None:
    """Reserve and release all that an order changes. Raises SoldOut."""
    deltas: dict[int, int] = {}
    for line in removed:
        if line.stock_id is not None:
            deltas[line.stock_id] = deltas.get(line.stock_id, 0) - line.content * line.quantity
    for packaging, packs_wanted in changed.items():
        stock, content, before = _source(packaging, lines, packs)
        if stock is not None:
            deltas[stock] = deltas.get(stock, 0) + content * (packs_wanted - before)
    if not reserve(deltas.items()):
        raise _sold_out(changed, lines, packs, {stock: delta for stock, delta in deltas.items() if delta})


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
