"""A point's statement on paper: what was sold there, the part of it that is the point's."""

from django.conf import settings
from django.db import connection

from distribution import sales
from distribution.contents.money import Party, PointPart
from distribution.contents.money import PointStatement as Content
from distribution.models import PointStatement
from distribution.stating import hub_party
from hub import calendar
from hub import format as say
from hub.models import CollectionPoint, Hub

# Orders count that received something; the parts are those that were stated, not worked out again.
PARTS = """
    SELECT c.starts_at, count(DISTINCT l.order_id) FILTER (WHERE l.delivered > 0), coalesce(sum(l.final_amount), 0),
           coalesce(array_agg(DISTINCT l.host_rate ORDER BY l.host_rate) FILTER (WHERE l.host_share > 0), '{}'), b.net
    FROM distribution_pointstatementblock b JOIN hub_collection c ON c.id = b.collection_id
    JOIN orders_orderline l ON l.collection_id = c.id JOIN orders_order o ON o.id = l.order_id AND o.cancelled_at IS NULL
    WHERE b.statement_id = %s GROUP BY b.id, c.id ORDER BY c.starts_at, b.id
"""


def content(statement: PointStatement) -> Content:
    """What stands on it, from what was settled and stated; names and addresses as they are today."""
    hub = Hub.get()
    return {
        "number": statement.number,
        "language": hub.language,
        "currency": settings.CURRENCY,
        "issued_at": say.iso(statement.issued_at),
        "week": statement.week,
        "hub": hub_party(hub),
        "point": _point(statement.point),
        "net": str(statement.net.amount),
        "collections": _parts(statement),
    }


def _point(point: CollectionPoint) -> Party:
    lines = [point.address, f"{point.postcode} {point.city}".strip()]
    return {"name": point.name, "lines": [line for line in lines if line]}


def _parts(statement: PointStatement) -> list[PointPart]:
    with connection.cursor() as cursor:
        cursor.execute(PARTS, [statement.pk])
        return [
            {
                "date": calendar.local_date(starts_at).isoformat(),
                "orders": orders,
                "sold": str(sold),
                "rates": [sales.rate_text(rate) for rate in rates],
                "part": str(part),
            }
            for starts_at, orders, sold, rates, part in cursor.fetchall()
        ]
