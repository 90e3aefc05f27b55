"""The rows of an import that have errors, as a file to mend in the farmer's own spreadsheet and to send again."""

from collections.abc import Iterator

from django.utils.translation import gettext

from hub.spreadsheets import Cell, Column, Row, write_csv
from producers.imports import storing
from producers.imports.shown import plan_of
from producers.models import Import
from producers.reading import columns


def to_correct(imp: Import) -> bytes:
    """A CSV file with the headings of the file that was sent, the cells of each wrong row as they were, and what to correct
    in a last column. Sent again once mended, it writes those rows; what is right already is not in it."""
    spreadsheet = storing.sheet_from_json(imp.preview["sheet"])
    reasons = {line["row"]: _reasons(line) for line in plan_of(imp)["lines"] if line["errors"]}
    layout = columns.find(spreadsheet.sheets, imp.week)
    headings = layout.row.cells if layout else ()
    wrong = [row for row in spreadsheet.sheets[0].rows if row.number in reasons]
    width = max([len(headings), *(len(row.cells) for row in wrong)])
    heads = [Column("" if head is None else str(head)) for head in _padded(headings, width)]
    return write_csv([*heads, Column(gettext("To correct"))], _rows(wrong, width, reasons))


def _rows(wrong: list[Row], width: int, reasons: dict[int, str]) -> Iterator[list[Cell]]:
    for row in wrong:
        yield [*(_said(cell) for cell in _padded(row.cells, width)), reasons[row.number]]


def _padded(cells: tuple[Cell, ...], width: int) -> tuple[Cell, ...]:
    return cells + (None,) * (width - len(cells))


def _said(cell: Cell) -> Cell:
    if isinstance(cell, bool):
        return gettext("yes") if cell else gettext("no")
    return cell


def _reasons(line: dict[str, object]) -> str:
    """Row 3 · Price: this is not a number."""
    said = " ".join(f"{error.heading}{gettext(':')} {error.reason}" for error in storing.errors_of(line))
    return gettext("Row %(number)s") % {"number": line["row"]} + f" · {said}"
