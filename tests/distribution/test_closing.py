"""The deadline: each step once however often it runs, and only after the deadline."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from distribution import closing
from distribution.amending import BadChange, CollectionOver, NotCounted
from distribution.cancelling import HandoverBegun
from distribution.closing import NotDueYet
from distribution.minimums import AlreadyDecided
from distribution.models import Closing, LineChange, MinimumDecision, Sheet
from hub.models import Activity, Collection, Notice
from hub.money import money
from orders import ordering
from orders.models import Order, OrderLine
from producers.models import Packaging, Stock
from tests import make
from tests.distribution import week as weeks
from tests.distribution.week import Week

pytestmark = pytest.mark.django_db


@pytest.fixture
def week() -> Week:
    return weeks.build()


def everything() -> list[Any]:
    """All rows that a close writes."""
    tables: list[Any] = [
        Collection,
        Closing,
        MinimumDecision,
        LineChange,
        Sheet,
        Order,
        OrderLine,
        Stock,
        Notice,
        Activity,
    ]
    return [list(table.objects.order_by("pk").values()) for table in tables]


def close(week: Week, **more: timedelta) -> None:
    make.passed(week.collection)
    assert closing.close_collection(collection=week.collection, now=make.now()) is True


def later() -> datetime:
    """A minute after the close: a change never bears the very moment of the sheets."""
    return make.now() + timedelta(minutes=1)


def reserved(pack: Packaging) -> int:
    return Stock.objects.get(product=pack.product).reserved


def test_before_the_deadline_nothing_is_counted(week: Week) -> None:
    before = everything()
    with pytest.raises(NotDueYet):
        closing.count(collection=week.collection, now=make.now() + timedelta(days=30))
    assert everything() == before
    assert closing.close_due(now=make.now() + timedelta(days=30)) == []
    assert everything() == before


def test_after_the_count_no_order_changes(week: Week) -> None:
    make.passed(week.collection)
    closing.count(collection=week.collection, now=make.now())
    home = week.homes["Zoé"]
    before = everything()
    with pytest.raises(ordering.OrderingClosed):
        ordering.place(household=home, collection=week.collection, wish={}, by=None, now=make.now())
    assert everything() == before


def test_steps_do_nothing_before_their_turn(week: Week) -> None:
    make.passed(week.collection)
    before = everything()
    for step in closing.STEPS:
        assert step(collection=week.collection, now=make.now()) is False
    assert everything() == before


def test_each_step_twice_is_the_same_as_once(week: Week) -> None:
    make.passed(week.collection)
    closing.count(collection=week.collection, now=make.now())
    for step in closing.STEPS:
        assert step(collection=week.collection, now=make.now()) is True
        after_once = everything()
        closing.count(collection=week.collection, now=make.now() + timedelta(minutes=5))
        assert step(collection=week.collection, now=make.now() + timedelta(minutes=5)) is True
        assert everything() == after_once
    assert closing.close_due(now=make.now() + timedelta(minutes=9)) == []
    assert everything() == after_once


@pytest.mark.parametrize("done", range(5))
def test_a_close_killed_after_any_step_is_finished_by_the_next_sweep(week: Week, done: int) -> None:
    make.passed(week.collection)
    closing.count(collection=week.collection, now=make.now())
    for step in closing.STEPS[:done]:
        step(collection=week.collection, now=make.now())
    closing.close_due(now=make.now())
    row = Closing.objects.get()
    assert None not in (row.minimums_at, row.numbered_at, row.frozen_at, row.announced_at)
    assert Sheet.objects.count() == 5 + 3 * 2
    assert Notice.objects.count() == 3 + 2 + 1


def test_a_step_that_fails_leaves_no_trace(week: Week, monkeypatch: pytest.MonkeyPatch) -> None:
    make.passed(week.collection)
    closing.count(collection=week.collection, now=make.now())
    closing.settle_minimums(collection=week.collection, now=make.now())
    closing.number(collection=week.collection, now=make.now())
    before = everything()

    def killed(*_arguments: Any, **_named: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr("distribution.closing.sheets.write", killed)
        with pytest.raises(SystemExit):
            closing.freeze(collection=week.collection, now=make.now())
    assert everything() == before


def test_baskets_are_numbered_from_one_by_name_without_accents(week: Week) -> None:
    close(week)
    assert {name: week.order(name).basket_number for name in week.homes} == {"Bahri": 1, "Éloi": 2, "Zoé": 3}


def test_nobody_ordered(week: Week) -> None:
    empty = make.passed(make.collection(week.point))
    assert closing.close_due(now=make.now()) == [empty.code]
    assert Closing.objects.get().announced_at is not None
    # The hosts hear that there is nothing.
    assert list(Notice.objects.values_list("kind", "data")) == [("close-host", {"orders": 0, "packs": 0})]


def test_everybody_is_told_once(week: Week) -> None:
    close(week)
    assert sorted(Notice.objects.values_list("kind", flat=True)) == [
        "close-host", "close-order", "close-order", "close-order", "close-producer", "close-producer",
    ]  # fmt: skip
    letter = Notice.objects.get(kind="close-order", member__household=week.homes["Éloi"])
    assert letter.data["number"] == 2
    assert letter.data["total"] == "10,60\u00a0€"
    assert [(line["packs"], line["name"]) for line in letter.data["lines"]] == sorted(
        [(3, week.carrots.product.name), (1, week.leeks.product.name)], key=lambda pair: pair[1]
    )


# Minimums


def test_below_the_minimum_the_close_waits_for_an_answer() -> None:
    week = weeks.build(yard_minimum="100")
    make.passed(week.collection)
    assert closing.close_collection(collection=week.collection, now=make.now()) is False
    row = MinimumDecision.objects.get()
    # three chickens of 1.8 kg expected at 11 € a kilogram
    assert (row.producer, row.ordered, row.minimum, row.decision) == (week.yard, money("59.40"), money(100), "")
    assert row.due_at == Closing.objects.get().counted_at + timedelta(hours=2)
    asked = list(Notice.objects.values_list("kind", flat=True))
    assert asked == ["minimum"]
    assert closing.close_due(now=make.now()) == []
    assert Notice.objects.count() == 1
    assert Closing.objects.get().minimums_at is None


def test_after_the_delay_the_default_delivers() -> None:
    week = weeks.build(yard_minimum="100")
    make.passed(week.collection)
    closing.close_due(now=make.now())
    assert closing.close_due(now=make.now() + timedelta(hours=2, minutes=1)) == [week.collection.code]
    row = MinimumDecision.objects.get()
    assert (row.decision, row.decided_by, LineChange.objects.count()) == ("deliver", None, 0)


def test_cancelling_below_the_minimum_releases_and_renames_nothing() -> None:
    week = weeks.build(yard_minimum="100")
    alone = make.household("Aubry")
    make.join(alone, week.point)
    ordering.place(household=alone, collection=week.collection, wish={week.chicken.pk: 1}, by=None, now=make.now())
    make.passed(week.collection)
    closing.close_due(now=make.now())
    farmer = week.yard.people.get().member
    assert reserved(week.chicken) == 4 * 1800
    for _time in range(2):
        closing.decide(decision_row=MinimumDecision.objects.get(), choice="cancel", by=farmer, now=make.now())
    assert (reserved(week.chicken), reserved(week.carrots)) == (0, 5)
    assert sorted(LineChange.objects.values_list("delta", "reason")) == [
        (-2, "minimum"),
        (-1, "minimum"),
        (-1, "minimum"),
    ]
    assert closing.close_due(now=make.now()) == [week.collection.code]
    order = Order.objects.get(household=alone)
    assert (order.is_live, order.basket_number, order.maximum_total) == (False, None, money(0))
    assert week.order("Zoé").expected_total == money("5.00")
    assert [week.order(name).basket_number for name in ("Bahri", "Éloi", "Zoé")] == [1, 2, 3]
    assert not Sheet.objects.filter(producer=week.yard).exists()
    told = Notice.objects.get(kind="close-order-cancelled")
    assert told.member is not None
    assert (told.member.household, [one["packs"] for one in told.data["missing"]]) == (alone, [1])


def test_the_first_answer_wins() -> None:
    week = weeks.build(yard_minimum="100")
    make.passed(week.collection)
    closing.close_due(now=make.now())
    row = MinimumDecision.objects.get()
    closing.decide(decision_row=row, choice="deliver", by=make.coordinator(), now=make.now())
    before = everything()
    with pytest.raises(AlreadyDecided):
        closing.decide(decision_row=row, choice="cancel", by=week.gardener, now=make.now())
    assert everything() == before


# Changes afterwards


def test_before_the_count_the_host_changes_nothing(week: Week) -> None:
    before = everything()
    line = week.order("Zoé").lines.get(packaging=week.carrots)
    with pytest.raises(NotCounted):
        closing.amend(line=line, delta=-1, reason="producer", by=week.host, now=later())
    assert everything() == before


def test_a_line_is_reduced_after_the_close(week: Week) -> None:
    close(week)
    line = week.order("Éloi").lines.get(packaging=week.carrots)
    told_before = Notice.objects.count()
    for _time in range(2):
        closing.amend(line=line, delta=-1, reason="producer", note="gel", by=week.host, now=later(), key="tap-1")
    line.refresh_from_db()
    assert (line.quantity, line.due, line.expected_amount) == (3, 2, money("5.00"))
    assert (reserved(week.carrots), week.order("Éloi").expected_total) == (4, money("8.10"))
    newer = Sheet.objects.filter(version=2).order_by("kind").values_list("kind", "producer")
    garden = week.garden.pk
    assert list(newer) == [
        ("delivery-note", garden), ("duty", None), ("harvest", garden), ("labels", None), ("member-slips", garden),
        ("packing", None), ("sign-off", None), ("table-plan", None),
    ]  # fmt: skip
    row = Sheet.objects.get(kind="delivery-note", version=2).content["rows"]
    changes = [(one["quantity"], one["change"]) for one in row if one["change"]]
    assert changes == [(4, {"mark": "changed", "was": 5, "since": 2, "reason": "la ferme ne peut pas livrer"})]
    kinds = Notice.objects.order_by("pk").values_list("kind", flat=True)[told_before:]
    assert sorted(kinds) == ["amended-order", "amended-sheets", "amended-sheets"]


def test_a_line_is_added_at_the_price_of_the_week(week: Week) -> None:
    close(week)
    order = week.order("Zoé")
    closing.amend(order=order, packaging=week.leeks, delta=2, reason="member", by=week.host, now=later())
    line = order.lines.get(packaging=week.leeks)
    assert (line.quantity, line.due, line.unit_price, line.host_rate) == (0, 2, money("3.10"), Decimal(8))
    assert reserved(week.leeks) == 5
    slip = Sheet.objects.get(kind="packing", version=2).content["households"][2]
    assert [(one["product"], one["change"]["mark"]) for one in slip["lines"] if one["change"]] == [
        (week.leeks.product.name, "added")
    ]


def test_more_than_there_is_cannot_be_added(week: Week) -> None:
    close(week)
    before = everything()
    with pytest.raises(ordering.SoldOut):
        closing.amend(
            order=week.order("Zoé"), packaging=week.leeks, delta=18, reason="member", by=week.host, now=later()
        )
    assert everything() == before


@pytest.mark.parametrize(("delta", "reason"), [(-4, "producer"), (0, "producer"), (-1, "because"), (-1, "minimum")])
def test_senseless_changes_are_refused(week: Week, delta: int, reason: str) -> None:
    close(week)
    before = everything()
    line = week.order("Éloi").lines.get(packaging=week.carrots)
    with pytest.raises(BadChange):
        closing.amend(line=line, delta=delta, reason=reason, by=week.host, now=later())
    assert everything() == before


def test_an_order_emptied_and_taken_up_again_keeps_its_number(week: Week) -> None:
    close(week)
    order = week.order("Éloi")
    for line in order.lines.all():
        closing.amend(line=line, delta=-line.due, reason="member", by=week.host, now=later())
    assert (week.order("Éloi").is_live, week.order("Éloi").basket_number) == (False, 2)
    sign_off = Sheet.objects.filter(kind="sign-off").order_by("-version")[0].content
    assert [row["change"]["mark"] for row in sign_off["rows"] if row["change"]] == ["cancelled"]
    closing.amend(order=order, packaging=week.carrots, delta=1, reason="mistake", by=week.host, now=later())
    assert (week.order("Éloi").is_live, week.order("Éloi").basket_number) == (True, 2)


# Giving up


def test_cancelling_an_open_collection_frees_everything(week: Week) -> None:
    boss = make.coordinator()
    for _time in range(2):
        closing.cancel(collection=week.collection, reason="neige", by=boss, now=later())
    row = Collection.objects.get(pk=week.collection.pk)
    assert (row.status, row.cancel_reason, row.cancelled_by) == ("cancelled", "neige", boss)
    assert (reserved(week.carrots), reserved(week.leeks), reserved(week.chicken)) == (0, 0, 0)
    assert Order.objects.live().count() == 0
    assert list(Notice.objects.values_list("kind", flat=True)) == ["collection-cancelled"] * 6
    make.passed(week.collection)
    assert closing.close_due(now=later()) == []


def test_cancelling_a_closed_collection_strikes_everything(week: Week) -> None:
    close(week)
    closing.cancel(collection=week.collection, reason="neige", by=make.coordinator(), now=later())
    assert (reserved(week.carrots), reserved(week.leeks), reserved(week.chicken)) == (0, 0, 0)
    assert set(OrderLine.objects.values_list("due", flat=True)) == {0}
    assert [week.order(name).basket_number for name in ("Bahri", "Éloi", "Zoé")] == [1, 2, 3]
    last = Sheet.objects.get(kind="packing", version=2).content["households"]
    assert [house["change"]["mark"] for house in last] == ["cancelled"] * 3
    line = OrderLine.objects.first()
    with pytest.raises(CollectionOver):
        closing.amend(line=line, delta=1, reason="mistake", by=week.host, now=later())


def test_once_the_hand_over_has_begun_nothing_is_cancelled(week: Week) -> None:
    close(week)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE hub_collection SET starts_at = clock_timestamp() - interval '1 second'")
    before = everything()
    with pytest.raises(HandoverBegun):
        closing.cancel(collection=week.collection, reason="neige", by=make.coordinator(), now=later())
    assert everything() == before


def test_the_database_keeps_sheets_and_changes(week: Week) -> None:
    close(week)
    closing.amend(line=OrderLine.objects.first(), delta=-1, reason="mistake", by=week.host, now=later())
    for rows in (Sheet.objects.all(), LineChange.objects.all()):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        Sheet.objects.update(version=9)
    with pytest.raises(IntegrityError), transaction.atomic():
        LineChange.objects.update(delta=-2)


def test_the_number_of_statements_does_not_grow(django_assert_max_num_queries: Any) -> None:
    week = weeks.build()
    for nth in range(12):
        home = make.household(f"Foyer {nth:02}")
        make.join(home, week.point)
        wish = {week.carrots.pk: 1, week.leeks.pk: 1}
        ordering.place(household=home, collection=week.collection, wish=wish, by=None, now=make.now())
    make.passed(week.collection)
    with django_assert_max_num_queries(60):
        closing.close_collection(collection=week.collection, now=make.now())
