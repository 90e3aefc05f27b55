"""The demo's village, whatever day it is built on: a farmer finds sales to publish for, a coordinator a week to come."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from distribution import day as day_of
from distribution import demo, demo_places, payouts, reconcile
from distribution import queue as waiting
from distribution import village_people as people
from distribution.books import stripe
from distribution.models import Invoice, Refund
from hub import calendar, founding, identifiers, ledger, stripe_gateway
from hub.models import ClosedPeriod, Collection
from orders.models import CardPayment, Dispute, TopUp
from producers.models import ConnectAccount, Offer, Producer
from producers.week import Week
from tests import make
from tests.stand_in import StandIn

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("hour", [0, 12, 23])
@pytest.mark.parametrize("weekday", range(7))
def test_each_point_meets_once_in_the_week_after_the_open_sale(weekday: int, hour: int) -> None:
    now = datetime(2026, 11, 23, hour, 30, tzinfo=calendar.zone()) + timedelta(days=weekday)
    boss = make.coordinator()
    for place in people.POINTS:
        point = founding.open_point(code=place.code, name=place.name, by=boss, now=now, **place.fields)
        begins = demo_places.rhythm_begins(place.code, now)
        founding.set_rhythm(point=point, by=boss, now=now, valid_from=begins, **place.rhythm)
    calendar.plan_collections(now=now)
    handed_out = calendar.local_date(now) + timedelta(days=3)
    coming = calendar.shift_week(calendar.week_of(handed_out), 1)
    planned = Collection.objects.filter(week=coming).order_by("point__code").values_list("point__code", "opens_at")
    assert [code for code, _opens in planned] == ["hauts", "pont-neuf", "tilleuls"]
    told = {"hauts": handed_out, "tilleuls": handed_out, "pont-neuf": calendar.local_date(now)}
    for code, day in told.items():
        assert not Collection.objects.filter(point__code=code, week__lte=calendar.week_of(day)).exists()


# Days on which a calendar may stumble: a Sunday that loses an hour, one that has 25, the year's first, a leap day at night.
DAYS = ["2026-03-29 09:00", "2025-10-26 20:30", "2026-01-01 12:00", "2024-02-29 23:50"]


@pytest.mark.full
@pytest.mark.parametrize("moment", DAYS)
def test_whatever_the_day_the_village_adds_up(moment: str, stripe_server: StandIn) -> None:
    now = datetime.fromisoformat(moment).replace(tzinfo=calendar.zone())
    village = demo.build(now=now)
    assert reconcile.differences() == []
    stripe.fetch(now)
    assert stripe.differences(now + timedelta(hours=2)) == []
    assert ledger.balance("stripe") * 100 == stripe_gateway.balance()
    today = village.points["pont-neuf"].collections.get(counted_at__isnull=False)
    expected = [farm.code for farm in day_of.farms(today) if not farm.arrived_at]
    assert sorted(expected) == sorted(people.LATE)
    assert sum(farm.short for farm in day_of.farms(today) if farm.arrived_at) >= 2
    queue = waiting.queue(today)
    assert 0 < sum(one.collected_at is not None for one in queue) < len(queue)
    assert [one.collected_at for one in queue if one.refused] == [None]
    assert sum(one.to_weigh for one in queue) > 0
    sale = village.points["tilleuls"].collections.filter(counted_at=None).earliest("closes_at")
    assert calendar.local_date(sale.closes_at) == calendar.local_date(now) + timedelta(days=1)


@pytest.mark.full
def test_all_that_money_can_do_is_there_to_look_at(stripe_server: StandIn) -> None:
    now = timezone.now()
    village = demo.build(now=now)
    assert len({farm.iban for farm in village.farms}) == len(people.FARMS)
    assert [identifiers.account(farm.iban)[0] for farm in village.farms] == [farm.iban for farm in village.farms]
    accounts = ConnectAccount.objects.order_by("pk").values_list("producer__code", "ready", "wants")
    assert list(accounts) == [
        *((code, True, []) for code in people.AT_STRIPE),
        (people.BEGUN_AT_STRIPE, False, ["external_account", "tos_acceptance.date"]),
    ]
    asked = TopUp.objects.filter(means="debit").order_by("due_on", "pk").values_list("state", flat=True)
    assert list(asked) == ["paid", "returned", "failed", "processing", "due", "due"]
    assert Counter(CardPayment.objects.values_list("state", flat=True)) == {
        "captured": 6, "released": 1, "held": 3, "refused": 1,
    }  # fmt: skip
    assert sorted((one.state, one.top_up is None) for one in Dispute.objects.all()) == [("lost", False), ("open", True)]
    assert sorted((one.choice, one.paid_at is None) for one in Refund.objects.all()) == [
        ("refund", False),
        ("refund", True),
    ]
    assert Counter(Invoice.objects.values_list("kind", flat=True)) == {
        "fee-invoice": 12,
        "invoice": 4,
        "credit-note": 1,
    }
    assert Counter(ClosedPeriod.objects.values_list("kind", flat=True))["month"] >= 1
    # Whoever pays the two farms through Stripe finds the money there.
    due = [one.payout for one in payouts.choices(rail="connect", now=now) if one.obstacle is None]
    assert [one.payee.code for one in due] == list(people.AT_STRIPE)
    run = payouts.start(
        rail="connect", numbers=[one.number for one in due], by=village.coordinator, now=now
    )  # fmt: skip
    payouts.send_due(now=now)
    assert set(run.payouts.values_list("state", flat=True)) == {"paid"}
    assert reconcile.differences() == []


@pytest.mark.full
def test_the_farmer_one_plays_with_has_a_week_to_publish() -> None:
    now = timezone.now()
    demo.build(now=now)
    sale = Collection.objects.taking_orders(now).filter(point__code="tilleuls").earliest("closes_at")
    coming = calendar.shift_week(sale.week, 1)
    mine = Producer.objects.get(code=people.UNDECIDED[0])
    week = Week(mine, coming)
    assert (week.points, week.on_sale, week.last) == (3, 0, sale.week)
    assert all(line.is_prefilled for line in week.lines)
    published = Offer.objects.filter(week=coming).values_list("packaging__producer__code", flat=True).distinct()
    assert set(published) == {farm.code for farm in people.FARMS} - set(people.UNDECIDED)
