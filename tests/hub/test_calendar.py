"""Windows stay at the same hour on the wall through both clock changes; weeks are those of the local day."""

from datetime import UTC, date, datetime, time

import pytest
from django.test import Client

from hub import calendar
from hub.converters import WeekConverter
from hub.models import Collection, WeeklySchedule
from tests import make


@pytest.mark.parametrize(
    ("day", "wall", "utc"),
    [
        (date(2026, 3, 28), time(18, 0), "2026-03-28T17:00"),
        (date(2026, 3, 29), time(18, 0), "2026-03-29T16:00"),
        (date(2026, 3, 29), time(2, 30), "2026-03-29T01:30"),
        (date(2026, 10, 24), time(18, 0), "2026-10-24T16:00"),
        (date(2026, 10, 25), time(18, 0), "2026-10-25T17:00"),
        (date(2026, 10, 25), time(2, 30), "2026-10-25T00:30"),
        (date(2028, 2, 29), time(12, 0), "2028-02-29T11:00"),
    ],
)
def test_wall_time_around_clock_changes(day: date, wall: time, utc: str) -> None:
    assert calendar.wall_to_utc(day, wall) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "week"),
    [
        (date(2026, 11, 26), "2026-W48"),
        (date(2026, 12, 31), "2026-W53"),
        (date(2027, 1, 3), "2026-W53"),
        (date(2027, 1, 4), "2027-W01"),
    ],
)
def test_iso_weeks(day: date, week: str) -> None:
    assert calendar.week_of(day) == week
    monday, sunday = calendar.week_days(week)
    assert monday <= day <= sunday


def test_weeks_shift_over_a_year_of_53() -> None:
    assert calendar.shift_week("2026-W53", 1) == "2027-W01"
    assert calendar.shift_week("2027-W01", -2) == "2026-W52"


@pytest.mark.parametrize("week", ["2026-W00", "2026-W54", "0000-W01", "9999-W52", "10000-W01", "2026", "W48", ""])
def test_what_is_no_week(week: str) -> None:
    with pytest.raises(ValueError):
        calendar.week_days(week)


@pytest.mark.parametrize(
    ("week", "found"),
    [
        ("2000-W01", True),
        ("2026-W48", True),
        ("2026-W53", True),
        ("2099-W53", True),
        ("2027-W53", False),
        ("0001-W01", False),
        ("1999-W52", False),
        ("9999-W51", False),
        ("9999-W52", False),
    ],
)
def test_addresses_take_the_weeks_of_this_century(week: str, found: bool) -> None:
    try:
        converted = WeekConverter().to_python(week)
    except ValueError:
        converted = ""
    assert converted == (week if found else "")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("week", "status"), [("2000-W01", 200), ("2099-W53", 200), ("0001-W01", 404), ("9999-W52", 404)]
)
def test_the_first_and_last_weeks_of_addresses_have_pages(client: Client, week: str, status: int) -> None:
    farm = make.producer(code="jardin")
    client.force_login(make.farmer(farm))
    pages = [f"/ma-semaine/jardin/{week}/", f"/a-recolter/jardin/{week}/"]
    answers = [client.get(page) for page in pages]
    assert [answer.status_code for answer in answers] == [status, status]


@pytest.mark.django_db
def test_a_schedule_makes_its_collections_once_across_the_change_of_clocks() -> None:
    point = make.point(code="tilleuls")
    WeeklySchedule.objects.create(
        point=point,
        weekday=3,
        starts=time(17, 30),
        ends=time(19, 0),
        opens_days_before=6,
        opens=time(8, 0),
        closes_days_before=2,
        closes=time(20, 0),
        valid_from=date(2026, 10, 1),
    )
    now = datetime(2026, 10, 12, 8, 0, tzinfo=UTC)
    assert calendar.plan_collections(now=now, weeks_ahead=3) == 3
    assert calendar.plan_collections(now=now, weeks_ahead=3) == 0
    assert list(Collection.objects.values_list("code", "week", "closes_at", "starts_at")) == [
        (
            "tilleuls-2026-10-15",
            "2026-W42",
            datetime(2026, 10, 13, 18, tzinfo=UTC),
            datetime(2026, 10, 15, 15, 30, tzinfo=UTC),
        ),
        (
            "tilleuls-2026-10-22",
            "2026-W43",
            datetime(2026, 10, 20, 18, tzinfo=UTC),
            datetime(2026, 10, 22, 15, 30, tzinfo=UTC),
        ),
        (
            "tilleuls-2026-10-29",
            "2026-W44",
            datetime(2026, 10, 27, 19, tzinfo=UTC),
            datetime(2026, 10, 29, 16, 30, tzinfo=UTC),
        ),
    ]
