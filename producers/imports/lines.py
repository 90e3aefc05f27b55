"""A row of a spreadsheet beside what the catalogue has: what it would create or change, or why it cannot."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from hub.money import cents
from producers.models import Offer, Packaging, Product, Stock
from producers.reading.facts import BIO
from producers.reading.problems import CellError, Remark
from producers.reading.results import CatalogueRow
from producers.reading.terms import Terms
from producers.reading.words import fold, squeeze

Kind = Literal["created", "changed", "unchanged", "error"]
# The cell that a fact of the product comes from, where it is not called the same.
CELL_OF = {"vat_rate": "vat", "storage_advice": "advice", "use_by_days": "use_by"}
LISTS = frozenset(["labels", "allergens"])
ONE_LINE = frozenset(["name", "origin", "storage_advice"])


@dataclass(slots=True)
class Line:
    """One row on its way into the catalogue. `product` and `packaging` are None where they are to be made; `group` is the
    same for all rows of one product. What matched by its words keeps them, capitals and accents as they are."""

    row: CatalogueRow
    group: str = ""
    by_reference: bool = False
    product: Product | None = None
    packaging: Packaging | None = None
    offer: Offer | None = None
    stock: Stock | None = None
    terms: Terms | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    offered: bool | None = None
    quantity: int | None = None
    errors: list[CellError] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)

    @property
    def kind(self) -> Kind:
        if self.errors:
            return "error"
        if self.packaging is None:
            return "created"
        return "changed" if self.changes else "unchanged"

    @property
    def says_stock(self) -> bool:
        return self.terms is not None and self.terms.stock is not None

    def refuse(self, name: str, code: str, **data: Any) -> None:
        """Keep the row from being written, with the cell that is wrong."""
        self.errors.append(self.row.error(name, code, **data))


def wanted_facts(row: CatalogueRow, product: Product | None) -> dict[str, Any]:
    """What a row says of its product, by field of the model, labels with or without the organic one as it says."""
    found = {name: list(value) if name in LISTS else value for name, value in row.facts.items()}
    if row.organic is None:
        return found
    labels = list(found.get("labels", product.labels if product else []))
    others = [label for label in labels if fold(label) != fold(BIO)]
    if not row.organic:
        found["labels"] = others
    elif len(others) == len(labels):
        found["labels"] = [BIO, *labels]
    else:
        found["labels"] = labels
    return found


def changed_facts(line: Line) -> dict[str, tuple[Any, Any]]:
    """The facts of an existing product that a row would change, with old and new value."""
    if line.product is None:
        return {}
    return {
        name: (old, new) for name, new in line.facts.items() if not _same(name, old := getattr(line.product, name), new)
    }


def changed_packaging(line: Line) -> dict[str, tuple[Any, Any]]:
    """What a row would change of an existing packaging: its words, content, weights, deposit."""
    row, pack, terms = line.row, line.packaging, line.terms
    if pack is None or terms is None:
        return {}
    contents = terms.contents
    wanted: dict[str, Any] = {
        "content": contents.content,
        "weighed": contents.weighed,
        "max_content": contents.maximum,
        "max_assumed": contents.assumed,
    }
    if row.reference and row.reference != pack.reference and not line.by_reference:
        wanted["reference"] = row.reference
    if row.label and row.label != squeeze(pack.label) and line.by_reference:
        wanted["label"] = row.label
    if row.deposit is not None:
        wanted["deposit"] = row.deposit
    have = {name: pack.deposit.amount if name == "deposit" else getattr(pack, name) for name in wanted}
    return {name: (have[name], new) for name, new in wanted.items() if have[name] != new}


def price_now(line: Line) -> Decimal | None:
    """The price that counts for the week: the offer's, else the packaging's."""
    if line.offer is not None:
        return cents(line.offer.price.amount)
    return cents(line.packaging.price.amount) if line.packaging else None


def _same(name: str, old: Any, new: Any) -> bool:
    if name == "labels":
        return [fold(label) for label in old] == [fold(label) for label in new]
    if name == "allergens":
        return old is not None and set(old) == set(new)
    if isinstance(new, str):
        return squeeze(old) == squeeze(new) if name in ONE_LINE else _plain(old) == _plain(new)
    return bool(old == new)


def _plain(text: str) -> str:
    """Text as a cell can give it back: line ends alike, none trailing."""
    return "\n".join(line.rstrip() for line in str(text).splitlines()).strip()
