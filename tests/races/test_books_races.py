"""Days that are closed by two at once, while others post on them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from hub import closings, ledger
from hub.models import ClosedPeriod, Transfer
from tests.races.test_ordering_races import all_at_once

pytestmark = pytest.mark.usefixtures("committed")
NEW_YEAR = datetime(2025, 1, 1, 11, tzinfo=UTC)


def post(reference: str) -> bool:
    ledger.post([ledger.Entry(reference, "bank", "hub:income", Decimal("1.00"), "une écriture")], now=NEW_YEAR)
    return True


def test_an_entry_is_chained_with_its_day_or_refused_and_each_day_is_closed_once() -> None:
    post("first")
    acts = [lambda: closings.close_due(now=NEW_YEAR + timedelta(days=9))] * 2
    acts += [lambda n=n: post(f"late {n}") for n in range(6)]  # type: ignore[misc]
    answers = all_at_once(acts)
    assert {answer for answer in answers if answer is not True} <= {"period-closed", *range(10)}
    assert sum(answer for answer in answers if type(answer) is int) == 9
    posted = 1 + sum(answer is True for answer in answers)  # a closer's 1 equals True
    days = ClosedPeriod.objects.days().order_by("ends")
    assert [day.entries for day in days] == [posted, *[0] * 8]
    assert Transfer.objects.count() == posted
