"""What a producer sold at settled collections: the figures behind a statement, read in three statements of SQL."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from distribution.contents.money import Missing, StatementRow
from distribution.models import LineChange, Shortage
from hub.calendar import local_date
from hub.models import Collection
from producers.models import Producer


@dataclass(frozen=True)
class Sold:
    """One packaging at one collection, one VAT rate and one deposit per pack, summed over the households."""

    collection: int
    reference: str
    product: str
    packaging: str
    weighed: bool
    unit_price: Decimal
    rate: Decimal
    vat_reason: str
    host_rate: Decimal
    hub_rate: Decimal
    ordered: int
    due: int
    delivered: int
    weight_g: int | None
    expected: Decimal
    gross: Decimal
    producer: Decimal
    host: Decimal
    hub: Decimal
    deposit: Decimal
    lines: list[int]

    def row(self, missing: Sequence[Missing]) -> StatementRow:
        """The packaging as the statement freezes it, with what was missing of it."""
        return {
            "ref": self.reference,
            "product": self.product,
            "packaging": self.packaging,
            "ordered": self.ordered,
            "delivered": self.delivered,
            "weight_g": self.weight_g,
            "missing": list(missing),
            "unit_price": str(self.unit_price),
            "rate": None if self.vat_reason else rate_text(self.rate),
            "gross": str(self.gross),
        }


@dataclass(frozen=True)
class Place:
    """A settled collection as a statement names it."""

    pk: int
    code: str
    point: str
    day: date


def rate_text(rate: Decimal) -> str:
    """A percentage without idle zeros: 5.5, 20."""
    return f"{rate.normalize():f}"


def unstated(producer: Producer, week: str) -> list[Place]:
    """Settled collections up to a week with sales of the producer that no statement has told yet, by date and point."""
    found = (
        Collection.objects.filter(settled_at__isnull=False, week__lte=week)
        .filter(lines__producer=producer, lines__order__cancelled_at=None)
        .exclude(statement_blocks__producer=producer)
        .distinct()
        .order_by("starts_at", "point__name")
        .values_list("pk", "code", "point__name", "starts_at")
    )
    return [Place(pk, code, point, local_date(starts)) for pk, code, point, starts in found]


def sold(producer: Producer, places: Sequence[Place]) -> list[Sold]:
    """What was sold, by product and packaging. A weight is what was billed: the amount is never above the maximum."""
    return [
        Sold(*row)
        for row in fetch(
            """SELECT l.collection_id, l.reference, l.name, l.label, l.weighed, l.unit_price, l.vat_rate, l.vat_reason,
                      l.host_rate, l.hub_rate, sum(l.quantity)::int, sum(l.due)::int, sum(l.delivered)::int,
                      CASE WHEN l.weighed
                           THEN sum(least(coalesce(l.weight_g, 0), l.max_content * l.delivered))::int END,
                      sum(l.expected_amount), sum(l.final_amount), sum(l.producer_share), sum(l.host_share),
                      sum(l.hub_share), l.deposit, array_agg(l.id ORDER BY l.id)
               FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
               WHERE l.producer_id = %s AND l.collection_id = ANY(%s) AND o.cancelled_at IS NULL
               GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, l.deposit ORDER BY l.collection_id, l.name, l.label, l.unit_price""",
            [producer.pk, [place.pk for place in places]],
        )
    ]


def missing(producer: Producer, places: Sequence[Place]) -> dict[int, list[Missing]]:
    """Packs ordered and not delivered by line, with the reason: shortages, and reductions after the close."""
    found: dict[int, list[Missing]] = defaultdict(list)
    rows = fetch(
        """SELECT l.id, s.quantity, s.reason, true FROM distribution_shortage s
           JOIN orders_orderline l ON l.id = s.line_id
           WHERE l.producer_id = %(producer)s AND l.collection_id = ANY(%(places)s)
           UNION ALL
           SELECT l.id, -sum(c.delta)::int, c.reason, false FROM distribution_linechange c
           JOIN orders_orderline l ON l.id = c.line_id
           WHERE l.producer_id = %(producer)s AND l.collection_id = ANY(%(places)s)
           GROUP BY l.id, c.reason HAVING sum(c.delta) < 0 ORDER BY 1, 3""",
        {"producer": producer.pk, "places": [place.pk for place in places]},
    )
    for line, quantity, reason, short in rows:
        words = Shortage.Reason(reason).label if short else LineChange.Reason(reason).label
        found[line].append({"quantity": quantity, "reason": str(words)})
    return found


def paid_by(producer: Producer, places: Sequence[Place]) -> list[tuple[str, Decimal]]:
    """What the producer's sales were to be paid with: the method of each order."""
    rows = fetch(
        """SELECT o.payment_method, sum(l.final_amount) FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
           WHERE l.producer_id = %s AND l.collection_id = ANY(%s) AND o.cancelled_at IS NULL
           GROUP BY 1 HAVING sum(l.final_amount) > 0 ORDER BY 1""",
        [producer.pk, [place.pk for place in places]],
    )
    return [(method, amount) for method, amount in rows]


def fee_vat_posted(producer: Producer, places: Sequence[Place]) -> Decimal:
    """The VAT on the cooperative's fee that settlement has booked for these sales."""
    rows = fetch(
        "SELECT coalesce(sum(amount), 0) FROM hub_transfer WHERE reference = ANY(%s)",
        [[f"settle:{place.pk}:vat:{producer.code}" for place in places]],
    )
    return Decimal(rows[0][0])


def fetch(statement: str, values: Any) -> list[tuple[Any, ...]]:
    """The rows of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
