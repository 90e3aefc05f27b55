"""The day itself: who arrived, who collected what, what was missing, and the word that it is over."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hub.models import Collection, Member
from orders.models import Order, OrderLine
from producers.models import Producer


class Arrival(models.Model):
    """A producer's goods reached the point."""

    collection = models.ForeignKey(Collection, models.PROTECT, related_name="arrivals")
    producer = models.ForeignKey(Producer, models.PROTECT, related_name="arrivals")
    arrived_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("arrival")
        constraints = [models.UniqueConstraint(fields=["collection", "producer"], name="distribution_arrival_once")]

    def __str__(self) -> str:
        return f"{self.collection}: {self.producer}"


class HandoverAction(models.Model):
    """One thing done at the hand-over, from a page or a tablet. Its id comes from the device, so that it counts once."""

    class Kind(models.TextChoices):
        COLLECTED = "collected", _("collected")
        SHORT = "short", _("missing")
        WEIGHED = "weighed", _("weighed")
        PAID = "paid", _("paid")
        NOTE = "note", _("note")
        RETURNED = "returned", _("containers returned")
        UNDO = "undo", _("undone")

    uid = models.UUIDField(unique=True)
    collection = models.ForeignKey(Collection, models.PROTECT, related_name="handover_actions")
    order = models.ForeignKey(Order, models.PROTECT, null=True, blank=True, related_name="handover_actions")
    line = models.ForeignKey(OrderLine, models.PROTECT, null=True, blank=True, related_name="handover_actions")
    kind = models.CharField(max_length=10, choices=Kind)
    data = models.JSONField(default=dict)
    at = models.DateTimeField()
    applied_at = models.DateTimeField()
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("action at the hand-over")

    def __str__(self) -> str:
        return str(self.uid)


class Handover(models.Model):
    """A household's goods were handed over: when, by whom, to whom."""

    order = models.OneToOneField(Order, models.PROTECT, related_name="handover")
    collection = models.ForeignKey(Collection, models.PROTECT, related_name="handovers")
    collected_at = models.DateTimeField()
    collected_by = models.CharField(_("collected by"), max_length=80, blank=True)
    note = models.CharField(max_length=300, blank=True)
    recorded_by = models.ForeignKey(Member, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("hand-over")

    def __str__(self) -> str:
        return str(self.order)


class Shortage(models.Model):
    """Packs of a line that were not delivered, with a reason from the list."""

    class Reason(models.TextChoices):
        HARVEST = "harvest", _("short harvest")
        FORGOTTEN = "forgotten", _("forgotten at the farm")
        BROKEN = "broken", _("broken or spoilt")
        QUALITY = "quality", _("poor quality")
        LOST = "lost", _("lost on the way")
        OTHER = "other", _("other")

    line = models.OneToOneField(OrderLine, models.PROTECT, related_name="shortage")
    collection = models.ForeignKey(Collection, models.PROTECT, related_name="shortages")
    quantity = models.PositiveIntegerField()
    reason = models.CharField(max_length=10, choices=Reason)
    note = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("shortage")
        constraints = [models.CheckConstraint(condition=Q(quantity__gt=0), name="distribution_shortage_quantity")]

    def __str__(self) -> str:
        return f"{self.line}: {self.quantity}"


class Confirmation(models.Model):
    """The host's (or, 48 hours after the end, the coordinator's) word that a collection is over."""

    collection = models.OneToOneField(Collection, models.PROTECT, related_name="confirmation")
    at = models.DateTimeField()
    by = models.ForeignKey(Member, models.PROTECT, related_name="+")
    uncollected = models.JSONField(default=dict, help_text="order code → what became of it")

    class Meta:
        verbose_name = _("confirmation")

    def __str__(self) -> str:
        return str(self.collection)
