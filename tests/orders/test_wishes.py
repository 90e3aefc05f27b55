"""Wishes are saved as they are made, reserve nothing, and two phones of one household never overwrite each other unseen."""

from dataclasses import dataclass

import pytest

from hub.models import Collection, Household
from hub.refusals import Refusal
from orders import ordering, wishes
from orders.models import Wish
from orders.wishes import Touch
from producers.models import Packaging, Stock
from tests import make

pytestmark = pytest.mark.django_db


@dataclass
class Shop:
    collection: Collection
    home: Household
    carrots: Packaging
    leeks: Packaging


@pytest.fixture
def shop() -> Shop:
    point = make.point()
    farm, sale, home = make.producer(point), make.collection(point), make.household()
    make.join(home, point)
    carrots, leeks = make.packaging(farm), make.packaging(farm)
    make.offer(carrots, sale, 10)
    make.offer(leeks, sale, 10)
    return Shop(sale, home, carrots, leeks)


def put(shop: Shop, pack: Packaging, quantity: int, seen: int | None) -> dict[str, Refusal]:
    return touch(shop, {pack.code: Touch(quantity, seen)})


def touch(shop: Shop, touches: dict[str, Touch]) -> dict[str, Refusal]:
    return wishes.touch(household=shop.home, collection=shop.collection, touches=touches, now=make.now())


def save(shop: Shop, quantities: dict[int, int], revision: int | None, note: str = "") -> int:
    return wishes.save(
        household=shop.home,
        collection=shop.collection,
        quantities=quantities,
        note=note,
        revision=revision,
        now=make.now(),
    )


def order(shop: Shop, wish: dict[int, int]) -> None:
    by = shop.home.members.get()
    ordering.place(household=shop.home, collection=shop.collection, wish=wish, by=by, now=make.now())


def current(shop: Shop) -> dict[int, int]:
    return wishes.current(shop.home, shop.collection)


def test_a_stepper_sets_and_removes_and_reserves_nothing(shop: Shop) -> None:
    put(shop, shop.carrots, 2, seen=0)
    put(shop, shop.leeks, 1, seen=0)
    put(shop, shop.carrots, 3, seen=2)
    assert current(shop) == {shop.carrots.pk: 3, shop.leeks.pk: 1}
    put(shop, shop.carrots, 0, seen=3)
    put(shop, shop.carrots, 0, seen=3)
    assert current(shop) == {shop.leeks.pk: 1}
    assert list(Stock.objects.values_list("reserved", flat=True)) == [0, 0]


def test_one_statement_once_the_wish_exists(shop: Shop, django_assert_num_queries: object) -> None:
    farm = make.producer(shop.collection.point)
    many = [make.packaging(farm) for _ in range(8)]
    put(shop, shop.carrots, 1, seen=0)
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert touch(shop, {pack.code: Touch(2, 0) for pack in many} | {shop.carrots.code: Touch(0, 1)}) == {}
    assert current(shop) == {pack.pk: 2 for pack in many}
    assert Wish.objects.get().revision == 2


@pytest.mark.parametrize(("theirs", "seen", "mine"), [(3, 1, 2), (0, 1, 2), (2, 0, 1), (3, 1, 0)])
def test_a_line_changed_on_another_phone_is_not_overwritten(shop: Shop, theirs: int, seen: int, mine: int) -> None:
    save(shop, {shop.carrots.pk: theirs, shop.leeks.pk: 1}, None)
    before = Wish.objects.get().revision
    refused = put(shop, shop.carrots, mine, seen=seen)
    assert {code: (type(why), why.data) for code, why in refused.items()} == {
        shop.carrots.code: (wishes.StaleWish, {"theirs": theirs, "yours": mine})
    }
    assert current(shop) == {p: n for p, n in ((shop.carrots.pk, theirs), (shop.leeks.pk, 1)) if n}
    assert Wish.objects.get().revision == before


def test_what_is_refused_keeps_nothing_else_back(shop: Shop) -> None:
    put(shop, shop.carrots, 3, seen=0)
    refused = touch(
        shop,
        {shop.carrots.code: Touch(1, 0), shop.leeks.code: Touch(2, 0), "NOSUCH": Touch(1, 0), "MANY": Touch(1001, 0)},
    )
    assert {code: type(why) for code, why in refused.items()} == {
        shop.carrots.code: wishes.StaleWish, "NOSUCH": wishes.BadWish, "MANY": wishes.BadWish,
    }  # fmt: skip
    assert current(shop) == {shop.carrots.pk: 3, shop.leeks.pk: 2}


def test_what_was_touched_may_arrive_twice(shop: Shop) -> None:
    for _time in range(2):
        assert touch(shop, {shop.carrots.code: Touch(2, 0), shop.leeks.code: Touch(0, 0)}) == {}
    assert (current(shop), Wish.objects.get().revision) == ({shop.carrots.pk: 2}, 1)
    order(shop, current(shop))
    assert put(shop, shop.carrots, 2, seen=0) == {}
    assert wishes.wanted(shop.home, shop.collection).unsent is False


def test_other_lines_changed_meanwhile_do_not_disturb(shop: Shop) -> None:
    put(shop, shop.carrots, 1, seen=0)
    put(shop, shop.leeks, 4, seen=0)
    put(shop, shop.carrots, 2, seen=1)
    assert current(shop) == {shop.carrots.pk: 2, shop.leeks.pk: 4}


def test_bad_quantities_and_unknown_products_change_nothing(shop: Shop) -> None:
    for code, quantity in ((shop.carrots.code, -1), (shop.carrots.code, 1001), ("NOSUCH", 1)):
        refused = touch(shop, {code: Touch(quantity, 0)})
        assert {code: type(why) for code, why in refused.items()} == {code: wishes.BadWish}
    assert not Wish.objects.exists()


def test_saving_all_is_refused_with_both_versions_when_stale(shop: Shop) -> None:
    first = save(shop, {shop.carrots.pk: 1}, 0)
    second = save(shop, {shop.carrots.pk: 2}, first)
    with pytest.raises(wishes.StaleWish) as refused:
        save(shop, {shop.leeks.pk: 5}, first)
    assert refused.value.data == {
        "theirs": {str(shop.carrots.pk): 2},
        "yours": {str(shop.leeks.pk): 5},
        "revision": second,
    }
    assert current(shop) == {shop.carrots.pk: 2}


def test_saving_takes_the_same_statements_for_many_lines(shop: Shop, django_assert_num_queries: object) -> None:
    farm = make.producer(shop.collection.point)
    many = {make.packaging(farm).pk: 1 for _ in range(40)}
    with django_assert_num_queries(7):  # type: ignore[operator]
        save(shop, many, 0)
    assert current(shop) == many


def test_the_first_change_after_placing_starts_from_the_order(shop: Shop) -> None:
    order(shop, {shop.carrots.pk: 2, shop.leeks.pk: 1})
    assert wishes.wanted(shop.home, shop.collection).unsent is False
    put(shop, shop.carrots, 3, seen=2)
    wanted = wishes.wanted(shop.home, shop.collection)
    assert (wanted.quantities, wanted.unsent) == ({shop.carrots.pk: 3, shop.leeks.pk: 1}, True)


def test_an_emptied_wish_stays_empty_until_it_is_sent_or_dropped(shop: Shop) -> None:
    order(shop, {shop.carrots.pk: 2})
    put(shop, shop.carrots, 0, seen=2)
    assert current(shop) == {}
    wishes.drop(household=shop.home, collection=shop.collection, now=make.now())
    assert current(shop) == {shop.carrots.pk: 2}
    put(shop, shop.leeks, 1, seen=0)
    order(shop, current(shop))
    wanted = wishes.wanted(shop.home, shop.collection)
    assert (wanted.quantities, wanted.unsent) == ({shop.carrots.pk: 2, shop.leeks.pk: 1}, False)


def test_a_refusal_leaves_the_wish_as_it_was(shop: Shop) -> None:
    put(shop, shop.carrots, 11, seen=0)
    with pytest.raises(ordering.SoldOut):
        order(shop, current(shop))
    assert current(shop) == {shop.carrots.pk: 11}
