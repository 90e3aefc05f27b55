"""Open data: what a week brought, by point and family of products, with nobody in it.

A family that fewer than five households bought at a point would tell what one of them eats: such families are summed
under "other", and left out where that is still fewer than five.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.utils.translation import gettext, override

from hub.money import ZERO
from hub.spreadsheets import Cell, Column, write_csv
from producers.models import Aisle

FEWEST = 5
OTHER = "other"
LANGUAGE = "fr"  # as the headings
COLUMNS = [
    Column("semaine"),
    Column("point_code"),
    Column("point", width=30),
    Column("famille", width=24),
    Column("famille_code"),
    Column("colis", "number"),
    Column("montant_ttc", "amount"),
    Column("part_producteurs", "amount"),
]


@dataclass
class Family:
    """What a family of products came to at a point: packs, what households paid, what farms receive of it."""

    point: str
    point_name: str
    name: str
    packs: int = 0
    paid: Decimal = ZERO
    farms: Decimal = ZERO
    households: frozenset[int] = frozenset()

    def add(self, other: "Family") -> None:
        """Count another row of the same family in; households once."""
        self.packs, self.paid, self.farms = self.packs + other.packs, self.paid + other.paid, self.farms + other.farms
        self.households |= other.households


def families(week: str) -> list[Family]:
    """What may be told of the settled distributions of an ISO week, by point and family; one statement."""
    told: list[Family] = []
    others: dict[str, Family] = {}
    for one in _sums(week):
        if len(one.households) >= FEWEST and one.name:
            told.append(one)
        else:
            others.setdefault(one.point, Family(one.point, one.point_name, OTHER)).add(one)
    told += [one for one in others.values() if len(one.households) >= FEWEST]
    return sorted(told, key=lambda one: (one.point, one.name == OTHER, one.name))


def as_csv(week: str, rows: Iterable[Family]) -> bytes:
    """The file, as other exports are written."""
    with override(LANGUAGE):
        cells: list[list[Cell]] = [
            [week, one.point, one.point_name, _words(one.name), one.name, Decimal(one.packs), one.paid, one.farms]
            for one in rows
        ]
    return write_csv(COLUMNS, cells)


def _words(family: str) -> str:
    return gettext("others") if family == OTHER else str(dict(Aisle.choices).get(family, family))


def _sums(week: str) -> list[Family]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT p.code, p.name, d.aisle, sum(l.due - coalesce(s.quantity, 0))::int,
                      sum(l.final_amount), sum(l.producer_share), array_agg(DISTINCT o.household_id)
               FROM orders_orderline l
               JOIN orders_order o ON o.id = l.order_id AND o.cancelled_at IS NULL
               JOIN hub_collection c ON c.id = l.collection_id AND c.settled_at IS NOT NULL
               JOIN hub_collectionpoint p ON p.id = c.point_id
               JOIN producers_product d ON d.id = l.product_id
               LEFT JOIN distribution_shortage s ON s.line_id = l.id
               WHERE c.week = %s AND l.final_amount > 0
               GROUP BY p.code, p.name, d.aisle""",
            [week],
        )
        return [
            Family(point, point_name, name, packs, paid, farms, frozenset(buyers))
            for point, point_name, name, packs, paid, farms, buyers in cursor.fetchall()
        ]
