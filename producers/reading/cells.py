"""One row of a catalogue, cell by cell."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, TypeVar

from hub.money import cents
from hub.spreadsheets import UNSEEN_SIGNS, Cell, Row
from producers.reading import amounts, facts
from producers.reading.amounts import is_blank, is_dash, is_nothing, text_of
from producers.reading.columns import Layout
from producers.reading.packs import Pack, has_measure, is_number, read_content, read_pack
from producers.reading.problems import CellError, LeftOut, Misread, Remark
from producers.reading.results import CatalogueRow
from producers.reading.words import CLEAR, fold

T = TypeVar("T")

LONGEST = {"reference": 40, "name": 120, "packaging": 60, "origin": 80, "advice": 200}
LONGEST_TEXT = 5_000
HIGHEST_PRICE = 10_000
_PACKAGING = ("packaging", "sold_by", "weight")
_PRICES = ("price", "price_per_kg", "price_per_l")


def shown(cell: Cell) -> str:
    """A cell as people see it in their spreadsheet, cut where it is very long."""
    if isinstance(cell, Decimal):
        return format(cell, "f").replace(".", ",")
    if isinstance(cell, bool):
        return "VRAI" if cell else "FAUX"
    if cell is None or not hasattr(cell, "strftime"):
        return " ".join(str("" if cell is None else cell).split())[:200]
    return cell.strftime("%d/%m/%Y")


class RowReader:
    """Reads one row and keeps what went wrong, so that one bad cell does not hide another."""

    def __init__(self, row: Row, layout: Layout, rates: frozenset[Decimal]) -> None:
        self.row = row
        self.layout = layout
        self.rates = rates
        self.cells = {name: (header, shown(self._value(name))) for name, header in layout.headers.items()}
        self.errors: list[CellError] = []
        self.remarks: list[Remark] = []

    def read(self) -> CatalogueRow:
        """The row's values; every cell is read, whatever is wrong with the others."""
        self._name_missing_columns()
        reference, name, label = self._text("reference"), self._name(), self._label()
        if not reference and not name and not self.errors:
            self._fail("name", "missing-name")
        pack, trouble = self._pack(label)
        organic, conversion = self._cell("organic", facts.organic) or (None, "")
        return CatalogueRow(
            number=self.row.number,
            reference=reference,
            name=name,
            label=label,
            pack=pack,
            pack_error=trouble,
            content=self._cell("content", lambda cell: read_content(text_of(cell))),
            expected=self._cell("expected", lambda cell: amounts.weight(cell, self._unit("expected"))),
            maximum=self._cell("maximum", lambda cell: amounts.weight(cell, self._unit("maximum"))),
            weighed=self._cell("weighed", facts.yes_or_no),
            price=self._cell("price", amounts.price),
            rate=self._rate(),
            stock=self._cell("stock", lambda cell: amounts.stock(cell, self._unit("stock")), is_blank),
            on_sale=self._cell("on_sale", facts.yes_or_no),
            deposit=self._cell("deposit", _deposit),
            organic=organic,
            facts=self._facts(conversion),
            cells=self.cells,
            errors=tuple(self.errors),
            remarks=tuple(self.remarks),
        )

    def _name_missing_columns(self) -> None:
        """Errors about the packaging or the price are shown in whichever of their columns the file has."""
        for names in (_PACKAGING, _PRICES):
            there = [name for name in names if name in self.cells]
            filled = [name for name in there if self.cells[name][1]]
            if there:
                self.cells.setdefault(names[0], self.cells[(filled or there)[0]])

    def _cell(
        self, name: str, read: Callable[[Cell], T], says_nothing: Callable[[Cell], bool] = is_nothing
    ) -> T | None:
        """The value of a field's cell, None where there is none; what cannot be read becomes an error of the row."""
        cell = self._value(name)
        if says_nothing(cell):
            return None
        try:
            if isinstance(cell, str) and UNSEEN_SIGNS.search(cell):
                raise Misread("unseen-characters")
            return read(cell)
        except Misread as trouble:
            self._fail(name, trouble.code, **trouble.data)
        except LeftOut as left:
            self.remarks.append(Remark(name, left.code))
        return None

    def _fail(self, name: str, code: str, **data: Any) -> None:
        self.errors.append(self._error(name, code, data))

    def _error(self, name: str, code: str, data: dict[str, Any]) -> CellError:
        header, value = self.cells.get(name, ("", ""))
        return CellError(self.row.number, name, header, value, code, data)

    def _value(self, name: str) -> Cell:
        index = self.layout.fields.get(name)
        return self.row.cells[index] if index is not None and index < len(self.row.cells) else None

    def _unit(self, name: str) -> str:
        return self.layout.units.get(name, "")

    def _text(self, name: str) -> str | None:
        return self._cell(name, lambda cell: _at_most(text_of(cell), LONGEST[name]), is_dash)

    def _name(self) -> str | None:
        name, variety = self._text("name"), self._cell("variety", text_of, is_dash)
        if not name or not variety or fold(variety) in fold(name):
            return name
        whole = f"{name} {variety}"
        if len(whole) > LONGEST["name"]:
            self._fail("variety", "too-long", limit=LONGEST["name"])
        return whole

    def _label(self) -> str | None:
        """The packaging in words, put together from the columns that speak of it: a holder, a unit, a weight."""
        held, unit, weight = (self._cell(name, text_of, is_dash) for name in _PACKAGING)
        if held and unit and is_number(held):
            held = f"{held} {unit}"
        held = held or unit
        if weight and is_number(weight):
            hint = self._unit("weight") or (fold(unit or "") if fold(unit or "") in amounts.MEASURES else "")
            held = None if hint and fold(held or "") == hint else held
            weight = f"{weight} {hint}".strip()
        if not weight or not held:
            return weight or held
        return held if has_measure(held) else f"{held} {weight}"

    def _pack(self, label: str | None) -> tuple[Pack | None, CellError | None]:
        if label is None:
            return None, None
        if len(label) > LONGEST["packaging"]:
            self._fail("packaging", "too-long", limit=LONGEST["packaging"])
            return None, None
        try:
            pack = read_pack(label)
        except Misread as trouble:
            return None, self._error("packaging", trouble.code, trouble.data)
        if pack.guessed:
            self.remarks.append(Remark("packaging", "read-as-piece" if pack.is_piece else "read-as-kilogram"))
        return pack, None

    def _rate(self) -> amounts.Price | None:
        per_kilogram = self._cell("price_per_kg", lambda cell: amounts.rate(cell, "g"))
        return per_kilogram or self._cell("price_per_l", lambda cell: amounts.rate(cell, "ml"))

    def _facts(self, conversion: str) -> dict[str, Any]:
        """What the row says of the product; a field that it does not speak of is missing."""
        zone, advice = self._cell("zone", _zone_and_advice) or (None, None)
        own_advice = self._clearable("advice", lambda cell: _at_most(text_of(cell), LONGEST["advice"]), "")
        nothing: tuple[str, ...] = ()
        labels = self._clearable("labels", facts.labels, nothing)
        found = {
            "vat_rate": self._cell("vat", lambda cell: facts.known_rate(amounts.vat_rate(cell), self.rates)),
            "aisle": self._clearable("aisle", facts.aisle, ""),
            "labels": (*(labels or ()), conversion) if conversion else labels,
            "allergens": self._allergens(),
            "origin": self._clearable("origin", lambda cell: _at_most(text_of(cell), LONGEST["origin"]), ""),
            "zone": zone,
            "storage_advice": advice if own_advice is None else own_advice,
            "use_by_days": self._cell("use_by", facts.use_by_days),
            "ingredients": self._clearable("ingredients", _paragraphs, ""),
            "description": self._clearable("description", _paragraphs, ""),
        }
        return {name: value for name, value in found.items() if value is not None}

    def _clearable(self, name: str, read: Callable[[Cell], T], empty: T) -> T | None:
        """A field that may be emptied by saying so."""
        return self._cell(name, lambda cell: empty if isinstance(cell, str) and fold(cell) in CLEAR else read(cell))

    def _allergens(self) -> tuple[str, ...] | None:
        if facts.names_traces(self._value("allergens")):
            self.remarks.append(Remark("allergens", "traces-counted"))
        return self._cell("allergens", facts.allergens)


def _at_most(text: str, limit: int) -> str:
    if len(text) > limit:
        raise Misread("too-long", limit=limit)
    return text


def _paragraphs(cell: Cell) -> str:
    """A longer text with its line breaks."""
    lines: Iterable[str] = cell.splitlines() if isinstance(cell, str) else [text_of(cell)]
    return _at_most("\n".join(line.rstrip() for line in lines).strip(), LONGEST_TEXT)


def _zone_and_advice(cell: Cell) -> tuple[str | None, str | None]:
    zone, advice = facts.zone_and_advice(cell)
    return zone, _at_most(advice, LONGEST["advice"]) or None


def _deposit(cell: Cell) -> Decimal:
    found = amounts.price(cell)
    if found.per or found.count != 1:
        raise Misread("not-a-number")
    if found.amount > HIGHEST_PRICE:
        raise Misread("price-too-high")
    return cents(found.amount)
