"""Bottles and jars that come back: what their deposits are given back for."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from distribution.models.boxes import Undoable
from distribution.models.settlement import Statement
from hub.models import Collection, Household, Transfer
from hub.models.fields import money_field
from producers.models import Producer


class ContainerReturn(Undoable):
    """Containers of a farm that a household brought back: their deposits are on its account again.

    `elsewhere` says that the host took more than the household ever had: they came from another one. The farm gets its
    containers and gives back the deposits: `statement` is the one that says so.
    """

    household = models.ForeignKey(Household, models.PROTECT, related_name="returns")
    collection = models.ForeignKey(Collection, models.PROTECT, related_name="returns")
    producer = models.ForeignKey(Producer, models.PROTECT, related_name="returns")
    deposit = money_field()
    count = models.PositiveIntegerField()
    elsewhere = models.BooleanField(default=False)
    transfer = models.OneToOneField(Transfer, models.PROTECT, related_name="container_return")
    statement = models.ForeignKey(Statement, models.PROTECT, null=True, blank=True, related_name="returns")

    objects: ClassVar[models.Manager["ContainerReturn"]] = models.Manager()

    class Meta:
        verbose_name = _("returned containers")
        constraints = [
            models.CheckConstraint(
                condition=Q(deposit__gt=0, count__gt=0), name="distribution_containerreturn_of_something"
            ),
            models.CheckConstraint(
                condition=Q(statement=None) | Q(undone_at=None), name="distribution_containerreturn_stated_stays"
            ),
        ]

    def __str__(self) -> str:
        return self.key
