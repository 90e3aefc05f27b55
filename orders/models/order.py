"""What a household wants and what it has ordered."""

from decimal import Decimal
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hub.codes import new_code
from hub.models import Collection, Household, Member, PaymentMethod
from hub.models.fields import money_field
from producers.models import Packaging, Producer, Product, Stock, Unit, Zone


class Wish(models.Model):
    """What a household has ticked and not yet sent, per collection. Reserves nothing and is never lost.

    `revision` counts its changes, so that two phones of one household cannot overwrite each other unseen. Once placed it
    is emptied and `sent_at` says when; with `sent_at` empty it is what the household wants now, even if that is nothing.
    """

    household = models.ForeignKey(Household, models.CASCADE, related_name="wishes")
    collection = models.ForeignKey(Collection, models.CASCADE, related_name="wishes")
    note = models.CharField(_("a word to the host"), max_length=300, blank=True)
    revision = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("wish")
        constraints = [
            models.UniqueConstraint(fields=["household", "collection"], name="orders_wish_once"),
        ]

    def __str__(self) -> str:
        return f"{self.household} {self.collection}"


class WishLine(models.Model):
    """How many packs of one packaging are wished for."""

    wish = models.ForeignKey(Wish, models.CASCADE, related_name="lines")
    packaging = models.ForeignKey(Packaging, models.CASCADE, related_name="+")
    quantity = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("wished line")
        constraints = [
            models.UniqueConstraint(fields=["wish", "packaging"], name="orders_wishline_once"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, quantity__lte=1000),
                name="orders_wishline_quantity",
                violation_error_message=_("A quantity is between 1 and 1,000."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.packaging}"


class OrderQuerySet(models.QuerySet["Order"]):
    def live(self) -> Self:
        """Orders that were not cancelled."""
        return self.filter(cancelled_at=None)

    def visible_to(self, member: Member) -> Self:
        """Their household's; a host, those at their points; a coordinator, all."""
        if member.is_coordinator:
            return self
        hosted = Collection.objects.run_by(member)
        return self.filter(Q(household=member.household_id) | Q(collection__in=hosted))


class Order(models.Model):
    """One per household per collection. `ordering.place` makes it equal to a wish until the close."""

    code = models.CharField(max_length=6, unique=True, default=new_code, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="orders")
    collection = models.ForeignKey(Collection, models.PROTECT, related_name="orders")
    basket_number = models.PositiveIntegerField(_("basket number"), null=True, blank=True)
    note = models.CharField(_("a word to the host"), max_length=300, blank=True)
    payment_method = models.CharField(_("payment"), max_length=20, choices=PaymentMethod)
    expected_total = money_field(default=0)
    maximum_total = money_field(default=0)
    final_total = money_field(null=True, blank=True)
    placed_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    uncharged_at = models.DateTimeField(null=True, blank=True, help_text="when it was told that its card paid nothing")

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        constraints = [
            models.UniqueConstraint(
                fields=["household", "collection"],
                name="orders_order_once",
                violation_error_message=_("A household has one order per collection."),
            ),
            models.UniqueConstraint(
                fields=["collection", "basket_number"],
                name="orders_order_basket_number_once",
                violation_error_message=_("A basket number is given once."),
            ),
            models.CheckConstraint(
                condition=Q(basket_number=None) | Q(basket_number__gte=1), name="orders_order_basket_number_from_one"
            ),
            models.CheckConstraint(
                condition=Q(expected_total__gte=0, maximum_total__gte=F("expected_total")),
                name="orders_order_maximum_not_below_expected",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def is_live(self) -> bool:
        return self.cancelled_at is None


class OrderLine(models.Model):
    """A purchase, whichever door it came in by. Name, unit, price and rates are a copy made at placing and never change.

    Quantities are packs: `quantity` was ordered (frozen by the count), `due` is what shall be delivered after the
    changes made since, `delivered` what was handed over. `content` and `weight_g` are base units, per pack and in all.
    """

    class Kind(models.TextChoices):
        WEEKLY = "weekly", _("weekly shop")
        BASKET = "basket", _("basket")
        SURPLUS = "surplus", _("surplus")

    order = models.ForeignKey(Order, models.PROTECT, related_name="lines")
    collection = models.ForeignKey(Collection, models.PROTECT, related_name="lines")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.WEEKLY)
    producer = models.ForeignKey(Producer, models.PROTECT, related_name="lines")
    product = models.ForeignKey(Product, models.PROTECT, related_name="lines")
    packaging = models.ForeignKey(Packaging, models.PROTECT, related_name="lines")
    stock = models.ForeignKey(Stock, models.PROTECT, null=True, blank=True, related_name="lines")
    name = models.CharField(max_length=120)
    label = models.CharField(max_length=60)
    reference = models.CharField(max_length=40, blank=True)
    unit = models.CharField(max_length=5, choices=Unit)
    zone = models.CharField(max_length=8, choices=Zone)
    content = models.PositiveIntegerField()
    weighed = models.BooleanField(default=False)
    max_content = models.PositiveIntegerField(null=True, blank=True)
    unit_price = money_field()
    deposit = money_field(default=0)
    vat_rate = models.DecimalField(max_digits=4, decimal_places=2)
    vat_reason = models.CharField(max_length=12, blank=True, help_text="why the rate is 0: the producer's VAT regime")
    host_rate = models.DecimalField(max_digits=5, decimal_places=2, default=Decimal(0))
    hub_rate = models.DecimalField(max_digits=5, decimal_places=2, default=Decimal(0))
    quantity = models.PositiveIntegerField()
    due = models.PositiveIntegerField()
    delivered = models.PositiveIntegerField(null=True, blank=True)
    weight_g = models.PositiveIntegerField(null=True, blank=True)
    expected_amount = money_field()
    maximum_amount = money_field()
    final_amount = money_field(null=True, blank=True)
    producer_share = money_field(null=True, blank=True)
    host_share = money_field(null=True, blank=True)
    hub_share = money_field(null=True, blank=True)
    placed_at = models.DateTimeField()

    objects: ClassVar[models.Manager["OrderLine"]] = models.Manager()

    class Meta:
        verbose_name = _("order line")
        indexes = [
            models.Index(fields=["collection", "producer"]),
            models.Index(fields=["stock"]),
        ]
        constraints = [
            models.UniqueConstraint(fields=["order", "packaging", "kind"], name="orders_orderline_once"),
            models.CheckConstraint(
                condition=Q(maximum_amount__gte=F("expected_amount"), expected_amount__gte=0),
                name="orders_orderline_maximum_not_below_expected",
            ),
            models.CheckConstraint(
                condition=Q(delivered=None) | Q(delivered__lte=F("due")), name="orders_orderline_delivered_within_due"
            ),
            models.CheckConstraint(
                condition=Q(final_amount=None) | Q(final_amount=F("producer_share") + F("host_share") + F("hub_share")),
                name="orders_orderline_shares_sum",
            ),
            models.CheckConstraint(
                condition=Q(weighed=False) | Q(max_content__isnull=False), name="orders_orderline_weighed_has_maximum"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.name}, {self.label}"


class Favourite(models.Model):
    """A product a household likes to find first."""

    household = models.ForeignKey(Household, models.CASCADE, related_name="favourites")
    product = models.ForeignKey(Product, models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("favourite")
        constraints = [models.UniqueConstraint(fields=["household", "product"], name="orders_favourite_once")]

    def __str__(self) -> str:
        return f"{self.household}: {self.product}"
