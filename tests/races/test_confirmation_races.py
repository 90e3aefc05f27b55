"""The end of a collection with many at once: one confirmation, settled once, paid once."""

from decimal import Decimal

import pytest

from distribution import confirming, reconcile, refunds, settlement, statements
from distribution.models import Confirmation, Payout, Refund, Statement
from hub import ledger
from hub.models import Activity, Transfer
from tests import make
from tests.distribution.day import Day, a_day
from tests.races.test_ordering_races import all_at_once

pytestmark = pytest.mark.usefixtures("committed")


def evening() -> Day:
    """Two households, one loaf missing that was paid for; everything is told and nobody has confirmed."""
    make.fees()
    at = make.collection()
    farm = make.producer(at.point, iban="FR7630006000011234567890189")
    bread = make.packaging(farm, "4.20")
    day = a_day({bread: 2}, {bread: 3}, farms=[farm], at=at)
    day.arrive()
    day.act("paid", day.orders[0], amount="8.40", means="cash")
    day.act("short", day.orders[0], bread, quantity=1, reason="broken")
    return day


def test_confirmed_many_times_at_once_is_confirmed_and_settled_once() -> None:
    day = evening()
    fates = {order.code: "kept" for order in day.orders}

    def confirm() -> int:
        return confirming.confirm(collection=day.collection, uncollected=fates, by=day.host, now=make.now()).pk

    def settle() -> bool:
        return settlement.settle(collection=day.collection, now=make.now())

    assert len(set(all_at_once([confirm] * 8))) == 1
    assert Confirmation.objects.count() == 1
    assert sorted(all_at_once([settle] * 8)) == [False] * 7 + [True]
    assert Activity.objects.filter(verb__in=["collection.confirmed", "collection.settled"]).count() == 2
    assert Transfer.objects.filter(reference__startswith="settle:").count() == 2 + 1 + 2 + 1
    assert ledger.balance(f"clearing:{day.collection.code}") == 0
    assert reconcile.differences() == []


def test_stated_and_paid_many_times_at_once_is_once() -> None:
    day, treasurer = evening(), make.coordinator()
    day.confirm()
    settlement.settle(collection=day.collection, now=make.now())
    farm, week = day.farms[0], day.collection.week
    issued = all_at_once([lambda: statements.issue(producer=farm, week=week, now=make.now()) for _n in range(6)])
    assert [one.number for one in issued if one] == [Statement.objects.get().number]
    refund, payout = Refund.objects.get(), Payout.objects.get()
    refunds.choose(refund=refund, choice="refund", by=treasurer, now=make.now())
    all_at_once(
        [lambda: statements.pay(payout=payout, by=treasurer, now=make.now())] * 4
        + [lambda: refunds.pay(refund=refund, by=treasurer, now=make.now())] * 4
    )
    assert ledger.balance("bank") == -payout.amount.amount - Decimal("4.20")
    assert ledger.balance(f"producer:{farm.code}") == 0
    assert reconcile.differences() == []


def test_choosing_and_paying_at_once_never_pays_a_credit() -> None:
    day, treasurer = evening(), make.coordinator()
    day.confirm()
    settlement.settle(collection=day.collection, now=make.now())
    refund = Refund.objects.get()
    refunds.choose(refund=refund, choice="refund", by=treasurer, now=make.now())
    all_at_once(
        [
            lambda: refunds.choose(refund=refund, choice="credit", by=treasurer, now=make.now()),
            lambda: refunds.pay(refund=refund, by=treasurer, now=make.now()),
        ]
    )
    refund.refresh_from_db()
    paid = Transfer.objects.filter(reference__startswith="refund:").count()
    assert (refund.choice, paid) in {("credit", 0), ("refund", 1)}
    assert (refund.paid_at is not None) == bool(paid)
