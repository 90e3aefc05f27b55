"""What came in from programs and must be answered the same way twice."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from hub.models.people import Member


class IdempotencyKey(models.Model):
    """The first answer given to a write that carried this key; the same write gets it again, another one is refused.

    Written in the transaction of the act it answers, so there is never one without the other.
    """

    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.JSONField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("idempotency key")
        indexes = [models.Index(fields=["created_at"])]
        constraints = [models.UniqueConstraint(fields=["member", "key"], name="hub_idempotencykey_once")]

    def __str__(self) -> str:
        return self.key


class Beat(models.Model):
    """When a sweep last ran to its end: what `/readyz` and the operator look at."""

    name = models.CharField(max_length=40, primary_key=True)
    ran_at = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("sweep")

    def __str__(self) -> str:
        return self.name
