"""SIGKILL to a real worker inside every step of cards, refunds, debits and disputes: asked and posted once all the same."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from distribution import reconcile, refunds, settlement
from distribution.models import Refund
from hub import calendar, ledger
from hub.models import Household, Member, Notice, StripeCall, StripeEvent, Transfer
from orders import cards, debits
from orders.models import CardPayment, CardRefund, Dispute, Order, TopUp
from tests import make
from tests.distribution.day import Day, order
from tests.faults.databases import Point
from tests.faults.season import give_up, kind_of
from tests.faults.shops import begun_with, live_through
from tests.paying import save
from tests.stand_in import StandIn
from tests.stand_in.browsing import browse

INSERT, UPDATE = "BEFORE INSERT ON", "BEFORE UPDATE ON"
DONE = "NEW.kind = '{}' AND NEW.state = 'done'"
# In the order one sweep of the cards passes them.
POINTS = [
    Point("held at Stripe, we do not know", f"{UPDATE} hub_stripecall", DONE.format("hold")),
    Point("held, not written down", f"{UPDATE} orders_cardpayment", "NEW.state = 'held' AND OLD.state = 'due'"),
    Point("a debit that came in, not posted", f"{INSERT} hub_transfer", "NEW.reference LIKE 'topup:%:fee'"),
    Point("contested, not written down", f"{INSERT} orders_dispute"),
    Point("taken back, not posted", f"{INSERT} hub_transfer", "NEW.reference LIKE 'topup:%:reversed'"),
    Point("events heard, not noted", f"{UPDATE} hub_stripeevent", "NEW.read_at IS NOT NULL"),
    Point("a debit refused, not told", f"{INSERT} hub_notice", "NEW.kind = 'debit-failed'"),
    Point("captured at Stripe, we do not know", f"{UPDATE} hub_stripecall", DONE.format("capture")),
    Point("captured, not posted", f"{INSERT} hub_transfer", "NEW.reference LIKE 'card:%'"),
    Point("released at Stripe, we do not know", f"{UPDATE} hub_stripecall", DONE.format("release")),
    Point("a refund handed to the card", f"{UPDATE} distribution_refund", "NEW.card_refund_id IS NOT NULL"),
    Point("given back at Stripe, we do not know", f"{UPDATE} hub_stripecall", DONE.format("refund")),
    Point("given back, not posted", f"{INSERT} hub_transfer", "NEW.reference LIKE 'card-refund:%'"),
    Point("announced, not told", f"{INSERT} hub_notice", "NEW.kind = 'debit-announced'"),
    Point("asked of the bank, we do not know", f"{UPDATE} hub_stripecall", DONE.format("debit")),
    Point("at the bank, not written down", f"{UPDATE} orders_topup", "NEW.state = 'processing'"),
]
FEW = [point for point in POINTS if point.step in ("given back, not posted", "asked of the bank, we do not know")]
STRIPES = ("card", "topup", "dispute")
GOOD, EMPTY, CONTESTED = "AT611904300234573201", "AT051904300235473205", "AT591904300235473203"


@pytest.fixture
def begun(tests_database: None, django_db_blocker: Any) -> Iterator[tuple[str, StandIn]]:
    """A database in which one of each is due at once, and the stand-in that knows them."""
    with django_db_blocker.unblock(), begun_with(all_due, "cards") as begun:
        yield begun


def all_due(server: StandIn) -> None:
    """A hold to place, one to capture, one to release, a refund to a card, a debit to announce, one to ask for, and three
    that have ended at the bank in three ways: there, refused, and contested at once."""
    point = make.point(payment_methods=["card"])
    farm, host, coordinator = make.producer(point), make.host(point), make.coordinator()
    bread = make.packaging(farm, "4.20")
    homes = [make.household(f"Foyer {nth}") for nth in range(5)]
    for home in homes:
        make.join(home, point)
        save(home)
    _debits(server, homes)
    sales = [make.collection(point) for _nth in range(4)]
    make.offer(bread, sales[0], packs=None)
    paid, to_take, _to_let_go, _to_hold = (
        order({bread: 2}, at, home=home, payment_method="card") for home, at in zip(homes, sales, strict=False)
    )
    make.counted(sales[0])
    assert cards.place_holds(now=make.now()) == 1
    _settle(Day(sales[0], host, [farm], [paid]))
    assert cards.take_due(now=make.now()) == 1
    _ask_back(Order.objects.get(pk=paid.pk), coordinator)
    make.counted(sales[1])
    make.counted(sales[2])
    assert cards.place_holds(now=make.now()) == 2
    give_up(sales[2], by=coordinator)
    _settle(Day(sales[1], host, [farm], [to_take]))
    make.counted(sales[3])


def _debits(server: StandIn, homes: list[Household]) -> None:
    """Two are heard of by events, the one in between is read again since nobody asked about it for long."""
    now = make.now()
    for home, iban in zip(homes, (GOOD, EMPTY, CONTESTED, GOOD, GOOD), strict=True):
        page = debits.begin_signing(household=home, success_url="http://localhost/", cancel_url="", now=now)
        browse(page.url, iban=iban)
        by = home.members.get()
        debits.finish_signing(household=home, session=page.session, notice_days=2, by=by, now=now)
        if home == homes[3]:
            assert debits.announce_due(now=now) == 3
            assert debits.ask_due(now=now + timedelta(days=2)) == 3
        debits.top_up(household=home, amount=Decimal(30), means="debit", key="k", by=by, now=now)
    server.skip(days=6)
    rows = list(TopUp.objects.order_by("pk"))
    heard = {
        "payment_intent.succeeded": rows[0].stripe_id,
        "charge.dispute.created": server.world.all("dispute")[0]["id"],
    }
    for kind, subject in heard.items():
        StripeEvent.objects.create(stripe_id=f"evt {kind}", kind=kind, subject=subject, received_at=now)
    TopUp.objects.filter(pk=rows[1].pk).update(checked_at=None)
    TopUp.objects.filter(pk=rows[3].pk).update(announced_at=now, due_on=calendar.local_date(now))


def _settle(day: Day) -> None:
    day.arrive()
    day.confirm()
    settlement.settle(collection=day.collection, now=make.now())


def _ask_back(paid: Order, by: Member) -> None:
    """As it was before the card was told: its household has just chosen."""
    made = refunds.grant(order=paid, amount=Decimal("4.20"), by=by, now=make.now())
    Refund.objects.filter(pk=made.pk).update(choice="refund", chosen_at=make.now())


def check(server: StandIn) -> None:
    """One object at Stripe and one posting here for each, nothing twice, and both balances equal."""
    assert Counter((one["object"], one["status"]) for one in server.world.all("payment_intent")) == Counter(
        {("payment_intent", "succeeded"): 4, ("payment_intent", "canceled"): 1, ("payment_intent", "requires_capture"): 1,
         ("payment_intent", "requires_payment_method"): 1, ("payment_intent", "processing"): 1}
    )  # fmt: skip
    assert list(CardPayment.objects.order_by("pk").values_list("state", flat=True)) == [
        "captured", "captured", "released", "held",
    ]  # fmt: skip
    assert list(TopUp.objects.order_by("pk").values_list("state", flat=True)) == [
        "paid", "failed", "returned", "processing", "due",
    ]  # fmt: skip
    (refund,) = server.world.all("refund")
    assert CardRefund.objects.get().stripe_id == refund["id"]
    assert Refund.objects.get().paid_at is not None
    assert (Dispute.objects.get().stripe_id, Dispute.objects.get().taken) == (
        server.world.all("dispute")[0]["id"],
        True,
    )
    posted = Counter(kind_of(one) for one in Transfer.objects.values_list("reference", flat=True))
    assert {kind: number for kind, number in posted.items() if kind[0].startswith(STRIPES)} == {
        ("card", ""): 2, ("card", "fee"): 2, ("card-refund", ""): 1, ("topup", ""): 2, ("topup", "fee"): 2,
        ("topup", "reversed"): 1, ("dispute", "fee"): 1,
    }  # fmt: skip
    told = Counter(Notice.objects.filter(kind__startswith="debit").values_list("kind", flat=True))
    assert told == {"debit-announced": 4, "debit-failed": 1, "debit-returned": 1}
    assert set(StripeCall.objects.values_list("state", flat=True)) == {"done"}
    assert not StripeEvent.objects.waiting().exists()
    net = sum(one["net"] for one in server.world.all("balance_transaction"))
    assert ledger.balance("stripe") * 100 == net
    assert reconcile.differences() == []


def test_killed_while_money_goes_back_and_a_debit_is_asked_for(begun: tuple[str, StandIn], tmp_path: Path) -> None:
    live_through(begun, tmp_path, FEW, check)


@pytest.mark.full
def test_killed_at_every_point_in_turn_each_is_done_once(begun: tuple[str, StandIn], tmp_path: Path) -> None:
    live_through(begun, tmp_path, POINTS, check)
