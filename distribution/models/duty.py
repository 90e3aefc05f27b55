"""Helpers' slots at a collection."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from hub.models import Collection, Member


class Duty(models.Model):
    """One slot at one collection: taken by a member, or still free."""

    collection = models.ForeignKey(Collection, models.CASCADE, related_name="duties")
    role = models.CharField(_("task"), max_length=60)
    member = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="duties")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("duty")
        verbose_name_plural = _("duties")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return f"{self.collection}: {self.role}"
