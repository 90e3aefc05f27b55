"""Paying farms through Stripe: one transfer per farm and run whatever happens to answers, and what Stripe refuses is due again."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.test import Client
from django.utils import translation

from distribution import payouts, reconcile
from distribution.models import Payout, PayoutRun
from distribution.payouts import moving
from hub import ledger, locks
from hub.models import Notice, StripeCall, Transfer
from producers import connect
from producers.models import ConnectAccount
from tests import make
from tests.distribution.farms import farm_of, numbers, owed, owed_to
from tests.distribution.test_statements import issue, sold
from tests.races.test_closing_races import session
from tests.stand_in import StandIn
from tests.stand_in.browsing import browse

D = Decimal
pytestmark = pytest.mark.django_db
BACK = "http://localhost/"


def ready(stripe: StandIn, due: list[Payout], balance: int = 1_000_000) -> list[Payout]:
    """Every farm has an account that receives; the cooperative has so many cents there."""
    for farm in {farm_of(one) for one in due}:
        page = connect.begin(producer=farm, return_url=BACK, refresh_url=BACK, by=make.farmer(farm), now=make.now())
        browse(page, act="done")
        connect.read_again(account=ConnectAccount.objects.get(producer=farm), now=make.now())
    with stripe.world.lock:
        stripe.world.balance("charge", balance, "ch_before", 0, 0)
    return due


def begin(due: list[Payout]) -> PayoutRun:
    return payouts.start(rail="connect", numbers=numbers(due), by=make.coordinator(), now=make.now())


def sweep(minutes: int = 1) -> None:
    """The minute's sweep, again and again by a clock that moves on."""
    for minute in range(minutes):
        payouts.send_due(now=make.now() + timedelta(minutes=minute))


def at_stripe(stripe: StandIn) -> list[tuple[int, str]]:
    """(cents, key) of every transfer there is."""
    return sorted((one["amount"], one["metadata"]["key"]) for one in stripe.world.all("transfer"))


def test_one_transfer_per_farm_and_the_books_say_so(stripe_server: StandIn) -> None:
    due = ready(stripe_server, owed("5.20", "10.00"))
    run = begin(due)
    sweep(3)
    assert at_stripe(stripe_server) == [
        (416, f"payout:{run.number}:{farm_of(due[0]).code}"),
        (800, f"payout:{run.number}:{farm_of(due[1]).code}"),
    ]
    assert set(Payout.objects.values_list("state", "iban")) == {("paid", "")}
    assert set(Payout.objects.values_list("stripe_id", flat=True)) == {
        one["id"] for one in stripe_server.world.all("transfer")
    }
    assert (ledger.balance("stripe"), [owed_to(farm_of(one)) for one in due]) == (D("-12.16"), [D(0), D(0)])
    assert Notice.objects.filter(kind="payout-paid").count() == 2
    assert reconcile.differences() == []


def test_two_statements_of_a_farm_are_one_transfer_and_two_postings(stripe_server: StandIn) -> None:
    farm = farm_of(owed("5.20")[0])
    issue(farm, sold(farm, "10.00"))
    due = list(Payout.objects.filter(producer=farm).select_related("statement", "producer").order_by("pk"))
    ready(stripe_server, due)
    run = begin(due)
    sweep()
    assert at_stripe(stripe_server) == [(416 + 800, f"payout:{run.number}:{farm.code}")]
    assert sorted(Transfer.objects.filter(reference__startswith="payout:").values_list("amount", flat=True)) == [
        D("4.16"), D("8.00"),
    ]  # fmt: skip
    assert reconcile.differences() == []


@pytest.mark.parametrize("times", [10, pytest.param(100, marks=pytest.mark.full)])
@pytest.mark.parametrize("fault", ["cut", "broken"])
def test_answers_cut_after_the_change_end_in_one_transfer_each(stripe_server: StandIn, times: int, fault: str) -> None:
    due = ready(stripe_server, owed("5.20", "10.00", "20.00"))
    run = begin(due)
    getattr(stripe_server.faults, fault)["transfers"] = times
    sweep(times)
    run.refresh_from_db()
    assert run.trouble != ""
    sweep(3)
    run.refresh_from_db()
    assert run.trouble == ""
    assert at_stripe(stripe_server) == sorted(
        (int(one.amount.amount * 100), f"payout:{run.number}:{farm_of(one).code}") for one in due
    )
    assert set(Payout.objects.values_list("state", flat=True)) == {"paid"}
    assert Transfer.objects.filter(reference__startswith="payout:").count() == 3
    assert reconcile.differences() == []


def test_an_answer_lost_for_days_is_looked_for_and_not_sent_again(stripe_server: StandIn) -> None:
    due = ready(stripe_server, owed("5.20"))
    begin(due)
    stripe_server.faults.cut["transfers"] = 1
    sweep()
    stripe_server.skip(days=3)
    payouts.send_due(now=make.now() + timedelta(days=3))
    assert len(stripe_server.world.all("transfer")) == 1
    assert Payout.objects.get().state == "paid"


def test_while_stripe_is_away_nothing_changes_and_the_page_says_so(stripe_server: StandIn, client: Client) -> None:
    due = ready(stripe_server, owed("5.20"))
    run = begin(due)
    client.force_login(make.coordinator())
    waiting = client.get(f"/reversements/lots/{run.number}/", headers={"HX-Request": "true"}).content.decode()
    assert 'hx-trigger="every 4s"' in waiting
    assert "Stripe est sollicité dans la minute" in waiting
    stripe_server.faults.away = True
    sweep(2)
    assert payouts.send_due(now=make.now(), until=0.0) == 0  # no time to ask: what is known stays
    assert "Stripe n’a pas répondu" in client.get(f"/reversements/lots/{run.number}/").content.decode()
    assert (Payout.objects.get().state, ledger.balance("stripe")) == ("in-run", D(0))
    with pytest.raises(payouts.TakenBack):
        payouts.withdraw(run=run, by=make.coordinator(), now=make.now())
    stripe_server.faults.away = False
    sweep()
    page = client.get(f"/reversements/lots/{run.number}/").content.decode()
    assert "hx-trigger" not in page
    assert "payé" in page


def test_too_little_money_fails_those_and_they_can_be_paid_again(stripe_server: StandIn, client: Client) -> None:
    due = ready(stripe_server, owed("5.20", "10.00"), balance=500)
    run = begin(due)
    sweep(2)
    assert list(Payout.objects.order_by("pk").values_list("state", "reason", "attempt")) == [
        ("paid", "", 1), ("failed", "no-funds", 1), ("due", "", 2),
    ]  # fmt: skip
    client.force_login(make.coordinator())
    page = client.get(f"/reversements/lots/{run.number}/").content.decode()
    assert "pas assez d’argent chez Stripe" in page
    assert "Les payer dans un autre lot" in page
    with stripe_server.world.lock:
        stripe_server.world.balance("charge", 10_000, "ch_more", 0, 0)
    begin(list(Payout.objects.due().select_related("statement")))
    sweep()
    assert [amount for amount, _key in at_stripe(stripe_server)] == [416, 800]
    assert ledger.balance("stripe") == D("-12.16")
    assert reconcile.differences() == []


def test_an_account_that_may_no_longer_receive_fails_its_farm_alone(stripe_server: StandIn) -> None:
    due = ready(stripe_server, owed("5.20", "10.00"))
    begin(due)
    with stripe_server.world.lock:
        account = stripe_server.world.get(ConnectAccount.objects.get(producer=due[0].producer).account, "account")
        account["capabilities"]["transfers"] = "inactive"
    sweep()
    assert list(Payout.objects.order_by("pk").values_list("state", "reason")) == [
        ("failed", "not-ready"), ("paid", ""), ("due", ""),
    ]  # fmt: skip
    assert owed_to(farm_of(due[0])) == D("4.16")
    assert reconcile.differences() == []


def test_a_farm_without_a_ready_account_is_not_chosen(stripe_server: StandIn) -> None:
    due = owed("5.20", "10.00")
    ready(stripe_server, due[:1])
    other = farm_of(due[1])
    connect.begin(producer=other, return_url=BACK, refresh_url=BACK, by=make.farmer(other), now=make.now())
    chosen = payouts.choices(rail="connect", now=make.now())
    assert [one.obstacle is None for one in chosen] == [True, False]
    with pytest.raises(payouts.NotPayable):
        begin(due)
    assert (PayoutRun.objects.count(), at_stripe(stripe_server)) == (0, [])


def test_what_stripe_paid_is_not_taken_back_here(stripe_server: StandIn) -> None:
    due = ready(stripe_server, owed("5.20"))
    begin(due)
    sweep()
    with pytest.raises(payouts.TakenBack):
        payouts.take_back(payout=due[0], reason="mistake", by=make.coordinator(), now=make.now())
    assert (Payout.objects.get().state, ledger.balance("stripe")) == ("paid", D("-4.16"))


def unknown(stripe: StandIn, due: Payout) -> None:
    """Stripe does not know this farm's account any more."""
    with stripe.world.lock:
        del stripe.world.objects[ConnectAccount.objects.get(producer=due.producer).account]


def test_an_account_stripe_does_not_know_stops_no_other_farm(stripe_server: StandIn, client: Client) -> None:
    due = ready(stripe_server, owed("5.20", "10.00"))
    run = begin(due)
    unknown(stripe_server, due[0])
    assert payouts.send_due(now=make.now()) == 2
    assert list(Payout.objects.order_by("pk").values_list("state", "reason")) == [
        ("failed", "not-ready"), ("paid", ""), ("due", ""),
    ]  # fmt: skip
    assert payouts.choices(rail="connect", now=make.now())[0].obstacle is not None
    assert payouts.choices(rail="hand", now=make.now())[0].payout.producer == due[0].producer
    assert connect.reread(now=make.now() + timedelta(minutes=6)) == 1
    assert not ConnectAccount.objects.get(producer=due[0].producer).ready
    client.force_login(make.coordinator())
    page = client.get(f"/reversements/lots/{run.number}/").content.decode()
    assert "Abandonner ce lot" not in page
    assert reconcile.differences() == []


def test_a_fault_of_ours_stops_nobody_is_raised_and_the_run_can_be_given_up(
    stripe_server: StandIn, client: Client
) -> None:
    due = ready(stripe_server, owed("5.20", "10.00"))
    run = begin(due)
    StripeCall.objects.create(  # the key stands for another request: nothing may be sent under it
        key=f"payout:{run.number}:{farm_of(due[0]).code}", kind="transfer", request_hash="x", state="refused",
        first_at=make.now(), last_at=make.now(),
    )  # fmt: skip
    for _tick in range(2):
        with pytest.raises(ExceptionGroup, match="1 could not be done"):
            payouts.send_due(now=make.now())
    assert list(Payout.objects.order_by("pk").values_list("state", flat=True)) == ["in-run", "paid"]
    client.force_login(make.coordinator())
    page = client.get(f"/reversements/lots/{run.number}/").content.decode()
    assert "ne peuvent pas être demandés" in page
    assert payouts.withdraw(run=run, by=make.coordinator(), now=make.now()) == 1
    assert list(Payout.objects.order_by("pk").values_list("state", "reason", "attempt")) == [
        ("failed", "withdrawn", 1), ("paid", "", 1), ("due", "", 2),
    ]  # fmt: skip
    sweep()
    assert len(at_stripe(stripe_server)) == 1
    assert reconcile.differences() == []


def test_a_run_stripe_was_not_asked_about_is_given_up_and_one_it_may_have_paid_is_not(stripe_server: StandIn) -> None:
    due = ready(stripe_server, owed("5.20", "10.00"))
    run, treasurer = begin(due), make.coordinator()
    stripe_server.faults.cut["transfers"] = 1
    assert payouts.send_due(now=make.now()) == 0  # the first farm's answer is lost, the second is not asked about
    assert payouts.withdraw(run=run, by=treasurer, now=make.now()) == 1
    with pytest.raises(payouts.TakenBack):
        payouts.withdraw(run=run, by=treasurer, now=make.now())
    sweep()
    assert list(Payout.objects.order_by("pk").values_list("state", "reason")) == [
        ("paid", ""), ("failed", "withdrawn"), ("due", ""),
    ]  # fmt: skip
    assert [amount for amount, _key in at_stripe(stripe_server)] == [416]
    assert reconcile.differences() == []


def test_while_keys_are_wrong_nothing_is_lost_and_the_run_can_be_given_up(
    stripe_server: StandIn, settings: Any
) -> None:
    run = begin(ready(stripe_server, owed("5.20")))
    settings.STRIPE_SECRET_KEY = "pk_wrong"
    sweep(2)
    run.refresh_from_db()
    assert run.trouble == "AuthenticationError"
    assert payouts.withdraw(run=run, by=make.coordinator(), now=make.now()) == 1
    assert at_stripe(stripe_server) == []


def test_giving_up_says_whether_stripe_is_being_asked_has_been_asked_or_has_answered(stripe_server: StandIn) -> None:
    run, treasurer = begin(ready(stripe_server, owed("5.20"))), make.coordinator()

    def give_up() -> int:
        return payouts.withdraw(run=run, by=treasurer, now=make.now())

    with psycopg.connect(**session(), autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s, %s)", [int(locks.LockSpace.TICK), moving.TICK])
        with pytest.raises(payouts.TakenBack, match="at this moment"), translation.override("en"):
            give_up()
        other.execute("SELECT pg_advisory_unlock_all()")
    stripe_server.faults.cut["transfers"] = 1
    payouts.send_due(now=make.now())
    with pytest.raises(payouts.TakenBack, match="wait for its answer"), translation.override("en"):
        give_up()
    sweep()
    before = list(Payout.objects.values())
    assert give_up() == 0
    assert (list(Payout.objects.values()), before[0]["state"]) == (before, "paid")
