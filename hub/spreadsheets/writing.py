"""Rows to files: CSV that a French spreadsheet opens as it is, and XLSX whose cells have types."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any, Literal

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from hub.spreadsheets.cells import Cell, guarded, visible

Kind = Literal["text", "amount", "number", "date"]

_FORMATS: dict[Kind, str] = {"text": "@", "amount": "#,##0.00", "number": "General", "date": "dd/mm/yyyy"}
_BOM = "\ufeff"
# Excel holds no more in a cell, and repairs a file that tries.
_LONGEST_TEXT = 32_767
_PIECE = 64 * 1024  # characters
_NOT_IN_A_TITLE = re.compile(r"[\\/*?:\[\]]")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an export: its heading, what it holds, and its width in characters (XLSX only)."""

    header: str
    kind: Kind = "text"
    width: int = 14


def write_csv(columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> bytes:
    """A CSV file with `;`, decimal commas, CRLF and a UTF-8 mark.

    Text that a spreadsheet program would run as a formula gets an apostrophe before it; numbers are never touched.
    """
    return b"".join(stream_csv(columns, rows))


def stream_csv(columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """The same file in pieces, made while the rows are read."""
    out = StringIO(newline="")
    out.write(_BOM)
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([guarded(column.header) for column in columns])
    for row in rows:
        writer.writerow([_csv_text(cell) for cell in row])
        if out.tell() > _PIECE:
            yield _taken(out)
    yield _taken(out)


def write_xlsx(title: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> bytes:
    """A workbook of one page. Text is always a text cell, also where it begins like a formula; rows are streamed."""
    book = Workbook(write_only=True)
    page = book.create_sheet(_NOT_IN_A_TITLE.sub(" ", title)[:31] or "1")
    page.freeze_panes = "A2"
    for index, column in enumerate(columns, start=1):
        page.column_dimensions[get_column_letter(index)].width = column.width
    page.append([_heading(page, column) for column in columns])
    blanks = [_Blanks(page, column) for column in columns]
    for row in rows:
        page.append([blank.filled(cell) for blank, cell in zip(blanks, row, strict=True)])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _taken(out: StringIO) -> bytes:
    """What was written, which leaves."""
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text.encode()


def _csv_text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return format(cell, "f").replace(".", ",")
    if isinstance(cell, date):
        return cell.strftime("%d/%m/%Y")
    return guarded(visible(str(cell)))


def _heading(page: Any, column: Column) -> Any:
    cell = _Blanks(page, column).filled(column.header)
    cell.font = Font(bold=True)
    return cell


class _Blanks:
    """The two cells of a column, one for text and one for what is typed, filled in for each row: a row is in the file
    before the next one is asked for, and giving a format to a cell costs more than writing it."""

    def __init__(self, page: Any, column: Column) -> None:
        self.text: Any = WriteOnlyCell(page)
        self.text.data_type, self.text.number_format = "s", _FORMATS["text"]
        self.typed: Any = WriteOnlyCell(page)
        self.typed.number_format = _FORMATS["number" if column.kind == "text" else column.kind]

    def filled(self, value: Cell) -> Any:
        """The cell to append; None for nothing. The value is set as it is: openpyxl would take a text that begins with =
        for a formula."""
        if value is None or value == "":
            return None
        if isinstance(value, Decimal | date):
            self.typed._value, self.typed.data_type = value, "d" if isinstance(value, date) else "n"
            return self.typed
        self.text._value = visible(str(value))[:_LONGEST_TEXT]
        return self.text
