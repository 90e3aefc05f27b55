"""What a coordinator sets up before the first week: the cooperative, its points, rhythms, fees and roles."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from hub import activity, calendar, points
from hub.models import CollectionPoint, FeeRule, Host, Household, Hub, Member, Membership, Role, VatRate, WeeklySchedule


@transaction.atomic
def found(*, name: str, **identity: Any) -> Hub:
    """Say who the cooperative is; the fields of `Hub`. Saying it again changes it."""
    hub = Hub.get()
    hub.name = name
    for field, value in identity.items():
        setattr(hub, field, value)
    hub.full_clean(validate_constraints=False)
    hub.save()
    return hub


@transaction.atomic
def describe(*, hub: Hub, by: Member, now: datetime) -> Hub:
    """Write what a coordinator changed about the cooperative. Raises ValidationError."""
    before = Hub.objects.select_for_update().get(pk=hub.pk)
    hub.full_clean()
    if changed := points.changes(before, hub):
        hub.save()
        activity.record(verb="hub.described", subject=hub.name, by=by, now=now, data={"changed": changed})
    return hub


@transaction.atomic
def open_point(*, code: str, name: str, by: Member, now: datetime, **fields: Any) -> CollectionPoint:
    """Open a collection point. Raises ValidationError when a field is not what the model allows."""
    return keep_point(point=CollectionPoint(code=code, name=name, **fields), by=by, now=now)


@transaction.atomic
def keep_point(*, point: CollectionPoint, by: Member, now: datetime) -> CollectionPoint:
    """Write a new collection point. Raises ValidationError."""
    point.full_clean()
    point.save(force_insert=True)
    activity.record(verb="point.opened", subject=point.code, by=by, now=now)
    return point


@transaction.atomic
def set_rhythm(*, point: CollectionPoint, by: Member, now: datetime, **fields: Any) -> WeeklySchedule:
    """Give a point a weekly schedule, from which its collections are made. Raises ValidationError."""
    schedule = WeeklySchedule(point=point, **fields)
    schedule.full_clean()
    schedule.save()
    activity.record(verb="schedule.set", subject=point.code, by=by, now=now)
    return schedule


@transaction.atomic
def set_fee(
    *,
    payee: str,
    percentage: Decimal,
    valid_from: date,
    by: Member,
    now: datetime,
    point: CollectionPoint | None = None,
) -> FeeRule:
    """Let the host's or the hub's share be so many percent of the shelf price from a day on. Raises ValidationError."""
    rule = FeeRule(payee=payee, percentage=percentage, valid_from=valid_from, point=point)
    rule.full_clean()
    rule.save()
    activity.record(verb="fee.set", subject=payee, by=by, now=now, data={"percentage": str(percentage)})
    return rule


@transaction.atomic
def add_vat_rate(*, rate: VatRate, by: Member, now: datetime) -> VatRate:
    """One more rate of the country. Raises ValidationError."""
    rate.full_clean()
    rate.save()
    activity.record(verb="vat.added", subject=str(rate.percentage), by=by, now=now)
    return rate


@transaction.atomic
def take_french_rates(*, by: Member, now: datetime) -> None:
    """The rates of France that food and its containers know (CGI art. 278, 278-0 bis, 279, 281 quater). Twice is once."""
    set_vat_rates({Decimal(rate): date(2014, 1, 1) for rate in ("2.1", "5.5", "10", "20")})
    activity.record(verb="vat.added", subject="FR", by=by, now=now)


def set_vat_rates(rates: Mapping[Decimal, date]) -> None:
    """The VAT rates of the country: percentage → first day."""
    VatRate.objects.bulk_create(
        [VatRate(percentage=percentage, valid_from=day) for percentage, day in rates.items()], ignore_conflicts=True
    )


@transaction.atomic
def appoint_coordinator(*, member: Member, by: Member | None, now: datetime) -> Role:
    """Give a member the coordinator's role; the first one is appointed by nobody."""
    role, made = Role.objects.get_or_create(
        member=member, kind=Role.Kind.COORDINATOR, revoked_at=None, defaults={"granted_at": now, "granted_by": by}
    )
    if made:
        activity.record(verb="role.granted", subject=activity.person(member), by=by, now=now, data={"role": role.kind})
    return role


@transaction.atomic
def open_admin(*, member: Member, now: datetime) -> None:
    """Let a member look things up in the admin site, behind their second factor. Only a command does this."""
    member.is_staff = member.is_superuser = True
    member.save(update_fields=["is_staff", "is_superuser"])
    activity.record(verb="admin.opened", subject=activity.person(member), by=None, now=now)


@transaction.atomic
def appoint_host(*, member: Member, point: CollectionPoint, by: Member, now: datetime) -> Host:
    """Let a member run a point from today."""
    today = calendar.local_date(now)
    host, made = Host.objects.get_or_create(member=member, point=point, until=None, defaults={"since": today})
    if made:
        activity.record(
            verb="host.appointed", subject=point.code, by=by, now=now, data={"member": activity.person(member)}
        )
    return host


@transaction.atomic
def register(
    *, email: str, first_name: str, last_name: str, household: Household | None = None, phone: str = "", **home: Any
) -> Member:
    """A member as sign-up leaves them: with a household, their own unless one is given."""
    member = Member.objects.create_user(email, first_name=first_name, last_name=last_name, phone=phone)
    member.household = household or Household.objects.create(name=home.pop("name", member.full_name), **home)
    member.save(update_fields=["household"])
    return member


@transaction.atomic
def accept(*, household: Household, point: CollectionPoint, by: Member, now: datetime) -> Membership:
    """A host or coordinator takes a household in at a point without its having asked."""
    membership, _made = Membership.objects.get_or_create(
        household=household,
        point=point,
        status=Membership.Status.ACCEPTED,
        defaults={"requested_at": now, "accepted_at": now, "decided_by": by},
    )
    activity.record(verb="membership.accepted", subject=household.code, by=by, now=now, household=household)
    return membership
