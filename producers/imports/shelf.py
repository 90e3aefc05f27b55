"""What a producer has at this moment, looked up the way a spreadsheet speaks of it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from producers.models import Offer, Packaging, Producer, Product, Stock
from producers.reading.words import fold

T = TypeVar("T")


class Names(Generic[T]):
    """Things by their words: exactly as written, else without minding capitals and accents."""

    def __init__(self) -> None:
        self._exact: dict[str, T] = {}
        self._folded: dict[str, T] = {}

    def add(self, words: str, thing: T) -> None:
        """Keep a thing under its words; of two that fold alike, the first."""
        self._exact[words] = thing
        self._folded.setdefault(fold(words), thing)

    def get(self, words: str | None) -> T | None:
        """The thing of that name, or None."""
        if not words:
            return None
        return self._exact.get(words) or self._folded.get(fold(words))


@dataclass
class Shelf:
    """The active catalogue of a producer, with stock and offers of one week. `ordered` are the products that some
    household has ordered this week or later."""

    producer: Producer
    week: str
    references: Names[Packaging] = field(default_factory=Names)
    products: Names[Product] = field(default_factory=Names)
    labels: dict[int, Names[Packaging]] = field(default_factory=lambda: defaultdict(Names))
    packagings: dict[int, list[Packaging]] = field(default_factory=lambda: defaultdict(list))
    stocks: dict[int, Stock] = field(default_factory=dict)
    offers: dict[int, Offer] = field(default_factory=dict)
    ordered: set[int] = field(default_factory=set)

    @classmethod
    def load(cls, producer: Producer, week: str, *, this_week: str, lock: bool = False) -> "Shelf":
        """Read it in five statements; with `lock`, hold its stocks of the week (in id order) until the transaction ends."""
        shelf = cls(producer, week)
        packagings = Packaging.objects.active().filter(producer=producer).select_related("product").order_by("pk")
        shelf._add_packagings(packagings)
        for product in Product.objects.active().filter(producer=producer).order_by("pk"):
            shelf.products.add(product.name, product)
        stocks = Stock.objects.filter(product__producer=producer, week=week).order_by("pk")
        shelf.stocks = {
            stock.product_id: stock for stock in (stocks.select_for_update(of=("self",)) if lock else stocks)
        }
        offers = Offer.objects.filter(packaging__producer=producer, week=week)
        shelf.offers = {offer.packaging_id: offer for offer in offers}
        taken = Stock.objects.filter(product__producer=producer, week__gte=min(week, this_week), reserved__gt=0)
        shelf.ordered = set(taken.values_list("product", flat=True))
        return shelf

    def _add_packagings(self, packagings: Iterable[Packaging]) -> None:
        products: dict[int, Product] = {}
        for pack in packagings:
            pack.product = products.setdefault(pack.product_id, pack.product)
            self.packagings[pack.product_id].append(pack)
            self.labels[pack.product_id].add(pack.label, pack)
            if pack.reference:
                self.references.add(pack.reference, pack)
