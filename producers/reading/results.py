"""What reading a catalogue gives: rows of typed values, rows left out, and how the columns were understood."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from producers.reading.amounts import Measure, Price, StockCell
from producers.reading.columns import Layout
from producers.reading.packs import Pack
from producers.reading.problems import CellError, Remark


@dataclass(frozen=True, slots=True)
class CatalogueRow:
    """One row as read. None means that the file does not say: what is known already stays as it is.

    `pack` is what the words of the packaging say (`pack_error` why they say nothing, which matters where nothing else
    tells the content), `content` an explicit content; weights are in grams. `price` is for
    one packaging or as its `per` says; `rate` comes from a column of prices per kilogram or litre. `facts` holds what
    is said of the product, by the names of its model's fields. `cells` keeps heading and raw value of each field, for
    showing where something is wrong.
    """

    number: int
    reference: str | None = None
    name: str | None = None
    label: str | None = None
    pack: Pack | None = None
    pack_error: CellError | None = None
    content: Measure | None = None
    expected: int | None = None
    maximum: int | None = None
    weighed: bool | None = None
    price: Price | None = None
    rate: Price | None = None
    stock: StockCell | None = None
    on_sale: bool | None = None
    deposit: Decimal | None = None
    organic: bool | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    cells: dict[str, tuple[str, str]] = field(default_factory=dict)
    errors: tuple[CellError, ...] = ()
    remarks: tuple[Remark, ...] = ()

    def error(self, name: str, code: str, **data: Any) -> CellError:
        """An error about one of this row's cells; `name` is its field."""
        header, value = self.cells.get(name, ("", ""))
        return CellError(self.number, name, header, value, code, data)


@dataclass(frozen=True, slots=True)
class Ignored:
    """A row that holds no product, why, and its first words."""

    number: int
    reason: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A spreadsheet as a catalogue: its rows, those left out, and how its columns were understood."""

    layout: Layout
    rows: tuple[CatalogueRow, ...]
    ignored: tuple[Ignored, ...]
