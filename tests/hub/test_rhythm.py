"""A point's rhythm: what it gives, what becomes of planned dates when it changes, and single dates beside it."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from hub import calendar, rhythm
from hub.models import Activity, Collection, CollectionPoint, Member, Notice, WeeklySchedule
from tests import make

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)  # a Monday


@pytest.fixture
def by() -> Member:
    return make.coordinator()


@pytest.fixture
def wednesdays(by: Member) -> WeeklySchedule:
    """Handed out on Wednesdays, ordered from the Thursday before until Monday evening."""
    return schedule(make.point(code="grange"), by)


def schedule(point: CollectionPoint, by: Member, **fields: Any) -> WeeklySchedule:
    values = {
        "weekday": 2, "starts": time(17, 30), "ends": time(19), "opens_days_before": 6, "opens": time(8),
        "closes_days_before": 2, "closes": time(20), "valid_from": date(2026, 11, 1),
    } | fields  # fmt: skip
    row = WeeklySchedule(point=point, **values)
    rhythm.begin(schedule=row, by=by, now=NOW)
    return row


def days(point: CollectionPoint) -> list[str]:
    rows = Collection.objects.filter(point=point).order_by("starts_at")
    return [calendar.local_date(row.starts_at).isoformat()[5:] for row in rows]


def acts() -> list[str]:
    return list(Activity.objects.order_by("pk").values_list("verb", flat=True))


def test_the_preview_shows_six_dates_and_both_changes_of_the_clocks(wednesdays: WeeklySchedule) -> None:
    shown = rhythm.preview(wednesdays, NOW)
    assert [(calendar.local_date(one.collection.starts_at).isoformat(), one.clocks_changed) for one in shown] == [
        ("2026-11-04", False), ("2026-11-11", False), ("2026-11-18", False), ("2026-11-25", False), ("2026-12-02", False),
        ("2026-12-09", False), ("2027-03-31", True), ("2027-11-03", True),
    ]  # fmt: skip
    # 17:30 stays 17:30 on the wall: in winter 16:30 UTC, in summer 15:30, in winter again 16:30.
    assert [one.collection.starts_at.hour for one in shown] == [16] * 6 + [15, 16]
    assert {one.collection.starts_at.astimezone(calendar.zone()).time() for one in shown} == {time(17, 30)}
    assert {one.collection.closes_at.astimezone(calendar.zone()).time() for one in shown} == {time(20)}


@pytest.mark.parametrize(("day", "hours"), [(date(2027, 3, 28), 23), (date(2026, 10, 25), 25)])
def test_a_sunday_hand_over_keeps_its_hours_on_the_day_the_clocks_change(by: Member, day: date, hours: int) -> None:
    row = WeeklySchedule(
        point=make.point(), weekday=6, starts=time(10), ends=time(12), opens_days_before=1, opens=time(10),
        closes_days_before=0, closes=time(9), valid_from=day - timedelta(days=20),
    )  # fmt: skip
    now = calendar.wall_to_utc(day - timedelta(days=8), time(12))
    first, second = rhythm.preview(row, now)[:2]
    assert (
        calendar.local_date(second.collection.starts_at) == day
        or calendar.local_date(first.collection.starts_at) == day
    )
    changed = next(one for one in (first, second) if calendar.local_date(one.collection.starts_at) == day)
    assert changed.clocks_changed
    assert changed.collection.starts_at - changed.collection.opens_at == timedelta(hours=hours)  # type: ignore[operator]


def test_a_rhythm_plans_its_dates_at_once(wednesdays: WeeklySchedule) -> None:
    assert days(wednesdays.point) == ["11-04", "11-11", "11-18", "11-25"]
    assert acts() == ["schedule.set"]
    assert calendar.plan_collections(now=NOW) == 0


def test_a_changed_rhythm_takes_the_dates_nobody_could_order_yet(wednesdays: WeeklySchedule, by: Member) -> None:
    wednesdays.weekday, wednesdays.valid_from = 4, date(2026, 11, 9)
    change = rhythm.change(schedule=wednesdays, by=by, now=NOW)
    assert days(wednesdays.point) == ["11-04", "11-13", "11-20", "11-27"]
    assert (change.made, change.removed, change.kept) == (3, 3, [])
    assert list(WeeklySchedule.objects.order_by("valid_from").values_list("weekday", "valid_from", "valid_until")) == [
        (2, date(2026, 11, 1), date(2026, 11, 8)),
        (4, date(2026, 11, 9), None),
    ]
    assert calendar.plan_collections(now=NOW) == 0
    assert acts() == ["schedule.set", "schedule.changed"]


def test_what_is_open_moved_or_waited_for_stays(wednesdays: WeeklySchedule, by: Member) -> None:
    first, second, third, _fourth = Collection.objects.order_by("starts_at")
    assert first.opens_at is not None
    assert first.opens_at <= NOW  # opened last Thursday
    second.ends_at += timedelta(hours=1)
    rhythm.move(collection=second, by=by, now=NOW)
    Notice.objects.create(kind="x", key="x", email="a@exemple.fr", collection=third, due_at=NOW)
    wednesdays.weekday, wednesdays.valid_from = 4, date(2026, 11, 1)
    change = rhythm.change(schedule=wednesdays, by=by, now=NOW)
    assert [row.pk for row in change.kept] == [first.pk, second.pk, third.pk]
    assert change.removed == 1
    assert days(wednesdays.point) == ["11-04", "11-06", "11-11", "11-13", "11-18", "11-20", "11-27"]


def test_an_ended_rhythm_takes_its_later_dates_away(wednesdays: WeeklySchedule, by: Member) -> None:
    change = rhythm.end(schedule=wednesdays, last_day=date(2026, 11, 11), by=by, now=NOW)
    assert (change.removed, change.kept) == (2, [])
    assert days(wednesdays.point) == ["11-04", "11-11"]
    assert calendar.plan_collections(now=NOW) == 0
    with pytest.raises(ValidationError):
        rhythm.end(schedule=wednesdays, last_day=date(2026, 10, 1), by=by, now=NOW)
    wednesdays.refresh_from_db()
    assert wednesdays.valid_until == date(2026, 11, 11)
    with pytest.raises(IntegrityError, match="until_after_from"), transaction.atomic():
        WeeklySchedule.objects.update(valid_until=date(2026, 10, 1))
    assert acts() == ["schedule.set", "schedule.ended"]


def test_two_rhythms_of_a_point_do_not_share_a_day(wednesdays: WeeklySchedule, by: Member) -> None:
    with pytest.raises(rhythm.SameDay) as refused, transaction.atomic():
        schedule(wednesdays.point, by, every_weeks=2)
    assert refused.value.data["day"] == "2026-11-04"
    assert (WeeklySchedule.objects.count(), acts()) == (1, ["schedule.set"])
    schedule(wednesdays.point, by, weekday=5, every_weeks=2)
    assert days(wednesdays.point) == ["11-04", "11-07", "11-11", "11-18", "11-21", "11-25"]


# Single dates


def window(day: date, **hours: int) -> dict[str, datetime]:
    return {
        "opens_at": calendar.wall_to_utc(day - timedelta(days=5), time(8)),
        "closes_at": calendar.wall_to_utc(day - timedelta(days=1), time(20)),
        "starts_at": calendar.wall_to_utc(day, time(hours.get("starts", 10))),
        "ends_at": calendar.wall_to_utc(day, time(hours.get("ends", 12))),
    }


def test_a_single_date_stands_beside_the_rhythm(wednesdays: WeeklySchedule, by: Member) -> None:
    point = wednesdays.point
    made = rhythm.hold(point=point, **window(date(2026, 12, 20)), note="Marché de Noël", by=by, now=NOW)
    assert (made.code, made.week, made.note) == ("grange-2026-12-20", "2026-W51", "Marché de Noël")
    # A second one on the day of the rhythm, in the morning, has a code of its own.
    morning = rhythm.hold(point=point, **window(date(2026, 11, 11)), note="", by=by, now=NOW)
    assert morning.code == "grange-2026-11-11-2"
    assert acts() == ["schedule.set", "collection.held", "collection.held"]


@pytest.mark.parametrize(
    ("times", "error"),
    [
        (window(date(2026, 11, 11), starts=18, ends=20), rhythm.Overlaps),
        (window(date(2026, 11, 2)), rhythm.TooLate),
        (window(date(2026, 11, 12), starts=12, ends=10), ValidationError),
    ],
)
def test_a_single_date_that_cannot_be_is_not_planned(
    wednesdays: WeeklySchedule, by: Member, times: dict[str, datetime], error: type[Exception]
) -> None:
    with pytest.raises(error):
        rhythm.hold(point=wednesdays.point, **times, note="", by=by, now=NOW)
    assert (Collection.objects.count(), acts()) == (4, ["schedule.set"])


def test_a_date_moves_until_orders_open(wednesdays: WeeklySchedule, by: Member) -> None:
    first, second = Collection.objects.order_by("starts_at")[:2]
    for name, moment in window(date(2026, 11, 17)).items():
        setattr(second, name, moment)
        setattr(first, name, moment)
    moved = rhythm.move(collection=second, by=by, now=NOW)
    assert (moved.code, moved.week) == ("grange-2026-11-11", "2026-W47")
    assert calendar.plan_collections(now=NOW) == 0
    with pytest.raises(rhythm.AlreadyOpen):
        rhythm.move(collection=first, by=by, now=NOW)
    first.refresh_from_db()
    assert calendar.local_date(first.starts_at) == date(2026, 11, 4)
    assert acts() == ["schedule.set", "collection.moved"]


# Pages

FIELDS = {
    "weekday": "2", "starts": "17:30", "ends": "19:00", "opens_days_before": "6", "opens": "08:00", "closes_days_before": "2",
    "closes": "20:00", "every_weeks": "1",
}  # fmt: skip


@pytest.fixture
def coordination(client: Client, by: Member) -> Client:
    client.force_login(by)
    return client


def test_a_rhythm_is_shown_before_it_is_saved(coordination: Client) -> None:
    point = make.point()
    today = calendar.local_date(make.now())
    url, fields = f"/reglages/points/{point.code}/dates/rythme/", FIELDS | {"valid_from": today.isoformat()}
    shown = coordination.post(url, fields | {"preview": "1"})
    assert shown.status_code == 200
    assert len(shown.context["preview"]) == 8
    assert shown.content.decode().count("après le changement d’heure") == 2
    assert (WeeklySchedule.objects.count(), Collection.objects.count()) == (0, 0)
    assert coordination.post(url, fields, follow=True).status_code == 200
    made = Collection.objects.count()
    assert made in (4, 5)
    row = WeeklySchedule.objects.get()
    change = f"{url}{row.pk}/"
    assert coordination.get(change).status_code == 200
    first = Collection.objects.order_by("starts_at").first()
    assert first is not None
    end = coordination.post(f"{change}fin/", {"last_day": first.local_date.isoformat()}, follow=True)
    assert "retirée" in end.content.decode()
    assert Collection.objects.count() <= 2
    assert coordination.post(f"{change}fin/", {"last_day": "jamais"}).status_code == 422


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"ends": "17:00"}, "La remise doit finir après avoir commencé"),
        ({"opens_days_before": "1"}, "ouvrir avant"),
        ({"every_weeks": "0"}, "Au moins une semaine"),
        ({"starts": "midi"}, "heure valide"),
    ],
)
def test_a_rhythm_that_cannot_be_says_so_in_place(coordination: Client, wrong: dict[str, str], words: str) -> None:
    point = make.point()
    answer = coordination.post(
        f"/reglages/points/{point.code}/dates/rythme/", FIELDS | {"valid_from": "2026-11-30"} | wrong
    )
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not WeeklySchedule.objects.exists()


def test_a_single_date_is_planned_and_moved_on_pages(coordination: Client) -> None:
    point = make.point()
    day = calendar.local_date(make.now()) + timedelta(days=20)
    fields = {
        "day": day.isoformat(), "starts": "10:00", "ends": "12:00", "opens_day": (day - timedelta(days=6)).isoformat(),
        "opens": "08:00", "closes_day": (day - timedelta(days=1)).isoformat(), "closes": "20:00", "note": "Marché",
    }  # fmt: skip
    url = f"/reglages/points/{point.code}/dates/"
    wrong = coordination.post(f"{url}nouvelle/", fields | {"ends": "09:00"})
    assert wrong.status_code == 422
    assert "remise" in wrong.content.decode()
    assert coordination.post(f"{url}nouvelle/", fields).status_code == 302
    made = Collection.objects.get()
    assert made.local_date == day
    assert coordination.get(f"{url}{made.code}/").context["form"]["starts"].value() == time(10)
    assert coordination.post(f"{url}{made.code}/", fields | {"starts": "09:00"}).status_code == 302
    made.refresh_from_db()
    assert made.starts_at.astimezone(calendar.zone()).time() == time(9)
    Collection.objects.filter(pk=made.pk).update(opens_at=make.now() - timedelta(hours=1))
    assert coordination.get(f"{url}{made.code}/").status_code == 404
    late = coordination.post(f"{url}{made.code}/", fields | {"starts": "08:00"})
    assert "ouvertes" in late.content.decode()
    made.refresh_from_db()
    assert made.starts_at.astimezone(calendar.zone()).time() == time(9)


def test_a_rhythm_says_no_to_strangers_of_its_point(coordination: Client, wednesdays: WeeklySchedule) -> None:
    other = make.point()
    assert coordination.get(f"/reglages/points/{other.code}/dates/rythme/{wednesdays.pk}/").status_code == 404
    assert coordination.post(f"/reglages/points/{other.code}/dates/rythme/{wednesdays.pk}/fin/").status_code == 404
