"""Exports as files: which there are, and their bytes in each format."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import gettext_lazy as _

from distribution.books import dac7, daily, fec, vat
from distribution.books.periods import Period
from distribution.books.tables import Table
from hub.refusals import Refusal, Words
from hub.spreadsheets import stream_csv, write_xlsx

MOST_IN_XLSX = 200_000  # rows; a spreadsheet program holds a million and is slow long before


class TooLong(Refusal):
    """More rows than a workbook should hold."""

    code = "too-long"
    status = 422


class NoSuchExport(Refusal):
    """A kind or a format there is not."""

    code = "no-such-export"
    status = 404


@dataclass(frozen=True)
class Kind:
    """One export: how people call it, what it is for, how its table is made."""

    code: str
    name: Words
    purpose: Words
    table: Callable[[Period], Table]
    formats: tuple[str, ...] = ("csv", "xlsx")


KINDS = {
    kind.code: kind
    for kind in (
        Kind(
            "fec", _("Journal (FEC)"),
            _("Every movement in the 18 columns of the French tax code, for your accountant’s program."),
            fec.table, ("txt", "csv", "xlsx"),
        ),
        Kind(
            "vat", _("VAT"),
            _("Per month and rate: the cooperative’s own, and the farms’ sales and corrections for information."), vat.table,
        ),
        Kind(
            "dac7", _("DAC7"),
            _("Per farm and quarter: amount after corrections, sales, fees, and whether it is to be declared."), dac7.table,
        ),
        Kind(
            "sales", _("Sales per day"),
            _("Per farm, day and VAT rate, corrections on lines of their own, for the farms’ e-reporting."), daily.table,
        ),
    )
}  # fmt: skip
TYPES = {
    "txt": "text/plain; charset=iso-8859-15",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class File:
    """A file that is written while it is sent."""

    name: str
    type: str
    chunks: Iterator[bytes]


def export(kind: str, format_: str, period: Period) -> File:
    """An export of a period. Raises NoSuchExport, BadPeriod, TooLong."""
    found = KINDS.get(kind)
    if found is None or format_ not in found.formats:
        raise NoSuchExport(_("There is no such export."))
    table = found.table(period)
    return File(f"{table.name}.{format_}", TYPES[format_], _chunks(table, format_))


def _chunks(table: Table, format_: str) -> Iterator[bytes]:
    if format_ == "txt":
        return fec.as_text(table)
    if format_ == "csv":
        return stream_csv(table.columns, table.rows())
    rows = list(islice(table.rows(), MOST_IN_XLSX + 1))
    if len(rows) > MOST_IN_XLSX:
        raise TooLong(_("That is too much for a workbook: take the CSV, or fewer days."))
    return iter([write_xlsx(table.name, table.columns, rows)])
