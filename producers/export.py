"""A catalogue with the stock of a week as a spreadsheet. Brought back as it is, it changes nothing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hub.money import cents
from hub.ordering import alphabetical
from hub.refusals import Words
from hub.spreadsheets import UNSEEN_SIGNS, Cell, Column, Kind, write_csv, write_xlsx
from producers.models import Allergen, Offer, Packaging, Producer, Product, Stock
from producers.reading import facts
from producers.reading.problems import LeftOut, Misread
from producers.reading.words import CLEAR, NOTHING, fold
from producers.stock import MOST_PACKS


@dataclass(frozen=True, slots=True)
class Item:
    """One packaging with its stock and offer of the week."""

    pack: Packaging
    stock: Stock | None
    offer: Offer | None

    @property
    def product(self) -> Product:
        return self.pack.product


def items(producer: Producer, week: str) -> list[Item]:
    """The active catalogue by product name, in three statements however large."""
    packagings = Packaging.objects.active().filter(producer=producer).select_related("product")
    stocks = {stock.product_id: stock for stock in Stock.objects.filter(product__producer=producer, week=week)}
    offers = {offer.packaging_id: offer for offer in Offer.objects.filter(packaging__producer=producer, week=week)}
    ordered = packagings.order_by(alphabetical("product__name"), "product", "position", "pk")
    return [Item(pack, stocks.get(pack.product_id), offers.get(pack.pk)) for pack in ordered]


def columns(week: str) -> list[Column]:
    """The headings in the active language, each one that the importer understands."""
    number = int(week[-2:])
    names = {"stock": gettext("Available week %(week)s") % {"week": number}}
    return [Column(names.get(name) or str(field.header), field.kind, field.width) for name, field in FIELDS.items()]


def rows(producer: Producer, week: str) -> Iterator[list[Cell]]:
    """A row of cells for each packaging, in the order of `columns`."""
    for item in items(producer, week):
        yield [field.cell(item) for field in FIELDS.values()]


def as_csv(producer: Producer, week: str) -> bytes:
    """The catalogue as a CSV file that a French spreadsheet opens as it is."""
    return write_csv(columns(week), rows(producer, week))


def as_xlsx(producer: Producer, week: str) -> bytes:
    """The catalogue as a workbook."""
    return write_xlsx(producer.name, columns(week), rows(producer, week))


# What a cell would be read as when it comes back decides whether it is written: an empty cell changes nothing.


def _words(text: str) -> Cell:
    return "" if fold(text) in NOTHING | CLEAR or UNSEEN_SIGNS.search(text) else text


def _read_back(text: str, read: Callable[[Cell], object], value: object) -> Cell:
    try:
        return text if read(text) == value else ""
    except (Misread, LeftOut):
        return ""


def _aisle(item: Item) -> Cell:
    label = item.product.get_aisle_display() if item.product.aisle else ""
    return _read_back(str(label), facts.aisle, item.product.aisle)


def _labels(item: Item) -> Cell:
    return _read_back(", ".join(item.product.labels), facts.labels, tuple(item.product.labels))


def _allergens(item: Item) -> Cell:
    codes = item.product.allergens
    if codes is None:
        return ""
    if not codes:
        return gettext("none")
    in_order = tuple(code for code in Allergen.values if code in codes)
    return _read_back(", ".join(str(Allergen(code).label) for code in in_order), facts.allergens, in_order)


def _zone(item: Item) -> Cell:
    return _read_back(
        str(item.product.get_zone_display()), lambda cell: facts.zone_and_advice(cell)[0], item.product.zone
    )


def _content(item: Item) -> Cell:
    return _amount(item.pack.content, item.product.unit)


def _amount(amount: int, unit: str) -> str:
    if unit == "piece":
        return f"{amount} {gettext('pieces') if amount > 1 else gettext('piece')}"
    large = "kg" if unit == "g" else "L"
    return f"{amount // 1000} {large}" if amount % 1000 == 0 else f"{amount} {unit}"


def _maximum(item: Item) -> Cell:
    """Nothing where the maximum is only assumed: it is assumed again."""
    pack = item.pack
    return f"{pack.max_content} g" if pack.max_content is not None and not pack.max_assumed else ""


def _price(item: Item) -> Cell:
    return cents((item.offer or item.pack).price.amount)


def _deposit(item: Item) -> Cell:
    return cents(item.pack.deposit.amount) if item.pack.deposit.amount else None


def _stock(item: Item) -> Cell:
    """In packs where they come out even, else in base units. A small pack that would count more packs than we take
    leaves it to its larger sibling."""
    if item.stock is None:
        return None
    quantity, content = item.stock.quantity, item.pack.content
    if quantity is None:
        return gettext("unlimited")
    if quantity > MOST_PACKS * content:
        return None
    if quantity % content == 0:
        return Decimal(quantity // content)
    return _amount(quantity, item.product.unit)


def _on_sale(item: Item) -> Cell:
    return _yes(item.offer is not None and item.offer.on_sale)


def _yes(answer: bool) -> str:
    return gettext("yes") if answer else gettext("no")


def _use_by(item: Item) -> Cell:
    return None if item.product.use_by_days is None else Decimal(item.product.use_by_days)


@dataclass(frozen=True, slots=True)
class Field:
    """A column: its heading, what its cells hold, its width in characters, and how a cell is made."""

    header: Words
    cell: Callable[[Item], Cell]
    kind: Kind = "text"
    width: int = 14


FIELDS: dict[str, Field] = {
    "reference": Field(_("Reference"), lambda item: item.pack.reference, width=12),
    "name": Field(_("Product"), lambda item: item.product.name, width=34),
    "packaging": Field(_("Packaging"), lambda item: item.pack.label, width=26),
    "content": Field(_("Content"), _content, width=10),
    "weighed": Field(_("Weighed"), lambda item: _yes(item.pack.weighed), width=8),
    "maximum": Field(_("Greatest weight"), _maximum, width=14),
    "price": Field(_("Price incl. VAT"), _price, "amount", 10),
    "stock": Field(_("Available"), _stock, "number", 14),
    "on_sale": Field(_("On sale"), _on_sale, width=9),
    "vat": Field(_("VAT"), lambda item: item.product.vat_rate.normalize(), "number", 7),
    "deposit": Field(_("Deposit"), _deposit, "amount", 9),
    "aisle": Field(_("Aisle"), _aisle, width=20),
    "labels": Field(_("Labels"), _labels, width=18),
    "allergens": Field(_("Allergens"), _allergens, width=26),
    "origin": Field(_("Origin"), lambda item: _words(item.product.origin), width=18),
    "zone": Field(_("Storage"), _zone, width=12),
    "advice": Field(_("Storage advice"), lambda item: _words(item.product.storage_advice), width=24),
    "use_by": Field(_("Keeps for (days)"), _use_by, "number", 12),
    "ingredients": Field(_("Ingredients"), lambda item: _words(item.product.ingredients), width=30),
    "description": Field(_("Description"), lambda item: _words(item.product.description), width=40),
}
