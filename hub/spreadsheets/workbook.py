"""XLSX files, read row by row, with the results of formulas where the file holds them."""

import re
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from itertools import zip_longest
from math import isfinite
from typing import Any
from xml.etree.ElementTree import ParseError

from django.utils.translation import gettext_lazy as _
from openpyxl import Workbook, load_workbook
from openpyxl.cell.read_only import EMPTY_CELL, EmptyCell, ReadOnlyCell
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

from hub.spreadsheets.cells import (
    MAX_COLUMNS,
    MAX_ROWS,
    Cell,
    Formula,
    Row,
    Sheet,
    Spreadsheet,
    Unreadable,
    visible,
    without_trailing_blanks,
)

DAMAGED = _("This file is damaged or incomplete. Open it in a spreadsheet program, save it and send it again.")
# Unpacked, a full catalogue of 20,000 rows is some 25 MB; what declares more is a mistake or an attack.
MAX_UNPACKED = 64 * 1024 * 1024
MAX_SHARED_TEXT = 24 * 1024 * 1024
MAX_PARTS = 2_000
MAX_SHEETS = 20
# Words inside a number format, as in 0" kg": the program shows them beside the number, so people take them as read.
_UNIT_IN_FORMAT = re.compile(r'"([^"]*[^\W\d_][^"]*)"')
# openpyxl tells of a broken part in the words of whichever of its layers met it.
_BROKEN = (
    KeyError,
    ValueError,
    TypeError,
    IndexError,
    AttributeError,
    AssertionError,
    ParseError,
    InvalidFileException,
)

_Pair = tuple[Any, Any]


def check_sizes(archive: zipfile.ZipFile) -> None:
    """Refuse by what the archive declares, before anything is unpacked; unpacking never exceeds what is declared."""
    parts = archive.infolist()
    shared = sum(part.file_size for part in parts if part.filename.lower().endswith("sharedstrings.xml"))
    if len(parts) > MAX_PARTS or sum(p.file_size for p in parts) > MAX_UNPACKED or shared > MAX_SHARED_TEXT:
        raise Unreadable(_("This file is far too large once unpacked. Keep the page of the catalogue alone."))
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable(_("This file is protected by a password. Save it without one and send it again."))


def read(content: bytes) -> Spreadsheet:
    """The visible pages that hold something; raises Unreadable for a damaged or oversized workbook."""
    try:
        with warnings.catch_warnings():
            # openpyxl warns of styles and extensions it does not know: none of them matters to cells.
            warnings.simplefilter("ignore")
            return Spreadsheet("xlsx", tuple(_sheets(content)))
    except (*_BROKEN, zipfile.BadZipFile, EOFError, OSError) as damage:
        raise Unreadable(DAMAGED) from damage


def _sheets(content: bytes) -> Iterator[Sheet]:
    book = load_workbook(BytesIO(content), read_only=True)
    results: Workbook | None = None
    for page in [page for page in book.worksheets if page.sheet_state == "visible"][:MAX_SHEETS]:
        rows = without_trailing_blanks(_rows(_cells(page), _value))
        if any(isinstance(cell, Formula) for row in rows for cell in row.cells):
            results = results or load_workbook(BytesIO(content), read_only=True, data_only=True)
            pairs = zip_longest(_cells(page), _cells(results[page.title]), fillvalue=())
            rows = without_trailing_blanks(_rows((tuple(zip_longest(*pair)) for pair in pairs), _result))
        if rows:
            yield Sheet(visible(page.title), rows)


def _cells(page: Any) -> Iterable[tuple[Any, ...]]:
    # A page may declare fewer cells than it holds: the declaration is forgotten, and one column more than allowed is
    # asked for so that too many can be told.
    page.reset_dimensions()
    cells: Iterable[tuple[Any, ...]] = page.iter_rows(max_col=MAX_COLUMNS + 1)
    return cells


def _rows(rows: Iterable[tuple[Any, ...]], value: Callable[[Any], Cell]) -> Iterator[Row]:
    blanks = 0
    for number, found in enumerate(rows, start=1):
        blank = all(cell is EMPTY_CELL for cell in found)
        cells = () if blank else tuple(value(cell) for cell in found)
        if all(cell is None for cell in cells):
            blanks += 1
            if number > MAX_ROWS and blanks > MAX_ROWS:
                return  # a stray cell at the bottom of the page is no row of a catalogue
            continue
        if number > MAX_ROWS:
            raise Unreadable(_("This file has more than 20,000 rows. Split it."), limit=MAX_ROWS)
        if cells[-1] is not None and len(cells) > MAX_COLUMNS:
            raise Unreadable(_("This file has more than 100 columns. Keep those of the catalogue."), limit=MAX_COLUMNS)
        # Blank rows are told only between rows that hold something: below the last, a workbook has no end of them.
        yield from (Row(blank, ()) for blank in range(number - blanks, number))
        blanks = 0
        yield Row(number, _without_empty_end(cells))


def _without_empty_end(cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    end = len(cells)
    while end and cells[end - 1] is None:
        end -= 1
    return cells[:end]


def _value(cell: ReadOnlyCell | EmptyCell) -> Cell:
    value = cell.value
    if cell.data_type == "f":
        return Formula(visible(_formula_text(value)))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _with_unit(_number(value), cell)
    return _plain(value)


def _result(pair: _Pair) -> Cell:
    """The cell, or what its formula last gave; an error such as #DIV/0! is no result."""
    written, computed = pair
    cell = _value(written) if written is not None else None
    if not isinstance(cell, Formula) or computed is None or computed.value is None or computed.data_type == "e":
        return cell
    return _value(computed)


def _formula_text(value: object) -> str:
    text = value.text if isinstance(value, ArrayFormula | DataTableFormula) and hasattr(value, "text") else value
    return str(text or "=")


def _number(value: int | float) -> Cell:
    """A number with the fifteen digits that spreadsheet programs show: 0.30000000000000004 is 0.3."""
    if isinstance(value, int):
        return Decimal(value)
    return Decimal(format(value, ".15g")) if isfinite(value) else str(value)


def _with_unit(value: Cell, cell: ReadOnlyCell | EmptyCell) -> Cell:
    unit = _UNIT_IN_FORMAT.search(str(getattr(cell, "number_format", "")))
    return f"{value} {unit[1].strip()}" if unit and isinstance(value, Decimal) else value


def _plain(value: object) -> Cell:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, time | timedelta):
        return str(value)
    return visible(str(value)) or None
