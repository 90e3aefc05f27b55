"""SIGKILL to a real worker inside every step of paying farms through Stripe: each transfer is made once all the same."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.test import override_settings

from distribution import payouts, reconcile
from distribution.models import Payout
from hub import ledger
from hub.models import Notice, StripeCall, Transfer
from tests import make, stand_in
from tests.distribution.farms import farm_of, numbers, owed
from tests.distribution.test_payouts_at_stripe import at_stripe, ready
from tests.faults.databases import Point, cloned, reached, stopping, working_in
from tests.faults.lives import a_life, finish
from tests.faults.workers import Place, Worker
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


@dataclass
class Shop(Place):
    """A place whose worker asks the stand-in."""

    stripe: str = ""

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {"STRIPE_SECRET_KEY": "sk_test_stand_in", "STRIPE_API_BASE": self.stripe,
                                      "STRIPE_WEBHOOK_SECRET": "whsec_stand_in", "STRIPE_PUBLISHABLE_KEY": "pk_test"}  # fmt: skip


@pytest.fixture
def begun(tests_database: None, django_db_blocker: Any) -> Iterator[tuple[str, StandIn]]:
    """A database in which a run of three farms through Stripe has just begun, and the stand-in that knows them."""
    with django_db_blocker.unblock(), stand_in.running() as server:
        original = str(connection.settings_dict["NAME"])
        connections.close_all()
        keys = {"STRIPE_SECRET_KEY": "sk_test_stand_in", "STRIPE_API_BASE": server.url}
        with cloned(original, f"{original}_paying") as database, override_settings(**keys):
            with working_in(database):
                due = ready(server, owed("5.20", "10.00", "20.00"))
                payouts.start(rail="connect", numbers=numbers(due), by=make.coordinator(), now=make.now())
            yield database, server


def live_through(begun: tuple[str, StandIn], home: Path, points: list[Point]) -> None:
    """A worker dies at each of the points; another one finishes."""
    database, server = begun
    with a_life(database, home) as (place, _mailbox):
        shop = Shop(place.database, place.home, place.mail, server.url)
        for point in points:
            with stopping(shop.database, point) as session, Worker(shop) as worker:
                worker.tick()
                reached(session)
                worker.kill()
        finish(shop)
        with working_in(shop.database):
            check(server)


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
    live_through(begun, tmp_path, FEW)


@pytest.mark.full
@pytest.mark.parametrize("point", POINTS, ids=lambda point: point.step)
def test_killed_at_any_point_each_farm_is_paid_once(begun: tuple[str, StandIn], tmp_path: Path, point: Point) -> None:
    live_through(begun, tmp_path, [point])


@pytest.mark.full
def test_killed_at_every_point_in_turn(begun: tuple[str, StandIn], tmp_path: Path) -> None:
    live_through(begun, tmp_path, POINTS)
