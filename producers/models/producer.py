"""The legal sellers, who works for them, and where they are accepted."""

from datetime import date
from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from hub.models import BankAccount, CollectionPoint, Invitation, Member
from hub.models.fields import money_field


class ProducerQuerySet(models.QuerySet["Producer"]):
    def active(self) -> Self:
        """Farms that still deliver."""
        return self.filter(archived_at=None)

    def visible_to(self, member: Member) -> Self:
        """Producers whose catalogue the member may keep: their own; a coordinator, all."""
        if member.is_coordinator:
            return self
        return self.filter(people__member=member)


class Producer(BankAccount):
    """A farm or workshop that sells under its own name: identity, VAT regime, bank account, story."""

    class VatRegime(models.TextChoices):
        STANDARD = "standard", _("charges VAT")
        FRANCHISE = "franchise", _("no VAT (art. 293 B of the French tax code)")
        FLAT_RATE = "flat-rate", _("flat-rate reimbursement of farmers, no VAT")

    code = models.SlugField(max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=80)
    legal_name = models.CharField(_("legal name"), max_length=120, blank=True)
    story = models.TextField(_("story"), blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    postcode = models.CharField(_("postcode"), max_length=10, blank=True)
    city = models.CharField(_("town"), max_length=80, blank=True)
    latitude = models.DecimalField(max_digits=8, decimal_places=5, null=True, blank=True)
    longitude = models.DecimalField(max_digits=8, decimal_places=5, null=True, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    picture = models.CharField(max_length=60, blank=True)
    photo = models.CharField(_("photo"), max_length=32, blank=True, help_text=_("Hash of the photo (hub/photos.py)."))
    certifications = ArrayField(
        models.CharField(max_length=40), verbose_name=_("certifications"), default=list, blank=True
    )
    siret = models.CharField(_("SIRET number"), max_length=14, blank=True)
    vat_number = models.CharField(_("VAT number"), max_length=20, blank=True)
    vat_regime = models.CharField(_("VAT"), max_length=12, choices=VatRegime, default=VatRegime.STANDARD)
    default_vat_rate = models.DecimalField(_("usual VAT rate"), max_digits=4, decimal_places=2, default=5.5)
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = ProducerQuerySet.as_manager()

    class Meta:
        verbose_name = _("producer")
        ordering = ["name"]
        constraints = [
            *BankAccount.Meta.constraints,
            models.CheckConstraint(
                condition=Q(photo__regex=r"^([0-9a-f]{32})?$"),
                name="producers_producer_photo_is_a_hash",
                violation_error_message=_("This is not a photo."),
            ),
            models.CheckConstraint(
                condition=Q(siret__regex=r"^([0-9]{14})?$"),
                name="producers_producer_siret",
                violation_error_message=_("A SIRET number has fourteen digits."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def charges_vat(self) -> bool:
        return self.vat_regime == self.VatRegime.STANDARD


class ConnectAccount(models.Model):
    """A producer's account at Stripe, which receives transfers: made once, as ready as Stripe said when it was last asked."""

    producer = models.OneToOneField(Producer, models.PROTECT, related_name="connect")
    account = models.CharField(max_length=80, unique=True)
    ready = models.BooleanField(default=False)
    wants = ArrayField(
        models.CharField(max_length=100), default=list, blank=True, help_text="what Stripe still asks for"
    )
    made_at = models.DateTimeField()
    checked_at = models.DateTimeField()

    objects: ClassVar[models.Manager["ConnectAccount"]] = models.Manager()

    class Meta:
        verbose_name = _("Stripe account")

    def __str__(self) -> str:
        return self.account


class ProducerPerson(models.Model):
    """A member who keeps a producer's catalogue and reads their statements."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="producer_roles")
    producer = models.ForeignKey(Producer, models.CASCADE, related_name="people")
    since = models.DateField()

    class Meta:
        verbose_name = _("producer’s person")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "producer"],
                name="producers_producerperson_once",
                violation_error_message=_("This person already works for this producer."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.member}, {self.producer}"


class ProducerInvitation(Invitation):
    """Invites somebody to keep a producer's catalogue."""

    PLACE = "producer"
    producer = models.ForeignKey(Producer, models.CASCADE, related_name="invitations")

    class Meta(Invitation.Meta):
        verbose_name = _("producer’s invitation")
        constraints = [
            *Invitation.Meta.constraints,
            models.UniqueConstraint(
                "producer",
                Lower("email"),
                condition=Q(used_at=None, withdrawn_at=None),
                name="producers_producerinvitation_once",
                violation_error_message=_("This address has been invited already."),
            ),
        ]


class SupplyQuerySet(models.QuerySet["Supply"]):
    def active_on(self, day: date) -> Self:
        """Those that hold on a day."""
        return self.filter(Q(until=None) | Q(until__gte=day), since__lte=day, producer__archived_at=None)


class Supply(models.Model):
    """A producer accepted at a point: from when, with which minimum per collection, and where they stand on site."""

    producer = models.ForeignKey(Producer, models.PROTECT, related_name="supplies")
    point = models.ForeignKey(CollectionPoint, models.PROTECT, related_name="supplies")
    since = models.DateField(_("from"))
    until = models.DateField(_("until"), null=True, blank=True)
    minimum = money_field(verbose_name=_("minimum order per collection"), default=0)
    spot = models.CharField(_("place on site"), max_length=20, blank=True, help_text=_("Table 1, fridge A …"))

    objects = SupplyQuerySet.as_manager()

    class Meta:
        verbose_name = _("supply")
        verbose_name_plural = _("supplies")
        constraints = [
            models.UniqueConstraint(
                fields=["producer", "point"],
                name="producers_supply_once",
                violation_error_message=_("This producer already supplies this point."),
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")),
                name="producers_supply_until_after_since",
                violation_error_message=_("The last day comes after the first."),
            ),
            models.CheckConstraint(
                condition=Q(minimum__gte=0),
                name="producers_supply_minimum_not_negative",
                violation_error_message=_("A minimum is not below zero."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.producer}, {self.point}"
