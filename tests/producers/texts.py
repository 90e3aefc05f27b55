"""Catalogues of the tests, written as text, and what is read of them."""

from decimal import Decimal
from typing import Any

from hub.spreadsheets import read
from producers.reading import Catalogue, CatalogueRow, read_catalogue
from producers.reading.terms import Known, Terms, settle
from tests.producers.unfit import unfit

RATES = [Decimal("5.5"), Decimal(10), Decimal(20)]


def catalogue(text: str, week: str = "2026-W48") -> Catalogue:
    return read_catalogue(read(text.encode(), "catalogue.csv"), week=week, vat_rates=RATES)


def rows(text: str, week: str = "2026-W48") -> tuple[CatalogueRow, ...]:
    return catalogue(text, week).rows


def one(text: str) -> CatalogueRow:
    (row,) = rows(text)
    return row


def terms(text: str, known: Known | None = None, product_unit: Any = None) -> Terms:
    return settle(one(text), known, product_unit)


def codes(text: str, known: Known | None = None, product_unit: Any = None) -> list[tuple[str, str]]:
    """Field and code of everything wrong with the one row of a file."""
    row = one(text)
    return [(error.name, error.code) for error in (*row.errors, *unfit(row, known, product_unit))]
