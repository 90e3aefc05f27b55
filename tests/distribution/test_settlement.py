"""Settlement: the worked example to the cent, clearing at zero, twice the same."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from distribution import settlement
from distribution.models import Refund
from hub import ledger
from hub.models import Transfer
from orders import payments
from orders.models import Order, OrderLine
from tests import make
from tests.distribution.day import Day, a_day

pytestmark = pytest.mark.django_db


def settled(day: Day) -> None:
    assert settlement.settle(collection=day.collection, now=make.now())


def shares(line: OrderLine) -> list[str]:
    line.refresh_from_db()
    return [str(part.amount) for part in (line.final_amount, line.producer_share, line.host_share, line.hub_share)]


def test_the_worked_example() -> None:
    """5.20 €, host 8 %, cooperative 12 %: 4.16 / 0.42 / 0.62, of which 0.52 and 0.10 VAT."""
    make.fees("8", "12")
    at = make.collection()
    farm = make.producer(at.point)
    cheese = make.packaging(farm, "5.20")
    day = a_day({cheese: 1}, farms=[farm], at=at)
    day.arrive()
    day.act("collected", day.orders[0])
    day.confirm()
    settled(day)
    assert shares(day.line(day.orders[0], cheese)) == ["5.20", "4.16", "0.42", "0.62"]
    home = day.orders[0].household
    assert ledger.balances(
        [
            f"household:{home.code}",
            f"producer:{farm.code}",
            f"host:{at.point.code}",
            "hub:income",
            "hub:vat",
            f"clearing:{at.code}",
        ]
    ) == {
        f"household:{home.code}": Decimal("-5.20"),
        f"producer:{farm.code}": Decimal("4.16"),
        f"host:{at.point.code}": Decimal("0.42"),
        "hub:income": Decimal("0.52"),
        "hub:vat": Decimal("0.10"),
        f"clearing:{at.code}": Decimal("0.00"),
    }
    assert ledger.trial_balance() == 0
    order = Order.objects.get()
    assert (order.final_total.amount, order.settled_at is not None) == (Decimal("5.20"), True)


@pytest.fixture
def scene() -> SimpleNamespace:
    make.fees()
    at = make.collection()
    farm = make.producer(at.point)
    bread, chicken = make.packaging(farm, "4.20"), make.weighed(farm)
    bottle = make.packaging(farm, "3.00", deposit=Decimal("0.20"))
    day = a_day({bread: 3, chicken: 2, bottle: 2}, {bread: 1}, farms=[farm], at=at)
    day.arrive()
    return SimpleNamespace(
        day=day, farm=farm, bread=bread, chicken=chicken, bottle=bottle, first=day.orders[0], second=day.orders[1]
    )


def test_weight_is_billed_and_never_above_what_was_shown(scene: SimpleNamespace) -> None:
    scene.day.act("weighed", scene.first, scene.chicken, grams=4601)
    scene.day.confirm()
    settled(scene.day)
    line = scene.day.line(scene.first, scene.chicken)
    assert (line.weight_g, line.final_amount.amount) == (4601, Decimal("50.60"))
    assert line.final_amount == line.maximum_amount


def test_a_missing_chicken_lowers_the_maximum(scene: SimpleNamespace) -> None:
    scene.day.act("short", scene.first, scene.chicken, quantity=1, reason="harvest")
    scene.day.act("weighed", scene.first, scene.chicken, grams=2301)
    scene.day.confirm()
    settled(scene.day)
    line = scene.day.line(scene.first, scene.chicken)
    assert (line.delivered, line.final_amount.amount) == (1, Decimal("25.30"))


def test_deposits_stay_outside_the_shares(scene: SimpleNamespace) -> None:
    scene.day.act("weighed", scene.first, scene.chicken, grams=3600)
    scene.day.act("short", scene.first, scene.bottle, quantity=1, reason="broken")
    scene.day.confirm()
    settled(scene.day)
    assert shares(scene.day.line(scene.first, scene.bottle)) == ["3.00", "2.40", "0.24", "0.36"]
    scene.first.refresh_from_db()
    assert scene.first.final_total.amount == Decimal("12.60") + Decimal("39.60") + Decimal("3.20")
    assert ledger.balance("deposits") == Decimal("0.20")
    assert ledger.balance(f"clearing:{scene.day.collection.code}") == 0
    assert ledger.trial_balance() == 0


def test_an_uncollected_order_is_billed(scene: SimpleNamespace) -> None:
    scene.day.act("weighed", scene.first, scene.chicken, grams=3600)
    scene.day.confirm()
    settled(scene.day)
    scene.second.refresh_from_db()
    assert scene.second.final_total.amount == Decimal("4.20")
    assert scene.day.line(scene.second, scene.bread).delivered == 1


def test_twice_is_once(scene: SimpleNamespace) -> None:
    scene.day.act("weighed", scene.first, scene.chicken, grams=3600)
    scene.day.confirm()
    settled(scene.day)

    def everything() -> list[Any]:
        return [
            list(Transfer.objects.order_by("pk").values_list("pk", "reference", "amount")),
            list(OrderLine.objects.order_by("pk").values()),
            list(Order.objects.order_by("pk").values()),
            list(Refund.objects.values()),
        ]

    before = everything()
    assert not settlement.settle(collection=scene.day.collection, now=make.now())
    assert settlement.settle_due(now=make.now()) == 0
    assert everything() == before


def test_without_a_confirmation_nothing_is_settled(scene: SimpleNamespace) -> None:
    assert not settlement.settle(collection=scene.day.collection, now=make.now())
    assert not Transfer.objects.exists()


def test_a_shortage_of_what_was_paid_waits_for_a_choice(scene: SimpleNamespace) -> None:
    scene.day.act("weighed", scene.first, scene.chicken, grams=3600)
    scene.day.act("paid", scene.first, amount="58.60", means="cash")
    scene.day.act("short", scene.first, scene.bread, quantity=2, reason="quality")
    scene.day.act("short", scene.second, scene.bread, quantity=1, reason="quality")
    scene.day.confirm()
    settled(scene.day)
    refund = Refund.objects.get()
    assert (refund.household, refund.amount.amount, refund.choice) == (
        scene.first.household,
        Decimal("8.40"),
        "waiting",
    )


def test_prepaid_credit_is_billed_and_the_rest_stays(scene: SimpleNamespace) -> None:
    home, now = scene.second.household, make.now()
    for _again in range(2):
        payments.receive(
            household=home,
            amount=Decimal("50.00"),
            means="transfer",
            key="virement-1",
            received_by=scene.day.host,
            now=now,
        )
    scene.day.act("weighed", scene.first, scene.chicken, grams=3600)
    scene.day.confirm()
    settled(scene.day)
    assert ledger.balance(f"household:{home.code}") == Decimal("45.80")
    assert not Refund.objects.exists()


def test_a_key_used_for_another_payment_is_refused(scene: SimpleNamespace) -> None:
    home, now = scene.second.household, make.now()
    payments.receive(
        household=home, amount=Decimal(50), means="transfer", key="virement-1", received_by=scene.day.host, now=now
    )
    with pytest.raises(payments.DifferentPayment):
        payments.receive(
            household=home, amount=Decimal(51), means="transfer", key="virement-1", received_by=scene.day.host, now=now
        )
    assert ledger.balance(f"household:{home.code}") == 50


@pytest.mark.parametrize("households", [2, 12])
def test_the_number_of_statements_does_not_grow(households: int, django_assert_num_queries: Any) -> None:
    make.fees()
    at = make.collection()
    farm = make.producer(at.point)
    bread, jam = make.packaging(farm, "4.20"), make.packaging(farm, "5.10")
    day = a_day(*[{bread: 1, jam: 2} for _n in range(households)], farms=[farm], at=at)
    day.arrive()
    day.act("short", day.orders[0], jam, quantity=1, reason="broken")
    day.confirm()
    with django_assert_num_queries(27):
        settled(day)
