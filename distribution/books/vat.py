"""VAT per month and rate: the cooperative's own, as booked; the farms' sales, for information.

The cooperative declares what stands in its ledger. Farms declare their own sales: theirs is computed here on each farm's
total of a month and rate, by the day of the distribution; what was corrected since, in the month it was noted.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from django.conf import settings

from distribution.books.corrected import CORRECTED
from distribution.books.periods import Period
from distribution.books.tables import Table, stream
from distribution.settlement import FEE_VAT
from hub.money import ZERO, vat_within
from hub.spreadsheets import Cell, Column

COLUMNS = (
    Column("mois", width=10), Column("nature", width=34), Column("ferme", width=22), Column("raison_sociale", width=30),
    Column("siret", width=16), Column("taux", "amount", 8), Column("ht", "amount"), Column("tva", "amount"),
    Column("ttc", "amount"),
)  # fmt: skip
OWN = """
    SELECT date_trunc('month', t.occurred_at AT TIME ZONE %(zone)s)::date AS month,
           sum(CASE WHEN a.code = 'hub:income' THEN m.amount ELSE 0 END),
           sum(CASE WHEN a.code = 'hub:vat' THEN m.amount ELSE 0 END)
    FROM hub_account a
    JOIN (SELECT id, credit_id AS account_id, amount FROM hub_transfer
          WHERE occurred_at >= %(begins)s AND occurred_at < %(ends)s
          UNION ALL SELECT id, debit_id, -amount FROM hub_transfer
          WHERE occurred_at >= %(begins)s AND occurred_at < %(ends)s) m ON m.account_id = a.id
    JOIN hub_transfer t ON t.id = m.id
    WHERE a.code IN ('hub:income', 'hub:vat') AND NOT EXISTS (  -- a payment of VAT to the state is none that was collected
        SELECT 1 FROM hub_account o WHERE o.id IN (t.debit_id, t.credit_id) AND o.code = 'bank')
    GROUP BY 1 ORDER BY 1
"""
SALES = f"""
    SELECT date_trunc('month', c.starts_at AT TIME ZONE %(zone)s)::date AS month, p.code,
           coalesce(nullif(p.legal_name, ''), p.name), p.siret, CASE WHEN l.vat_reason = '' THEN l.vat_rate END AS rate,
           '', 1, sum(l.final_amount), NULL::numeric, NULL::numeric
    FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id AND o.cancelled_at IS NULL
    JOIN hub_collection c ON c.id = l.collection_id JOIN producers_producer p ON p.id = l.producer_id
    WHERE c.settled_at IS NOT NULL AND c.starts_at >= %(begins)s AND c.starts_at < %(ends)s
    GROUP BY 1, p.id, rate HAVING sum(l.final_amount) <> 0
    UNION ALL {CORRECTED} ORDER BY 1, 2, 7 DESC, 5, 8
"""  # noqa: S608  (our own words)
INFORMED = "ventes des fermes, pour information"
CHANGED = "corrections de ventes, pour information"


def table(period: Period) -> Table:
    """Month by month, the cooperative first."""
    return Table(f"tva-{period.first:%Y%m%d}-{period.last:%Y%m%d}", COLUMNS, lambda: _rows(period))


def _rows(period: Period) -> Iterator[Sequence[Cell]]:
    values = {"zone": settings.TIME_ZONE, "span": "month", **period.bounds}
    for month, net, vat in stream(OWN, values):
        rate = FEE_VAT if vat else None
        yield _month(month), "part de la coopérative", "", "", "", rate, net, vat, net + vat
    for month, code, name, siret, rate, _reason, sold, gross, net, vat in stream(SALES, values):
        if sold:
            vat = vat_within(gross, rate) if rate is not None else ZERO
            net = gross - vat
        yield _month(month), INFORMED if sold else CHANGED, code, name, siret, rate, net, vat, gross


def _month(first: date) -> str:
    return f"{first:%Y-%m}"
