"""Credit paid back to a household: once, never more than is there, taken back by a reversal."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import translation

from distribution import erasing, movements, paying_back, reconcile
from distribution.models import PaidBack, Refund
from hub import ledger
from hub.models import Activity, Household, Member, Transfer
from hub.money import money
from hub.refusals import AnotherFact
from orders import payments
from tests import make
from tests.forging import forge

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def treasurer() -> Member:
    return make.coordinator()


@pytest.fixture
def home(treasurer: Member) -> Household:
    """It has thirty euros of credit."""
    home = make.household("Le Bihan")
    payments.receive(household=home, amount=D(30), means="transfer", key="in", received_by=treasurer, now=make.now())
    return home


def pay(home: Household, by: Member, amount: str, key: str = "paid-back:1") -> PaidBack:
    return paying_back.pay_back(household=home, amount=D(amount), key=key, by=by, now=make.now())


def balances(home: Household) -> tuple[Decimal, Decimal]:
    """Of the household and of the bank."""
    return ledger.balance(ledger.household_account(home)), ledger.balance("bank")


def everything() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in (PaidBack, Transfer, Activity)]


def test_it_leaves_once_and_comes_back_once(home: Household, treasurer: Member) -> None:
    made = pay(home, treasurer, "12.50")
    assert pay(home, treasurer, "12.50") == made
    assert balances(home) == (D("17.50"), D("17.50"))
    with pytest.raises(AnotherFact):
        pay(home, treasurer, "12.51")
    assert reconcile.differences() == []
    for _again in range(2):
        paying_back.take_back(paid_back=made, by=treasurer, now=make.now())
    assert balances(home) == (D(30), D(30))
    assert Activity.objects.filter(verb__startswith="credit.").count() == 2
    assert reconcile.differences() == []


@pytest.mark.parametrize("amount", ["26.01", "0", "-1", "0.001", "NaN"])
def test_never_more_than_is_there_and_not_on_its_way_already(home: Household, treasurer: Member, amount: str) -> None:
    Refund.objects.create(
        household=home, collection=make.collection(), amount=money(D(4)), created_at=make.now(), choice="refund",
        chosen_at=make.now(),
    )  # fmt: skip
    before = everything()
    with pytest.raises(paying_back.MoreThanHeld) as refusal:
        pay(home, treasurer, amount)
    assert (refusal.value.data, everything()) == ({"left": "26.00"}, before)


def test_a_household_is_erased_once_its_credit_is_back(home: Household, treasurer: Member, client: Client) -> None:
    ((word, sentence),) = erasing.hindrances(home)
    assert (word, "par virement" in sentence) == ("credit", True)
    client.force_login(treasurer)
    make.prove(client)
    account = f"/comptes/{home.code}/"
    assert "30,00" in client.get(account).content.decode()
    typed = {"amount": "30,01", "key": "paid-back:typed"}
    refused = client.post(f"{account}credit-rendu/", typed)
    assert (refused.status_code, "30,01" in refused.content.decode(), PaidBack.objects.count()) == (422, True, 0)
    for _again in range(2):
        assert client.post(f"{account}credit-rendu/", typed | {"amount": "30,00"}).headers["Location"] == account
    assert (balances(home), erasing.hindrances(home)) == ((D(0), D(0)), [])
    page = client.get(account).content.decode()
    undo = f"{account}credit-rendu/paid-back:typed/annulation/"
    assert ("Crédit rendu par virement" in page, undo in page) == (True, True)
    client.post(undo)
    page = client.get(account).content.decode()
    assert (balances(home), undo in page) == ((D(30), D(30)), False)
    assert "Virement vers vous annulé" in page
    assert reconcile.differences() == []


def test_its_movements_are_kept_in_the_cooperatives_language_and_said_in_the_readers(
    home: Household, treasurer: Member
) -> None:
    with translation.override("en"):
        made = pay(home, treasurer, "10")
        paying_back.take_back(paid_back=made, by=treasurer, now=make.now())
        there, back = made.transfer, Transfer.objects.get(reverses=made.transfer)
        assert (there.memo, back.memo) == ("Crédit rendu", "Crédit finalement non rendu")
        assert movements.of_bank(there) == "Credit paid back"
    assert movements.of_bank(there) == "Crédit rendu"


@pytest.mark.parametrize(
    "forgery",
    ["UPDATE distribution_paidback SET amount = amount + 1", "UPDATE distribution_paidback SET undone_at = at"],
)
def test_reconciliation_sees_a_forgery_and_the_database_refuses_it(
    home: Household, treasurer: Member, forgery: str
) -> None:
    pay(home, treasurer, "10")
    with pytest.raises(IntegrityError, match="only taken back"), transaction.atomic():
        PaidBack.objects.update(amount=money(D(11)))
    assert reconcile.differences() == []
    forge(forgery)
    assert ["credit paid back" in one.what for one in reconcile.differences()] == [True]
