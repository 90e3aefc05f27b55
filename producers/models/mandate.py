"""A farm's word that the cooperative may write invoices in its name."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hub.models import Member
from producers.models.producer import Producer


class BillingMandateQuerySet(models.QuerySet["BillingMandate"]):
    def live(self) -> Self:
        """Those that hold."""
        return self.filter(revoked_at=None)


class BillingMandate(models.Model):
    """The cooperative issues invoices in the farm's name and on its behalf (art. 289, I-2 of the tax code), from the day
    it was given until it is withdrawn. `text` is what was agreed to, word for word; it never changes."""

    producer = models.ForeignKey(Producer, models.PROTECT, related_name="billing_mandates")
    version = models.PositiveSmallIntegerField()
    text = models.TextField()
    signed_at = models.DateTimeField()
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")

    objects = BillingMandateQuerySet.as_manager()

    class Meta:
        verbose_name = _("billing mandate")
        ordering = ["-signed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["producer"],
                condition=Q(revoked_at=None),
                name="producers_billingmandate_one_live",
                violation_error_message=_("This farm has given its mandate already."),
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by=None)
                | Q(revoked_at__gte=F("signed_at"), revoked_by__isnull=False),
                name="producers_billingmandate_revoked_after_signed",
                violation_error_message=_("A mandate is withdrawn after it was given."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.producer}, {self.signed_at:%d/%m/%Y}"
