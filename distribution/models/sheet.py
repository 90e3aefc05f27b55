"""The deadline's own rows: how far a close has come, decisions on minimums, later changes, frozen sheets."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hub.models import Collection, CollectionPoint, Member
from hub.models.fields import money_field
from orders.models import OrderLine
from producers.models import Producer


class Closing(models.Model):
    """Which steps of a collection's close are done. Each is stored, so a sweep goes on where a killed one stopped."""

    collection = models.OneToOneField(Collection, models.PROTECT, related_name="closing")
    counted_at = models.DateTimeField()
    minimums_at = models.DateTimeField(null=True, blank=True)
    numbered_at = models.DateTimeField(null=True, blank=True)
    frozen_at = models.DateTimeField(null=True, blank=True)
    announced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("close")

    def __str__(self) -> str:
        return str(self.collection)


class MinimumDecisionQuerySet(models.QuerySet["MinimumDecision"]):
    def open(self) -> Self:
        """Those nobody has answered."""
        return self.filter(decision="")

    def visible_to(self, member: Member) -> Self:
        """Those the member may decide on: a producer's people, their own; a coordinator, all."""
        return self.filter(producer__in=Producer.objects.visible_to(member))


class MinimumDecision(models.Model):
    """A producer's orders at a collection stayed below their minimum: deliver anyway, or cancel and tell members."""

    class Decision(models.TextChoices):
        DELIVER = "deliver", _("deliver anyway")
        CANCEL = "cancel", _("cancel and tell members")

    collection = models.ForeignKey(Collection, models.PROTECT, related_name="minimum_decisions")
    producer = models.ForeignKey(Producer, models.PROTECT, related_name="minimum_decisions")
    ordered = money_field()
    minimum = money_field()
    due_at = models.DateTimeField()
    decision = models.CharField(max_length=8, choices=Decision, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")

    objects = MinimumDecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision on a minimum")
        constraints = [
            models.UniqueConstraint(fields=["collection", "producer"], name="distribution_minimumdecision_once"),
            models.CheckConstraint(
                condition=Q(decision="", decided_at=None) | (~Q(decision="") & Q(decided_at__isnull=False)),
                name="distribution_minimumdecision_stamped",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.collection}: {self.producer}"


class LineChange(models.Model):
    """A change to what shall be delivered, made after the close. Append-only; a trigger moves the line's `due`."""

    class Reason(models.TextChoices):
        MINIMUM = "minimum", _("below the producer’s minimum")
        PRODUCER = "producer", _("the producer cannot deliver")
        MEMBER = "member", _("asked by the member")
        MISTAKE = "mistake", _("a mistake is put right")
        CANCELLED = "cancelled", _("the collection is cancelled")
        UNPAID = "unpaid", _("the card was refused")

    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="changes")
    collection = models.ForeignKey(Collection, models.PROTECT, related_name="line_changes")
    key = models.CharField(max_length=100, unique=True)
    delta = models.IntegerField()
    reason = models.CharField(max_length=12, choices=Reason)
    note = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("change of a line")
        constraints = [models.CheckConstraint(condition=~Q(delta=0), name="distribution_linechange_changes")]

    def __str__(self) -> str:
        return f"{self.line}: {self.delta:+d}"


class SheetQuerySet(models.QuerySet["Sheet"]):
    def visible_to(self, member: Member) -> Self:
        """A coordinator: all; a host, those of their points and the harvest lists of the farms that come there; a
        producer's people, their own."""
        if member.is_coordinator:
            return self
        run = Collection.objects.run_by(member)
        points = CollectionPoint.objects.visible_to(member)
        return self.filter(
            Q(collection__in=run)
            | Q(producer__in=Producer.objects.visible_to(member))
            | Q(kind="harvest", producer__in=Producer.objects.filter(supplies__point__in=points))
        )

    def latest_versions(self) -> Self:
        """The newest version of each sheet."""
        same = ("kind", "collection_id", "week", "producer_id")
        return self.order_by(*same, "-version").distinct(*same)


class Sheet(models.Model):
    """A frozen, versioned document. A harvest list belongs to a producer and a week, all others to a collection."""

    class Kind(models.TextChoices):
        HARVEST = "harvest", _("harvest list")
        DELIVERY_NOTE = "delivery-note", _("delivery note")
        MEMBER_SLIPS = "member-slips", _("members’ slips")
        PACKING = "packing", _("packing sheets")
        SIGN_OFF = "sign-off", _("sign-off list")
        TABLE_PLAN = "table-plan", _("table plan")
        LABELS = "labels", pgettext_lazy("sheet", "labels")
        DUTY = "duty", _("duty bundle")
        ROUTE = "route", _("route sheet")

    kind = models.CharField(max_length=14, choices=Kind)
    collection = models.ForeignKey(Collection, models.PROTECT, null=True, blank=True, related_name="sheets")
    week = models.CharField(max_length=8)
    producer = models.ForeignKey(Producer, models.PROTECT, null=True, blank=True, related_name="sheets")
    version = models.PositiveIntegerField()
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)
    extracted_at = models.DateTimeField()
    purged_at = models.DateTimeField(null=True, blank=True)

    objects = SheetQuerySet.as_manager()

    class Meta:
        verbose_name = _("sheet")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "collection", "week", "producer", "version"],
                nulls_distinct=False,
                name="distribution_sheet_version_once",
            ),
            models.CheckConstraint(
                condition=Q(kind="harvest", collection=None, producer__isnull=False)
                | (~Q(kind="harvest") & Q(collection__isnull=False)),
                name="distribution_sheet_belongs",
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="distribution_sheet_version_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} v{self.version}"
