"""The rows of a catalogue: typed, with what is wrong in each cell, and nothing decided that needs the database."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from hub.refusals import Refusal
from hub.spreadsheets import Cell, Row, Spreadsheet
from producers.reading.cells import RowReader, shown
from producers.reading.columns import Layout, find
from producers.reading.facts import AISLE_OF
from producers.reading.results import Catalogue, CatalogueRow, Ignored
from producers.reading.words import fold

_TOTAL = re.compile(r"(?:sous[ -]?)?tota(?:l|ux)\b.*|somme\b.*|sum\b.*")


class NoCatalogue(Refusal):
    """A spreadsheet without a row of headings we know, or without a single product."""

    code: ClassVar[str] = "no-catalogue"
    status: ClassVar[int] = 422


def read_catalogue(spreadsheet: Spreadsheet, *, week: str, vat_rates: Iterable[Decimal]) -> Catalogue:
    """The catalogue that a spreadsheet holds, its stock read for `week` (as 2026-W48).

    Raises NoCatalogue where no row of headings is found, or no product under it.
    """
    layout = find(spreadsheet.sheets, week)
    if layout is None:
        raise NoCatalogue(
            _("No row of headings was found. Name the columns: Reference, Product, Packaging, Price, Stock, VAT …")
        )
    rows: list[CatalogueRow] = []
    ignored: list[Ignored] = []
    rates = frozenset(vat_rates)
    for row in layout.sheet.rows:
        if row.number <= layout.row.number:
            continue
        reason = _why_ignored(row, layout)
        if reason:
            ignored.append(Ignored(row.number, reason, _first_words(row)))
        else:
            rows.append(RowReader(row, layout, rates).read())
    if not rows:
        raise NoCatalogue(_("There is no product under the headings."))
    return Catalogue(layout, tuple(_without_duplicates(rows)), tuple(ignored))


def _why_ignored(row: Row, layout: Layout) -> str:
    """Why a row holds no product: a code of problems.IGNORED, empty for a row to read."""
    filled = {index: cell for index, cell in enumerate(row.cells) if not _is_empty(cell)}
    if not filled:
        return "blank"
    names = ("reference", "name", "packaging", "sold_by", "weight")
    said = {name: fold(shown(filled.get(layout.fields.get(name, -1)))) for name in names}
    if not said["packaging"] and (_TOTAL.fullmatch(said["name"]) or _TOTAL.fullmatch(said["reference"])):
        return "total"
    if len(filled) == 1 and _is_title(filled, layout):
        return "title"
    if len(filled) > 1 and all(_header_text(layout, index) == fold(shown(cell)) for index, cell in filled.items()):
        return "header"
    return "" if any(said.values()) else "no-product"


def _is_title(filled: dict[int, Cell], layout: Layout) -> bool:
    """A shelf over its products, a word about prices: one cell alone that cannot be a product."""
    ((index, cell),) = filled.items()
    words = fold(shown(cell))
    if words.rstrip(" :") in AISLE_OF or words.endswith(":"):
        return True
    return index != layout.fields.get("name") and " " in words and not words[0].isdigit()


def _is_empty(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _header_text(layout: Layout, index: int) -> str:
    return fold(shown(layout.row.cells[index])) if index < len(layout.row.cells) else ""


def _first_words(row: Row) -> str:
    return next((shown(cell) for cell in row.cells if not _is_empty(cell)), "")


def _without_duplicates(rows: Iterable[CatalogueRow]) -> Iterator[CatalogueRow]:
    """The rows, with an error on each that repeats the reference, or the product and packaging, of an earlier one."""
    references: dict[str, int] = {}
    packagings: dict[tuple[str, str], int] = {}
    for row in rows:
        trouble = None
        if row.reference:
            first = references.setdefault(row.reference, row.number)
            if first != row.number:
                trouble = row.error("reference", "duplicate-reference", row=first)
        if row.name and row.label and not trouble:
            first = packagings.setdefault((row.name, row.label), row.number)
            if first != row.number:
                trouble = row.error("packaging", "duplicate-packaging", row=first)
        yield replace(row, errors=(*row.errors, trouble)) if trouble else row
