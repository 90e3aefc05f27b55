"""The deadline with many at once: two closers, orders in the last second, changes in parallel, one sweep at a time."""

from collections import Counter
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection

from distribution import closing, tasks
from distribution.models import Closing, LineChange, Sheet
from hub import locks
from hub.calendar import CannotProlong
from hub.models import Notice
from orders import ordering, wishes
from orders.models import Order, OrderLine, WishLine
from producers.models import Stock
from tests import make
from tests.distribution import week as weeks
from tests.races.test_ordering_races import all_at_once, buy, market

CHANGES = 63  # of each of sixteen households

pytestmark = pytest.mark.usefixtures("committed")


def session() -> dict[str, Any]:
    """What another session of the same database connects with."""
    known = connection.get_connection_params()
    return {key: value for key, value in known.items() if key in ("dbname", "host", "port", "user", "password")}


def test_several_closers_do_each_step_once() -> None:
    week = weeks.build()
    make.passed(week.collection)
    all_at_once([lambda: closing.close_due(now=make.now()) for _closer in range(6)])
    row = Closing.objects.get()
    assert row.announced_at is not None
    assert set(Sheet.objects.values_list("version", flat=True)) == {1}
    assert (Sheet.objects.count(), Notice.objects.count()) == (5 + 3 * 2, 6)
    assert list(Order.objects.order_by("basket_number").values_list("basket_number", flat=True)) == [1, 2, 3]


def test_workers_share_what_is_due_and_each_collection_is_closed_once() -> None:
    week = weeks.build()
    sales = [make.passed(week.collection)]
    for _nth in range(7):
        point = make.point()
        make.supply(week.garden, point)
        sale = make.collection(point, starts_at=week.collection.starts_at, ends_at=week.collection.ends_at)
        home = make.household()
        make.join(home, point)
        ordering.place(household=home, collection=sale, wish={week.carrots.pk: 1}, by=None, now=make.now())
        sales.append(make.passed(sale))
    shares = all_at_once([lambda: closing.close_due(now=make.now()) for _worker in range(4)])
    assert sorted(code for share in shares for code in share) == sorted(sale.code for sale in sales)
    assert Closing.objects.exclude(announced_at=None).count() == 8
    versions = Sheet.objects.filter(kind="harvest", producer=week.garden).values_list("version", flat=True)
    assert sorted(versions) == list(range(1, 9))


def test_what_another_worker_is_closing_is_left_to_it() -> None:
    taken, free = make.passed(make.collection()), make.passed(make.collection())
    with psycopg.connect(**session(), autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s, %s)", [int(locks.LockSpace.CLOSER), taken.pk])
        assert closing.close_due(now=make.now()) == [free.code]
        other.execute("SELECT pg_advisory_unlock_all()")
    assert closing.close_due(now=make.now()) == [taken.code]


def test_a_credit_note_being_written_holds_up_no_close() -> None:
    """Its invoice may have the number of the collection: the two count different things."""
    sale = make.passed(make.collection())
    with psycopg.connect(**session(), autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s, %s)", [int(locks.LockSpace.CREDITED), sale.pk])
        assert closing.close_due(now=make.now()) == [sale.code]


def test_many_deadlines_at_once_ask_for_a_second_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(tasks.papers, "delay", lambda: None)
    monkeypatch.setattr(tasks.close, "delay", lambda: asked.append("close"))
    point = make.point()
    for _nth in range(tasks.MANY - 1):
        make.passed(make.collection(point))
    tasks.sweep()
    assert asked == []
    for _nth in range(tasks.MANY):
        make.passed(make.collection(point))
    tasks.sweep()
    assert asked == ["close"]
    assert Closing.objects.exclude(announced_at=None).count() == 2 * tasks.MANY - 1


def test_two_points_of_one_farm_closing_at_once_number_its_harvest_lists_in_turn() -> None:
    week = weeks.build()
    homes = []
    for _nth in range(4):
        point = make.point()
        make.supply(week.garden, point)
        sale = make.collection(point, starts_at=week.collection.starts_at, ends_at=week.collection.ends_at)
        home = make.household()
        make.join(home, point)
        ordering.place(household=home, collection=sale, wish={week.carrots.pk: 1}, by=None, now=make.now())
        homes.append(make.passed(sale))

    def close(sale: Any) -> Any:
        return lambda: closing.close_collection(collection=sale, now=make.now())

    assert all_at_once([close(sale) for sale in homes]) == [True] * 4
    versions = Sheet.objects.filter(kind="harvest", producer=week.garden).values_list("version", flat=True)
    assert sorted(versions) == [1, 2, 3, 4]


def test_orders_racing_the_close_are_in_the_sheets_or_refused() -> None:
    """A thousand of them, from before the instant until after it."""
    sale, homes, crates = market(buyers=16, packs=16 * CHANGES)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE hub_collection SET closes_at = clock_timestamp() + interval '500 milliseconds' WHERE id = %s",
            [sale.pk],
        )

    def close() -> str:
        while True:
            try:
                return str(closing.close_collection(collection=sale, now=make.now() + timedelta(minutes=1)))
            except closing.NotDueYet:
                continue

    def keep_buying(home: Any) -> Any:
        """As the page does: what is wanted is kept as a wish, then sent."""

        def act() -> str:
            last = "none"
            for packs in range(1, CHANGES + 1):
                changes = {crates[0].code: packs}
                wishes.overlay(household=home, collection=sale, changes=changes, now=make.now())
                try:
                    last = buy(home, sale, {crates[0].pk: packs})()
                except ordering.OrderingClosed as refusal:
                    last = refusal.code
            return last

        return act

    answers = Counter(all_at_once([close, *(keep_buying(home) for home in homes)]))
    assert (answers["True"], answers["ordering-closed"]) == (1, len(homes))
    ordered = sum(OrderLine.objects.values_list("quantity", flat=True))
    noted = Sheet.objects.filter(kind="delivery-note").first()
    printed = sum(row["quantity"] for row in noted.content["rows"]) if noted else 0
    assert printed == ordered == Stock.objects.get().reserved
    # What was refused is still wished for, to the last pack.
    kept = WishLine.objects.filter(wish__sent_at=None).values_list("wish__household", "quantity")
    assert sorted(kept) == sorted((home.pk, CHANGES) for home in homes)


def test_the_same_change_sent_many_times_counts_once() -> None:
    week = weeks.build()
    make.passed(week.collection)
    closing.close_due(now=make.now())
    line = week.order("Éloi").lines.get(packaging=week.carrots)

    def change() -> int:
        return closing.amend(
            line=line, delta=-1, reason="producer", by=week.host, now=make.now() + timedelta(minutes=1), key="tap"
        ).pk

    assert len(set(all_at_once([change] * 8))) == 1
    line.refresh_from_db()
    assert (line.due, LineChange.objects.count()) == (2, 1)
    assert Sheet.objects.filter(kind="packing").count() == 2


def test_only_one_process_sweeps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks.papers, "delay", lambda: None)
    sale = make.passed(make.collection())
    with psycopg.connect(**session(), autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(4202, %s)", [tasks.TICK])
        tasks.sweep()
        assert Closing.objects.count() == 0
        other.execute("SELECT pg_advisory_unlock(4202, %s)", [tasks.TICK])  # a closed session lets go a moment later
    tasks.sweep()
    assert list(Closing.objects.values_list("collection", flat=True)) == [sale.pk]


def test_prolonging_and_closing_at_once_end_open_or_counted_never_both() -> None:
    answers = []
    boss, point = make.coordinator(), make.point()
    for _nth in range(6):
        at = make.passed(make.collection(point))

        def close(at: Any = at) -> str:
            try:
                return str(closing.close_collection(collection=at, now=make.now()))
            except closing.NotDueYet:
                return "not due"

        def prolong(at: Any = at) -> str:
            try:
                closing.prolong(collection=at, closes_at=at.starts_at, by=boss, now=make.now())
            except CannotProlong:
                return "counted"
            return "prolonged"

        answers.append(set(all_at_once([close, prolong])))
        at.refresh_from_db()
        assert (at.is_counted, at.closes_at == at.starts_at) in ((True, False), (False, True))
        assert answers[-1] == ({"True", "counted"} if at.is_counted else {"not due", "prolonged"})
