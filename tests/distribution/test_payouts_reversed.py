"""Transfers taken back at Stripe's own desk are due again: when Stripe says so, when somebody does, or by night."""

from datetime import timedelta
from decimal import Decimal
from time import monotonic

import pytest
from django.test import Client

from distribution import payouts, reconcile
from distribution.books import stripe as compare
from distribution.models import Payout, StripeCheck
from hub import ledger
from hub.models import Notice, StripeEvent, Transfer
from orders import cards
from tests import make
from tests.distribution.farms import farm_of, owed, owed_to
from tests.distribution.test_payouts_at_stripe import at_stripe, begin, ready, sweep
from tests.distribution.test_statements import issue, sold
from tests.stand_in import StandIn
from tests.stand_in.afterwards import reverse

D = Decimal
pytestmark = pytest.mark.django_db


def turn_back(stripe: StandIn, amount: int | None = None, nth: int = 0) -> None:
    """Somebody reverses a transfer at Stripe, as a whole or so many cents of it."""
    with stripe.world.lock:
        made = stripe.world.all("transfer")[nth]
        reverse(stripe.world, {} if amount is None else {"amount": str(amount)}, made["id"])


def night(days: int = 1) -> StripeCheck | None:
    """The nightly comparison, so many days on."""
    return compare.check_due(now=make.now().replace(hour=12, minute=0, second=0) + timedelta(days=days))


def own_money(stripe: StandIn) -> None:
    """What the stand-in's balance began with, in our books as well."""
    bank = ledger.Entry("own", "stripe", "bank", D("10000.00"), "x")
    ledger.post([bank], now=make.now())
    with stripe.world.lock:
        for one in stripe.world.all("balance_transaction"):
            one["source"] = "own"


def test_a_transfer_reversed_at_stripe_is_due_again_once_and_the_comparison_fits(stripe_server: StandIn) -> None:
    due = ready(stripe_server, owed("5.20", "10.00"))
    own_money(stripe_server)
    begin(due)
    sweep()
    turn_back(stripe_server, nth=1)  # the first farm's
    check = night()
    assert check is not None
    assert list(check.findings.all()) == []
    assert check.ledger == check.balance
    assert list(Payout.objects.order_by("pk").values_list("state", "reason", "attempt")) == [
        ("failed", "reversed", 1), ("paid", "", 1), ("due", "", 2),
    ]  # fmt: skip
    assert [owed_to(farm_of(one)) for one in due] == [D("4.16"), D(0)]
    assert Notice.objects.filter(kind="payout-returned").count() == 1
    assert payouts.take_back_reversed(now=make.now()).answered() == 0
    begin(list(Payout.objects.due().select_related("statement")))
    sweep()
    assert sorted(amount for amount, _key in at_stripe(stripe_server)) == [416, 416, 800]
    assert ledger.balance("stripe") == D("10000.00") - D("12.16")
    assert list(Transfer.objects.filter(reverses__isnull=False).values_list("amount", flat=True)) == [D("4.16")]
    assert night(2).findings.count() == 0  # type: ignore[union-attr]
    assert reconcile.differences() == []


def test_a_reversal_that_cannot_be_looked_at_is_raised_once_the_day_is_compared(stripe_server: StandIn) -> None:
    due = ready(stripe_server, owed("5.20", "10.00"))
    own_money(stripe_server)
    begin(due)
    sweep()
    for nth in (0, 1):
        turn_back(stripe_server, nth=nth)
    with stripe_server.world.lock:
        del stripe_server.world.objects[Payout.objects.get(producer=due[0].producer).stripe_id]
    with pytest.raises(ExceptionGroup, match="1 could not be done, 1 were"):
        night()
    assert list(StripeCheck.objects.get().findings.values_list("what", "subject")) == [
        ("wrong", Payout.objects.get(producer=due[0].producer).stripe_id)
    ]
    assert night() is None  # the day is done
    assert list(Payout.objects.order_by("pk").values_list("state", flat=True)) == ["paid", "failed", "due"]


def test_a_night_in_which_not_all_could_be_looked_at_is_compared_later(stripe_server: StandIn) -> None:
    """What is only looked at late would stand there as a difference."""
    due = ready(stripe_server, owed("5.20", "10.00"))
    own_money(stripe_server)
    begin(due)
    sweep()
    for nth in (0, 1):
        turn_back(stripe_server, nth=nth)
    noon = make.now().replace(hour=12, minute=0, second=0) + timedelta(days=1)
    compare.fetch(make.now())
    stripe_server.faults.slow = 1
    until = monotonic() + 1.7  # the newest movements are fetched, and one transfer is read
    assert (compare.check_due(now=noon, until=until), StripeCheck.objects.count()) == (None, 0)
    assert Payout.objects.filter(state="failed").count() == 1
    check = compare.check_due(now=noon)
    assert check is not None
    assert (list(check.findings.all()), Payout.objects.filter(state="failed").count()) == ([], 2)


def test_one_transfer_for_two_statements_comes_back_for_both(stripe_server: StandIn) -> None:
    farm = farm_of(owed("5.20")[0])
    issue(farm, sold(farm, "10.00"))
    due = list(Payout.objects.filter(producer=farm).select_related("statement", "producer").order_by("pk"))
    ready(stripe_server, due)
    begin(due)
    sweep()
    turn_back(stripe_server)
    paid = Payout.objects.select_related("run").order_by("pk")[0]
    assert payouts.ask_and_take_back(payout=paid, by=make.coordinator(), now=make.now()) == 2
    assert payouts.ask_and_take_back(payout=paid, by=make.coordinator(), now=make.now()) == 0
    assert (owed_to(farm), ledger.balance("stripe")) == (D("12.16"), D(0))
    assert Payout.objects.due().count() == 2
    assert reconcile.differences() == []


def test_what_came_back_in_part_is_said_and_stays_paid(stripe_server: StandIn, client: Client) -> None:
    due = ready(stripe_server, owed("5.20"))
    own_money(stripe_server)
    run = begin(due)
    sweep()
    client.force_login(make.coordinator())
    make.prove(client)
    address = f"/reversements/lots/{run.number}/"
    back = f"{address}{due[0].number}/retour/"
    assert "C’est annulé chez Stripe" in client.get(address).content.decode()

    def said() -> str:
        return " ".join(client.post(back, {"reason": "reversed"}, follow=True).content.decode().split())

    assert "annulez-le d’abord là-bas" in said()
    turn_back(stripe_server, 200)
    assert "2,00 € sur 4,16 €" in said()
    check = night()
    assert check is not None
    assert list(check.findings.values_list("what", "found", "expected")) == [("wrong", "-4.16", "-2.16")]
    assert (Payout.objects.get().state, ledger.balance("stripe")) == ("paid", D("9995.84"))
    stripe_server.faults.away = True
    assert "Stripe ne répond pas" in said()
    stripe_server.faults.away = False
    turn_back(stripe_server)
    assert "Repris : le reversement est de nouveau à payer." in said()
    assert list(Payout.objects.order_by("pk").values_list("state", flat=True)) == ["failed", "due"]
    assert night(2).findings.count() == 0  # type: ignore[union-attr]


def test_an_event_takes_it_back_within_the_minute_once(stripe_server: StandIn) -> None:
    due = ready(stripe_server, owed("5.20", "10.00"))
    begin(due)
    sweep()
    by_amount = {one["amount"]: one["id"] for one in stripe_server.world.all("transfer")}
    turn_back(stripe_server, 200, nth=0)
    turn_back(stripe_server, nth=1)
    told = [("transfer.reversed", number) for number in (*by_amount.values(), "tr_nobody")]
    for serial, (kind, subject) in enumerate([*told, *told]):
        StripeEvent.objects.create(stripe_id=f"evt_{serial}", kind=kind, subject=subject, received_at=make.now())
    before = len(stripe_server.calls)
    assert cards.apply_events(now=make.now(), also=payouts.heard) == 6
    assert len(stripe_server.calls) - before == 2  # each of ours, once
    left = stripe_server.world.all("transfer")[0]["amount"]
    back = ({416, 800} - {left}).pop()
    found = [(int(one.amount.amount * 100), one.state, one.reason) for one in Payout.objects.order_by("pk")]
    assert sorted(found) == sorted([(left, "paid", ""), (back, "failed", "reversed"), (back, "due", "")])
    assert Notice.objects.filter(kind="payout-returned").count() == 1
    assert payouts.take_back_reversed(now=make.now()).answered() == 0
    assert reconcile.differences() == []
