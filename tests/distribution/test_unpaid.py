"""A card stays refused at a point that cancels such orders: lines, stock, sheets and messages follow, once."""

from datetime import datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from distribution import amending, closing, reconcile, tasks, unpaid
from distribution.models import LineChange, Sheet
from hub.models import Notice
from orders import cards, ordering
from orders.models import CardPayment, Order
from producers.models import Stock
from tests import make
from tests.forging import forge
from tests.paying import save
from tests.stand_in import StandIn
from tests.stand_in.browsing import save_on

pytestmark = pytest.mark.django_db
ASKS, POOR = "4000 0027 6000 3184", "4000 0000 0000 0341"


def refused(number: str = POOR, rule: str = "release") -> SimpleNamespace:
    """Closed two days ago: two households ordered by card, the bank of the first does not let it be used."""
    make.fees()
    at = make.collection(make.point(payment_methods=["card", "at-point"], refused_card=rule))
    farm = make.producer(at.point)
    farmer, host = make.farmer(farm), make.host(at.point)
    bread = make.packaging(farm, "4.20")
    make.offer(bread, at, packs=10)
    orders = []
    for card, packs in ((number, 2), ("4242 4242 4242 4242", 3)):
        home = make.household()
        make.join(home, at.point)
        save(home, card)
        wish = {bread.pk: packs}
        order = ordering.place(household=home, collection=at, wish=wish, by=None, now=make.now(), payment_method="card")
        assert order is not None
        orders.append(order)
    make.passed(at, by=timedelta(hours=1))
    closing.close_due(now=make.now())
    assert cards.place_holds(now=make.now()) == 2
    order = Order.objects.get(pk=orders[0].pk)
    return SimpleNamespace(at=at, order=order, bread=bread, farmer=farmer, host=host, home=order.household)


def sweep(now: datetime) -> None:
    cards.release_refused(now=now)
    cards.pay_refused_at_point(now=now)
    unpaid.release_lines(now=now)
    cards.place_holds(now=now)


def after(hours: float) -> datetime:
    return make.now() + timedelta(hours=hours)


def told(kind: str) -> list[Any]:
    return sorted(Notice.objects.filter(kind=kind).values_list("member", flat=True))


def test_after_twelve_hours_the_lines_are_released_once(stripe_server: StandIn) -> None:
    it = refused()
    sweep(after(11))
    assert (LineChange.objects.count(), Stock.objects.get().reserved) == (0, 5)
    for _minute in range(3):
        sweep(after(13))
    it.order.refresh_from_db()
    assert it.order.cancelled_at is not None
    change = LineChange.objects.get()
    assert (change.delta, change.reason, change.by) == (-2, "unpaid", None)
    assert Stock.objects.get().reserved == 3
    assert sorted(CardPayment.objects.values_list("number", "state")) == [(1, "held"), (1, "released")]
    note = Sheet.objects.filter(kind="delivery-note").order_by("version")
    assert [one.version for one in note] == [1, 2]
    assert told("amended-order") == [it.home.members.get().pk]
    assert told("amended-sheets") == sorted([it.farmer.pk, it.host.pk])
    assert told("card-at-point") == []
    assert reconcile.differences() == []


def test_the_sweep_of_the_minute_looks_at_it(stripe_server: StandIn) -> None:
    it = refused()
    forge("UPDATE orders_cardpayment SET refused_at = refused_at - interval '13 hours' WHERE state = 'refused'")
    tasks.cards()
    it.order.refresh_from_db()
    assert it.order.cancelled_at is not None


def test_a_refusal_mended_in_time_keeps_the_order(stripe_server: StandIn) -> None:
    it = refused(ASKS)
    payment = CardPayment.objects.get(order=it.order)
    save_on(cards.confirm_again(payment=payment, return_url="http://localhost/", now=make.now()), answer="yes")
    sweep(after(13))
    it.order.refresh_from_db()
    assert (it.order.cancelled_at, LineChange.objects.count()) == (None, 0)
    assert CardPayment.objects.get(order=it.order).state == "held"


@pytest.mark.parametrize(("rule", "hours"), [("at-point", 13), ("release", 24 * 3)])
def test_by_the_other_rule_or_once_the_food_is_there_it_is_paid_on_the_spot(
    stripe_server: StandIn, rule: str, hours: int
) -> None:
    it = refused(rule=rule)
    for _minute in range(2):
        sweep(after(hours))
    it.order.refresh_from_db()
    assert (it.order.payment_method, it.order.cancelled_at, LineChange.objects.count()) == ("at-point", None, 0)
    assert told("card-at-point") == [it.home.members.get().pk]


def test_what_a_host_adds_afterwards_is_paid_on_the_spot(stripe_server: StandIn) -> None:
    it = refused()
    sweep(after(13))
    order = Order.objects.get(pk=it.order.pk)
    amending.amend(delta=1, reason="mistake", by=it.host, now=make.now(), order=order, packaging=it.bread)
    sweep(after(14))
    order.refresh_from_db()
    assert (order.payment_method, order.cancelled_at, order.expected_total.amount) == (
        "at-point",
        None,
        Decimal("4.20"),
    )


def test_people_cannot_give_the_sweeps_reason(stripe_server: StandIn) -> None:
    it = refused()
    with pytest.raises(amending.BadChange):
        amending.amend(delta=-1, reason="unpaid", by=it.host, now=make.now(), order=it.order, packaging=it.bread)
    assert (LineChange.objects.count(), Stock.objects.get().reserved) == (0, 5)


def test_the_household_reads_what_happens_without_its_answer(stripe_server: StandIn, client: Any) -> None:
    it = refused()
    client.force_login(it.home.members.get())
    page = client.get(f"/ma-commande/{it.at.code}/").content.decode()
    assert "la commande est annulée" in page


def test_holds_that_end_before_anybody_confirmed_alarm_the_coordination_once(stripe_server: StandIn) -> None:
    first = make.coordinator()
    it = refused()
    ends = CardPayment.objects.get(state="held").capture_before
    assert ends is not None
    assert unpaid.warn_due(now=ends - timedelta(hours=25)) == 0
    for _minute in range(3):
        assert unpaid.warn_due(now=ends - timedelta(hours=23)) == 1
    alarm = Notice.objects.get(kind="hold-ends")
    assert (alarm.member, alarm.collection, alarm.data) == (
        first, it.at, {"orders": 1, "held": "12,60\xa0€", "until": ends.isoformat()},
    )  # fmt: skip
