"""Where the money of a whole distribution went: its orders, each with the parts of farms, point and cooperative."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from hub.models import Collection
from hub.money import ZERO

ORDERS = """
    SELECT o.code, o.basket_number, h.code, h.name, o.final_total, coalesce(sum(l.producer_share), 0),
           coalesce(sum(l.host_share), 0), coalesce(sum(l.hub_share), 0), coalesce(sum(l.deposit * l.delivered), 0)
    FROM orders_order o JOIN hub_household h ON h.id = o.household_id LEFT JOIN orders_orderline l ON l.order_id = o.id
    WHERE o.collection_id = %s AND o.settled_at IS NOT NULL
    GROUP BY o.id, h.id ORDER BY o.basket_number NULLS LAST, o.id
"""


@dataclass(frozen=True)
class Shared:
    """One settled order, or all together. The cooperative's part includes its VAT; the four parts sum to `total`."""

    order: str
    basket: int | None
    household: str
    name: str
    total: Decimal
    farms: Decimal
    host: Decimal
    hub: Decimal
    deposits: Decimal


def orders(collection: Collection) -> list[Shared]:
    """The settled orders of a distribution by basket number: one statement."""
    with connection.cursor() as cursor:
        cursor.execute(ORDERS, [collection.pk])
        return [Shared(*row) for row in cursor.fetchall()]


def together(rows: list[Shared]) -> Shared:
    """Their sums."""
    sums = (sum((getattr(row, part) for row in rows), ZERO) for part in ("total", "farms", "host", "hub", "deposits"))
    return Shared("", None, "", "", *sums)
