"""The cooperative's day in the database is the program's, on both sides of midnight and of UTC's."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from hub import calendar, fees, local_day
from hub.models import FeeRule
from tests import make

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 11, 26, 22, 59, 59, tzinfo=UTC), date(2026, 11, 26)),
        (datetime(2026, 11, 26, 23, 0, tzinfo=UTC), date(2026, 11, 27)),
        (datetime(2026, 7, 14, 21, 59, 59, tzinfo=UTC), date(2026, 7, 14)),
        (datetime(2026, 7, 14, 22, 0, tzinfo=UTC), date(2026, 7, 15)),
    ],
)
def test_a_day_begins_at_midnight_of_the_cooperative(instant: datetime, day: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT hub_day_of(%s)", [instant])
        assert cursor.fetchone() == (day,)
    assert calendar.local_date(instant) == day


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
def test_a_fee_holds_from_the_day_of_the_cooperative(settings: Any, zone: str) -> None:
    """One of the two zones, fourteen hours before UTC and twelve behind it, is at another day than UTC at any moment."""
    settings.TIME_ZONE = zone
    local_day.tell(connection)
    now = make.now()
    today = calendar.local_date(now)
    held = FeeRule.objects.create(payee="hub", valid_from=today, percentage=12)
    coming = FeeRule.objects.create(payee="hub", valid_from=today + timedelta(days=1), percentage=13)
    with pytest.raises(IntegrityError, match="a fee rule that holds"), transaction.atomic():
        held.delete()
    fees.take_back(rule=coming, by=make.coordinator(), now=now)
    assert list(FeeRule.objects.values_list("percentage", flat=True)) == [12]
