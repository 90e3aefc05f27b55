"""What a producer makes, and how it is packed for sale."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from djmoney.money import Money

from hub.codes import new_long_code
from hub.models import Member
from hub.models.fields import money_field
from hub.money import cents, money
from hub.ordering import alphabetical
from producers.models.producer import Producer


class Unit(models.TextChoices):
    """Base units: stock and contents are whole numbers of these."""

    GRAM = "g", _("weight")
    MILLILITRE = "ml", _("volume")
    PIECE = "piece", _("piece")


class Zone(models.TextChoices):
    """Where goods wait until they are handed out."""

    DRY = "dry", _("dry")
    CHILLED = "chilled", _("chilled")
    FROZEN = "frozen", _("frozen")


class Aisle(models.TextChoices):
    """Shelves of the shop."""

    VEGETABLES = "vegetables", _("vegetables")
    FRUIT = "fruit", _("fruit")
    MEAT = "meat", _("meat and poultry")
    DAIRY = "dairy", _("dairy and cheese")
    EGGS = "eggs", _("eggs")
    BAKERY = "bakery", _("bread and cakes")
    GROCERY = "grocery", _("groceries")
    DRINKS = "drinks", _("drinks")
    HERBS = "herbs", _("herbs and plants")
    FISH = "fish", _("fish")
    HOME = "home", _("home and care")


class Allergen(models.TextChoices):
    """The fourteen of Regulation (EU) 1169/2011, annex II."""

    GLUTEN = "gluten", _("gluten")
    CRUSTACEANS = "crustaceans", _("crustaceans")
    EGGS = "eggs", _("eggs")
    FISH = "fish", _("fish")
    PEANUTS = "peanuts", _("peanuts")
    SOY = "soy", _("soy")
    MILK = "milk", _("milk")
    NUTS = "nuts", _("tree nuts")
    CELERY = "celery", _("celery")
    MUSTARD = "mustard", _("mustard")
    SESAME = "sesame", _("sesame")
    SULPHITES = "sulphites", _("sulphites")
    LUPIN = "lupin", _("lupin")
    MOLLUSCS = "molluscs", _("molluscs")


class ProductQuerySet(models.QuerySet["Product"]):
    def active(self) -> Self:
        """Products the farm still has; archived ones keep their history."""
        return self.filter(archived_at=None)

    def visible_to(self, member: Member) -> Self:
        """Products whose catalogue the member keeps."""
        return self.filter(producer__in=Producer.objects.visible_to(member))

    def catalogue_of(self, producer: Producer) -> Self:
        """A producer's products on sale or not, each with its packagings in `sold_as`; two statements."""
        packagings = models.Prefetch(
            "packagings", Packaging.objects.active().select_related("product"), to_attr="sold_as"
        )
        return self.active().filter(producer=producer).prefetch_related(packagings).order_by(alphabetical(), "pk")


class Product(models.Model):
    """Something grown or made, owned once by its producer. All its packagings share one base unit and one stock."""

    code = models.CharField(max_length=10, unique=True, default=new_long_code, editable=False)
    producer = models.ForeignKey(Producer, models.PROTECT, related_name="products")
    name = models.CharField(_("name"), max_length=120)
    unit = models.CharField(_("counted by"), max_length=5, choices=Unit)
    aisle = models.CharField(_("aisle"), max_length=12, choices=Aisle, blank=True)
    labels = ArrayField(models.CharField(max_length=30), verbose_name=_("labels"), default=list, blank=True)
    allergens = ArrayField(
        models.CharField(max_length=12, choices=Allergen),
        verbose_name=_("allergens"),
        null=True,
        blank=True,
        help_text=_("Not given is not the same as none."),
    )
    origin = models.CharField(_("origin"), max_length=80, blank=True)
    vat_rate = models.DecimalField(_("VAT rate"), max_digits=4, decimal_places=2)
    zone = models.CharField(_("storage"), max_length=8, choices=Zone, default=Zone.DRY)
    storage_advice = models.CharField(_("how to keep it"), max_length=200, blank=True)
    ingredients = models.TextField(_("ingredients"), blank=True)
    description = models.TextField(_("description"), blank=True)
    use_by_days = models.PositiveSmallIntegerField(_("keeps for, in days"), null=True, blank=True)
    picture = models.CharField(max_length=60, blank=True, help_text=_("Name of a drawing, until there is a photo."))
    photo = models.CharField(_("photo"), max_length=32, blank=True, help_text=_("Hash of the photo (hub/photos.py)."))
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        ordering = ["name"]
        indexes = [models.Index(fields=["producer", "name"])]
        constraints = [
            models.UniqueConstraint(
                fields=["producer", "name"],
                condition=Q(archived_at=None),
                name="producers_product_name_once",
                violation_error_message=_("This producer already has a product of this name."),
            ),
            models.CheckConstraint(
                condition=Q(vat_rate__gte=0, vat_rate__lte=30),
                name="producers_product_vat_rate",
                violation_error_message=_("This is not a VAT rate."),
            ),
            models.CheckConstraint(
                condition=Q(photo__regex=r"^([0-9a-f]{32})?$"),
                name="producers_product_photo_is_a_hash",
                violation_error_message=_("This is not a photo."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def allergen_names(self) -> list[str]:
        """The allergens it holds, in words; empty for none and for not given, which `allergens` tells apart."""
        return [str(Allergen(code).label) for code in self.allergens or []]


class PackagingQuerySet(models.QuerySet["Packaging"]):
    def active(self) -> Self:
        """Packagings still sold, of products the farm still has."""
        return self.filter(archived_at=None, product__archived_at=None)


class Packaging(models.Model):
    """How a product is sold. `content` is what one pack takes from the stock, in base units; for a weighed piece it is
    the expected weight in grams, `max_content` the most that is ever billed, and `price` is per kilogram."""

    code = models.CharField(max_length=10, unique=True, default=new_long_code, editable=False)
    producer = models.ForeignKey(Producer, models.PROTECT, related_name="packagings")
    product = models.ForeignKey(Product, models.PROTECT, related_name="packagings")
    reference = models.CharField(_("reference"), max_length=40, blank=True)
    label = models.CharField(_("packaging"), max_length=60)
    content = models.PositiveIntegerField(_("content"))
    weighed = models.BooleanField(_("weighed at the hand-over"), default=False)
    max_content = models.PositiveIntegerField(_("greatest weight"), null=True, blank=True)
    max_assumed = models.BooleanField(default=False)
    price = money_field(verbose_name=_("price incl. VAT"))
    deposit = money_field(verbose_name=_("deposit"), default=0)
    position = models.PositiveSmallIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = PackagingQuerySet.as_manager()

    class Meta:
        verbose_name = _("packaging")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["producer", "reference"],
                condition=~Q(reference="") & Q(archived_at=None),
                name="producers_packaging_reference_once",
                violation_error_message=_("This producer already uses this reference."),
            ),
            models.UniqueConstraint(
                fields=["product", "label"],
                condition=Q(archived_at=None),
                name="producers_packaging_label_once",
                violation_error_message=_("This product already has this packaging."),
            ),
            models.CheckConstraint(
                condition=Q(content__gt=0, content__lte=10_000_000),
                name="producers_packaging_content",
                violation_error_message=_("A pack contains something."),
            ),
            models.CheckConstraint(
                condition=Q(price__gte=0, price__lte=10_000),
                name="producers_packaging_price",
                violation_error_message=_("A price is between 0 and 10,000."),
            ),
            models.CheckConstraint(
                condition=Q(deposit__gte=0),
                name="producers_packaging_deposit",
                violation_error_message=_("A deposit is not below zero."),
            ),
            models.CheckConstraint(
                condition=Q(weighed=False, max_content=None)
                | Q(weighed=True, max_content__isnull=False, max_content__gte=F("content")),
                name="producers_packaging_weighed_has_maximum",
                violation_error_message=_("A weighed piece has a greatest weight, not below the expected one."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product}, {self.label}"

    @property
    def unit_price(self) -> Money:
        """Per kilogram, litre or piece; the product must be loaded."""
        if self.weighed:
            return money(self.price.amount)
        per = 1 if self.product.unit == Unit.PIECE else 1000
        return money(cents(self.price.amount * per / self.content))

    @property
    def is_priced_by_unit(self) -> bool:
        """Whether the price is that of a kilogram, litre or piece already."""
        return self.weighed or self.content == (1 if self.product.unit == Unit.PIECE else 1000)
