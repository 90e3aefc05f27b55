"""When food is handed out: one collection is one date at one point."""

from datetime import date, datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hub.models.people import Member
from hub.models.places import CollectionPoint


class CollectionQuerySet(models.QuerySet["Collection"]):
    def taking_orders(self, now: datetime) -> Self:
        """Within their order window, not counted, not cancelled. For lists; placing asks the database's clock."""
        return self.filter(opens_at__lte=now, closes_at__gt=now, counted_at=None, cancelled_at=None)

    def due_to_close(self, now: datetime) -> Self:
        """Past their deadline and not yet counted."""
        return self.filter(closes_at__lte=now, counted_at=None, cancelled_at=None)

    def ordered_from_by(self, member: Member) -> Self:
        """Collections of the points where the member's household is accepted."""
        return self.filter(point__memberships__household=member.household_id, point__memberships__status="accepted")

    def in_state(self, status: str, now: datetime) -> Self:
        """Those whose `state` is this one."""
        waiting = self.filter(counted_at=None, cancelled_at=None)
        match status:
            case "planned":
                return waiting.filter(closes_at__gt=now).exclude(opens_at__lte=now)
            case "open":
                return self.taking_orders(now)
            case "closed":
                return self.filter(Q(status="closed") | Q(closes_at__lte=now, counted_at=None, cancelled_at=None))
        return self.filter(status=status)

    def visible_to(self, member: Member) -> Self:
        """A coordinator: all; a host: their points'; anybody: those of points where their household is accepted."""
        if member.is_coordinator:
            return self
        return self.filter(
            Q(point__in=CollectionPoint.objects.visible_to(member))
            | Q(point__memberships__household=member.household_id, point__memberships__status="accepted")
        ).distinct()

    def run_by(self, member: Member) -> Self:
        """Collections the member may run: of the points they host; a coordinator, all."""
        return self if member.is_coordinator else self.filter(point__in=CollectionPoint.objects.visible_to(member))


class Collection(models.Model):
    """One date at one point: the window for orders, the window for the hand-over, and how far it has come."""

    class Status(models.TextChoices):
        PLANNED = "planned", _("planned")
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")
        IN_PROGRESS = "in_progress", _("in progress")
        CONFIRMED = "confirmed", _("confirmed")
        CANCELLED = "cancelled", _("cancelled")

    code = models.SlugField(max_length=60, unique=True)
    point = models.ForeignKey(CollectionPoint, models.PROTECT, related_name="collections")
    opens_at = models.DateTimeField(_("orders open"), null=True, blank=True)
    closes_at = models.DateTimeField(_("orders close"))
    starts_at = models.DateTimeField(_("hand-over from"))
    ends_at = models.DateTimeField(_("hand-over until"))
    week = models.CharField(max_length=8, help_text="ISO week of the local date of starts_at, as 2026-W48")
    status = models.CharField(max_length=12, choices=Status, default=Status.PLANNED)
    note = models.CharField(_("a word to members"), max_length=300, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    counted_at = models.DateTimeField(null=True, blank=True)
    begun_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    cancel_reason = models.CharField(max_length=300, blank=True)

    MOVES = {
        Status.PLANNED: {Status.OPEN, Status.CLOSED, Status.CANCELLED},
        Status.OPEN: {Status.CLOSED, Status.CANCELLED},
        Status.CLOSED: {Status.IN_PROGRESS, Status.CONFIRMED, Status.CANCELLED},
        Status.IN_PROGRESS: {Status.CONFIRMED},
        Status.CONFIRMED: set[Status](),
        Status.CANCELLED: set[Status](),
    }
    STAMPS = {
        Status.OPEN: "opened_at",
        Status.CLOSED: "counted_at",
        Status.IN_PROGRESS: "begun_at",
        Status.CONFIRMED: "confirmed_at",
        Status.CANCELLED: "cancelled_at",
    }
    objects = CollectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("collection")
        ordering = ["starts_at"]
        indexes = [
            models.Index(fields=["point", "starts_at"]),
            models.Index(fields=["week"]),
            models.Index(
                fields=["closes_at"], condition=Q(counted_at=None, cancelled_at=None), name="hub_collection_due"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(opens_at=None) | Q(opens_at__lt=F("closes_at")),
                name="hub_collection_opens_before_close",
                violation_error_message=_("Orders must open before they close."),
            ),
            models.CheckConstraint(
                condition=Q(closes_at__lte=F("starts_at")),
                name="hub_collection_closes_before_start",
                violation_error_message=_("Orders must close before the hand-over starts."),
            ),
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at")),
                name="hub_collection_starts_before_end",
                violation_error_message=_("The hand-over must start before it ends."),
            ),
            models.CheckConstraint(
                condition=Q(status__in=["planned", "open", "cancelled"]) | Q(counted_at__isnull=False),
                name="hub_collection_counted_when_closed",
                violation_error_message=_("A closed collection has been counted."),
            ),
            models.CheckConstraint(
                condition=~Q(status="confirmed") | Q(confirmed_at__isnull=False),
                name="hub_collection_confirmed_stamp",
                violation_error_message=_("A confirmed collection says when."),
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at=None) | Q(status="cancelled"),
                name="hub_collection_cancelled_status",
                violation_error_message=_("A cancelled collection says so."),
            ),
            models.CheckConstraint(
                condition=Q(settled_at=None) | Q(confirmed_at__isnull=False),
                name="hub_collection_settled_after_confirmation",
                violation_error_message=_("Only a confirmed collection is settled."),
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def is_open(self, now: datetime) -> bool:
        """Whether orders are taken at `now`. A page may ask this; `ordering.place` asks the database."""
        within = self.opens_at is not None and self.opens_at <= now < self.closes_at
        return within and self.counted_at is None and self.cancelled_at is None

    def state(self, now: datetime) -> "Collection.Status":
        """The status as it is by the clock: a sweep opens and closes up to a minute late."""
        if self.counted_at is not None or self.cancelled_at is not None:
            return self.Status(self.status)
        if now >= self.closes_at:
            return self.Status.CLOSED
        return self.Status.OPEN if self.is_open(now) else self.Status.PLANNED

    @property
    def is_counted(self) -> bool:
        return self.counted_at is not None

    def may_move_to(self, status: Status) -> bool:
        """Whether a status may follow the one it has."""
        return status in self.MOVES[self.Status(self.status)]

    def move_to(self, status: Status, now: datetime) -> None:
        """Take the next state and stamp it. Raises ValueError for a move the table does not allow."""
        if not self.may_move_to(status):
            raise ValueError(f"collection {self.code}: {self.status} -> {status}")
        self.status = status
        setattr(self, self.STAMPS[status], now)
        self.save(update_fields=["status", self.STAMPS[status]])

    @property
    def local_date(self) -> date:
        """The day of the hand-over in the hub's time zone."""
        from hub.calendar import local_date  # calendar.py builds on this model

        return local_date(self.starts_at)
