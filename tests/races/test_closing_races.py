"""Orders against the close, and the close against itself."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection

from distribution import closing
from distribution.models import Closing, Sheet
from hub.models import Collection, Notice
from orders.models import Order, OrderLine
from producers.models import Stock
from tests import make
from tests.races.test_ordering_races import all_at_once, buy, market

pytestmark = pytest.mark.usefixtures("committed")

BUYERS = 24


def close_in(sale: Collection, delay: timedelta) -> None:
    """Let the deadline be so long from now, by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE hub_collection SET closes_at = clock_timestamp() + %s WHERE id = %s", [str(delay), sale.pk])


def test_no_order_is_taken_after_the_deadline_and_none_taken_is_missing_from_the_sheets() -> None:
    sale, homes, (crate,) = market(BUYERS, 500)
    close_in(sale, timedelta(milliseconds=150))

    def close() -> str:
        for _turn in range(200):
            if closing.close_due(now=make.now() + timedelta(minutes=1)):
                return "closed"
        return "still open"

    def buy_often(number: int):
        def act() -> str:
            answer = ""
            for packs in range(1, 12):
                answer = buy(homes[number], sale, {crate.pk: packs})()
            return answer

        return act

    answers = all_at_once([buy_often(number) for number in range(BUYERS)] + [close])
    assert answers[-1] == "closed"
    assert Counter(answers[:-1])["ordering-closed"] > 0
    sale.refresh_from_db()
    assert sale.counted_at is not None
    assert not Order.objects.filter(changed_at__gt=sale.counted_at + timedelta(seconds=1)).exists()
    ordered = sum(OrderLine.objects.values_list("quantity", flat=True))
    assert Stock.objects.get().reserved == ordered
    numbers = list(Order.objects.live().order_by("basket_number").values_list("basket_number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    packing = Sheet.objects.get(kind="packing", version=1)
    printed = str(packing.content)
    assert all(order.household.name in printed for order in Order.objects.live().select_related("household"))


def test_four_closers_close_once() -> None:
    sale, homes, (crate,) = market(6, 100)
    for home in homes:
        buy(home, sale, {crate.pk: 2})()
    make.host(sale.point)
    make.passed(sale)
    all_at_once([lambda: closing.close_due(now=make.now())] * 4)
    assert Closing.objects.get().announced_at is not None
    assert list(Sheet.objects.values_list("version", flat=True).distinct()) == [1]
    keys = list(Notice.objects.values_list("key", flat=True))
    assert len(keys) == len(set(keys)) > 0
    assert list(Order.objects.order_by("basket_number").values_list("basket_number", flat=True)) == [1, 2, 3, 4, 5, 6]
