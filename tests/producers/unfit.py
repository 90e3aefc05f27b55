"""For tests: why the cells of a row do not go together."""

from typing import Any

from producers.reading import CatalogueRow
from producers.reading.problems import CellError
from producers.reading.terms import Known, Unfit, settle


def unfit(row: CatalogueRow, known: Known | None = None, product_unit: Any = None) -> tuple[CellError, ...]:
    """What is wrong with a row as a whole."""
    try:
        settle(row, known, product_unit)
    except Unfit as unfit:
        return unfit.errors
    return ()
