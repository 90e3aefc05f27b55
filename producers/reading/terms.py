"""What a row comes to for a packaging: content in base units, weighed or not, price, stock.

Prices and stocks can only be understood with the packaging they are for, which the row gives or the catalogue knows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hub.money import cents
from producers.reading.amounts import Measure, Price, StockCell, UnitCode
from producers.reading.cells import HIGHEST_PRICE
from producers.reading.packs import PORTION
from producers.reading.problems import CellError, Remark
from producers.reading.results import CatalogueRow
from producers.reading.words import CONTAINERS, ITEMS, fold

MOST_PACKS = 100_000


@dataclass(frozen=True, slots=True)
class Contents:
    """What one pack holds. For a weighed pack `content` is the expected weight in grams and `maximum` the most that is
    billed (`assumed` where nobody gave it). `measure` is the weight or volume that a fixed piece is said to have."""

    unit: UnitCode
    content: int
    weighed: bool = False
    maximum: int | None = None
    assumed: bool = False
    measure: Measure | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """A packaging that the catalogue has already."""

    label: str
    contents: Contents


@dataclass(frozen=True, slots=True)
class Stocked:
    """A stock in base units; unlimited when `quantity` is None. `sold_out` leaves what is reserved."""

    quantity: int | None
    sold_out: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """What a row comes to. `price` is for one pack, per kilogram where it is weighed; None: not said."""

    contents: Contents
    price: Decimal | None
    stock: Stocked | None
    remarks: tuple[Remark, ...]


class Unfit(Exception):
    """A row whose cells do not go together."""

    def __init__(self, *errors: CellError) -> None:
        super().__init__(*(error.code for error in errors))
        self.errors = errors


def settle(row: CatalogueRow, known: Known | None, product_unit: UnitCode | None = None) -> Terms:
    """What `row` comes to for the packaging `known`, or for a new one of a product counted by `product_unit` (None:
    nothing settles it yet). Raises Unfit with every cell that does not fit."""
    settler = _Settler(row, known, product_unit)
    contents = settler.contents()
    errors: list[CellError] = []
    price, stock = None, None
    try:
        price = settler.price(contents)
    except Unfit as unfit:
        errors += unfit.errors
    try:
        stock = settler.stock(contents)
    except Unfit as unfit:
        errors += unfit.errors
    if errors:
        raise Unfit(*errors)
    return Terms(contents, price, stock, tuple(settler.remarks))


def units_of(row: CatalogueRow) -> Iterator[UnitCode]:
    """The base units that a new product could be counted by for this row, the likeliest first."""
    try:
        first = _Settler(row, None, None).contents()
    except Unfit:
        return
    yield first.unit
    if first.measure and not first.weighed and first.measure.unit != first.unit:
        yield first.measure.unit


class _Settler:
    def __init__(self, row: CatalogueRow, known: Known | None, product_unit: UnitCode | None) -> None:
        self.row = row
        self.known = known
        self.product_unit = product_unit
        self.remarks: list[Remark] = []
        # The same words mean what the catalogue made of them, whatever they would be read as today.
        self.same = known is not None and (row.label is None or fold(row.label) == fold(known.label))

    def refuse(self, field: str, code: str, **data: Any) -> Unfit:
        return Unfit(self.row.error(field, code, **data))

    def remark(self, field: str, code: str, **data: Any) -> None:
        self.remarks.append(Remark(field, code, data))

    def contents(self) -> Contents:
        """What a pack holds, in the unit of the product."""
        if self._is_weighed():
            found = self._weighed()
        else:
            unit, content = self._fixed()
            found = Contents(unit, content, measure=self.row.pack.measure if self.row.pack else None)
        if self.product_unit in (None, found.unit):
            return found
        if found.measure and found.measure.unit == self.product_unit and not found.weighed:
            return Contents(found.measure.unit, found.measure.amount, measure=found.measure)
        raise self.refuse(
            "packaging", "unit-changed", product=self.row.name or "", counted=self.product_unit, given=found.unit
        )

    def _is_weighed(self) -> bool:
        row, pack = self.row, self.row.pack
        if row.weighed is not None:
            return row.weighed
        by_kilogram = self._asked_price() is not None and self._asked_price().per == "g"  # type: ignore[union-attr]
        if self.same and self.known:
            return self.known.contents.weighed or (by_kilogram and row.expected is not None)
        if pack is None:
            return by_kilogram and row.expected is not None
        return pack.by_weight or (by_kilogram and (row.expected is not None or pack.is_piece or pack.approximate))

    def _asked_price(self) -> Price | None:
        """The price of the packaging where it stands, else the one per kilogram or litre."""
        return self.row.price or self.row.rate

    def _fixed(self) -> tuple[UnitCode, int]:
        if self.row.content:
            return self.row.content.unit, self.row.content.amount
        if self.same and self.known:
            return self.known.contents.unit, self.known.contents.content
        if self.row.pack is None:
            raise self._no_pack("missing-packaging")
        return self.row.pack.unit, self.row.pack.content

    def _weighed(self) -> Contents:
        grams = self._expected()
        known = self.known.contents if self.known and self.same else None
        upper = self.row.pack.upper if self.row.pack else None
        assumed = False
        if self.row.maximum is not None:
            maximum = self.row.maximum
        elif known and known.weighed and known.maximum and (not known.assumed or known.content == grams):
            maximum, assumed = known.maximum, known.assumed
        elif upper:
            maximum = upper
            self.remark("packaging", "range-maximum")
        else:
            maximum, assumed = -(-grams * 5 // 4), True
            self.remark("packaging", "maximum-assumed", maximum=maximum)
        if maximum < grams:
            raise self.refuse("maximum", "maximum-below-expected", expected=grams)
        return Contents("g", grams, weighed=True, maximum=maximum, assumed=assumed)

    def _expected(self) -> int:
        """The weight in grams that a weighed pack is expected to have."""
        row, pack = self.row, self.row.pack
        if row.expected is not None:
            return row.expected
        if row.content and row.content.unit == "g":
            return row.content.amount
        if self.same and self.known and self.known.contents.weighed:
            return self.known.contents.content
        if pack and pack.measure and pack.measure.unit == "g":
            return pack.measure.amount
        if pack and pack.cut:
            self.remark("packaging", "portion-assumed", portion=PORTION)
            return PORTION
        raise self._no_pack("missing-weight")

    def _no_pack(self, code: str) -> Unfit:
        return Unfit(self.row.pack_error or self.row.error("packaging", code))

    def price(self, contents: Contents) -> Decimal | None:
        """The price of a pack, or per kilogram where it is weighed, to the cent."""
        asked = (self.row.rate or self.row.price) if contents.weighed else self._asked_price()
        if asked is None:
            return None
        field = "price" if asked is self.row.price else "price_per_l" if asked.per == "ml" else "price_per_kg"
        exact = self._per_kilogram(asked, field) if contents.weighed else self._per_pack(asked, field, contents)
        rounded = cents(exact) if exact <= HIGHEST_PRICE else exact
        if rounded > HIGHEST_PRICE:
            raise self.refuse(field, "price-too-high")
        if not contents.weighed and asked.per and contents.content != 1000:
            self.remark(
                field, "price-computed", rate=f"{asked.amount.normalize():f}", per="L" if asked.per == "ml" else "kg"
            )
        elif rounded != exact:
            self.remark(field, "price-rounded")
        if rounded == 0:
            self.remark(field, "price-of-zero")
        return rounded

    def _per_kilogram(self, asked: Price, field: str) -> Decimal:
        if asked.per == "ml" or asked.pack_word or asked.count != 1:
            raise self.refuse(field, "price-per-other-unit", per=asked.pack_word or "L", counted="g")
        return asked.amount

    def _per_pack(self, asked: Price, field: str, contents: Contents) -> Decimal:
        if not asked.per:
            if asked.count not in (1, contents.content):
                raise self.refuse(field, "price-for-several", count=asked.count, label=self._label())
            return asked.amount
        if asked.per != contents.unit:
            per = "L" if asked.per == "ml" else "kg"
            raise self.refuse(field, "price-per-other-unit", per=per, counted=contents.unit)
        return asked.amount * contents.content / 1000

    def stock(self, contents: Contents) -> Stocked | None:
        """The stock in base units."""
        cell = self.row.stock
        if cell is None:
            return None
        if cell.unlimited or cell.sold_out:
            return Stocked(None if cell.unlimited else 0, sold_out=cell.sold_out)
        base = self._base_units(cell, contents)
        if base > MOST_PACKS * contents.content:
            raise self.refuse("stock", "too-many-packs")
        if base != base.to_integral():
            raise self.refuse("stock", "not-whole", value=f"{cell.amount.normalize():f}".replace(".", ","))
        return Stocked(int(base))

    def _base_units(self, cell: StockCell, contents: Contents) -> Decimal:
        if not cell.unit:
            self._refuse_other_pack(cell)
            return cell.amount * contents.content
        if cell.unit == contents.unit:
            return cell.amount
        if cell.unit == "piece":
            return cell.amount * contents.content
        if contents.measure and contents.measure.unit == cell.unit:
            pieces = cell.amount * contents.content / contents.measure.amount
            if pieces != pieces.to_integral():
                self.remark("stock", "floored")
            return Decimal(int(pieces))
        raise self.refuse("stock", "wrong-unit", given=cell.unit, counted=contents.unit)

    def _refuse_other_pack(self, cell: StockCell) -> None:
        """40 sacs on the row of the pots: a slip of the line."""
        said = set(fold(self._label()).split())
        holders = CONTAINERS | ITEMS
        if cell.word in holders and said & CONTAINERS and not any(_same_word(cell.word, word) for word in said):
            raise self.refuse("stock", "other-pack", word=cell.word, label=self._label())

    def _label(self) -> str:
        return self.row.label or (self.known.label if self.known else "")


def _same_word(one: str, other: str) -> bool:
    return one.rstrip("sx") == other.rstrip("sx")
