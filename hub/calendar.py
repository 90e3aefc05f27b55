"""Wall time, weeks, and the collections a weekly schedule makes."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from hub import activity, locks
from hub.models.calendar import Collection
from hub.models.people import Member
from hub.models.places import CollectionPoint, WeeklySchedule
from hub.refusals import Refusal


def zone() -> ZoneInfo:
    """The hub's time zone."""
    return ZoneInfo(settings.TIME_ZONE)


def wall_to_utc(day: date, wall: time) -> datetime:
    """Local wall time as an instant. In the hour that exists twice it is the first; in the one that does not, the
    instant as far after midnight (02:30 becomes 03:30)."""
    return datetime.combine(day, wall, tzinfo=zone()).astimezone(ZoneInfo("UTC"))


def local_date(instant: datetime) -> date:
    """The day of an instant in the hub's time zone."""
    return instant.astimezone(zone()).date()


def week_of(day: date) -> str:
    """The ISO week of a day, as 2026-W48."""
    year, week, _weekday = day.isocalendar()
    return f"{year}-W{week:02d}"


def week_days(week: str) -> tuple[date, date]:
    """Monday and Sunday of an ISO week written as 2026-W48. Raises ValueError for anything else."""
    year, _sign, number = week.partition("-W")
    return date.fromisocalendar(int(year), int(number), 1), date.fromisocalendar(int(year), int(number), 7)


def shift_week(week: str, weeks: int) -> str:
    """The ISO week so many weeks later (or earlier, when negative)."""
    return week_of(week_days(week)[0] + timedelta(weeks=weeks))


def plan_collections(*, now: datetime, weeks_ahead: int = 4, point: CollectionPoint | None = None) -> int:
    """Make the collections of all weekly schedules (or of one point's) up to `weeks_ahead` weeks after `now`; those that
    exist are left as they are. Returns how many were made."""
    today = local_date(now)
    with transaction.atomic():
        # Held until the rows are there: a schedule that changes meanwhile would leave dates of its old self behind.
        schedules = WeeklySchedule.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
        of_point = {"point": point} if point else {}
        rows = [
            row
            for schedule in schedules.filter(point__archived_at=None, **of_point).select_related("point")
            for day in days_of(schedule, today, today + timedelta(weeks=weeks_ahead))
            if (row := collection_of(schedule, day)).closes_at > now
        ]
        before = Collection.objects.count()
        Collection.objects.bulk_create(rows, ignore_conflicts=True)
        return Collection.objects.count() - before


@transaction.atomic
def hold(
    *,
    point: CollectionPoint,
    opens_at: datetime,
    closes_at: datetime,
    starts_at: datetime,
    ends_at: datetime,
    code: str = "",
    note: str = "",
) -> Collection:
    """Plan one collection by hand, beside the point's rhythm. Raises ValidationError for windows in the wrong order."""
    day = local_date(starts_at)
    collection = Collection(
        code=code or code_of(point, day),
        point=point,
        opens_at=opens_at,
        closes_at=closes_at,
        starts_at=starts_at,
        ends_at=ends_at,
        week=week_of(day),
        note=note,
    )
    collection.full_clean()
    collection.save()
    return collection


class CannotProlong(Refusal):
    """Counted or cancelled, or the new deadline is not later than now and the old one, or after the hand-over starts."""

    code = "cannot-prolong"


@transaction.atomic
def hold_open(*, collection: Collection, closes_at: datetime, by: Member, now: datetime) -> Collection:
    """Leave orders open until `closes_at`: later than the deadline there was and than the database's clock, not after
    the hand-over starts, and only while nothing was counted. The same deadline again changes nothing.

    Raises CannotProlong.
    """
    locks.own_collection(collection.pk)
    row = Collection.objects.get(pk=collection.pk)
    if row.closes_at == closes_at and not row.is_counted:
        return row
    if row.is_counted or row.cancelled_at is not None:
        raise CannotProlong(_("Orders are closed: they cannot be opened again."))
    if not row.closes_at < closes_at <= row.starts_at or not _lies_ahead(closes_at):
        raise CannotProlong(
            _("Choose a moment after the deadline there is and before the hand-over starts."),
            closes_at=row.closes_at.isoformat(), starts_at=row.starts_at.isoformat(),
        )  # fmt: skip
    before, row.closes_at = row.closes_at, closes_at
    row.save(update_fields=["closes_at"])
    activity.record(
        verb="collection.prolonged", subject=row.code, by=by, now=now, collection=row,
        data={"before": before.isoformat(), "closes_at": closes_at.isoformat()},
    )  # fmt: skip
    return row


def _lies_ahead(instant: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp() < %s", [instant])
        return bool(cursor.fetchone()[0])


def collection_of(schedule: WeeklySchedule, day: date) -> Collection:
    """The collection (not saved) that a schedule makes on a day."""
    return Collection(
        code=code_of(schedule.point, day),
        point=schedule.point,
        opens_at=wall_to_utc(day - timedelta(days=schedule.opens_days_before), schedule.opens),
        closes_at=wall_to_utc(day - timedelta(days=schedule.closes_days_before), schedule.closes),
        starts_at=wall_to_utc(day, schedule.starts),
        ends_at=wall_to_utc(day, schedule.ends),
        week=week_of(day),
    )


def code_of(point: CollectionPoint, day: date) -> str:
    """The public code of a point's collection on a day."""
    return f"{point.code}-{day.isoformat()}"


def days_of(schedule: WeeklySchedule, first: date, last: date) -> list[date]:
    """The days between two, both included, on which a schedule holds a collection."""
    start = schedule.valid_from + timedelta(days=(schedule.weekday - schedule.valid_from.weekday()) % 7)
    end = min(last, schedule.valid_until or last)
    step = timedelta(weeks=schedule.every_weeks)
    days, day = [], start
    while day <= end:
        if day >= first:
            days.append(day)
        day += step
    return days
