"""Invoices and credit notes: numbered without gaps per issuer, kind and year, never changed."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from distribution.models.correction import Correction
from distribution.models.settlement import Statement
from hub.models import Household, Member
from hub.models.fields import money_field
from orders.models import Order
from producers.models import BillingMandate, Producer

HUB = "hub"
"""The issuer of what the cooperative invoices in its own name; a farm's documents are issued under the farm's code."""


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    def visible_to(self, member: Member) -> Self:
        """Their farm's and their household's; a coordinator, all."""
        if member.is_coordinator:
            return self
        mine = Q(producer__in=Producer.objects.visible_to(member))
        return self.filter(mine | Q(household__isnull=False, household=member.household_id))

    def with_credited(self) -> Self:
        """Each with `credited`: what credit notes have taken back of it so far."""
        notes = Invoice.objects.filter(original=OuterRef("pk")).order_by().values("original")
        taken = Subquery(notes.annotate(sum=Sum("total")).values("sum"))
        return self.annotate(credited=Coalesce(taken, 0, output_field=models.DecimalField()))

    def live(self) -> Self:
        """Those that credit notes have not taken back altogether."""
        return self.with_credited().filter(total__gt=F("credited"))


class Invoice(models.Model):
    """A document that the law accepts. Its content is frozen with its SHA-256; nothing of it changes once issued, a
    mistake is taken back by a credit note. `producer` buys what the cooperative charges and sells everything else.

    `turn` counts the invoices of one fact: the next one exists only when credit notes have taken the former back.
    """

    class Kind(models.TextChoices):
        FEE = "fee-invoice", _("fee invoice")
        SALE = "invoice", _("invoice")
        CREDIT = "credit-note", _("credit note")

    kind = models.CharField(max_length=12, choices=Kind)
    issuer = models.SlugField(max_length=60)
    number = models.CharField(max_length=24)
    producer = models.ForeignKey(Producer, models.PROTECT, related_name="invoices")
    statement = models.ForeignKey(Statement, models.PROTECT, null=True, blank=True, related_name="invoices")
    household = models.ForeignKey(Household, models.PROTECT, null=True, blank=True, related_name="invoices")
    order = models.ForeignKey(Order, models.PROTECT, null=True, blank=True, related_name="invoices")
    mandate = models.ForeignKey(BillingMandate, models.PROTECT, null=True, blank=True, related_name="invoices")
    original = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="credit_notes")
    correction = models.OneToOneField(
        Correction, models.PROTECT, null=True, blank=True, related_name="credit_note", help_text="what it documents"
    )
    turn = models.PositiveSmallIntegerField(default=1)
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)
    net = money_field()
    vat = money_field()
    total = money_field()
    issued_on = models.DateField()
    issued_at = models.DateTimeField()
    by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("invoice")
        ordering = ["-issued_at", "-pk"]
        indexes = [models.Index(fields=["issued_on"], name="distribution_invoice_by_day")]
        constraints = [
            models.UniqueConstraint(fields=["issuer", "number"], name="distribution_invoice_number_once"),
            models.UniqueConstraint(
                fields=["statement", "turn"], condition=Q(kind="fee-invoice"), name="distribution_invoice_fee_once"
            ),
            models.UniqueConstraint(
                fields=["order", "producer", "turn"], condition=Q(kind="invoice"), name="distribution_invoice_sale_once"
            ),
            models.CheckConstraint(
                condition=Q(kind="fee-invoice", issuer=HUB, statement__isnull=False, order=None, household=None,
                            mandate=None, original=None)
                | Q(kind="invoice", statement=None, order__isnull=False, household__isnull=False, mandate__isnull=False,
                    original=None)
                | Q(kind="credit-note", original__isnull=False),
                name="distribution_invoice_about_its_kind",
            ),
            models.CheckConstraint(
                condition=Q(correction=None) | Q(kind="credit-note"), name="distribution_invoice_only_notes_correct"
            ),
            models.CheckConstraint(
                condition=Q(total__gt=0, net__gte=0, vat__gte=0, turn__gte=1) & Q(total=F("net") + F("vat")),
                name="distribution_invoice_adds_up",
                violation_error_message=_("A total is the sum of its parts and above zero."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.number


class InvoiceFile(models.Model):
    """The files of an invoice, made once: the XML as it is in the PDF, and the SHA-256 of the PDF that is kept."""

    invoice = models.OneToOneField(Invoice, models.PROTECT, related_name="file")
    xml = models.TextField()
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    made_at = models.DateTimeField()

    objects: ClassVar[models.Manager["InvoiceFile"]] = models.Manager()

    class Meta:
        verbose_name = _("file of an invoice")

    def __str__(self) -> str:
        return f"{self.invoice}: {self.sha256}"
