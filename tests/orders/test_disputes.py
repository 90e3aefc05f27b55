"""Contested payments: posted once, given back when won, told once, settled by a person when lost."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client

from distribution import reconcile
from hub import ledger, stripe_gateway
from hub.models import Notice, StripeCall, StripeEvent, Transfer
from orders import cards, debits
from orders.models import CardPayment, Dispute, TopUp
from tests import make
from tests.forging import forge
from tests.paying import captured, save
from tests.stand_in import StandIn
from tests.stand_in.browsing import browse, save_on

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture(autouse=True)
def no_memory() -> None:
    cache.delete("stripe:disputes-read")


def contested(server: StandIn, payment: CardPayment) -> str:
    """The holder contests; the dispute's id."""
    charge = server.world.get(payment.stripe_id, "payment_intent")["latest_charge"]
    return str(server.dispute(charge)["id"])


def heard(kind: str, number: str, copies: int = 1) -> None:
    """Stripe's event about a dispute, so many times."""
    serial = StripeEvent.objects.count()
    for copy in range(copies):
        StripeEvent.objects.create(stripe_id=f"evt_{serial + copy}", kind=kind, subject=number, received_at=make.now())
    cards.apply_events(now=make.now())


def everything() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in (Dispute, Transfer, Notice)]


def test_what_the_bank_takes_is_posted_once_and_told_once(stripe_server: StandIn) -> None:
    first, second = make.coordinator(), make.coordinator()
    day, payment, _bread = captured()
    before = ledger.balance("stripe")
    number = contested(stripe_server, payment)
    heard("charge.dispute.created", number, copies=5)
    heard("charge.dispute.funds_withdrawn", number)
    found = Dispute.objects.get()
    assert (found.payment, found.state, found.taken, found.amount.amount) == (payment, "open", True, D("8.40"))
    assert (ledger.balance("disputes"), ledger.balance("stripe")) == (D("8.40"), before - D("28.40"))
    assert ledger.balance(f"household:{day.orders[0].household.code}") == 0
    assert set(Notice.objects.filter(kind="dispute-opened").values_list("member", flat=True)) == {first.pk, second.pk}
    assert Notice.objects.filter(kind="dispute-opened").count() == 2
    net = sum(one["net"] for one in stripe_server.world.all("balance_transaction"))
    assert ledger.balance("stripe") == D(net) / 100
    assert reconcile.differences() == []


def test_won_it_comes_back_once_but_for_the_fee(stripe_server: StandIn) -> None:
    make.coordinator()
    _day, payment, _bread = captured()
    before = ledger.balance("stripe")
    number = contested(stripe_server, payment)
    heard("charge.dispute.created", number)
    stripe_server.decide(number, won=True)
    for kind in ("charge.dispute.closed", "charge.dispute.funds_reinstated", "charge.dispute.created"):
        heard(kind, number)
    found = Dispute.objects.get()
    assert (found.state, found.taken) == ("won", False)
    assert (ledger.balance("disputes"), ledger.balance("stripe")) == (D(0), before - D(20))
    assert Notice.objects.filter(kind="dispute-closed", data__won=True).count() == 1
    assert ledger.trial_balance() == 0
    assert reconcile.differences() == []


def test_events_that_never_came_are_made_up_for_by_reading(stripe_server: StandIn) -> None:
    _day, payment, _bread = captured()
    number = contested(stripe_server, payment)
    assert cards.reread(now=make.now())
    assert Dispute.objects.get().state == "open"
    stripe_server.decide(number, won=False)
    assert cards.reread(now=make.now() + timedelta(minutes=11))
    assert Dispute.objects.get().state == "lost"
    before = everything()
    heard("charge.dispute.created", "du_nobody")
    assert everything() == before
    assert not StripeEvent.objects.waiting().exists()


def test_disputes_are_looked_for_again_at_once_where_stripe_was_away_and_weeks_later_too(
    stripe_server: StandIn,
) -> None:
    _day, payment, _bread = captured()
    number = contested(stripe_server, payment)
    stripe_server.faults.away = True
    assert not cards.reread(now=make.now())
    stripe_server.faults.away = False
    assert cards.reread(now=make.now() + timedelta(days=30))
    assert Dispute.objects.get().stripe_id == number
    before = len(stripe_server.calls)
    assert cards.reread(now=make.now() + timedelta(days=30))
    assert len(stripe_server.calls) == before  # not more often than every ten minutes
    stripe_server.decide(number, won=True)
    assert cards.read_disputes(now=make.now())
    assert Dispute.objects.values_list("state", "taken").get() == ("won", False)
    checked = Dispute.objects.get().checked_at
    assert cards.read_disputes(now=make.now() + timedelta(days=1))
    assert Dispute.objects.get().checked_at == checked  # it has ended


def contested_top_up(means: str) -> TopUp:
    """A sum that is there and contested at once, of which nothing but the dispute is heard."""
    home = make.household()
    by = home.members.get()
    if means == "debit":
        page = debits.begin_signing(household=home, success_url="http://localhost/", cancel_url="", now=make.now())
        browse(page.url, iban="AT591904300235473203")
        debits.finish_signing(household=home, session=page.session, notice_days=2, by=by, now=make.now())
    row = debits.top_up(household=home, amount=D(30), means=means, key="k", by=by, now=make.now())[0]
    if means == "card":
        url = debits.pay_by_card(top_up=row, success_url="http://localhost/", cancel_url="", now=make.now())
        save_on(url, "4000 0000 0000 0259")
    else:
        debits.announce_due(now=make.now())
        debits.ask_due(now=make.now() + timedelta(days=2))
    row.refresh_from_db()
    return row


@pytest.mark.parametrize("means", ["card", "debit"])
@pytest.mark.parametrize(("won", "balance"), [(True, "30"), (False, "0")])
def test_a_dispute_heard_of_before_what_it_is_about(
    stripe_server: StandIn, means: str, won: bool, balance: str
) -> None:
    """The events of the payment were lost, and the bank had decided before anybody asked."""
    make.coordinator()
    row = contested_top_up(means)
    stripe_server.skip(days=6)
    number = stripe_server.world.all("dispute")[0]["id"]
    heard("charge.dispute.created", number)
    stripe_server.decide(number, won=won)
    for kind in ("charge.dispute.closed", "charge.dispute.created"):
        heard(kind, number, copies=2)
    row.refresh_from_db()
    assert (row.state, Dispute.objects.get().top_up) == ("returned", row)
    assert ledger.balance(f"household:{row.household.code}") == D(balance)
    assert ledger.balance("disputes") == 0
    net = sum(one["net"] for one in stripe_server.world.all("balance_transaction"))
    assert ledger.balance("stripe") == D(net) / 100
    assert reconcile.differences() == []


def test_a_dispute_of_a_debit_whose_own_answer_was_lost_is_its_households(stripe_server: StandIn) -> None:
    """The key a payment was made under says whose it is; the journal of calls then says how that one ended."""
    make.coordinator()
    stripe_server.faults.cut["payment_intents$"] = 1
    row = contested_top_up("debit")
    assert (row.state, row.stripe_id) == ("processing", "")
    stripe_server.skip(days=6)
    (intent,) = stripe_server.world.all("payment_intent")
    heard("charge.dispute.created", stripe_server.world.all("dispute")[0]["id"])
    row.refresh_from_db()
    assert (row.state, row.stripe_id, Dispute.objects.get().top_up) == ("returned", intent["id"], row)
    assert (ledger.balance(f"household:{row.household.code}"), ledger.balance("disputes")) == (D(0), D(0))
    assert StripeCall.objects.filter(kind="debit").values_list("state", "stripe_id").get() == ("done", intent["id"])
    assert debits.ask_due(now=make.now() + timedelta(days=8)) == 0
    assert reconcile.differences() == []


def test_a_strangers_dispute_costs_one_question_however_many_pages_are_open(stripe_server: StandIn) -> None:
    """Another shop shares the account at Stripe."""
    make.coordinator()
    homes = [make.household() for _number in range(3)]
    for home in homes:
        by = home.members.get()
        row = debits.top_up(household=home, amount=D(30), means="card", key=home.code, by=by, now=make.now())[0]
        debits.pay_by_card(top_up=row, success_url="http://localhost/", cancel_url="", now=make.now())
    card = save(homes[0])
    theirs = stripe_gateway.hold(
        key="shop:1", customer=card.customer, method=card.method, amount=900, description="x", now=make.now()
    )
    stripe_server.dispute(stripe_gateway.capture(key="shop:2", payment=theirs.id, amount=900, now=make.now()).charge)
    asked = []
    for _time in range(2):
        before = len(stripe_server.calls)
        cards.read_disputes(now=make.now())
        asked.append([call.path.split("/")[2] for call in stripe_server.calls[before:]])
    assert asked == [["disputes", "payment_intents"], ["disputes"]]
    found = Dispute.objects.get()
    assert (found.household, found.taken) == (None, True)


def test_a_strangers_dispute_of_no_payment_is_kept_and_asks_nothing(stripe_server: StandIn) -> None:
    """A charge may be made without one; a debit whose answer is lost has no id yet either."""
    stripe_server.faults.cut["payment_intents$"] = 1
    row = contested_top_up("debit")
    _day, payment, _bread = captured()
    number = contested(stripe_server, payment)
    with stripe_server.world.lock:
        stripe_server.world.get(number, "dispute")["payment_intent"] = None
    before = len(stripe_server.calls)
    cards.read_disputes(now=make.now())
    assert [call.path for call in stripe_server.calls[before:]] == ["/v1/disputes"]
    row.refresh_from_db()
    assert (Dispute.objects.get().household, row.state, row.stripe_id) == (None, "processing", "")


def test_the_money_of_a_won_dispute_may_come_later(stripe_server: StandIn) -> None:
    make.coordinator()
    _day, payment, _bread = captured()
    number = contested(stripe_server, payment)
    heard("charge.dispute.created", number)
    with stripe_server.world.lock:
        stripe_server.world.get(number, "dispute")["status"] = "won"
    heard("charge.dispute.closed", number)
    assert (Dispute.objects.get().state, ledger.balance("disputes")) == ("won", D("8.40"))
    with stripe_server.world.lock:
        back = stripe_server.world.balance("adjustment", 840, number)
        stripe_server.world.get(number, "dispute")["balance_transactions"].append(back)
    for minutes in (11, 22):
        cards.reread(now=make.now() + timedelta(minutes=minutes))
    assert (Dispute.objects.get().taken, ledger.balance("disputes")) == (False, D(0))
    assert Dispute.objects.unfinished().count() == 0


@pytest.mark.parametrize(("charge", "owes", "borne"), [(True, "8.40", "0.00"), (False, "0.00", "8.40")])
def test_lost_somebody_decides_who_bears_it_once(stripe_server: StandIn, charge: bool, owes: str, borne: str) -> None:
    day, payment, _bread = captured()
    by = make.coordinator()
    number = contested(stripe_server, payment)
    heard("charge.dispute.created", number)
    dispute = Dispute.objects.get()
    before = everything()
    with pytest.raises(cards.NotLost):
        cards.settle_dispute(dispute=dispute, charge=charge, by=by, now=make.now())
    assert everything() == before
    stripe_server.decide(number, won=False)
    heard("charge.dispute.closed", number)
    for _again in range(2):
        cards.settle_dispute(dispute=dispute, charge=charge, by=by, now=make.now())
    before = everything()
    with pytest.raises(cards.NotLost):
        cards.settle_dispute(dispute=dispute, charge=not charge, by=by, now=make.now())
    assert everything() == before
    assert ledger.balance(f"household:{day.orders[0].household.code}") == -D(owes)
    assert ledger.balance("disputes") == D(borne)


def test_the_database_settles_no_open_dispute(stripe_server: StandIn) -> None:
    _day, payment, _bread = captured()
    heard("charge.dispute.created", contested(stripe_server, payment))
    with pytest.raises(IntegrityError, match="orders_dispute_only_lost_settled"), transaction.atomic():
        Dispute.objects.update(charged=True, settled_at=make.now())
    with pytest.raises(IntegrityError, match="orders_dispute_close_stamped"), transaction.atomic():
        Dispute.objects.update(state="won")


def test_reconciliation_sees_a_forged_dispute(stripe_server: StandIn) -> None:
    _day, payment, _bread = captured()
    heard("charge.dispute.created", contested(stripe_server, payment))
    assert reconcile.differences() == []
    forge("UPDATE orders_dispute SET taken = false")
    assert [one.what for one in reconcile.differences()] == [
        "what a dispute took is not in the books, or came back and still is"
    ]


def test_the_coordinator_sees_it_on_the_board_and_decides_on_the_account(
    stripe_server: StandIn, client: Client
) -> None:
    day, payment, _bread = captured()
    number = contested(stripe_server, payment)
    heard("charge.dispute.created", number)
    client.force_login(make.coordinator())
    home = day.orders[0].household
    assert "contesté à la banque" in client.get("/semaine/", follow=True).content.decode()
    page = client.get(f"/comptes/{home.code}/").content.decode()
    assert "dit que la nourriture n’a pas été remise" in page
    assert "8,40" in page
    stripe_server.decide(number, won=False)
    heard("charge.dispute.closed", number)
    address = f"/contestations/{number}/"
    make.prove(client, client.post(address, {"charge": "yes"}).headers["Location"])
    assert client.post(address, {"charge": "yes"}).headers["Location"] == f"/comptes/{home.code}/"
    assert "Perdue ; le foyer la doit." in client.get(f"/comptes/{home.code}/").content.decode().replace("\u202f", " ")
    assert ledger.balance(f"household:{home.code}") == D("-8.40")
