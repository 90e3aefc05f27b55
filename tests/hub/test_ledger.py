"""The books as stories, ending in every account's balance."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from hub import activity, ledger
from hub.ledger import Entry
from hub.models import Account, Transfer
from tests import make

pytestmark = pytest.mark.django_db

D = Decimal


def test_a_deposit_then_a_week_then_the_farm_is_paid() -> None:
    home = make.household()
    purse = ledger.household_account(home)
    now = make.now()
    ledger.post([Entry("in:1", "cash:tilleuls", purse, D("50.00"), "espèces")], now=now)
    ledger.post(
        [
            Entry("c1:o1", purse, "clearing:c1", D("20.00"), "commande"),
            Entry("c1:p1", "clearing:c1", "producer:ferme", D("16.00"), "part"),
            Entry("c1:h", "clearing:c1", "host:tilleuls", D("1.60"), "part"),
            Entry("c1:hub", "clearing:c1", "hub:income", D("2.40"), "part"),
        ],
        now=now,
    )
    ledger.post([Entry("payout:1", "producer:ferme", "bank", D("16.00"), "virement")], now=now)
    assert ledger.balances(
        [purse, "cash:tilleuls", "clearing:c1", "producer:ferme", "host:tilleuls", "hub:income", "bank"]
    ) == {
        purse: D("30.00"),
        "cash:tilleuls": D("50.00"),
        "clearing:c1": D("0.00"),
        "producer:ferme": D("0.00"),
        "host:tilleuls": D("1.60"),
        "hub:income": D("2.40"),
        "bank": D("-16.00"),
    }
    assert ledger.trial_balance() == 0
    assert Account.objects.get(code=purse).household == home


def test_the_same_fact_twice_is_posted_once() -> None:
    entry = Entry("once", "bank", "hub:income", D("3.00"), "essai")
    ledger.post([entry], now=make.now())
    ledger.post([entry], now=make.now())
    assert ledger.balance("hub:income") == D("3.00")


def test_another_fact_under_the_same_reference_is_refused_and_nothing_is_posted() -> None:
    ledger.post([Entry("once", "bank", "hub:income", D("3.00"), "essai")], now=make.now())
    with pytest.raises(ledger.DifferentFact):
        ledger.post(
            [
                Entry("new", "bank", "hub:income", D("1.00"), "essai"),
                Entry("once", "bank", "hub:income", D("4.00"), "essai"),
            ],
            now=make.now(),
        )
    assert list(Transfer.objects.values_list("reference", "amount")) == [("once", D("3.00"))]


def test_a_transfer_is_reversed_once() -> None:
    ledger.post([Entry("cash:1", "cash:tilleuls", "hub:income", D("7.00"), "essai")], now=make.now())
    for _twice in range(2):
        ledger.reverse("cash:1", memo="erreur", now=make.now())
    assert (ledger.balance("cash:tilleuls"), Transfer.objects.count()) == (D("0.00"), 2)


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE hub_transfer SET amount = 1",
        "UPDATE hub_transfer SET memo = 'x'",
        "DELETE FROM hub_transfer",
        "TRUNCATE hub_transfer CASCADE",
        "INSERT INTO hub_transfer (reference, debit_id, credit_id, amount, currency, memo, occurred_at, recorded_at)"
        " SELECT 'x', debit_id, credit_id, -1, 'EUR', '', now(), now() FROM hub_transfer",
        "INSERT INTO hub_transfer (reference, debit_id, credit_id, amount, currency, memo, occurred_at, recorded_at)"
        " SELECT 'x', debit_id, debit_id, 1, 'EUR', '', now(), now() FROM hub_transfer",
        "INSERT INTO hub_transfer (reference, debit_id, credit_id, amount, currency, memo, occurred_at, recorded_at)"
        " SELECT reference, debit_id, credit_id, 1, 'EUR', '', now(), now() FROM hub_transfer",
        "UPDATE hub_activity SET verb = 'x'",
        "DELETE FROM hub_activity",
        "TRUNCATE hub_activity",
    ],
)
def test_the_database_refuses_to_rewrite_the_books(attack: str) -> None:
    ledger.post([Entry("t", "bank", "hub:income", D("3.00"), "essai")], now=make.now())
    activity.record(verb="test.done", subject="t", by=None, now=make.now())
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack)
    assert list(Transfer.objects.values_list("reference", "amount", "memo")) == [("t", D("3.00"), "essai")]


def test_vat_and_deposits_are_owed_not_earned() -> None:
    ledger.post(
        [
            Entry("a", "clearing:c1", "hub:vat", D("1.00"), "TVA"),
            Entry("b", "clearing:c1", "hub:income", D("5.00"), "frais"),
            Entry("c", "clearing:c1", "deposits", D("0.30"), "consigne"),
            Entry("d", "bank", "bank:unmatched", D("9.00"), "à qui ?"),
            Entry("e", "bank:fees", "bank", D("2.00"), "frais de tenue"),
            Entry("f", "cash:differences", "cash:tilleuls", D("0.05"), "écart de caisse"),
        ],
        now=make.now(),
    )
    kinds = dict(Account.objects.values_list("code", "kind"))
    assert kinds == {
        "bank": "asset",
        "bank:fees": "expense",
        "bank:unmatched": "liability",
        "cash:differences": "expense",
        "cash:tilleuls": "asset",
        "clearing:c1": "liability",
        "deposits": "liability",
        "hub:income": "income",
        "hub:vat": "liability",
    }
