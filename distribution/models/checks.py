"""The daily comparison of our books with Stripe's balance."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from hub.models.fields import money_field


class StripeCheck(models.Model):
    """One day's comparison: what our ledger says is at Stripe, what its movements add up to, what it says itself."""

    day = models.DateField(unique=True)
    at = models.DateTimeField()
    movements = models.PositiveIntegerField()
    ledger = money_field()
    summed = money_field()
    balance = money_field()

    objects: ClassVar[models.Manager["StripeCheck"]] = models.Manager()

    class Meta:
        verbose_name = _("comparison with Stripe")
        ordering = ["-day"]

    def __str__(self) -> str:
        return f"{self.day}"


class StripeFinding(models.Model):
    """Something on which our books and Stripe differ, found once and seen by each check until it is gone."""

    class What(models.TextChoices):
        MISSING = "missing", _("not in our books")
        EXTRA = "extra", _("not at Stripe")
        WRONG = "wrong", _("another amount")

    key = models.CharField(max_length=160, unique=True)
    what = models.CharField(max_length=7, choices=What)
    subject = models.CharField(max_length=120, help_text="Stripe's object, or the reference of the movement")
    kind = models.CharField(max_length=40, blank=True)
    found = models.CharField(max_length=60)
    expected = models.CharField(max_length=60)
    first = models.ForeignKey(StripeCheck, models.PROTECT, related_name="new_findings")
    last = models.ForeignKey(StripeCheck, models.PROTECT, related_name="findings")

    objects: ClassVar[models.Manager["StripeFinding"]] = models.Manager()

    class Meta:
        verbose_name = _("difference with Stripe")
        ordering = ["what", "subject"]

    def __str__(self) -> str:
        return self.key
