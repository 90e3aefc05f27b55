"""Where food is handed out: collection points, their hosts, the households accepted there, and their weekly rhythm."""

from datetime import datetime, timedelta
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from hub.models.fields import money_field
from hub.models.people import Household, Invitation, Member


class PaymentMethod(models.TextChoices):
    """How a household settles an order; each point says which it offers."""

    ACCOUNT = "account", _("household account")
    AT_POINT = "at-point", _("at the collection point")
    CARD = "card", _("card")


def default_methods() -> list[str]:
    """A new point is paid on the spot until somebody says otherwise."""
    return [PaymentMethod.AT_POINT]


class CollectionPointQuerySet(models.QuerySet["CollectionPoint"]):
    def active(self) -> Self:
        """Points that are still in use."""
        return self.filter(archived_at=None)

    def visible_to(self, member: Member) -> Self:
        """The points a member may look after: a host, theirs; a coordinator, all."""
        if member.is_coordinator:
            return self
        return self.filter(pk__in=Host.objects.current().filter(member=member).values("point"))


class CollectionPoint(models.Model):
    """A place where households collect their food."""

    class Kind(models.TextChoices):
        MARKET = "market", _("market")
        AMAP = "amap", _("AMAP")
        ROUND = "round", _("home-delivery round")

    class MinimumDefault(models.TextChoices):
        DELIVER = "deliver", _("deliver anyway")
        CANCEL = "cancel", _("cancel and tell members")

    class RefusedCard(models.TextChoices):
        AT_POINT = "at-point", _("the order is paid at the point")
        RELEASE = "release", _("the order is cancelled")

    class Joining(models.TextChoices):
        REQUEST = "request", _("a host accepts each request")
        OPEN = "open", _("at once")

    class LabelGrid(models.TextChoices):
        A4_3X8 = "3x8", _("A4, 3 × 8")
        A4_4X10 = "4x10", _("A4, 4 × 10")

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.MARKET)
    address = models.CharField(_("address"), max_length=200, blank=True)
    postcode = models.CharField(_("postcode"), max_length=10, blank=True)
    city = models.CharField(_("town"), max_length=80, blank=True)
    latitude = models.DecimalField(max_digits=8, decimal_places=5, null=True, blank=True)
    longitude = models.DecimalField(max_digits=8, decimal_places=5, null=True, blank=True)
    description = models.TextField(_("description"), blank=True)
    access_note = models.CharField(_("how to get in"), max_length=200, blank=True)
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    keys_note = models.TextField(_("keys and instructions for those on duty"), blank=True)
    picture = models.CharField(max_length=60, blank=True)
    joining = models.CharField(_("how households join"), max_length=10, choices=Joining, default=Joining.REQUEST)
    payment_methods = ArrayField(
        models.CharField(max_length=20, choices=PaymentMethod), verbose_name=_("ways to pay"), default=default_methods
    )
    refused_card = models.CharField(
        _("when a card stays refused for 12 hours"), max_length=10, choices=RefusedCard, default=RefusedCard.AT_POINT
    )
    account_floor = money_field(verbose_name=_("lowest account balance"), default=0)
    at_point_ceiling = money_field(verbose_name=_("most a household may owe at the point"), default=300)
    minimum_order = money_field(verbose_name=_("smallest order"), null=True, blank=True)
    minimum_delay = models.DurationField(_("time to decide on a producer’s minimum"), default=timedelta(hours=2))
    minimum_default = models.CharField(
        _("when nobody decides"), max_length=10, choices=MinimumDefault, default=MinimumDefault.DELIVER
    )
    shares_contacts = models.BooleanField(_("producers see members’ phone numbers"), default=False)
    prints_phones = models.BooleanField(_("phone numbers on the sign-off list"), default=False)
    label_grid = models.CharField(_("label sheet"), max_length=10, choices=LabelGrid, default=LabelGrid.A4_3X8)
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = CollectionPointQuerySet.as_manager()

    class Meta:
        verbose_name = _("collection point")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(payment_methods__len__gte=1),
                name="hub_collectionpoint_pays_somehow",
                violation_error_message=_("A point offers at least one way to pay."),
            ),
            models.CheckConstraint(
                condition=Q(at_point_ceiling__gte=0) & (Q(minimum_order=None) | Q(minimum_order__gte=0)),
                name="hub_collectionpoint_amounts",
                violation_error_message=_("These amounts are not below zero."),
            ),
            models.CheckConstraint(
                condition=Q(minimum_delay__gte=timedelta(0)),
                name="hub_collectionpoint_delay",
                violation_error_message=_("The time to decide is not below zero."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def full_address(self) -> str:
        """Street, postcode and town on one line."""
        return ", ".join(filter(None, [self.address, f"{self.postcode} {self.city}".strip()]))

    @property
    def where(self) -> str:
        """Its name and address on one line."""
        return ", ".join(filter(None, [self.name, self.full_address]))


class HostQuerySet(models.QuerySet["Host"]):
    def current(self) -> Self:
        """Those who host now: nobody has ended it."""
        return self.filter(until=None)


class Host(models.Model):
    """A member who runs a collection point."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="hostings")
    point = models.ForeignKey(CollectionPoint, models.PROTECT, related_name="hosts")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    objects = HostQuerySet.as_manager()

    class Meta:
        verbose_name = _("host")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "point"],
                condition=Q(until=None),
                name="hub_host_once",
                violation_error_message=_("This person already hosts this point."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.member}, {self.point}"


class HostInvitation(Invitation):
    """Invites somebody to host a point."""

    PLACE = "point"
    point = models.ForeignKey(CollectionPoint, models.CASCADE, related_name="invitations")

    class Meta(Invitation.Meta):
        verbose_name = _("host’s invitation")
        constraints = [
            *Invitation.Meta.constraints,
            models.UniqueConstraint(
                "point",
                Lower("email"),
                condition=Q(used_at=None, withdrawn_at=None),
                name="hub_hostinvitation_once",
                violation_error_message=_("This address has been invited already."),
            ),
        ]


class MembershipQuerySet(models.QuerySet["Membership"]):
    def accepted(self) -> Self:
        """Of households that may order there."""
        return self.filter(status=Membership.Status.ACCEPTED)

    def requested(self) -> Self:
        """Of households that wait for the host's answer."""
        return self.filter(status=Membership.Status.REQUESTED)

    def visible_to(self, member: Member) -> Self:
        """Those of the points the member looks after, and their own household's."""
        if member.is_coordinator:
            return self
        return self.filter(Q(household=member.household_id) | Q(point__in=CollectionPoint.objects.visible_to(member)))


class Membership(models.Model):
    """A household's place at a collection point: asked for, accepted, ended."""

    class Status(models.TextChoices):
        REQUESTED = "requested", _("requested")
        ACCEPTED = "accepted", _("accepted")
        REFUSED = "refused", _("refused")
        ENDED = "ended", _("ended")

    household = models.ForeignKey(Household, models.PROTECT, related_name="memberships")
    point = models.ForeignKey(CollectionPoint, models.PROTECT, related_name="memberships")
    status = models.CharField(max_length=10, choices=Status, default=Status.REQUESTED)
    message = models.CharField(_("a word to the host"), max_length=300, blank=True)
    requested_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(Member, models.SET_NULL, null=True, blank=True, related_name="+")

    MOVES = {
        Status.REQUESTED: {Status.ACCEPTED, Status.REFUSED, Status.ENDED},
        Status.ACCEPTED: {Status.ENDED},
        Status.REFUSED: set[Status](),
        Status.ENDED: set[Status](),
    }
    STAMPS = {Status.ACCEPTED: "accepted_at", Status.REFUSED: "refused_at", Status.ENDED: "ended_at"}
    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        constraints = [
            models.UniqueConstraint(
                fields=["household", "point"],
                condition=Q(status__in=["requested", "accepted"]),
                name="hub_membership_once",
                violation_error_message=_("This household already belongs to this point, or has asked to."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.household}, {self.point}"

    def may_move_to(self, status: Status) -> bool:
        """Whether a status may follow the one it has."""
        return status in self.MOVES[self.Status(self.status)]

    def move_to(self, status: Status, now: datetime, by: Member | None) -> None:
        """Take the next state, stamp it and say who decided. Raises ValueError for a move the table does not allow."""
        if not self.may_move_to(status):
            raise ValueError(f"membership {self.pk}: {self.status} -> {status}")
        self.status, self.decided_by = status, by
        setattr(self, self.STAMPS[status], now)
        self.save(update_fields=["status", "decided_by", self.STAMPS[status]])


class WeeklySchedule(models.Model):
    """A point's rhythm: from it, collections are made some weeks ahead. Times are local wall time of the hub."""

    class Weekday(models.IntegerChoices):
        MONDAY = 0, _("Monday")
        TUESDAY = 1, _("Tuesday")
        WEDNESDAY = 2, _("Wednesday")
        THURSDAY = 3, _("Thursday")
        FRIDAY = 4, _("Friday")
        SATURDAY = 5, _("Saturday")
        SUNDAY = 6, _("Sunday")

    point = models.ForeignKey(CollectionPoint, models.CASCADE, related_name="schedules")
    weekday = models.PositiveSmallIntegerField(_("day of the hand-over"), choices=Weekday)
    starts = models.TimeField(_("hand-over from"))
    ends = models.TimeField(_("hand-over until"))
    opens_days_before = models.PositiveSmallIntegerField(
        _("orders open, days before"), validators=[MaxValueValidator(60)]
    )
    opens = models.TimeField(_("orders open at"))
    closes_days_before = models.PositiveSmallIntegerField(
        _("orders close, days before"), validators=[MaxValueValidator(30)]
    )
    closes = models.TimeField(_("orders close at"))
    every_weeks = models.PositiveSmallIntegerField(_("every how many weeks"), default=1)
    valid_from = models.DateField(_("first day"))
    valid_until = models.DateField(_("last day"), null=True, blank=True)

    class Meta:
        verbose_name = _("weekly schedule")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__gt=models.F("starts")),
                name="hub_weeklyschedule_ends_after_start",
                violation_error_message=_("The hand-over must end after it starts."),
            ),
            models.CheckConstraint(
                condition=Q(opens_days_before__gt=models.F("closes_days_before"))
                | Q(opens_days_before=models.F("closes_days_before"), opens__lt=models.F("closes")),
                name="hub_weeklyschedule_opens_before_close",
                violation_error_message=_("Orders must open before they close."),
            ),
            models.CheckConstraint(
                condition=Q(every_weeks__gte=1),
                name="hub_weeklyschedule_rhythm",
                violation_error_message=_("At least every week."),
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=models.F("valid_from")),
                name="hub_weeklyschedule_until_after_from",
                violation_error_message=_("The last day comes after the first."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.point}, {self.get_weekday_display()}"
