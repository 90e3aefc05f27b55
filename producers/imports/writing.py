"""A plan into the catalogue: a fixed number of statements, however many rows.

What was is kept beside what is, so that it can be taken back.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Model

from hub.money import money
from producers.imports.lines import Line
from producers.imports.plan import Plan
from producers.imports.shelf import Shelf
from producers.models import Offer, Packaging, Product, Stock
from producers.pictures import aisle_for, drawing_for
from producers.reading.terms import Terms

PRODUCT_FIELDS = [
    "name", "aisle", "labels", "allergens", "origin", "vat_rate", "zone", "storage_advice", "ingredients", "description",
    "use_by_days",
]  # fmt: skip
PACKAGING_FIELDS = ["reference", "label", "content", "weighed", "max_content", "max_assumed", "price", "deposit"]
MONEY = frozenset(["price", "deposit"])


class Ledger:
    """What an import did: rows made, old and new value of every field it changed, and which row of the file speaks of
    which packaging. JSON-safe."""

    def __init__(self) -> None:
        self.created: dict[str, list[int]] = {}
        self.changed: dict[str, dict[str, dict[str, list[Any]]]] = {}
        self.rows: dict[str, int] = {}

    def made(self, rows: Iterable[Model]) -> None:
        """Note rows that did not exist."""
        for row in rows:
            self.created.setdefault(_kind(row), []).append(row.pk)

    def give(self, row: Any, wanted: Mapping[str, Any]) -> bool:
        """Give a row new values, noting the old ones; whether any differed."""
        fields = self.changed.get(_kind(row), {}).get(str(row.pk), {})
        for name, new in wanted.items():
            old = getattr(row, name).amount if name in MONEY else getattr(row, name)
            if old != new:
                setattr(row, name, money(new) if name in MONEY else new)
                fields[name] = [plain(old), plain(new)]
        if fields:
            self.changed.setdefault(_kind(row), {})[str(row.pk)] = fields
        return bool(fields)

    def as_json(self) -> dict[str, Any]:
        """For the import's row."""
        return {"created": self.created, "changed": self.changed, "rows": self.rows}


def plain(value: Any) -> Any:
    """A value as JSON holds it: numbers with decimals as text."""
    if value is None or isinstance(value, bool | int | str):
        return value
    return list(value) if isinstance(value, list | tuple) else str(value)


def write(plan: Plan) -> Ledger:
    """Write the sound rows of a plan, in the caller's transaction, and say what was done."""
    ledger = Ledger()
    lines = [(line, line.terms) for line in plan.to_write if line.terms is not None]
    products = _write_products(lines, plan.shelf, ledger)
    packagings = _write_packagings(lines, products, plan.shelf, ledger)
    stocks = _write_stocks(plan, products, ledger)
    _write_offers(lines, products, packagings, stocks, plan.shelf, ledger)
    ledger.rows = {str(packagings[line.row.number].pk): line.row.number for line, _terms in lines}
    return ledger


def _write_products(lines: Sequence[tuple[Line, Terms]], shelf: Shelf, ledger: Ledger) -> dict[str, Product]:
    """The product of each group of rows, made or changed."""
    products: dict[str, Product] = {}
    new: list[Product] = []
    changed: dict[int, Product] = {}
    for line, terms in lines:
        product = products.get(line.group) or line.product
        if product is None:
            product = _new_product(line, terms, shelf)
            new.append(product)
        if line.product is None:
            for name, value in line.facts.items():
                setattr(product, name, value)
        elif ledger.give(product, {name: v for name, (_old, v) in line.changes.items() if name in PRODUCT_FIELDS}):
            changed[product.pk] = product
        products[line.group] = product
    ledger.made(Product.objects.bulk_create(new))
    overwrite(Product, changed.values(), PRODUCT_FIELDS)
    return products


def _new_product(line: Line, terms: Terms, shelf: Shelf) -> Product:
    rate = shelf.producer.default_vat_rate
    name = line.row.name or ""
    aisle = str(line.facts.get("aisle") or aisle_for(name))
    picture = drawing_for(name, aisle)
    return Product(
        producer=shelf.producer, name=name, unit=terms.contents.unit, vat_rate=rate, aisle=aisle, picture=picture
    )


def _write_packagings(
    lines: Sequence[tuple[Line, Terms]], products: Mapping[str, Product], shelf: Shelf, ledger: Ledger
) -> dict[int, Packaging]:
    """The packaging of each row of the file, made or changed."""
    packagings: dict[int, Packaging] = {}
    new, changed = [], []
    for line, terms in lines:
        pack = line.packaging or _new_packaging(line, terms, products[line.group], shelf)
        if line.packaging is None:
            new.append(pack)
        elif ledger.give(pack, {name: v for name, (_old, v) in line.changes.items() if name in PACKAGING_FIELDS}):
            changed.append(pack)
        packagings[line.row.number] = pack
    ledger.made(Packaging.objects.bulk_create(new))
    overwrite(Packaging, changed, PACKAGING_FIELDS)
    return packagings


def _new_packaging(line: Line, terms: Terms, product: Product, shelf: Shelf) -> Packaging:
    contents = terms.contents
    return Packaging(
        producer=shelf.producer,
        product=product,
        reference=line.row.reference or "",
        label=line.row.label or "",
        content=contents.content,
        weighed=contents.weighed,
        max_content=contents.maximum,
        max_assumed=contents.assumed,
        price=money(terms.price or 0),
        deposit=money(line.row.deposit or 0),
    )


def _write_stocks(plan: Plan, products: Mapping[str, Product], ledger: Ledger) -> dict[str, Stock]:
    """The stock of each group that has one afterwards. A row that changes nothing else may still give it."""
    stocks = {line.group: line.stock for line in plan.lines if line.stock is not None}
    new: list[Stock] = []
    changed: dict[int, Stock] = {}
    for line in plan.lines:
        product = products.get(line.group)
        if line.errors or not line.says_stock or product is None:
            continue
        stock = stocks.get(line.group)
        if stock is None:
            stocks[line.group] = Stock(product=product, week=plan.shelf.week, quantity=line.quantity)
            new.append(stocks[line.group])
        elif stock.pk and stock.pk not in changed and ledger.give(stock, {"quantity": line.quantity}):
            stock.version += 1
            changed[stock.pk] = stock
    ledger.made(Stock.objects.bulk_create(new))
    overwrite(Stock, changed.values(), ["quantity", "version"])
    return stocks


def _write_offers(
    lines: Sequence[tuple[Line, Terms]],
    products: Mapping[str, Product],
    packagings: Mapping[int, Packaging],
    stocks: Mapping[str, Stock],
    shelf: Shelf,
    ledger: Ledger,
) -> None:
    new: list[Offer] = []
    changed: list[Offer] = []
    for line, _terms in lines:
        if line.offer is not None:
            if ledger.give(
                line.offer, {name: v for name, (_o, v) in line.changes.items() if name in ("price", "on_sale")}
            ):
                changed.append(line.offer)
        elif line.offered:
            pack = packagings[line.row.number]
            new.append(Offer(packaging=pack, stock=stocks[line.group], week=shelf.week, price=pack.price, on_sale=True))
    ledger.made(Offer.objects.bulk_create(new))
    overwrite(Offer, changed, ["price", "on_sale"])


def overwrite(model: type[Any], rows: Iterable[Any], fields: Sequence[str]) -> None:
    """Write fields of many rows in one statement: an insert that meets each row's id and updates it.

    Several times faster than bulk_update, whose CASE grows with rows times fields. The rows exist and are locked.
    """
    model.objects.bulk_create(list(rows), update_conflicts=True, unique_fields=["id"], update_fields=list(fields))


def _kind(row: Model) -> str:
    return row._meta.model_name or ""
