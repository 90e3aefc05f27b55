"""A top-up that is contested: what the bank takes is off the balance, no more, and comes back when it is won."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from distribution import reconcile
from distribution.books import stripe as checks
from hub import ledger
from hub.models import Household, Notice
from orders import cards, debits
from orders.models import Dispute, TopUp
from tests import make
from tests.forging import forge
from tests.orders.by_debit import D, asked, balance, told
from tests.stand_in import StandIn
from tests.stand_in.browsing import save_on

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_memory() -> None:
    cache.delete("stripe:disputes-read")


def added(home: Household) -> TopUp:
    """50 euros by card, on the balance."""
    row = asked(home, "50", "card")[0]
    save_on(debits.pay_by_card(top_up=row, success_url="http://localhost/", cancel_url="", now=make.now()))
    return debits.read_page_again(top_up=TopUp.objects.get(pk=row.pk), now=make.now())


def contest(stripe: StandIn, row: TopUp, amount: int = 0) -> str:
    charge = stripe.world.get(row.stripe_id, "payment_intent")["latest_charge"]
    number = str(stripe.dispute(charge, amount)["id"])
    for _twice in range(2):
        cards.read_disputes(now=make.now())
    return number


def theirs(stripe: StandIn) -> Decimal:
    return D(sum(one["net"] for one in stripe.world.all("balance_transaction"))) / 100


def agree(stripe: StandIn) -> list[Any]:
    """What the nightly comparison finds, and the proofs."""
    assert ledger.balance("stripe") == theirs(stripe)
    checks.fetch(make.now() + timedelta(hours=1))
    return [*checks.differences(make.now() + timedelta(hours=3)), *reconcile.differences()]


@pytest.mark.parametrize(("cents", "left", "state"), [(2000, D(30), "paid"), (0, D(0), "returned")])
def test_what_is_contested_is_taken_off_the_balance_and_no_more(
    stripe_server: StandIn, cents: int, left: Decimal, state: str
) -> None:
    home = make.household()
    row = added(home)
    contest(stripe_server, row, cents)
    row.refresh_from_db()
    found = Dispute.objects.get()
    assert (row.state, balance(home), found.taken, found.top_up) == (state, left, True, row)
    assert (found.amount.amount, ledger.balance("disputes")) == (D(50) - left, D(0))
    assert told("debit-returned") == 1
    expected = "20,00" if cents else "50,00"
    assert expected in Notice.objects.get(kind="debit-returned").data["amount"]
    assert agree(stripe_server) == []


@pytest.mark.parametrize("cents", [2000, 0])
def test_a_won_dispute_brings_back_what_it_took(stripe_server: StandIn, cents: int) -> None:
    home = make.household()
    row = added(home)
    number = contest(stripe_server, row, cents)
    stripe_server.decide(number, won=True)
    for _twice in range(2):
        cards.read_disputes(now=make.now())
    assert (balance(home), Dispute.objects.get().state, Dispute.objects.get().taken) == (D(50), "won", False)
    assert agree(stripe_server) == []


@pytest.mark.parametrize("cents", [2000, 0])
def test_a_lost_dispute_stands_on_the_households_account_page(
    stripe_server: StandIn, client: Client, cents: int
) -> None:
    home = make.household()
    number = contest(stripe_server, added(home), cents)
    stripe_server.decide(number, won=False)
    cards.read_disputes(now=make.now())
    client.force_login(make.coordinator())
    page = client.get(f"/comptes/{home.code}/").content.decode()
    assert ("20,00" if cents else "50,00") in page
    assert "la banque garde l’argent, et il n’est plus sur le solde du foyer" in page
    assert f"/contestations/{number}/" not in page  # nobody is asked who bears it
    assert "Repris par la banque" in page
    other = make.household()
    assert "contesté" not in client.get(f"/comptes/{other.code}/").content.decode()


@pytest.mark.parametrize("cents", [2000, 0])
def test_reconciliation_sees_a_contested_sum_that_is_still_on_the_balance(stripe_server: StandIn, cents: int) -> None:
    contest(stripe_server, added(make.household()), cents)
    assert reconcile.differences() == []
    forge("UPDATE orders_dispute SET taken = false")
    assert [(one.invariant, one.what) for one in reconcile.differences()] == [
        (7, "what a dispute took of a top-up is on the balance, or came back and is not")
    ]


def test_more_than_the_charge_is_not_contested(stripe_server: StandIn) -> None:
    row = added(make.household())
    charge = stripe_server.world.get(row.stripe_id, "payment_intent")["latest_charge"]
    with pytest.raises(Exception, match="greater than"):
        stripe_server.dispute(charge, 5001)
    assert stripe_server.world.all("dispute") == []
