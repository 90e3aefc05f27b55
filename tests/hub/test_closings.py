"""Closed days, months and years: each once, chained, and open to no entry any more."""

import hashlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from hub import closings, ledger
from hub.models import ClosedPeriod, Transfer

pytestmark = pytest.mark.django_db
D = Decimal
NEW_YEAR = datetime(2025, 1, 1, 11, tzinfo=UTC)


def post(reference: str, at: datetime, amount: str = "10.00", memo: str = "une écriture") -> None:
    ledger.post([ledger.Entry(reference, "bank", "hub:income", D(amount), memo)], now=at)


def days() -> list[tuple[str, int, Decimal, Decimal]]:
    return list(ClosedPeriod.objects.days().order_by("ends").values_list("code", "entries", "total", "perpetual"))


def close(now: datetime) -> int:
    return closings.close_due(now=now)


def test_finished_days_are_closed_once_from_the_first_entry_on() -> None:
    assert close(NEW_YEAR) == 0
    post("one", datetime(2025, 1, 1, 22, 59, tzinfo=UTC), "10.00")  # 23:59 in Paris
    post("two", datetime(2025, 1, 1, 23, 1, tzinfo=UTC), "2.50")
    post("three", datetime(2025, 1, 4, 9, tzinfo=UTC), "1.00")
    assert close(datetime(2025, 1, 5, 1, 59, tzinfo=UTC)) == 3  # not yet 3 o'clock: the fourth may still be booked on
    assert close(datetime(2025, 1, 5, 2, 0, tzinfo=UTC)) == 1
    for _again in range(2):
        assert close(datetime(2025, 1, 5, 2, 0, tzinfo=UTC)) == 0
    assert days() == [
        ("2025-01-01", 1, D("10.00"), D("10.00")), ("2025-01-02", 1, D("2.50"), D("12.50")),
        ("2025-01-03", 0, D("0.00"), D("12.50")), ("2025-01-04", 1, D("1.00"), D("13.50")),
    ]  # fmt: skip


def test_each_digest_is_over_the_last_one_and_every_entry() -> None:
    post("one", NEW_YEAR, memo='une "écriture"\nde deux lignes\t')
    close(NEW_YEAR + timedelta(days=2))
    first, second = ClosedPeriod.objects.days().order_by("ends")
    row = Transfer.objects.get()
    when = f"{row.recorded_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    entry = (
        f'[{row.pk}, "one", "bank", "hub:income", "10.00", "EUR", "une \\"écriture\\"\\nde deux lignes\\t", '
        f'"2025-01-01T11:00:00.000000Z", "{when}", null, null, null]'
    )
    lines = ["0" * 64, "day 2025-01-01", "1", "10.00", "10.00", entry]
    assert first.digest == hashlib.sha256("\n".join(lines).encode()).hexdigest()
    lines = [first.digest, "day 2025-01-02", "0", "0.00", "10.00", ""]
    assert second.previous == first.digest
    assert second.digest == hashlib.sha256("\n".join(lines).encode()).hexdigest()


def test_months_and_years_close_with_their_last_day() -> None:
    post("one", datetime(2024, 11, 29, 12, tzinfo=UTC), "5.00")
    post("two", datetime(2024, 12, 31, 12, tzinfo=UTC), "7.00")
    post("three", datetime(2025, 1, 1, 12, tzinfo=UTC), "1.00")
    close(datetime(2025, 1, 2, 12, tzinfo=UTC))
    rest = ClosedPeriod.objects.exclude(kind="day").order_by("ends", "kind")
    assert [(one.kind, one.code, one.entries, one.total.amount, one.perpetual) for one in rest] == [
        ("month", "2024-11", 1, D("5.00"), D("5.00")), ("month", "2024-12", 1, D("7.00"), D("12.00")),
        ("year", "2024", 2, D("12.00"), D("12.00")),
    ]  # fmt: skip
    assert [one.begins.isoformat() for one in rest] == [
        "2024-11-28T23:00:00+00:00", "2024-11-30T23:00:00+00:00", "2024-11-28T23:00:00+00:00",
    ]  # fmt: skip


def test_days_of_both_changes_of_the_clocks_have_23_and_25_hours() -> None:
    post("one", datetime(2025, 3, 29, 12, tzinfo=UTC))
    assert closings.close_due(now=datetime(2025, 10, 28, 12, tzinfo=UTC)) == 213
    length = {
        one.code: (one.ends - one.begins) / timedelta(hours=1)
        for one in ClosedPeriod.objects.days().filter(code__in=["2025-03-30", "2025-07-01", "2025-10-26"])
    }
    assert length == {"2025-03-30": 23, "2025-07-01": 24, "2025-10-26": 25}


def test_a_sweep_closes_no_more_than_it_should_and_the_next_goes_on() -> None:
    post("one", NEW_YEAR)
    later = NEW_YEAR + timedelta(days=10)
    assert [closings.close_due(now=later, limit=4) for _sweep in range(4)] == [4, 4, 2, 0]


# A closed day receives nothing


def test_a_closed_day_refuses_an_entry_and_nothing_changes() -> None:
    post("one", NEW_YEAR)
    close(NEW_YEAR + timedelta(days=1))
    with pytest.raises(ledger.PeriodClosed):
        ledger.post(
            [
                ledger.Entry("today", "bank", "hub:income", D("1.00"), "x"),
                ledger.Entry("other", "cash:tilleuls", "hub:income", D("1.00"), "x"),
            ],
            now=NEW_YEAR + timedelta(hours=1),
        )
    assert list(Transfer.objects.values_list("reference", flat=True)) == ["one"]
    post("one", NEW_YEAR)  # the same fact again is no entry
    post("two", NEW_YEAR + timedelta(days=1))
    with pytest.raises(ledger.PeriodClosed):
        ledger.reverse("two", memo="x", now=NEW_YEAR)
    ledger.reverse("one", memo="x", now=NEW_YEAR + timedelta(days=1))
    assert Transfer.objects.count() == 3


def refused(statement: str) -> str:
    """The database's own no."""
    with pytest.raises(IntegrityError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    return str(error.value).split("\n", 1)[0]


CLOSE = """INSERT INTO hub_closedperiod (kind, code, begins, ends, closed_at, entries, total, currency, perpetual, previous,
           digest) VALUES """


def test_the_database_itself_refuses() -> None:
    post("one", NEW_YEAR)
    post("two", NEW_YEAR + timedelta(days=3))
    begun = "(%s, '{0}T00:00+01', '{1}T00:00+01', now(), 9, 9, 'EUR', 9, 'x', 'x')"

    def insert(kind: str, code: str, first: str, last: str) -> str:
        return CLOSE + begun.replace("%s", f"'{kind}', '{code}'").format(first, last)

    assert refused(insert("day", "2025-01-02", "2025-01-02", "2025-01-03")) == (
        "the first closed day is that of the first entry"
    )
    close(NEW_YEAR + timedelta(days=1))
    assert refused(insert("day", "2025-01-03", "2025-01-03", "2025-01-04")) == "a period follows the one before it"
    assert refused(insert("day", "2099-01-02", "2025-01-02", "2099-01-03")) == "a period is closed after it has ended"
    assert refused(insert("month", "2025-01", "2025-01-01", "2025-02-01")) == (
        "a month closes with its last day, a year with its last month"
    )
    assert "append-only" in refused("UPDATE hub_closedperiod SET digest = 'x'")
    assert "append-only" in refused("DELETE FROM hub_closedperiod")
    assert "the day is closed" in refused(
        "INSERT INTO hub_transfer (reference, debit_id, credit_id, amount, currency, memo, occurred_at, recorded_at)"
        " SELECT 'late', debit_id, credit_id, 1, currency, '', occurred_at, now() FROM hub_transfer WHERE reference = 'one'"
    )
    with connection.cursor() as cursor:  # what is told with the period is not believed
        cursor.execute(insert("day", "2025-01-02", "2025-01-02", "2025-01-03"))
    assert days()[-1] == ("2025-01-02", 0, D("0.00"), D("10.00"))
