"""DAC7 (art. 1649 ter A of the tax code): per farm and quarter, what was credited to it, for how many sales, after which fees.

The amount is the farm's share, with what corrections gave it or took from it when they were noted: fees withheld are told
apart, less those given back; deposits are none. A sale is an order of a household. A farm
with fewer than 30 sales and no more than 2 000 € in the year need not be declared; the year's figures say so on each row.
"""

from collections.abc import Iterator, Sequence
from datetime import date, time
from decimal import Decimal

from django.conf import settings

from distribution.books.periods import Period
from distribution.books.tables import Table, stream
from hub.calendar import wall_to_utc
from hub.spreadsheets import Cell, Column

FEWER, AT_MOST = 30, Decimal(2000)
COLUMNS = (
    Column("annee", "number", 8), Column("trimestre", "number", 10), Column("ferme", width=22),
    Column("raison_sociale", width=30), Column("siret", width=16), Column("tva_intracommunautaire", width=22),
    Column("montant", "amount"), Column("ventes", "number", 9), Column("frais", "amount"),
    Column("montant_annee", "amount"), Column("ventes_annee", "number", 13), Column("a_declarer", width=12),
)  # fmt: skip
QUARTERS = """
    WITH moved AS (
        SELECT o.settled_at AS at, l.producer_id, l.producer_share AS amount, l.order_id AS sale,
               l.host_share + l.hub_share AS fee
        FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id AND o.cancelled_at IS NULL
        WHERE o.settled_at >= %(from_year)s AND o.settled_at < %(to_year)s AND l.final_amount > 0
        UNION ALL
        SELECT c.noted_at, c.producer_id, c.amount, NULL, CASE WHEN c.about_fee THEN -c.amount ELSE 0 END
        FROM distribution_correction c WHERE c.noted_at >= %(from_year)s AND c.noted_at < %(to_year)s),
    sold AS (
        SELECT extract(year FROM day)::int AS year, extract(quarter FROM day)::int AS quarter, m.producer_id,
               sum(m.amount) AS amount, count(DISTINCT m.sale) AS sales, sum(m.fee) AS fees
        FROM moved m, LATERAL (SELECT (m.at AT TIME ZONE %(zone)s)::date AS day) d GROUP BY 1, 2, 3),
    counted AS (
        SELECT *, sum(amount) OVER y AS amount_year, sum(sales) OVER y AS sales_year FROM sold
        WINDOW y AS (PARTITION BY year, producer_id))
    SELECT s.year, s.quarter, p.code, coalesce(nullif(p.legal_name, ''), p.name), p.siret, p.vat_number, s.amount, s.sales,
           s.fees, s.amount_year, s.sales_year
    FROM counted s JOIN producers_producer p ON p.id = s.producer_id
    WHERE make_date(s.year, s.quarter * 3 - 2, 1) <= %(last)s
      AND make_date(s.year, s.quarter * 3 - 2, 1) + interval '3 months' > %(first)s
    ORDER BY s.year, s.quarter, p.code
"""


def table(period: Period) -> Table:
    """Every quarter the period touches, whole: that is what is declared."""
    return Table(f"dac7-{period.first:%Y%m%d}-{period.last:%Y%m%d}", COLUMNS, lambda: _rows(period))


def _rows(period: Period) -> Iterator[Sequence[Cell]]:
    values = {
        "zone": settings.TIME_ZONE, "first": period.first, "last": period.last,
        "from_year": wall_to_utc(date(period.first.year, 1, 1), time(0)),
        "to_year": wall_to_utc(date(period.last.year + 1, 1, 1), time(0)),
    }  # fmt: skip
    for year, quarter, *whose, amount, sales, fees, of_year, sales_of_year in stream(QUARTERS, values):
        small = sales_of_year < FEWER and of_year <= AT_MOST
        yield (
            Decimal(year), Decimal(quarter), *whose, amount, Decimal(sales), fees, of_year, Decimal(sales_of_year),
            "non" if small else "oui",
        )  # fmt: skip
