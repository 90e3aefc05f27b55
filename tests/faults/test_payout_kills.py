"""SIGKILL to a real worker inside every step of paying farms through Stripe: each transfer is made once all the same."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from distribution import payouts, reconcile
from distribution.models import Payout
from hub import ledger
from hub.models import Notice, StripeCall, Transfer
from tests import make
from tests.distribution.farms import farm_of, numbers, owed
from tests.distribution.test_payouts_at_stripe import at_stripe, ready
from tests.faults.databases import Point
from tests.faults.shops import begun_with, live_through
from tests.stand_in import StandIn

INSERT, UPDATE = "BEFORE INSERT ON", "BEFORE UPDATE ON"
POINTS = [
    Point("the call is written down", f"{INSERT} hub_stripecall", "NEW.kind = 'transfer'"),
    Point("the call is counted", f"{UPDATE} hub_stripecall", "NEW.kind = 'transfer' AND NEW.attempts > OLD.attempts"),
    Point(
        "stripe has made it, we do not know", f"{UPDATE} hub_stripecall", "NEW.kind = 'transfer' AND NEW.state = 'done'"
    ),
    Point("paid, not posted", f"{UPDATE} distribution_payout", "NEW.state = 'paid'"),
    Point("posted, not told", f"{INSERT} hub_transfer", "NEW.reference LIKE 'payout:%'"),
    Point("told, not in the journal", f"{INSERT} hub_notice", "NEW.kind = 'payout-paid'"),
    Point("all but committed", f"{INSERT} hub_activity", "NEW.verb = 'payout.paid'"),
    Point("the run is looked after", f"{UPDATE} distribution_payoutrun", "NEW.tried_at IS NOT NULL"),
]
FEW = POINTS[2:4]


@pytest.fixture
def begun(tests_database: None, django_db_blocker: Any) -> Iterator[tuple[str, StandIn]]:
    """A database in which a run of three farms through Stripe has just begun, and the stand-in that knows them."""
    with django_db_blocker.unblock(), begun_with(_a_run, "paying") as begun:
        yield begun


def _a_run(server: StandIn) -> None:
    due = ready(server, owed("5.20", "10.00", "20.00"))
    payouts.start(rail="connect", numbers=numbers(due), by=make.coordinator(), now=make.now())


def check(server: StandIn) -> None:
    """Three transfers at Stripe, three payouts paid and posted, nothing twice. The point's part waits: it is in no run."""
    assert [one.state for one in Payout.objects.filter(producer=None)] == ["due"]
    paid = list(Payout.objects.exclude(producer=None).select_related("producer", "run").order_by("pk"))
    keys = [f"payout:{one.run.number}:{farm_of(one).code}" for one in paid if one.run]
    assert at_stripe(server) == sorted((int(one.amount.amount * 100), key) for one, key in zip(paid, keys, strict=True))
    assert [one.state for one in paid] == ["paid"] * 3
    assert sorted(one.stripe_id for one in paid) == sorted(one["id"] for one in server.world.all("transfer"))
    assert Transfer.objects.filter(reference__startswith="payout:").count() == 3
    assert Notice.objects.filter(kind="payout-paid").count() == 3
    assert set(StripeCall.objects.filter(kind="transfer").values_list("state", flat=True)) == {"done"}
    assert ledger.balance("stripe") == -sum(one.amount.amount for one in paid)
    assert reconcile.differences() == []


def test_killed_after_stripe_made_it_and_before_we_wrote_it_down(begun: tuple[str, StandIn], tmp_path: Path) -> None:
    live_through(begun, tmp_path, FEW, check)


@pytest.mark.full
@pytest.mark.parametrize("point", POINTS, ids=lambda point: point.step)
def test_killed_at_any_point_each_farm_is_paid_once(begun: tuple[str, StandIn], tmp_path: Path, point: Point) -> None:
    live_through(begun, tmp_path, [point], check)


@pytest.mark.full
def test_killed_at_every_point_in_turn(begun: tuple[str, StandIn], tmp_path: Path) -> None:
    live_through(begun, tmp_path, POINTS, check)
