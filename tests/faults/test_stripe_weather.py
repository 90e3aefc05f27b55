"""Events doubled, mixed and lost, replies cut: in the end our payments are what Stripe's are, and the books say so once."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from hub import ledger
from hub.models import Household, StripeEvent, Transfer
from orders import cards, ordering
from orders.models import CardPayment, Order
from tests import make
from tests.journeys.conftest import site
from tests.stand_in import StandIn
from tests.stand_in.browsing import save_on

__all__ = ["site"]
STATES = {"requires_capture": "held", "succeeded": "captured", "canceled": "released"}


def buyers(number: int) -> list[Order]:
    """So many households that saved a card and ordered; the sale is counted."""
    point = make.point(payment_methods=["card"])
    farm = make.producer(point)
    bread, sale = make.packaging(farm, "4.20"), make.collection(point)
    make.offer(bread, sale, packs=1000)
    orders = []
    for nth in range(number):
        home = make.household(f"Foyer {nth:02}")
        make.join(home, point)
        _save(home)
        order = ordering.place(household=home, collection=sale, wish={bread.pk: 1 + nth % 5}, by=None, now=make.now())
        assert order is not None
        orders.append(order)
    make.counted(sale)
    return orders


def _save(home: Household) -> None:
    page = cards.begin_saving(household=home, success_url="http://localhost/", cancel_url="", now=make.now())
    save_on(page.url)
    cards.finish_saving(household=home, session=page.session, by=home.members.get(), now=make.now())


def sweep_until(done: Callable[[], bool], minutes: int) -> None:
    """The minute's sweep, again and again by a clock that moves on."""
    for minute in range(minutes):
        now = make.now() + timedelta(minutes=minute)
        cards.place_holds(now=now)
        cards.apply_events(now=now)
        cards.reread(now=now)
        cards.take_due(now=now)
        if done():
            return


@pytest.mark.parametrize("number", [12, pytest.param(100, marks=pytest.mark.full)])
def test_in_bad_weather_states_end_equal_and_each_fact_is_posted_once(
    stripe_server: StandIn, site: str, number: int
) -> None:
    orders = buyers(number)
    stripe_server.listen(f"{site}/stripe/evenements/", "whsec_stand_in")
    stripe_server.delivery.weather.copies = 5
    stripe_server.delivery.weather.shuffled = True
    stripe_server.delivery.weather.lost = 0.3
    stripe_server.faults.cut["payment_intents"] = number
    held = CardPayment.objects.filter(state="held")
    sweep_until(lambda: held.count() == number, minutes=2 * number + 2)
    assert held.count() == number
    assert len(stripe_server.world.all("payment_intent")) == number

    # A third is settled; another third is released by hand at Stripe, behind our back.
    settled, released = orders[::3], orders[1::3]
    Order.objects.filter(pk__in=[order.pk for order in settled]).update(
        settled_at=make.now(), final_total=Decimal("4.20")
    )
    ours = {payment.order_id: payment.stripe_id for payment in CardPayment.objects.all()}
    Order.objects.filter(pk__in=[order.pk for order in released]).update(cancelled_at=make.now())
    for order in released:
        with stripe_server.world.lock:
            intent = stripe_server.world.get(ours[order.pk], "payment_intent")
            intent.update(status="canceled", amount_capturable=0, cancellation_reason="requested_by_customer")
            stripe_server.world.tell("payment_intent.canceled", intent)
    stripe_server.faults.cut["capture"] = len(settled)
    live = CardPayment.objects.filter(order__in=[*settled, *released], state="held")
    sweep_until(lambda: not live.exists(), minutes=2 * number + 12)
    stripe_server.settle_down(30)
    sweep_until(lambda: not StripeEvent.objects.waiting().exists(), minutes=5)

    theirs = {one["id"]: STATES[one["status"]] for one in stripe_server.world.all("payment_intent")}
    assert dict(CardPayment.objects.values_list("stripe_id", "state")) == theirs
    assert sorted(theirs.values()) == sorted(
        ["captured"] * len(settled) + ["released"] * len(released) + ["held"] * (number - len(settled) - len(released))
    )
    assert Transfer.objects.filter(reference__startswith="card:").count() == 2 * len(settled)  # the payment and its fee
    net = sum(one["net"] for one in stripe_server.world.all("balance_transaction"))
    assert ledger.balance("stripe") == Decimal(net) / 100
    assert ledger.trial_balance() == 0
