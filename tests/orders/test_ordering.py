"""Placing makes the order equal to the wish, all or nothing."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from hub import calendar
from hub.models import Activity, Collection, FeeRule, Household
from hub.money import money
from orders import ordering
from orders.models import Order, OrderLine
from producers.models import Packaging, Stock
from tests import make

pytestmark = pytest.mark.django_db


@dataclass
class Shop:
    collection: Collection
    home: Household
    carrots: Packaging
    chicken: Packaging


@pytest.fixture
def shop() -> Shop:
    point = make.point(payment_methods=["at-point", "account"])
    farm = make.producer(point)
    make.fees()
    sale = make.collection(point)
    home = make.household()
    make.join(home, point)
    carrots, chicken = make.packaging(farm, "2.50"), make.weighed(farm)
    make.offer(carrots, sale, 10)
    make.offer(chicken, sale, 5)
    return Shop(sale, home, carrots, chicken)


def place(shop: Shop, wish: dict[int, int], **more: str) -> Order | None:
    return ordering.place(
        household=shop.home, collection=shop.collection, wish=wish, by=shop.home.members.get(), now=make.now(), **more
    )


def reserved(pack: Packaging) -> int:
    return Stock.objects.get(product=pack.product).reserved


def test_first_placing_reserves_and_freezes(shop: Shop) -> None:
    order = place(shop, {shop.carrots.pk: 2, shop.chicken.pk: 1})
    assert order is not None
    assert (order.expected_total, order.maximum_total) == (money("24.80"), money("30.30"))
    assert [(r.quantity, r.due, r.unit_price, r.host_rate, r.hub_rate) for r in order.lines.order_by("pk")] == [
        (2, 2, money("2.50"), Decimal(8), Decimal(12)),
        (1, 1, money("11.00"), Decimal(8), Decimal(12)),
    ]
    assert (reserved(shop.carrots), reserved(shop.chicken)) == (2, 1800)
    assert len(order.code) == 6
    assert list(Activity.objects.values_list("verb", "subject")) == [("order.placed", order.code)]


def test_changing_moves_only_the_difference(shop: Shop) -> None:
    first = place(shop, {shop.carrots.pk: 2, shop.chicken.pk: 1})
    second = place(shop, {shop.carrots.pk: 5})
    assert first is not None
    assert second is not None
    assert (second.pk, second.code) == (first.pk, first.code)
    assert (reserved(shop.carrots), reserved(shop.chicken)) == (5, 0)
    assert list(second.lines.values_list("packaging", "quantity")) == [(shop.carrots.pk, 5)]


def test_an_empty_wish_cancels_and_a_new_one_takes_the_order_up_again(shop: Shop) -> None:
    order = place(shop, {shop.carrots.pk: 2})
    cancelled = place(shop, {})
    assert order is not None
    assert cancelled is not None
    assert cancelled.cancelled_at is not None
    assert (reserved(shop.carrots), cancelled.lines.count(), cancelled.maximum_total) == (0, 0, money(0))
    Order.objects.update(placed_at=make.now() - timedelta(days=1))
    again = place(shop, {shop.carrots.pk: 1})
    assert again is not None
    assert (again.code, again.cancelled_at) == (order.code, None)
    assert make.now() - again.placed_at < timedelta(minutes=1)


def test_nothing_wished_and_nothing_ordered_is_nothing(shop: Shop) -> None:
    assert place(shop, {}) is None
    assert Order.objects.count() == 0


def test_the_same_wish_again_changes_nothing(shop: Shop) -> None:
    order = place(shop, {shop.carrots.pk: 2})
    before = list(OrderLine.objects.values()), list(Stock.objects.order_by("pk").values())
    again = place(shop, {shop.carrots.pk: 2})
    assert order is not None
    assert again is not None
    assert again.pk == order.pk
    assert (list(OrderLine.objects.values()), list(Stock.objects.order_by("pk").values())) == before
    assert Activity.objects.count() == 1


def test_sold_out_names_the_lines_and_what_is_left_and_changes_nothing(shop: Shop) -> None:
    place(shop, {shop.carrots.pk: 2})
    before = list(OrderLine.objects.values()), list(Stock.objects.order_by("pk").values()), Activity.objects.count()
    with pytest.raises(ordering.SoldOut) as refusal:
        place(shop, {shop.carrots.pk: 11, shop.chicken.pk: 1})
    assert refusal.value.data["short"] == [
        {
            "packaging": shop.carrots.pk,
            "name": shop.carrots.product.name,
            "label": shop.carrots.label,
            "wanted": 11,
            "available": 10,
        }
    ]
    after = list(OrderLine.objects.values()), list(Stock.objects.order_by("pk").values()), Activity.objects.count()
    assert after == before


def test_a_price_change_never_touches_a_placed_line(shop: Shop) -> None:
    place(shop, {shop.carrots.pk: 1})
    shop.carrots.offers.update(price=Decimal("9.99"))
    order = place(shop, {shop.carrots.pk: 3})
    assert order is not None
    assert order.expected_total == money("7.50")


def test_siblings_share_one_stock(shop: Shop) -> None:
    crate = make.packaging(shop.carrots.producer, "20.00", shop.carrots.product, label="caisse de 8", content=8)
    make.offer(crate, shop.collection)
    place(shop, {shop.carrots.pk: 2, crate.pk: 1})
    assert reserved(shop.carrots) == 10
    with pytest.raises(ordering.SoldOut):
        place(shop, {shop.carrots.pk: 3, crate.pk: 1})
    assert reserved(shop.carrots) == 10


def test_unlimited_stock_counts_without_end(shop: Shop) -> None:
    Stock.objects.filter(product=shop.carrots.product).update(quantity=None)
    shop.carrots.offers.update(price=Decimal("0.10"))
    place(shop, {shop.carrots.pk: 1000})
    assert reserved(shop.carrots) == 1000


@pytest.mark.parametrize(
    ("opens", "closes", "code"),
    [
        (timedelta(hours=1), timedelta(hours=2), "not-open-yet"),
        (timedelta(hours=-2), timedelta(hours=-1), "ordering-closed"),
    ],
)
def test_outside_the_window_nothing_is_taken(shop: Shop, opens: timedelta, closes: timedelta, code: str) -> None:
    shop.collection.opens_at, shop.collection.closes_at = make.now() + opens, make.now() + closes
    shop.collection.save()
    with pytest.raises((ordering.NotOpenYet, ordering.OrderingClosed)) as refusal:
        place(shop, {shop.carrots.pk: 1})
    assert refusal.value.code == code
    assert (reserved(shop.carrots), Order.objects.count()) == (0, 0)


def test_a_stranger_cannot_order_here(shop: Shop) -> None:
    stranger = make.household()
    with pytest.raises(ordering.NotAMember):
        ordering.place(
            household=stranger, collection=shop.collection, wish={shop.carrots.pk: 1}, by=None, now=make.now()
        )
    assert (reserved(shop.carrots), Order.objects.count()) == (0, 0)


def test_what_left_the_shelf_can_be_kept_or_reduced_but_not_added_to(shop: Shop) -> None:
    place(shop, {shop.carrots.pk: 3})
    shop.carrots.offers.update(on_sale=False)
    place(shop, {shop.carrots.pk: 2})
    assert reserved(shop.carrots) == 2
    with pytest.raises(ordering.NotOnSale):
        place(shop, {shop.carrots.pk: 4})
    assert reserved(shop.carrots) == 2


def test_the_account_must_cover_the_greatest_amount(shop: Shop) -> None:
    with pytest.raises(ordering.AccountTooLow):
        place(shop, {shop.chicken.pk: 1}, payment_method="account")
    assert (reserved(shop.chicken), Order.objects.count()) == (0, 0)


def test_what_is_owed_at_the_point_has_a_ceiling(shop: Shop) -> None:
    shop.collection.point.at_point_ceiling = money(50)
    shop.collection.point.save()
    with pytest.raises(ordering.AccountTooLow):
        place(shop, {shop.chicken.pk: 2})
    assert (reserved(shop.chicken), Order.objects.count()) == (0, 0)


def test_below_the_points_minimum_is_refused(shop: Shop) -> None:
    shop.collection.point.minimum_order = money(10)
    shop.collection.point.save()
    with pytest.raises(ordering.MinimumNotMet):
        place(shop, {shop.carrots.pk: 1})
    assert (reserved(shop.carrots), Order.objects.count()) == (0, 0)


@pytest.mark.parametrize("packs", [-1, 1001])
def test_absurd_quantities_are_refused(shop: Shop, packs: int) -> None:
    with pytest.raises(ordering.BadQuantity):
        place(shop, {shop.carrots.pk: packs})
    assert Order.objects.count() == 0


def test_the_database_refuses_more_than_there_is(shop: Shop) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Stock.objects.filter(product=shop.carrots.product).update(reserved=11)


def test_the_database_keeps_prices_of_lines(shop: Shop) -> None:
    place(shop, {shop.carrots.pk: 1})
    with pytest.raises(IntegrityError), transaction.atomic():
        OrderLine.objects.update(unit_price=Decimal("1.00"))
    assert OrderLine.objects.get().unit_price == money("2.50")


def test_the_database_keeps_counted_quantities(shop: Shop) -> None:
    place(shop, {shop.carrots.pk: 1})
    with connection.cursor() as cursor:
        cursor.execute("UPDATE hub_collection SET status = 'closed', counted_at = now()")
    for change in ({"quantity": 2, "due": 2}, {"due": 0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            OrderLine.objects.update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        OrderLine.objects.all().delete()
    assert list(OrderLine.objects.values_list("quantity", "due")) == [(1, 1)]


@pytest.mark.parametrize("lines", [8, 40])
def test_the_number_of_statements_does_not_grow(shop: Shop, lines: int, django_assert_max_num_queries) -> None:
    packs = [make.packaging(shop.carrots.producer) for _i in range(lines)]
    for pack in packs:
        make.offer(pack, shop.collection)
    by, now = shop.home.members.get(), make.now()
    with django_assert_max_num_queries(14):
        ordering.place(household=shop.home, collection=shop.collection, wish={p.pk: 1 for p in packs}, by=by, now=now)


def test_an_order_that_grows_no_dearer_is_not_refused_for_money(shop: Shop) -> None:
    """The ceiling, the smallest order and the ways to pay may change meanwhile: what was agreed can still shrink."""
    point = shop.collection.point
    place(shop, {shop.carrots.pk: 4, shop.chicken.pk: 1})
    point.at_point_ceiling, point.minimum_order = money(5), money(100)
    point.payment_methods = ["account"]
    point.save()
    place(shop, {shop.carrots.pk: 4, shop.chicken.pk: 1}, note="À vélo")
    assert Order.objects.get().note == "À vélo"
    point.minimum_order = None
    point.save()
    place(shop, {shop.carrots.pk: 4})
    assert (reserved(shop.carrots), reserved(shop.chicken)) == (4, 0)
    for wish, method, refusal in (
        ({shop.carrots.pk: 5}, "", ordering.AccountTooLow),
        ({shop.carrots.pk: 3}, "account", ordering.AccountTooLow),
    ):
        with pytest.raises(refusal):
            place(shop, wish, payment_method=method)
    order = Order.objects.get()
    assert (order.payment_method, order.maximum_total, reserved(shop.carrots)) == ("at-point", money("10.00"), 4)
    place(shop, {})
    assert (Order.objects.live().count(), reserved(shop.carrots)) == (0, 0)
    with pytest.raises(ordering.NoSuchPayment):
        place(shop, {shop.carrots.pk: 1}, payment_method="at-point")


def test_an_order_of_an_emptied_account_can_shrink(shop: Shop) -> None:
    shop.collection.point.account_floor = money(-20)
    shop.collection.point.save()
    place(shop, {shop.carrots.pk: 4}, payment_method="account")
    shop.collection.point.account_floor = money(0)
    shop.collection.point.save()
    place(shop, {shop.carrots.pk: 3})
    with pytest.raises(ordering.AccountTooLow):
        place(shop, {shop.carrots.pk: 4})
    assert reserved(shop.carrots) == 3


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
def test_fees_change_at_midnight_of_the_cooperative(shop: Shop, settings: Any, zone: str) -> None:
    """One of these two zones has another date than UTC, whatever the hour."""
    settings.TIME_ZONE = zone
    today = calendar.local_date(make.now())
    for day, percent in ((today, 9), (today + timedelta(days=1), 50)):
        FeeRule.objects.create(payee="host", valid_from=day, percentage=percent)
    order = place(shop, {shop.carrots.pk: 1})
    assert order is not None
    assert list(order.lines.values_list("host_rate", flat=True)) == [Decimal(9)]
