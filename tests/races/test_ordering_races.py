"""Many at once: the last crate, the same form twenty times, siblings in opposite order."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from hub.models import Collection, Household
from hub.refusals import Refusal
from orders import ordering
from orders.models import Order, OrderLine
from producers.models import Packaging, Stock
from tests import make

BUYERS = 25
CRATES = 7

pytestmark = pytest.mark.usefixtures("committed")


def market(buyers: int, packs: int, products: int = 1) -> tuple[Collection, list[Household], list[Packaging]]:
    point = make.point()
    farm = make.producer(point)
    sale = make.collection(point)
    crates = [make.packaging(farm, "1.00") for _i in range(products)]
    for crate in crates:
        make.offer(crate, sale, packs)
    homes = [make.household() for _i in range(buyers)]
    for home in homes:
        make.join(home, point)
    return sale, homes, crates


def all_at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """Runs every act in a thread of its own, started together; a Refusal is answered by its code."""
    gate = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        gate.wait()
        try:
            return act()
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def buy(home: Household, sale: Collection, wish: dict[int, int]) -> Callable[[], str]:
    def act() -> str:
        order = ordering.place(household=home, collection=sale, wish=wish, by=None, now=make.now())
        return order.code if order else "nothing"

    return act


def test_the_last_crates_go_to_as_many_households_as_there_are_crates() -> None:
    sale, homes, (crate,) = market(BUYERS, CRATES)
    answers = all_at_once([buy(home, sale, {crate.pk: 1}) for home in homes])
    assert Counter(answers)["sold-out"] == BUYERS - CRATES
    assert Stock.objects.get().reserved == CRATES
    assert sum(OrderLine.objects.values_list("quantity", flat=True)) == CRATES
    assert Order.objects.count() == CRATES


def test_without_lock_and_check_the_same_test_sees_an_oversell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: read, compare, write, without lock and constraint. If this sold right, the test above proves nothing."""
    sale, homes, (crate,) = market(BUYERS, CRATES)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE producers_stock DROP CONSTRAINT producers_stock_reserved_within_quantity")
    meanwhile = Barrier(BUYERS)

    def careless(changed: Any, removed: Any, lines: Any, packs: Any) -> None:
        stock = Stock.objects.get()
        meanwhile.wait()
        if stock.reserved + 1 <= (stock.quantity or 0):
            stock.reserved += 1
            stock.save()

    monkeypatch.setattr("orders.ordering.placing.move_stock", careless)
    all_at_once([buy(home, sale, {crate.pk: 1}) for home in homes])
    assert sum(OrderLine.objects.values_list("quantity", flat=True)) > CRATES


def test_the_same_form_twenty_times_is_one_order_and_twenty_equal_answers() -> None:
    sale, (home,), (crate,) = market(1, 50)
    answers = all_at_once([buy(home, sale, {crate.pk: 3})] * 20)
    assert len(set(answers)) == 1
    assert Order.objects.get().code == answers[0]
    assert (Stock.objects.get().reserved, OrderLine.objects.count()) == (3, 1)


def test_orders_with_the_same_products_in_any_order_do_not_block_each_other() -> None:
    sale, homes, crates = market(16, 100, products=6)
    wishes = [{c.pk: 1 for c in (crates if i % 2 else reversed(crates))} for i in range(16)]
    answers = all_at_once([buy(home, sale, wish) for home, wish in zip(homes, wishes, strict=True)])
    assert len(set(answers)) == 16
    assert list(Stock.objects.values_list("reserved", flat=True)) == [16] * 6
