"""The minute's sweep plans while a coordinator changes the rhythm: no date of the old one is left behind."""

from datetime import time, timedelta

import pytest

from hub import calendar, rhythm
from hub.models import Collection, WeeklySchedule
from tests import make
from tests.races.test_ordering_races import all_at_once

pytestmark = pytest.mark.usefixtures("committed")

ROUNDS = 8


def test_planning_and_changing_at_once_leave_one_rhythm() -> None:
    by, now = make.coordinator(), make.now()
    for _round in range(ROUNDS):
        start = calendar.local_date(now) + timedelta(days=10)
        schedule = WeeklySchedule(
            point=make.point(), weekday=2, starts=time(17), ends=time(19), opens_days_before=6, opens=time(8),
            closes_days_before=2, closes=time(20), valid_from=start,
        )  # fmt: skip
        schedule.full_clean()
        schedule.save()
        changed = WeeklySchedule.objects.select_related("point").get(pk=schedule.pk)
        changed.weekday = 4
        all_at_once(
            [
                lambda: calendar.plan_collections(now=now),
                lambda changed=changed: rhythm.change(schedule=changed, by=by, now=now),  # type: ignore[misc]
                lambda: calendar.plan_collections(now=now),
            ]
        )
        calendar.plan_collections(now=now)
        days = {row.local_date.weekday() for row in Collection.objects.filter(point=schedule.point)}
        assert days == {4}
