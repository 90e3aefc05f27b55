"""Refunds: chosen by the household, paid once."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from distribution import reconcile, refunds, settlement
from distribution.bank import importing, using
from distribution.models import BankLine, BankMatch, Refund
from hub import ledger
from hub.models import Hub, Transfer
from tests import make
from tests.distribution.bank_files import IBAN, csv
from tests.distribution.day import a_day
from tests.forging import forge

pytestmark = pytest.mark.django_db


@pytest.fixture
def refund() -> Refund:
    at = make.collection()
    farm = make.producer(at.point)
    bread = make.packaging(farm, "4.20")
    day = a_day({bread: 2}, farms=[farm], at=at)
    day.arrive()
    day.act("paid", day.orders[0], amount="8.40", means="cash")
    day.act("short", day.orders[0], bread, quantity=1, reason="broken")
    day.confirm()
    settlement.settle(collection=day.collection, now=make.now())
    return Refund.objects.get()


def test_nothing_is_paid_that_was_not_asked_for(refund: Refund) -> None:
    person, account = make.coordinator(), f"household:{refund.household.code}"
    with pytest.raises(refunds.NotChosen):
        refunds.pay(refund=refund, by=person, now=make.now())
    refunds.choose(refund=refund, choice="credit", by=person, now=make.now())
    with pytest.raises(refunds.NotChosen):
        refunds.pay(refund=refund, by=person, now=make.now())
    assert ledger.balance(account) == Decimal("4.20")
    assert ledger.balance("bank") == 0


def test_a_refund_is_paid_once_and_then_stands(refund: Refund) -> None:
    person = make.coordinator()
    refunds.choose(refund=refund, choice="refund", by=person, now=make.now())
    for _again in range(2):
        refunds.pay(refund=refund, by=person, now=make.now())
    assert ledger.balance(f"household:{refund.household.code}") == 0
    assert ledger.balance("bank") == Decimal("-4.20")
    with pytest.raises(refunds.AlreadyPaid):
        refunds.choose(refund=refund, choice="credit", by=person, now=make.now())
    refund.refresh_from_db()
    assert refund.choice == "refund"


def test_a_refund_noted_by_mistake_is_reversed_and_sent_again(refund: Refund, client: Client) -> None:
    person, home = make.coordinator(), f"household:{refund.household.code}"
    refunds.choose(refund=refund, choice="refund", by=person, now=make.now())
    for attempt in (1, 2):
        refunds.pay(refund=refund, by=person, now=make.now())
        for _again in range(2):
            refunds.take_back(refund=refund, by=person, now=make.now())
        refund.refresh_from_db()
        assert (refund.paid_at, refund.paid_by, refund.attempt) == (None, None, attempt + 1)
        assert (ledger.balance(home), ledger.balance("bank")) == (Decimal("4.20"), Decimal(0))
        assert reconcile.differences() == []
    client.force_login(person)
    make.prove(client)
    address = f"/remboursements/{refund.collection.code}/{refund.household.code}/"
    client.post(address)
    assert f"{address}annulation/" in client.get("/reversements/").content.decode()
    client.post(f"{address}annulation/")
    client.post(address)
    posted = Transfer.objects.filter(reference__startswith="refund:").order_by("pk")
    name = f"refund:{refund.collection_id}:{refund.household.code}"
    assert list(posted.values_list("reference", flat=True)) == [
        name, f"{name}:reversed", f"{name}:2", f"{name}:2:reversed", f"{name}:3", f"{name}:3:reversed", f"{name}:4",
    ]  # fmt: skip
    assert (ledger.balance(home), ledger.balance("bank")) == (Decimal(0), Decimal("-4.20"))
    assert reconcile.differences() == []
    forge("UPDATE distribution_refund SET attempt = 5")
    assert {one.invariant for one in reconcile.differences()} == {7}


def test_what_the_banks_statement_shows_is_not_taken_back(refund: Refund) -> None:
    Hub.objects.update_or_create(pk=1, defaults={"iban": IBAN})
    person = make.coordinator()
    refunds.choose(refund=refund, choice="refund", by=person, now=make.now())
    refunds.pay(refund=refund, by=person, now=make.now())
    content = csv((f"VIR {refund.household.code}", "-4,20"), day=make.today())
    file = importing.preview(content=content, file_name="x", by=person, now=make.now())
    importing.confirm(file=file, by=person, now=make.now())
    paid = Transfer.objects.get(reference=f"refund:{refund.collection_id}:{refund.household.code}")
    if not BankMatch.objects.exists():
        using.use(
            [using.Use(BankLine.objects.get(), BankMatch.Kind.LINKED, Decimal("4.20"), linked=paid.pk)],
            by=person, now=make.now(),
        )  # fmt: skip
    before = list(Transfer.objects.values())
    with pytest.raises(using.SeenAtTheBank):
        refunds.take_back(refund=refund, by=person, now=make.now())
    refund.refresh_from_db()
    assert (refund.attempt, refund.paid_at is not None, list(Transfer.objects.values())) == (1, True, before)


def test_the_database_takes_a_refund_back_only_with_its_reversal(refund: Refund) -> None:
    person = make.coordinator()
    refunds.choose(refund=refund, choice="refund", by=person, now=make.now())
    refunds.pay(refund=refund, by=person, now=make.now())
    for forgery in (
        {"paid_at": None, "paid_by": None, "attempt": 2}, {"attempt": 2}, {"paid_at": None, "paid_by": None},
    ):  # fmt: skip
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            Refund.objects.update(**forgery)
