"""Refunds: chosen by the household, paid once."""

from decimal import Decimal

import pytest

from distribution import refunds, settlement
from distribution.models import Refund
from hub import ledger
from tests import make
from tests.distribution.day import a_day

pytestmark = pytest.mark.django_db


@pytest.fixture
def refund() -> Refund:
    at = make.collection()
    farm = make.producer(at.point)
    bread = make.packaging(farm, "4.20")
    day = a_day({bread: 2}, farms=[farm], at=at)
    day.arrive()
    day.act("paid", day.orders[0], amount="8.40", means="cash")
    day.act("short", day.orders[0], bread, quantity=1, reason="broken")
    day.confirm()
    settlement.settle(collection=day.collection, now=make.now())
    return Refund.objects.get()


def test_nothing_is_paid_that_was_not_asked_for(refund: Refund) -> None:
    person, account = make.coordinator(), f"household:{refund.household.code}"
    with pytest.raises(refunds.NotChosen):
        refunds.pay(refund=refund, by=person, now=make.now())
    refunds.choose(refund=refund, choice="credit", by=person, now=make.now())
    with pytest.raises(refunds.NotChosen):
        refunds.pay(refund=refund, by=person, now=make.now())
    assert ledger.balance(account) == Decimal("4.20")
    assert ledger.balance("bank") == 0


def test_a_refund_is_paid_once_and_then_stands(refund: Refund) -> None:
    person = make.coordinator()
    refunds.choose(refund=refund, choice="refund", by=person, now=make.now())
    for _again in range(2):
        refunds.pay(refund=refund, by=person, now=make.now())
    assert ledger.balance(f"household:{refund.household.code}") == 0
    assert ledger.balance("bank") == Decimal("-4.20")
    with pytest.raises(refunds.AlreadyPaid):
        refunds.choose(refund=refund, choice="credit", by=person, now=make.now())
    refund.refresh_from_db()
    assert refund.choice == "refund"
