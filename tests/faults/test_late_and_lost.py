"""No event of Stripe's ever comes, or each comes long after newer ones: within ten minutes we know what Stripe knows."""

from collections.abc import Callable

import pytest

from distribution import reconcile
from hub import ledger
from hub.models import StripeEvent
from orders import cards
from orders.models import CardPayment, CardRefund, Dispute, TopUp
from tests.faults.season import Season
from tests.faults.test_stripe_weather import assert_all_kinds, assert_as_stripe_says
from tests.journeys.conftest import site
from tests.stand_in import StandIn

__all__ = ["site"]
NUMBER = 12
SOON = 11  # sweeps, one a minute
CARDS = {"requires_capture": {"held"}, "succeeded": {"captured"}, "canceled": {"released"}}
DEBITS = {
    "processing": {"processing"}, "succeeded": {"paid", "returned"}, "requires_payment_method": {"failed"},
}  # fmt: skip
REFUNDS = {"pending": "sent", "succeeded": "done", "failed": "failed"}


class Timely(Season):
    """Whatever happens at Stripe, eleven sweeps later we say what it says. A sweep lasts a minute, never more."""

    looked = 0

    def sweep(self, minutes: int = 1) -> None:
        if minutes == 1:
            super().sweep()

    def _until(self, done: Callable[[], bool]) -> None:
        for _minute in range(SOON):
            self.sweep()
        assert done()
        self._assert_equal()
        self.looked += 1

    def _assert_equal(self) -> None:
        world = self.server.world
        intents = {one["id"]: one["status"] for one in world.all("payment_intent")}
        ours = dict(CardPayment.objects.exclude(stripe_id="").values_list("stripe_id", "state"))
        top_ups = dict(TopUp.objects.exclude(stripe_id="").values_list("stripe_id", "state"))
        assert [one for one, state in ours.items() if state not in CARDS[intents[one]]] == []
        assert [one for one, state in top_ups.items() if state not in DEBITS[intents[one]]] == []
        assert {one["id"]: REFUNDS[one["status"]] for one in world.all("refund")} == dict(
            CardRefund.objects.exclude(stripe_id="").values_list("stripe_id", "state")
        )
        disputes = {one["id"]: one["status"] for one in world.all("dispute")}
        decided = {one: state for one, state in disputes.items() if state in ("won", "lost")}
        known = dict(Dispute.objects.values_list("stripe_id", "state"))
        assert set(known) == set(disputes)
        assert {one: known[one] for one in decided} == decided
        net = sum(one["net"] for one in world.all("balance_transaction"))
        on_its_way = sum(one["amount"] for one in world.all("refund") if one["status"] == "pending")
        assert ledger.balance("stripe") * 100 == net + on_its_way, "we book a refund once it has arrived"


class Belated(Season):
    """All events are held back until everything is over, then come in the wrong order, the newest first."""

    late = 0

    def live(self) -> None:
        self.server.delivery.weather.held = True
        super().live()

    def _pay(self, farm: object) -> None:
        super()._pay(farm)  # type: ignore[arg-type]
        with self.server.world.lock:
            self.server.world.pending.reverse()
            self.late = len(self.server.world.pending)
        self.server.delivery.weather.held = False


def test_events_that_are_lost_or_late_change_nothing(stripe_server: StandIn, site: str) -> None:
    stripe_server.listen(f"{site}/stripe/evenements/", "whsec_stand_in")
    calm = Season(stripe_server, NUMBER)
    calm.live()
    wanted, heard = calm.outcome(), StripeEvent.objects.count()
    assert_all_kinds(wanted["postings"])

    stripe_server.delivery.weather.lost = 1.0
    timely = Timely(stripe_server, NUMBER)
    timely.live()
    assert (timely.looked, StripeEvent.objects.count()) == (7, heard)
    assert timely.outcome() == wanted

    stripe_server.delivery.weather.lost = 0.0
    belated = Belated(stripe_server, NUMBER)
    belated.live()
    assert StripeEvent.objects.count() == heard + belated.late
    assert belated.late > 10 * NUMBER
    assert belated.outcome() == wanted
    assert_as_stripe_says(stripe_server)
    assert ledger.trial_balance() == 0
    assert reconcile.differences() == []


def test_without_reading_again_it_would_be_noticed(
    stripe_server: StandIn, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control."""
    stripe_server.delivery.weather.lost = 1.0
    monkeypatch.setattr(cards, "reread", lambda **_values: 0)
    with pytest.raises(AssertionError):
        Timely(stripe_server, 6).live()
