"""A farm's week as the grid shows it: this week's rows beside last week's."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import Exists, OuterRef, Q
from djmoney.money import Money

from hub.calendar import local_date, week_of
from hub.models import Collection
from hub.models.calendar import CollectionQuerySet
from hub.money import cents, money
from hub.ordering import alphabetical
from producers.models import Offer, Packaging, Producer, Product, Stock


@dataclass(frozen=True)
class Line:
    """One packaging in a week. What is not saved yet is filled in from the last published week."""

    packaging: Packaging
    first: Packaging
    stock: Stock | None
    offer: Offer | None
    last_stock: Stock | None
    last_offer: Offer | None

    @property
    def code(self) -> str:
        return self.packaging.code

    @property
    def shares_stock(self) -> bool:
        """Whether the quantity stands on the row of an earlier packaging of the product."""
        return self.first.pk != self.packaging.pk

    @property
    def is_saved(self) -> bool:
        return self.offer is not None

    @property
    def is_prefilled(self) -> bool:
        """Whether it shows last week's figures, not yet on sale."""
        return self.offer is None and self.last_offer is not None

    @property
    def shown_stock(self) -> Stock | None:
        return self.stock or (self.last_stock if self.last_offer else None)

    @property
    def packs(self) -> int | None:
        """Packs available, as the field shows them; None when unlimited or not yet said."""
        return self.shown_stock.packs(self.packaging) if self.shown_stock else None

    @property
    def is_unlimited(self) -> bool:
        return self.shown_stock is not None and self.shown_stock.quantity is None

    @property
    def price(self) -> Money:
        price: Money = (self.offer or self.last_offer or self.packaging).price
        return price

    @property
    def unit_price(self) -> Money | None:
        """Price per kg, litre or piece where it says more than the price."""
        if self.packaging.weighed or self.measure != "pack":
            return None
        per = 1 if self.packaging.product.unit == "piece" else 1000
        return money(cents(self.price.amount * per / self.packaging.content))

    @property
    def on_sale(self) -> bool:
        offer = self.offer or self.last_offer
        return offer.on_sale if offer else True

    @property
    def reserved(self) -> int:
        """Packs already ordered for the week."""
        return self.stock.reserved_packs(self.packaging) if self.stock else 0

    @property
    def is_reserved_in_packs(self) -> bool:
        """Whether what is ordered of a stock shared by several packagings comes to whole packs of this one."""
        return self.stock is None or self.stock.reserved % self.packaging.content == 0

    @property
    def left(self) -> int | None:
        """Whole packs nobody has ordered; None when unlimited or not yet published."""
        left = self.stock.left if self.stock else None
        return None if left is None else left // self.packaging.content

    @property
    def is_short(self) -> bool:
        """Whether a fifth or less is left of something that is being ordered."""
        return bool(self.reserved) and self.packs is not None and self.left is not None and 5 * self.left <= self.packs

    @property
    def sold(self) -> int | None:
        """Packs ordered in the last published week."""
        return self.last_stock.reserved_packs(self.packaging) if self.last_stock else None

    @property
    def is_sold_in_packs(self) -> bool:
        """Whether what was ordered of a stock shared by several packagings came to whole packs of this one."""
        return self.last_stock is None or self.last_stock.reserved % self.packaging.content == 0

    @property
    def sold_of(self) -> int | None:
        """Packs there were in the last published week; None when unlimited."""
        return self.last_stock.packs(self.packaging) if self.last_stock else None

    @property
    def was_sold_out(self) -> bool:
        return self.last_stock is not None and self.last_stock.left == 0 and self.last_stock.reserved > 0

    @property
    def measure(self) -> str:
        """What the number counts: kg or l for packs of exactly one, pieces, else packs."""
        whole = {("g", 1000): "kg", ("ml", 1000): "l", ("piece", 1): "piece"}
        return whole.get((self.packaging.product.unit, self.packaging.content), "pack")


@dataclass(frozen=True)
class Week:
    """All rows of a farm's week, or those of one product."""

    producer: Producer
    week: str
    product: Product | None = None

    @cached_property
    def last(self) -> str | None:
        """The last published week before this one."""
        return Offer.objects.last_week_of(self.producer, before=self.week)

    @cached_property
    def lines(self) -> list[Line]:
        """Rows by product name, packagings in the order of the catalogue; three statements however many."""
        packagings = Packaging.objects.active().filter(producer=self.producer).select_related("product")
        if self.product is not None:
            packagings = packagings.filter(product=self.product)
        return list(self._lines(list(packagings.order_by(alphabetical("product__name"), "product", "position", "pk"))))

    def line(self, packaging: Packaging) -> Line:
        """The row of one packaging."""
        return next(line for line in self.lines if line.packaging.pk == packaging.pk)

    def _lines(self, packagings: list[Packaging]) -> Iterator[Line]:
        weeks = [self.week, self.last or self.week]
        products = {packaging.product_id for packaging in packagings}
        stocks = {(s.product_id, s.week): s for s in Stock.objects.filter(product__in=products, week__in=weeks)}
        offers = {(o.packaging_id, o.week): o for o in Offer.objects.filter(packaging__in=packagings, week__in=weeks)}
        firsts: dict[int, Packaging] = {}
        for pack in packagings:
            first = firsts.setdefault(pack.product_id, pack)
            yield Line(
                packaging=pack,
                first=first,
                stock=stocks.get((pack.product_id, self.week)),
                offer=offers.get((pack.pk, self.week)),
                last_stock=stocks.get((pack.product_id, self.last)) if self.last else None,
                last_offer=offers.get((pack.pk, self.last)) if self.last else None,
            )

    @cached_property
    def collections(self) -> CollectionQuerySet:
        """Collections handed out that week at the points the farm supplies."""
        return _collections(self.producer).filter(week=self.week)

    @cached_property
    def next_close(self) -> datetime | None:
        """The first deadline of the week that has not been counted."""
        first = self.collections.filter(counted_at=None).order_by("closes_at").first()
        return first.closes_at if first else None

    @cached_property
    def points(self) -> int:
        """How many points receive something from the farm that week."""
        return self.collections.values("point").distinct().count()

    @cached_property
    def on_sale(self) -> int:
        """Packagings on sale that week."""
        return Offer.objects.on_sale().filter(week=self.week, packaging__producer=self.producer).count()

    @cached_property
    def packagings(self) -> int:
        """Packagings in the catalogue."""
        return Packaging.objects.active().filter(producer=self.producer).count()

    @cached_property
    def is_over(self) -> bool:
        """Whether every collection of the week has been counted."""
        return self.collections.exists() and not self.collections.filter(counted_at=None).exists()


def next_week(producer: Producer, now: datetime) -> str:
    """The week a farm works on: that of the next deadline at its points, else the current one."""
    week = _collections(producer).filter(closes_at__gt=now).order_by("closes_at").values_list("week", flat=True).first()
    return week or week_of(local_date(now))


def _collections(producer: Producer) -> CollectionQuerySet:
    """At points that accept the producer on the day of the hand-over."""
    held = producer.supplies.filter(Q(until=None) | Q(until__gte=OuterRef("starts_at__date")))
    held = held.filter(point=OuterRef("point"), since__lte=OuterRef("starts_at__date"))
    return Collection.objects.filter(Exists(held), cancelled_at=None)
