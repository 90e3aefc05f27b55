"""A point's rhythm: the weekly schedules from which its collections are made, and single dates beside them.

A collection that is planned and whose orders have not opened is a forecast: while nothing hangs on it, it follows its
schedule. From the moment orders open it is a fact, and so is one that somebody moved: those stay when the rhythm changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from hub import activity, calendar
from hub.models import Collection, CollectionPoint, Member, WeeklySchedule
from hub.refusals import Refusal

YEAR = timedelta(days=366)
"""How far a preview looks: both changes of the clocks are in it."""

TIMES = ("opens_at", "closes_at", "starts_at", "ends_at")


class SameDay(Refusal):
    """Two schedules of a point would make one collection; `data["day"]` is the first such day."""

    code = "same-day"
    status = 422


class AlreadyOpen(Refusal):
    """Households may have ordered: the date is a promise by now."""

    code = "already-open"


class TooLate(Refusal):
    """The deadline for orders is already over."""

    code = "too-late"
    status = 422


class Overlaps(Refusal):
    """Another collection of the point is handed out at the same time."""

    code = "overlaps"


@dataclass(frozen=True)
class Forecast:
    """A collection that a schedule would make, and whether it is the first one after the clocks change."""

    collection: Collection
    clocks_changed: bool


@dataclass(frozen=True)
class Change:
    """What became of the collections planned before: how many were made and taken away, which ones stay as they are."""

    made: int
    removed: int
    kept: Sequence[Collection]


def preview(schedule: WeeklySchedule, now: datetime, count: int = 6) -> list[Forecast]:
    """The next collections of a schedule (saved or not), and the first ones after each change of the clocks in a year."""
    today = calendar.local_date(now)
    rows = [calendar.collection_of(schedule, day) for day in calendar.days_of(schedule, today, today + YEAR)]
    shown: list[Forecast] = []
    offset = now.astimezone(calendar.zone()).utcoffset()
    for row in rows:
        if row.closes_at <= now:
            continue
        before, offset = offset, row.starts_at.astimezone(calendar.zone()).utcoffset()
        if len(shown) < count or before != offset:
            shown.append(Forecast(row, before != offset))
    return shown


def begin(*, schedule: WeeklySchedule, by: Member, now: datetime) -> Change:
    """Give a point one more schedule and plan its collections. Raises SameDay, ValidationError."""
    with transaction.atomic():
        _lock(schedule.point)
        _write(schedule, now)
        activity.record(verb="schedule.set", subject=schedule.point.code, by=by, now=now, data=_said(schedule))
        return Change(calendar.plan_collections(now=now, point=schedule.point), 0, ())


def change(*, schedule: WeeklySchedule, by: Member, now: datetime) -> Change:
    """Let a schedule's changed fields hold from its first day on; what it was until then is kept as an ended schedule.

    Forecasts from that day on follow, other collections stay. Raises SameDay, ValidationError.
    """
    with transaction.atomic():
        _lock(schedule.point)
        old = (
            WeeklySchedule.objects.select_for_update(no_key=True, of=("self",))
            .select_related("point")
            .get(pk=schedule.pk)
        )
        eve = schedule.valid_from - timedelta(days=1)
        begun = old.valid_from <= min(eve, calendar.local_date(now))
        free, kept = planned(old, now, after=eve if begun else None)
        removed = len(free)
        free.delete()
        if begun:
            WeeklySchedule.objects.filter(pk=old.pk).update(valid_until=eve)
            schedule.pk, schedule._state.adding = None, True
        _write(schedule, now)
        made = calendar.plan_collections(now=now, point=schedule.point)
        activity.record(verb="schedule.changed", subject=schedule.point.code, by=by, now=now, data=_said(schedule))
        return Change(made, removed, kept)


def end(*, schedule: WeeklySchedule, last_day: date, by: Member, now: datetime) -> Change:
    """No collection of a schedule after a day: later forecasts go, other collections stay. Raises ValidationError."""
    with transaction.atomic():
        _lock(schedule.point)
        old = (
            WeeklySchedule.objects.select_for_update(no_key=True, of=("self",))
            .select_related("point")
            .get(pk=schedule.pk)
        )
        free, kept = planned(old, now, after=last_day)
        removed = len(free)
        schedule.valid_until = last_day
        schedule.full_clean()
        schedule.save(update_fields=["valid_until"])
        free.delete()
        activity.record(verb="schedule.ended", subject=schedule.point.code, by=by, now=now, data=_said(schedule))
        return Change(0, removed, kept)


def planned(
    schedule: WeeklySchedule, now: datetime, after: date | None = None
) -> tuple[QuerySet[Collection], list[Collection]]:
    """A schedule's collections to come, after a day where one is given: the forecasts, and those that stay."""
    first = max(calendar.local_date(now), after + timedelta(days=1)) if after else calendar.local_date(now)
    days = calendar.days_of(schedule, first, first + YEAR)
    drawn = {row.code: row for row in (calendar.collection_of(schedule, day) for day in days)}
    rows = Collection.objects.filter(code__in=drawn, cancelled_at=None, ends_at__gt=now).order_by("starts_at")
    free = {
        row.pk
        for row in _forecasts(schedule.point, now)
        if row.code in drawn and all(getattr(row, name) == getattr(drawn[row.code], name) for name in TIMES)
    }
    return _forecasts(schedule.point, now).filter(pk__in=free), [row for row in rows if row.pk not in free]


def hold(
    *,
    point: CollectionPoint,
    opens_at: datetime,
    closes_at: datetime,
    starts_at: datetime,
    ends_at: datetime,
    note: str,
    by: Member,
    now: datetime,
) -> Collection:
    """Plan one collection beside the rhythm. Raises TooLate, Overlaps, ValidationError for windows in the wrong order."""
    with transaction.atomic():
        _lock(point)
        _check_window(point, closes_at, starts_at, ends_at, now)
        collection = calendar.hold(
            point=point, opens_at=opens_at, closes_at=closes_at, starts_at=starts_at, ends_at=ends_at,
            code=_free_code(point, calendar.local_date(starts_at)), note=note,
        )  # fmt: skip
        _record("collection.held", collection, by, now)
    return collection


def move(*, collection: Collection, by: Member, now: datetime) -> Collection:
    """Write a collection's changed windows and note, as long as its orders have not opened: nobody has ordered.

    Raises AlreadyOpen, TooLate, Overlaps, ValidationError for windows in the wrong order.
    """
    with transaction.atomic():
        _lock(collection.point)
        before = Collection.objects.select_for_update(no_key=True, of=("self",)).get(pk=collection.pk)
        if not is_forecast(before, now):
            raise AlreadyOpen(_("Orders have opened: this date stays. Cancel it, or plan another one."))
        _check_window(collection.point, collection.closes_at, collection.starts_at, collection.ends_at, now, collection)
        collection.week = calendar.week_of(calendar.local_date(collection.starts_at))
        collection.full_clean()
        collection.save(update_fields=[*TIMES, "week", "note"])
        _record("collection.moved", collection, by, now)
    return collection


def is_forecast(collection: Collection, now: datetime) -> bool:
    """Whether its orders have not opened yet (or, where it has no shop, its deadline is to come)."""
    return collection.status == Collection.Status.PLANNED and (collection.opens_at or collection.closes_at) > now


def _forecasts(point: CollectionPoint, now: datetime) -> QuerySet[Collection]:
    """Collections on which nothing hangs: not open, and no row of any package points at them."""
    rows = Collection.objects.filter(point=point, status=Collection.Status.PLANNED, opens_at__gt=now)
    for relation in Collection._meta.related_objects:
        if getattr(relation.field, "db_constraint", True):
            used = relation.related_model._default_manager.filter(**{f"{relation.field.name}__isnull": False})
            rows = rows.exclude(pk__in=used.values(relation.field.name))
    return rows


def _write(schedule: WeeklySchedule, now: datetime) -> None:
    schedule.full_clean()
    today = calendar.local_date(now)
    mine = set(calendar.days_of(schedule, today, today + YEAR))
    for other in WeeklySchedule.objects.filter(point=schedule.point).exclude(pk=schedule.pk):
        both = sorted(mine & set(calendar.days_of(other, today, today + YEAR)))
        if both:
            raise SameDay(_("Another rhythm of this point already has that day."), day=both[0].isoformat())
    schedule.save()


def _check_window(
    point: CollectionPoint,
    closes_at: datetime,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    own: Collection | None = None,
) -> None:
    if closes_at <= now:
        raise TooLate(_("The deadline for orders is already over."), field="closes")
    others = Collection.objects.filter(point=point, cancelled_at=None, starts_at__lt=ends_at, ends_at__gt=starts_at)
    if (others.exclude(pk=own.pk) if own else others).exists():
        raise Overlaps(_("Another distribution of this point takes place at that time."), field="starts")


def _free_code(point: CollectionPoint, day: date) -> str:
    """The code of a day; with a number where a cancelled or moved collection has it already."""
    base = calendar.code_of(point, day)
    taken = set(Collection.objects.filter(code__startswith=base).values_list("code", flat=True))
    return next(code for n in range(1, len(taken) + 2) if (code := base if n == 1 else f"{base}-{n}") not in taken)


def _lock(point: CollectionPoint) -> None:
    """One change of a point's dates at a time."""
    CollectionPoint.objects.select_for_update(no_key=True).get(pk=point.pk)


def _said(schedule: WeeklySchedule) -> dict[str, str]:
    names = [f.name for f in schedule._meta.concrete_fields if f.name not in ("id", "point")]
    return {name: str(getattr(schedule, name)) for name in names}


def _record(verb: str, collection: Collection, by: Member, now: datetime) -> None:
    data = _when(collection)
    activity.record(verb=verb, subject=collection.code, by=by, now=now, collection=collection, data=data)


def _when(collection: Collection) -> dict[str, str]:
    return {name: str(getattr(collection, name)) for name in TIMES}
