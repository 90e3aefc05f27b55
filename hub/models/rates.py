"""Rates from a day on: the shares of hosts and cooperative, and the country's VAT."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hub.models.places import CollectionPoint


class FeeRule(models.Model):
    """A share of the shelf price taken by the host or the hub, VAT on the fee included. The latest valid rule counts;
    a rule for one point goes before a rule for all."""

    class Payee(models.TextChoices):
        HOST = "host", _("host")
        HUB = "hub", _("cooperative")

    payee = models.CharField(_("for"), max_length=10, choices=Payee)
    percentage = models.DecimalField(_("percentage of the shelf price"), max_digits=5, decimal_places=2)
    point = models.ForeignKey(CollectionPoint, models.CASCADE, null=True, blank=True, related_name="fee_rules")
    valid_from = models.DateField(_("from"))

    class Meta:
        verbose_name = _("fee rule")
        constraints = [
            models.CheckConstraint(
                condition=Q(percentage__gte=0, percentage__lte=50),
                name="hub_feerule_percentage",
                violation_error_message=_("A fee is between 0 and 50 per cent of the price."),
            ),
            models.UniqueConstraint(
                fields=["payee", "point", "valid_from"],
                nulls_distinct=False,
                name="hub_feerule_once",
                violation_error_message=_("There is already a rule from this day."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_payee_display()} {self.percentage} %"


class VatRate(models.Model):
    """A rate of value-added tax with the days it holds. Source for France: CGI art. 278 to 281 nonies."""

    percentage = models.DecimalField(_("percentage"), max_digits=4, decimal_places=2)
    valid_from = models.DateField(_("from"))
    valid_until = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("VAT rate")
        ordering = ["percentage"]
        constraints = [
            models.UniqueConstraint(
                fields=["percentage", "valid_from"],
                name="hub_vatrate_once",
                violation_error_message=_("There is already this rate from this day."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.percentage} %"
