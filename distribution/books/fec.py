"""The journal in the columns of the French FEC (art. A47 A-1 of the Livre des procédures fiscales).

One movement of the ledger is one entry of two lines. Entries are numbered per year in the order of their day and recording,
without gaps; a year that follows another begins with its opening balances (journal AN). What is written cannot be changed
or taken out, which is what the law calls validated: the day of validation is the day of the entry, closed or not.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date, time
from decimal import Decimal
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import translation
from django.utils.translation import gettext as _

from distribution.books import chart
from distribution.books.chart import Heading
from distribution.books.periods import Period, one_year
from distribution.books.tables import Table, stream
from hub.calendar import wall_to_utc
from hub.models import CollectionPoint, Hub
from hub.money import ZERO
from hub.spreadsheets import Cell, Column
from hub.spreadsheets.cells import guarded
from producers.models import Producer

COLUMNS = (
    Column("JournalCode", width=11), Column("JournalLib", width=20), Column("EcritureNum", width=12),
    Column("EcritureDate", width=12), Column("CompteNum", width=11), Column("CompteLib", width=34),
    Column("CompAuxNum", width=24), Column("CompAuxLib", width=28), Column("PieceRef", width=34),
    Column("PieceDate", width=11), Column("EcritureLib", width=40), Column("Debit", "amount", 12),
    Column("Credit", "amount", 12), Column("EcritureLet", width=11), Column("DateLet", width=11),
    Column("ValidDate", width=11), Column("Montantdevise", "amount", 14), Column("Idevise", width=8),
)  # fmt: skip
ENTRIES = """
    WITH numbered AS (
        SELECT t.id, (t.occurred_at AT TIME ZONE %(zone)s)::date AS day, t.reference, t.memo, t.debit_id, t.credit_id,
               t.amount, row_number() OVER (ORDER BY (t.occurred_at AT TIME ZONE %(zone)s)::date, t.id) AS number
        FROM hub_transfer t WHERE t.occurred_at >= %(year)s AND t.occurred_at < %(ends)s)
    SELECT n.number, n.day, n.reference, n.memo, d.code, c.code, n.amount
    FROM numbered n JOIN hub_account d ON d.id = n.debit_id JOIN hub_account c ON c.id = n.credit_id
    WHERE n.day >= %(first)s ORDER BY n.number
"""
BEFORE = """
    SELECT a.code, a.kind, sum(m.amount) FROM hub_account a
    JOIN (SELECT credit_id AS account_id, amount FROM hub_transfer WHERE occurred_at < %(year)s
          UNION ALL SELECT debit_id, -amount FROM hub_transfer WHERE occurred_at < %(year)s) m ON m.account_id = a.id
    GROUP BY a.id HAVING sum(m.amount) <> 0 ORDER BY a.code
"""
_GAP = re.compile(r"\s+")
_PLAIN = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-", "…": "...", "•": "*"})


def table(period: Period) -> Table:
    """The journal of days of one year. Raises BadPeriod for days of several."""
    one_year(period)
    siren = "".join(filter(str.isdigit, Hub.get().siret))[:9]
    return Table(f"{siren}FEC{period.last:%Y%m%d}", COLUMNS, lambda: _rows(period))


def as_text(found: Table) -> Iterator[bytes]:
    """The file the tax office asks for: tabs, decimal commas, ISO 8859-15, a line of headings."""
    yield _line([column.header for column in found.columns])
    for row in found.rows():
        yield _line([_text(cell) for cell in row])


def _rows(period: Period) -> Iterator[Sequence[Cell]]:
    year = wall_to_utc(date(period.first.year, 1, 1), time(0))
    values = {"zone": settings.TIME_ZONE, "year": year, "ends": period.ends, "first": period.first}
    names = _Names()
    opening = _opening(values)
    if opening and period.first == date(period.first.year, 1, 1):
        yield from _opened(opening, period.first, names)
    shift = 1 if opening else 0
    for number, day, reference, memo, debit, credit, amount in stream(ENTRIES, values):
        book = chart.journal(debit, credit)
        head = (book, chart.JOURNALS[book], str(number + shift), day)
        tail = ("", "", _day(day), None, "")
        for code, sides in ((debit, (amount, ZERO)), (credit, (ZERO, amount))):
            yield (*_dated(head), *names.of(code), reference, _day(day), memo.strip() or reference, *sides, *tail)


def _opened(opening: list[tuple[Heading, str, Decimal]], day: date, names: "_Names") -> Iterator[Sequence[Cell]]:
    """The balances a year begins with, as one entry of many lines."""
    head, words = ("AN", chart.JOURNALS["AN"], "1", day), f"À-nouveaux {day.year}"
    for heading, code, balance in opening:
        sides = (max(-balance, ZERO), max(balance, ZERO))
        yield (*_dated(head), *names.under(heading, code), words, _day(day), words, *sides, "", "", _day(day), None, "")


def _opening(values: dict[str, Any]) -> list[tuple[Heading, str, Decimal]]:
    """What stood on each account before the year, credits above zero; income and costs have become one result."""
    with connection.cursor() as cursor:
        cursor.execute(BEFORE, values)
        rows = cursor.fetchall()
    carried = [(chart.heading(code), code, amount) for code, kind, amount in rows if kind in ("asset", "liability")]
    result = sum((amount for _code, kind, amount in rows if kind in ("income", "expense")), ZERO)
    return carried + ([(chart.CARRIED_FORWARD[result > 0], "", result)] if result else [])


class _Names:
    """Account numbers and names as the journal prints them. Households are named by their code alone."""

    def __init__(self) -> None:
        self.farms = {f"producer:{code}": legal or name for code, legal, name in _farms()}
        points = list(CollectionPoint.objects.values_list("code", "name"))
        self.points = {f"{box}:{code}": name for code, name in points for box in ("host", "cash", "local", "cheques")}
        self.of = cache(self._of)

    def _of(self, code: str) -> tuple[str, str, str, str]:
        return self.under(chart.heading(code), code)

    def under(self, heading: Heading, code: str) -> tuple[str, str, str, str]:
        """Number and name of the account, then those of the third party it holds for, where it is one's own."""
        if not heading.auxiliary:
            return heading.number, heading.name, "", ""
        with translation.override("fr"):
            name = self.farms.get(code) or self.points.get(code) or _name(code)
        return heading.number, heading.name, code, name


def _farms() -> Iterator[tuple[str, str, str]]:
    yield from Producer.objects.values_list("code", "legal_name", "name")


def _name(code: str) -> str:
    kind, _colon, whose = code.partition(":")
    return _("Household %(code)s") % {"code": whose} if kind == "household" else whose or code


def _dated(head: tuple[str, str, str, date]) -> tuple[Cell, ...]:
    book, name, number, day = head
    return book, name, number, _day(day)


def _day(day: date) -> str:
    return f"{day:%Y%m%d}"


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    return f"{cell:f}".replace(".", ",") if isinstance(cell, Decimal) else guarded(str(cell))


def _line(cells: Sequence[str]) -> bytes:
    """Nothing in a cell breaks the columns; of signs the character set lacks, the usual ones are written in its own."""
    text = "\t".join(_GAP.sub(" ", cell.translate(_PLAIN)).strip() for cell in cells)
    return f"{text}\r\n".encode("iso8859-15", errors="replace")
