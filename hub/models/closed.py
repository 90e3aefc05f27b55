"""Closed days, months and years of the books: chained to each other, and open to no entry any more."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from hub.models.fields import money_field


class ClosedPeriodQuerySet(models.QuerySet["ClosedPeriod"]):
    def days(self) -> Self:
        """Closed days alone, apart from months and years."""
        return self.filter(kind=ClosedPeriod.Kind.DAY)


class ClosedPeriod(models.Model):
    """A finished day, month or year. Whoever inserts it says which; the database counts, adds up and chains it.

    `digest` is SHA-256 over the previous digest of its kind, what stands in this row, and each entry of the day (each day of
    the month, each month of the year) in order. `perpetual` adds up everything since the first day.
    """

    class Kind(models.TextChoices):
        DAY = "day", _("day")
        MONTH = "month", _("month")
        YEAR = "year", _("year")

    kind = models.CharField(max_length=5, choices=Kind)
    code = models.CharField(max_length=10, help_text="2026-11-25, 2026-11 or 2026")
    begins = models.DateTimeField()
    ends = models.DateTimeField(help_text="the first instant after it")
    entries = models.PositiveIntegerField(default=0)
    total = money_field(default=0)
    perpetual = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    previous = models.CharField(max_length=64, default="")
    digest = models.CharField(max_length=64, default="")
    closed_at = models.DateTimeField()

    objects = ClosedPeriodQuerySet.as_manager()

    class Meta:
        verbose_name = _("closed period")
        indexes = [models.Index(fields=["kind", "-ends"], name="hub_closedperiod_latest")]
        constraints = [
            models.UniqueConstraint(fields=["kind", "code"], name="hub_closedperiod_once"),
            models.CheckConstraint(
                condition=models.Q(ends__gt=models.F("begins")), name="hub_closedperiod_begins_before_it_ends"
            ),
        ]

    def __str__(self) -> str:
        return self.code
