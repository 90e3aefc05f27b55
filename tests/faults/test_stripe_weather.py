"""Events doubled, mixed and lost, answers cut: a season ends as it does in calm weather, as Stripe says, each fact posted once."""

from datetime import timedelta
from typing import Any

import pytest

from distribution import reconcile
from distribution.books import stripe
from hub import ledger
from orders.models import CardPayment, CardRefund, Dispute, TopUp
from tests import make
from tests.faults.season import Season
from tests.journeys.conftest import site
from tests.stand_in import StandIn

__all__ = ["site"]
PAYMENTS = {"requires_capture": "held", "succeeded": "captured", "canceled": "released"}
REFUNDS = {"pending": "sent", "succeeded": "done", "failed": "failed"}
TOP_UPS = {"succeeded": "paid", "requires_payment_method": "failed"}


@pytest.mark.parametrize("number", [12, pytest.param(100, marks=pytest.mark.full)])
def test_a_season_in_bad_weather_ends_as_in_calm_weather(stripe_server: StandIn, site: str, number: int) -> None:
    stripe_server.listen(f"{site}/stripe/evenements/", "whsec_stand_in")
    calm = Season(stripe_server, number)
    calm.live()
    wanted = calm.outcome()
    weather = stripe_server.delivery.weather
    weather.copies, weather.shuffled, weather.lost = 5, True, 0.3
    bad = Season(stripe_server, number, share=0.3)
    bad.live()
    assert bad.minutes > calm.minutes  # it was bad indeed
    found = bad.outcome()
    for part in wanted:
        assert found[part] == wanted[part], part
    assert wanted["events waiting"] == 0
    assert_all_kinds(wanted["postings"])
    assert_as_stripe_says(stripe_server)
    stripe.fetch(make.now())
    assert stripe.differences(make.now() + timedelta(days=30)) == []
    assert ledger.trial_balance() == 0
    assert reconcile.differences() == []


def assert_all_kinds(postings: dict[Any, int]) -> None:
    """What is compared is not empty: each kind of posting that Stripe causes is among it."""
    assert {kind for kind, *_rest in postings if kind[0] not in ("settle", "deposit")} >= {
        ("card", ""), ("card", "fee"), ("card-refund", ""), ("card-refund", "reversed"), ("dispute", ""), ("dispute", "fee"),
        ("dispute", "reversed"), ("dispute", "owed"), ("topup", ""), ("topup", "fee"), ("topup", "reversed"),
        ("topup", "again"), ("payout", ""), ("refund-granted", ""),
    }  # fmt: skip


def assert_as_stripe_says(server: StandIn) -> None:
    world = server.world
    intents = {one["id"]: one["status"] for one in world.all("payment_intent")}
    ours = dict(CardPayment.objects.values_list("stripe_id", "state"))
    top_ups = dict(TopUp.objects.values_list("stripe_id", "state"))
    assert {number: PAYMENTS[intents[number]] for number in ours} == ours
    contested = {
        one["payment_intent"] for one in world.all("dispute")
    }  # the whole of each sum, which does not come twice
    assert {n: "returned" if n in contested else TOP_UPS[intents[n]] for n in top_ups} == top_ups
    assert set(intents) == set(ours) | set(top_ups)
    assert {one["id"]: REFUNDS[one["status"]] for one in world.all("refund")} == dict(
        CardRefund.objects.values_list("stripe_id", "state")
    )
    assert {one["id"]: one["status"] for one in world.all("dispute")} == dict(
        Dispute.objects.values_list("stripe_id", "state")
    )
    net = sum(one["net"] for one in world.all("balance_transaction"))
    assert ledger.balance("stripe") * 100 == net
