"""Publishing a week: quantities in packs become shared base units; nothing goes below what is reserved."""

from datetime import timedelta
from decimal import Decimal

import pytest

from hub.calendar import local_date, shift_week, week_of
from hub.models import Activity
from hub.money import money
from orders import ordering
from orders.models import OrderLine
from producers import stock
from producers.models import Offer, Packaging, Producer, Product, Stock
from producers.stock import Row
from tests import make

pytestmark = pytest.mark.django_db
NOW = make.now()
WEEK = week_of(local_date(NOW))


def potatoes(farm: Producer) -> tuple[Packaging, Packaging]:
    """Sold by the sack of 5 kg and by the kilo, from one heap."""
    product = Product.objects.create(producer=farm, name="Pommes de terre", unit="g", vat_rate=Decimal("5.5"))
    sack = make.packaging(farm, "6.50", product, label="sac de 5 kg", content=5000)
    return sack, make.packaging(farm, "1.60", product, label="1 kg", content=1000, position=1)


def publish(farm: Producer, *rows: Row, week: str = WEEK) -> int:
    return stock.publish(producer=farm, rows=rows, week=week, by=None, now=NOW)


def state() -> tuple[list, list, int]:
    return (
        list(Stock.objects.order_by("pk").values()),
        list(Offer.objects.order_by("pk").values()),
        Activity.objects.count(),
    )


def reserve(packaging: Packaging, units: int) -> None:
    Stock.objects.filter(product=packaging.product, week=WEEK).update(reserved=units)


def test_packs_become_base_units_shared_by_siblings():
    farm = make.producer()
    sack, kilo = potatoes(farm)
    assert publish(farm, Row(sack.pk, packs=48), Row(kilo.pk, price=Decimal("1.70"))) == 2
    heap = Stock.objects.get()
    assert (heap.product, heap.week, heap.quantity, heap.reserved, heap.version) == (sack.product, WEEK, 240_000, 0, 1)
    offers = {offer.packaging_id: offer for offer in Offer.objects.all()}
    assert offers[sack.pk].stock_id == offers[kilo.pk].stock_id == heap.pk
    assert (offers[sack.pk].price, offers[kilo.pk].price) == (money("6.50"), money("1.70"))
    assert [offer.on_sale for offer in offers.values()] == [True, True]
    assert (heap.packs(sack), heap.packs(kilo)) == (48, 240)


def test_the_catalogue_price_is_not_the_weeks():
    farm = make.producer()
    pack = make.packaging(farm, "2.50")
    publish(farm, Row(pack.pk, packs=3, price=Decimal("1.00")))
    pack.refresh_from_db()
    assert (pack.price, Offer.objects.get().price) == (money("2.50"), money("1.00"))


def test_repeating_what_is_there_changes_nothing():
    farm = make.producer()
    pack = make.packaging(farm)
    publish(farm, Row(pack.pk, packs=12, price=Decimal("2.50"), on_sale=True))
    before = state()
    assert publish(farm, Row(pack.pk, packs=12, price=Decimal("2.50"), on_sale=True)) == 0
    assert state() == before


def test_begun_packs_are_not_lost_when_the_shown_number_comes_back():
    farm = make.producer()
    sack, _kilo = potatoes(farm)
    publish(farm, Row(sack.pk, units=243_000))
    assert publish(farm, Row(sack.pk, packs=48)) == 0
    assert Stock.objects.get().quantity == 243_000


def test_below_reserved_is_refused_with_the_figure():
    farm = make.producer()
    sack, kilo = potatoes(farm)
    other = make.packaging(farm)
    publish(farm, Row(sack.pk, packs=48), Row(kilo.pk), Row(other.pk, packs=5))
    reserve(sack, 21_000)
    before = state()
    with pytest.raises(stock.BelowReserved) as refused:
        publish(farm, Row(sack.pk, packs=4), Row(other.pk, packs=9))
    assert refused.value.code == "below-reserved"
    assert refused.value.data == {"reserved": 5, "rows": {sack.code: 5}}
    assert state() == before


def test_exactly_what_is_reserved_may_stay():
    farm = make.producer()
    pack = make.packaging(farm)
    publish(farm, Row(pack.pk, packs=30))
    reserve(pack, 24)
    publish(farm, Row(pack.pk, packs=24))
    assert (Stock.objects.get().quantity, Stock.objects.get().version) == (24, 2)


def test_sold_out_keeps_what_is_ordered():
    farm = make.producer()
    pack = make.packaging(farm)
    publish(farm, Row(pack.pk, packs=30))
    reserve(pack, 24)
    publish(farm, Row(pack.pk, sold_out=True))
    assert (Stock.objects.get().quantity, Stock.objects.get().left) == (24, 0)


def test_unlimited_is_only_ever_said():
    farm = make.producer()
    pack, silent = make.packaging(farm), make.packaging(farm)
    publish(farm, Row(pack.pk, unlimited=True), Row(silent.pk, price=Decimal("1.00")))
    assert Stock.objects.get(product=pack.product).quantity is None
    assert Stock.objects.get(product=silent.product).quantity == 0
    assert Offer.objects.get(packaging=silent).on_sale is False


def test_on_sale_without_a_quantity_is_refused():
    farm = make.producer()
    pack = make.packaging(farm)
    with pytest.raises(stock.StockMissing) as refused:
        publish(farm, Row(pack.pk, on_sale=True))
    assert refused.value.rows == {pack.code: None}
    assert state() == ([], [], 0)


def test_siblings_must_agree():
    farm = make.producer()
    sack, kilo = potatoes(farm)
    with pytest.raises(stock.SiblingsDisagree) as refused:
        publish(farm, Row(sack.pk, packs=2), Row(kilo.pk, packs=11))
    assert refused.value.rows == {sack.code: None, kilo.code: None}
    assert state() == ([], [], 0)
    publish(farm, Row(sack.pk, packs=2), Row(kilo.pk, packs=10))
    assert Stock.objects.get().quantity == 10_000


def test_too_many_packs_is_a_typing_mistake():
    farm = make.producer()
    pack = make.packaging(farm)
    with pytest.raises(stock.TooManyPacks):
        publish(farm, Row(pack.pk, packs=100_001))
    assert state() == ([], [], 0)


def test_a_week_that_is_over_is_refused():
    farm = make.producer()
    pack = make.packaging(farm)
    with pytest.raises(stock.WeekOver):
        publish(farm, Row(pack.pk, packs=1), week=shift_week(WEEK, -1))
    assert state() == ([], [], 0)


def test_anothers_packaging_is_not_found():
    farm, neighbour = make.producer(), make.producer()
    pack = make.packaging(neighbour)
    with pytest.raises(Packaging.DoesNotExist):
        publish(farm, Row(pack.pk, packs=1))
    assert state() == ([], [], 0)


def test_the_journal_says_what_was_asked():
    farm = make.producer()
    pack = make.packaging(farm)
    person = make.farmer(farm)
    stock.publish(producer=farm, rows=[Row(pack.pk, packs=7, price=Decimal("3.20"))], week=WEEK, by=person, now=NOW)
    act = Activity.objects.get()
    assert (act.verb, act.subject, act.member, act.at) == ("stock.published", farm.code, person, NOW)
    assert act.data == {"week": WEEK, "rows": {pack.code: {"packs": 7, "price": "3.20"}}}


def test_a_new_price_never_touches_placed_lines():
    point = make.point()
    sale = make.collection(point)
    farm = make.producer(point)
    pack = make.packaging(farm, "2.50")
    make.offer(pack, sale)
    line = _placed(sale, pack)
    before = OrderLine.objects.filter(pk=line.pk).values().get()
    stock.publish(producer=farm, rows=[Row(pack.pk, price=Decimal("9.00"))], week=sale.week, by=None, now=NOW)
    assert Offer.objects.get().price == money("9.00")
    assert OrderLine.objects.filter(pk=line.pk).values().get() == before


def _placed(sale, pack) -> OrderLine:
    home = make.household()
    make.join(home, sale.point)
    ordering.place(household=home, collection=sale, wish={pack.pk: 2}, by=home.members.get(), now=NOW)
    return OrderLine.objects.get()


def test_last_week_is_copied_without_touching_what_is_typed():
    farm = make.producer()
    sack, kilo = potatoes(farm)
    typed, gone = make.packaging(farm), make.packaging(farm)
    last = shift_week(WEEK, 1)
    after = shift_week(WEEK, 3)
    publish(farm, Row(sack.pk, units=243_000), Row(kilo.pk, price=Decimal("1.75"), on_sale=False), week=last)
    publish(farm, Row(typed.pk, packs=10), Row(gone.pk, packs=10), week=last)
    Packaging.objects.filter(pk=gone.pk).update(archived_at=NOW)
    publish(farm, Row(typed.pk, packs=4), week=after)
    assert stock.copy_last_week(producer=farm, week=after, by=None, now=NOW) == 2
    heap = Stock.objects.get(week=after, product=sack.product)
    assert (heap.quantity, heap.reserved) == (243_000, 0)
    offers = Offer.objects.filter(week=after, stock=heap).order_by("pk").values_list("packaging", "price", "on_sale")
    assert list(offers) == [(sack.pk, Decimal("6.50"), True), (kilo.pk, Decimal("1.75"), False)]
    assert Stock.objects.get(week=after, product=typed.product).quantity == 4
    assert not Offer.objects.filter(week=after, packaging=gone).exists()
    assert stock.copy_last_week(producer=farm, week=after, by=None, now=NOW) == 0


def test_the_statements_do_not_grow_with_the_rows(django_assert_num_queries):
    farm = make.producer()
    packs = [make.packaging(farm) for _each in range(40)]
    with django_assert_num_queries(9):
        publish(farm, *[Row(pack.pk, packs=5) for pack in packs[:2]])
    with django_assert_num_queries(9):
        publish(farm, *[Row(pack.pk, packs=5) for pack in packs[2:]])
    with django_assert_num_queries(9):
        publish(farm, *[Row(pack.pk, packs=6, price=Decimal("1.10")) for pack in packs])


def test_copying_takes_as_many_statements_for_any_number(django_assert_num_queries):
    for number in (2, 40):
        farm = make.producer()
        publish(farm, *[Row(make.packaging(farm).pk, packs=5) for _each in range(number)])
        with django_assert_num_queries(9):
            copied = stock.copy_last_week(
                producer=farm, week=shift_week(WEEK, 1), by=None, now=NOW + timedelta(minutes=1)
            )
        assert copied == number
