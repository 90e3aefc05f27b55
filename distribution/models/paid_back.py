"""Credit that a household had on its account and has back on its bank account."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from distribution.models.boxes import Undoable
from hub.models import Household, Transfer
from hub.models.fields import money_field


class PaidBack(Undoable):
    """A transfer that the treasurer made to a household out of what was on its account."""

    household = models.ForeignKey(Household, models.PROTECT, related_name="paid_back")
    amount = money_field()
    transfer = models.OneToOneField(Transfer, models.PROTECT, related_name="paid_back")

    objects: ClassVar[models.Manager["PaidBack"]] = models.Manager()

    class Meta:
        verbose_name = _("credit paid back")
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="distribution_paidback_of_something")]

    def __str__(self) -> str:
        return self.key
