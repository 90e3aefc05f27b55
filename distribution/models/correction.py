"""Corrections: what is put right after a statement was issued, told on the next one."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from distribution.models.settlement import Statement
from hub.models import Household, Member
from hub.models.fields import money_field
from producers.models import Producer


class CorrectionQuerySet(models.QuerySet["Correction"]):
    def untold(self) -> Self:
        """Those no statement tells yet, the oldest first."""
        return self.filter(statement=None).order_by("noted_at", "pk")


class Correction(models.Model):
    """An amount that a farm gets (above zero) or gives back (below), in the books at once and on its next statement.

    The other side is a household, or the cooperative where none is named. Nothing of it changes; a wrong one is answered
    by one in the other direction. Where an invoice told what was corrected, a credit note follows (rectifying.py).
    """

    producer = models.ForeignKey(Producer, models.PROTECT, related_name="corrections")
    about = models.ForeignKey(Statement, models.PROTECT, null=True, blank=True, related_name="corrected_by")
    household = models.ForeignKey(Household, models.PROTECT, null=True, blank=True, related_name="corrections")
    amount = money_field()
    about_fee = models.BooleanField(default=False, help_text="the cooperative gives back a part of its fee")
    words = models.CharField(max_length=120)
    key = models.CharField(max_length=80, unique=True, help_text="given by the form: sent twice, noted once")
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    statement = models.ForeignKey(Statement, models.PROTECT, null=True, blank=True, related_name="corrections")

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("correction")
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="distribution_correction_of_something"),
            models.CheckConstraint(
                condition=~Q(words=""),
                name="distribution_correction_says_why",
                violation_error_message=_("Say what it is about: the farm reads it on its statement."),
            ),
            models.CheckConstraint(
                condition=Q(about_fee=False) | Q(amount__gt=0, household=None, about__isnull=False),
                name="distribution_correction_of_a_fee",
                violation_error_message=_(
                    "A fee is given back by the cooperative to the farm, of a statement that is named."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.producer}: {self.amount}"

    @property
    def reference(self) -> str:
        """Names its transfer in the books."""
        return f"correction:{self.key}"
