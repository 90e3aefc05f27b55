"""Money received from a household by a person: at the point, or into its account."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hub.models import CollectionPoint, Household, Member
from hub.models.fields import money_field
from orders.models.order import Order


class Payment(models.Model):
    """Cash, cheque, transfer or local currency taken from a household. `key` makes recording it twice harmless."""

    class Means(models.TextChoices):
        CASH = "cash", _("cash")
        CHEQUE = "cheque", _("cheque")
        TRANSFER = "transfer", _("bank transfer")
        LOCAL = "local", _("local currency")

    key = models.CharField(max_length=100, unique=True)
    household = models.ForeignKey(Household, models.PROTECT, related_name="payments")
    order = models.ForeignKey(Order, models.PROTECT, null=True, blank=True, related_name="payments")
    point = models.ForeignKey(CollectionPoint, models.PROTECT, null=True, blank=True, related_name="payments")
    means = models.CharField(_("means"), max_length=10, choices=Means)
    amount = money_field()
    note = models.CharField(_("cheque number, bank …"), max_length=100, blank=True)
    received_at = models.DateTimeField()
    received_by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["Payment"]] = models.Manager()

    class Meta:
        verbose_name = _("payment")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="orders_payment_amount_positive",
                violation_error_message=_("An amount is above zero."),
            )
        ]

    def __str__(self) -> str:
        return self.key
