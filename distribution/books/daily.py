"""Sales per farm, day and VAT rate, as farms need them for their own e-reporting. The day is that of the distribution; what
was corrected since stands on the day it was noted."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from django.conf import settings

from distribution.books.corrected import CORRECTED
from distribution.books.periods import Period
from distribution.books.tables import Table, stream
from hub.money import ZERO, vat_within
from hub.spreadsheets import Cell, Column

COLUMNS = (
    Column("jour", "date", 12), Column("ferme", width=22), Column("raison_sociale", width=30), Column("siret", width=16),
    Column("taux", "amount", 8), Column("regime", width=14), Column("ventes", "number", 9), Column("ht", "amount"),
    Column("tva", "amount"), Column("ttc", "amount"),
)  # fmt: skip
DAYS = f"""
    SELECT (c.starts_at AT TIME ZONE %(zone)s)::date AS day, p.code, coalesce(nullif(p.legal_name, ''), p.name), p.siret,
           CASE WHEN l.vat_reason = '' THEN l.vat_rate END AS rate, l.vat_reason, count(DISTINCT l.order_id),
           sum(l.final_amount), NULL::numeric, NULL::numeric
    FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id AND o.cancelled_at IS NULL
    JOIN hub_collection c ON c.id = l.collection_id JOIN producers_producer p ON p.id = l.producer_id
    WHERE c.settled_at IS NOT NULL AND c.starts_at >= %(begins)s AND c.starts_at < %(ends)s AND l.final_amount > 0
    GROUP BY 1, p.id, rate, l.vat_reason
    UNION ALL {CORRECTED} ORDER BY 1, 2, 7 DESC, 5, 8
"""  # noqa: S608  (our own words)
REGIMES = {"": "", "franchise": "art. 293 B", "flat-rate": "forfaitaire"}


def table(period: Period) -> Table:
    """Sales and VAT of each day of a period, as the accountant enters them."""
    return Table(f"ventes-{period.first:%Y%m%d}-{period.last:%Y%m%d}", COLUMNS, lambda: _rows(period))


def _rows(period: Period) -> Iterator[Sequence[Cell]]:
    values = {"zone": settings.TIME_ZONE, "span": "day", **period.bounds}
    for day, code, name, siret, rate, reason, sales, gross, net, vat in stream(DAYS, values):
        if sales:
            vat = vat_within(gross, rate) if rate is not None else ZERO
            net = gross - vat
        yield day, code, name, siret, rate, REGIMES.get(reason, reason), Decimal(sales), net, vat, gross
