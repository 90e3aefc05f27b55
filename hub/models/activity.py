"""Who did what, when, to what: for people to read, beside the thing it is about. Append-only."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from hub.models.calendar import Collection
from hub.models.people import Household, Member
from hub.models.places import CollectionPoint


class Activity(models.Model):
    """One act. `verb` is a stable code (`order.placed`, `stock.published`, `order.amended` …), `subject` the public code
    of the thing, `data` what changed."""

    at = models.DateTimeField()
    verb = models.CharField(max_length=40)
    subject = models.CharField(max_length=80)
    member = models.ForeignKey(Member, models.DO_NOTHING, null=True, blank=True, related_name="+", db_constraint=False)
    household = models.ForeignKey(
        Household, models.DO_NOTHING, null=True, blank=True, related_name="+", db_constraint=False
    )
    point = models.ForeignKey(
        CollectionPoint, models.DO_NOTHING, null=True, blank=True, related_name="+", db_constraint=False
    )
    collection = models.ForeignKey(
        Collection, models.DO_NOTHING, null=True, blank=True, related_name="+", db_constraint=False
    )
    producer_code = models.CharField(max_length=60, blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("activity")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["verb", "subject"]),
            models.Index(fields=["collection", "-at"]),
            models.Index(fields=["producer_code", "-at"]),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject}"
