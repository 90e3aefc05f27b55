"""What there is this week, and what is on sale."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hub.codes import new_long_code
from hub.models import Collection
from hub.models.fields import money_field
from producers.models.producer import Producer
from producers.models.product import Packaging, Product


class Stock(models.Model):
    """A product's quantity for an ISO week, in base units, shared by its packagings and by all collections handed out
    that week. `quantity` empty means unlimited; `reserved` is what live order lines take."""

    product = models.ForeignKey(Product, models.PROTECT, related_name="stocks")
    week = models.CharField(max_length=8)
    quantity = models.PositiveBigIntegerField(null=True, blank=True)
    reserved = models.PositiveBigIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("stock of the week")
        constraints = [
            models.UniqueConstraint(
                fields=["product", "week"], name="producers_stock_once", violation_error_message=_("One stock a week.")
            ),
            models.CheckConstraint(
                condition=Q(reserved__gte=0) & (Q(quantity=None) | Q(reserved__lte=F("quantity"))),
                name="producers_stock_reserved_within_quantity",
                violation_error_message=_("More is reserved than there is."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.week}"

    @property
    def left(self) -> int | None:
        """Base units not reserved; None when unlimited."""
        return None if self.quantity is None else self.quantity - self.reserved

    def packs(self, packaging: Packaging) -> int | None:
        """Whole packs of a packaging that the quantity makes; None when unlimited."""
        return None if self.quantity is None else self.quantity // packaging.content

    def reserved_packs(self, packaging: Packaging) -> int:
        """Packs of a packaging that it takes to cover what is reserved, the last one begun."""
        return -(-self.reserved // packaging.content)


class OfferQuerySet(models.QuerySet["Offer"]):
    def on_sale(self) -> Self:
        """What can be ordered: switched on by the farm, neither product nor packaging archived."""
        return self.filter(on_sale=True, packaging__archived_at=None, packaging__product__archived_at=None)

    def at(self, collection: Collection) -> Self:
        """On sale at a collection: of its week, from producers accepted at its point that day."""
        day = collection.local_date
        supplies = collection.point.supplies.active_on(day)
        return self.on_sale().filter(week=collection.week, packaging__producer__in=supplies.values("producer"))

    def last_week_of(self, producer: Producer, *, before: str) -> str | None:
        """The latest week before another in which a producer published anything."""
        weeks = self.filter(packaging__producer=producer, week__lt=before)
        week: str | None = weeks.aggregate(last=models.Max("week"))["last"]
        return week

    def to_copy(self, producer: Producer, *, from_week: str, to_week: str) -> Self:
        """Offers of one week that another does not have yet, of packagings still in the catalogue, with their stock."""
        saved = self.model.objects.filter(week=to_week, packaging=models.OuterRef("packaging"))
        mine = self.filter(
            packaging__producer=producer, packaging__archived_at=None, packaging__product__archived_at=None
        )
        return mine.filter(~models.Exists(saved), week=from_week).select_related("stock").order_by("pk")


class Offer(models.Model):
    """A packaging put on sale for a week at the price of that week. Its code is the `offer id` of the API."""

    code = models.CharField(max_length=10, unique=True, default=new_long_code, editable=False)
    packaging = models.ForeignKey(Packaging, models.PROTECT, related_name="offers")
    stock = models.ForeignKey(Stock, models.PROTECT, related_name="offers")
    week = models.CharField(max_length=8)
    price = money_field()
    on_sale = models.BooleanField(default=True)

    objects = OfferQuerySet.as_manager()

    class Meta:
        verbose_name = _("offer")
        indexes = [models.Index(fields=["week"], include=["packaging", "stock"], name="producers_offer_week")]
        constraints = [
            models.UniqueConstraint(
                fields=["packaging", "week"],
                name="producers_offer_once",
                violation_error_message=_("One offer a week."),
            ),
            models.CheckConstraint(
                condition=Q(price__gte=0, price__lte=10_000),
                name="producers_offer_price",
                violation_error_message=_("A price is between 0 and 10,000."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.packaging} {self.week}"
