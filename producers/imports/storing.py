"""Imports as they are kept: the cells of the file, so that the plan can be made again, and the plan as it was shown."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from hub.spreadsheets import Cell, Formula, Row, Sheet, Spreadsheet
from producers.imports.lines import Line
from producers.imports.plan import Plan
from producers.imports.writing import plain
from producers.reading.problems import CellError, Remark
from producers.reading.results import Catalogue, Ignored


def sheet_to_json(spreadsheet: Spreadsheet, catalogue: Catalogue) -> dict[str, Any]:
    """The page that was read, with its cells."""
    sheet = catalogue.layout.sheet
    rows = [[row.number, [_cell_to_json(cell) for cell in row.cells]] for row in sheet.rows]
    return {"kind": spreadsheet.kind, "name": sheet.name, "rows": rows}


def sheet_from_json(kept: dict[str, Any]) -> Spreadsheet:
    """The page as it was read."""
    rows = tuple(Row(number, tuple(_cell_from_json(cell) for cell in cells)) for number, cells in kept["rows"])
    return Spreadsheet(kept["kind"], (Sheet(kept["name"], rows),))


def _cell_to_json(cell: Cell) -> Any:
    if isinstance(cell, Decimal):
        return {"n": str(cell)}
    if isinstance(cell, Formula):
        return {"f": cell.text}
    if isinstance(cell, date):
        return {"d": cell.isoformat()}
    return cell


def _cell_from_json(kept: Any) -> Cell:
    if not isinstance(kept, dict):
        return kept  # type: ignore[no-any-return]
    ((kind, value),) = kept.items()
    if kind == "n":
        return Decimal(value)
    return Formula(value) if kind == "f" else date.fromisoformat(value)


def plan_to_json(plan: Plan, ignored: Iterable[Ignored]) -> dict[str, Any]:
    """What people are shown: a row each, and the counts of packagings."""
    lines = [_line_to_json(line) for line in plan.lines]
    left_out = [{"row": row.number, "reason": row.reason, "words": row.words} for row in ignored]
    counts = {
        kind: sum(line["kind"] == kind for line in lines) for kind in ("created", "changed", "unchanged", "error")
    }
    return {"lines": lines, "ignored": left_out, "counts": counts | {"ignored": len(left_out)}}


def _line_to_json(line: Line) -> dict[str, Any]:
    row, pack = line.row, line.packaging
    contents = line.terms.contents if line.terms else None
    return {
        "row": row.number,
        "kind": line.kind,
        "reference": row.reference or (pack.reference if pack else ""),
        "name": row.name or (line.product.name if line.product else ""),
        "label": row.label or (pack.label if pack else ""),
        "unit": contents.unit if contents else "",
        "content": contents.content if contents else None,
        "weighed": bool(contents and contents.weighed),
        "maximum": contents.maximum if contents else None,
        "price": _price(line),
        "stock": _stock(line),
        "changes": {name: [plain(old), plain(new)] for name, (old, new) in line.changes.items()},
        "errors": [error_to_json(error) for error in line.errors],
        "remarks": [remark_to_json(remark) for remark in line.remarks],
    }


def _price(line: Line) -> str | None:
    if line.terms is not None and line.terms.price is not None:
        return str(line.terms.price)
    price = line.offer.price if line.offer else line.packaging.price if line.packaging else None
    return str(price.amount) if price is not None else None


def _stock(line: Line) -> int | str | None:
    """Base units, "unlimited", or None where the row says nothing."""
    if line.terms is None or line.terms.stock is None:
        return None
    # A row that will not be written shows what its own cell says; the others share what their product's rows agree on.
    quantity = line.quantity
    if line.errors:
        quantity = 0 if line.terms.stock.sold_out else line.terms.stock.quantity
    return "unlimited" if quantity is None else quantity


def error_to_json(error: CellError) -> dict[str, Any]:
    """An error without its sentence, which the reader's language says later."""
    return {"name": error.name, "column": error.column, "value": error.value, "code": error.code, "data": error.data}


def remark_to_json(remark: Remark) -> dict[str, Any]:
    """A remark without its sentence, which the reader's language says later."""
    return {"name": remark.name, "code": remark.code, "data": remark.data}


def errors_of(kept: dict[str, Any]) -> Iterator[CellError]:
    """The errors of a kept line, able to say themselves in any language."""
    for error in kept["errors"]:
        yield CellError(kept["row"], error["name"], error["column"], error["value"], error["code"], error["data"])


def remarks_of(kept: Iterable[dict[str, Any]]) -> list[Remark]:
    """Kept remarks, able to say themselves in any language."""
    return [Remark(remark["name"], remark["code"], remark["data"]) for remark in kept]
