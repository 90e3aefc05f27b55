"""Receipts and statements, of farms and of points, on paper, as they were handed out."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from distribution.models.settlement import PointStatement, Receipt, Statement


class KeptPaper(models.Model):
    """A PDF that was made of a receipt or a statement in a language: the SHA-256 of the file that is kept.

    Where a file is lost and comes out otherwise, as with newer libraries, the next one is written down as well.
    """

    receipt = models.ForeignKey(Receipt, models.PROTECT, null=True, blank=True, related_name="papers")
    statement = models.ForeignKey(Statement, models.PROTECT, null=True, blank=True, related_name="papers")
    point_statement = models.ForeignKey(PointStatement, models.PROTECT, null=True, blank=True, related_name="papers")
    language = models.CharField(max_length=2)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    made_at = models.DateTimeField()

    objects: ClassVar[models.Manager["KeptPaper"]] = models.Manager()

    class Meta:
        verbose_name = _("PDF that is kept")
        constraints = [
            models.CheckConstraint(
                condition=Q(receipt__isnull=False, statement=None, point_statement=None)
                | Q(receipt=None, statement__isnull=False, point_statement=None)
                | Q(receipt=None, statement=None, point_statement__isnull=False),
                name="distribution_keptpaper_of_one",
            ),
            models.UniqueConstraint(
                fields=["receipt", "statement", "point_statement", "language", "sha256"],
                nulls_distinct=False,
                name="distribution_keptpaper_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.receipt or self.statement or self.point_statement}: {self.sha256}"
