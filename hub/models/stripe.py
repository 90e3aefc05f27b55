"""What passed between us and Stripe: calls that must end the same however often they are made, and events as they came."""

from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from hub.models.fields import money_field


class StripeCall(models.Model):
    """A change asked of Stripe under a key of ours. Written before the call leaves, so that a lost answer is asked for
    again with the same key and the change happens once. `request_hash` keeps a key from standing for two requests."""

    class State(models.TextChoices):
        SENT = "sent", _("sent, no answer yet")
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")

    key = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=20)
    request_hash = models.CharField(max_length=64)
    stripe_id = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.SENT)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        verbose_name = _("call to Stripe")
        indexes = [models.Index(fields=["stripe_id"])]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="done") | ~models.Q(stripe_id=""), name="hub_stripecall_done_has_id"
            )
        ]

    def __str__(self) -> str:
        return self.key


class StripeEventQuerySet(models.QuerySet["StripeEvent"]):
    def waiting(self) -> Self:
        """Those whose objects were not read again yet."""
        return self.filter(read_at=None)


class StripeEvent(models.Model):
    """An event as Stripe sent it, stored once. It says which object to read again, and is believed in nothing else."""

    stripe_id = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=80)
    subject = models.CharField(max_length=80, help_text="id of the object it tells of")
    received_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    objects = StripeEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event from Stripe")
        indexes = [
            models.Index(fields=["received_at"], condition=models.Q(read_at=None), name="hub_stripeevent_waiting")
        ]

    def __str__(self) -> str:
        return self.stripe_id


class StripeMovement(models.Model):
    """A movement of our balance at Stripe, kept as it was told: our books are compared with these (distribution/books)."""

    stripe_id = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=80, blank=True, help_text="id of the object it is about")
    amount = money_field()
    fee = money_field(default=0)
    at = models.DateTimeField()

    objects: ClassVar[models.Manager["StripeMovement"]] = models.Manager()

    class Meta:
        verbose_name = _("movement at Stripe")
        indexes = [
            models.Index(fields=["subject"], name="hub_stripemovement_subject"),
            models.Index(fields=["at"], name="hub_stripemovement_at"),
        ]

    def __str__(self) -> str:
        return self.stripe_id
