"""What a person says of a line of the bank: whose it is, in parts, as one sum; and taken back by itself."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from distribution import reconcile
from distribution.bank import using
from distribution.models import BankLine, BankMatch
from hub import ledger
from hub.models import Hub, Member, Transfer
from hub.refusals import AnotherFact
from orders import payments
from tests import make
from tests.distribution.bank_files import IBAN, books, csv, purse, sent

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture(autouse=True)
def hub() -> Hub:
    return Hub.objects.update_or_create(pk=1, defaults={"name": "La Musette", "iban": IBAN})[0]


@pytest.fixture
def treasurer() -> Member:
    return make.coordinator()


def test_another_amount_than_announced_is_asked_about(treasurer: Member) -> None:
    home = make.household()
    payments.receive(household=home, amount=D(50), means="transfer", key="p1", received_by=treasurer, now=make.now())
    sent(csv((f"VIR {home.code}", "60,00"), day=make.today()), treasurer)
    assert (purse(home), *books()) == (D("50.00"), D("110.00"), D("60.00"))
    line, movement = BankLine.objects.get(), Transfer.objects.get(reference="payment:p1")
    using.link(line=line, movements=[movement], key="k1", by=treasurer, now=make.now())
    using.assign(line=line, kind="household", household=home, key="k2", by=treasurer, now=make.now())
    assert (purse(home), *books()) == (D("60.00"), D("60.00"), D(0))
    assert reconcile.differences() == []


def test_what_the_bank_has_shown_is_not_taken_back_behind_its_back(treasurer: Member) -> None:
    home = make.household()
    payment = payments.receive(
        household=home, amount=D(50), means="transfer", key="p1", received_by=treasurer, now=make.now()
    )
    sent(csv((f"VIR {home.code}", "50,00"), day=make.today()), treasurer)
    with pytest.raises(using.SeenAtTheBank):
        using.refuse_if_seen("payment:p1")
    with pytest.raises(IntegrityError), transaction.atomic():
        payments.undo(payment=payment, by=treasurer, now=make.now())
    assert (purse(home), *books()) == (D("50.00"), D("50.00"), D(0))
    using.undo(match=BankMatch.objects.get(), by=treasurer, now=make.now())
    payments.undo(payment=payment, by=treasurer, now=make.now())
    assert (purse(home), *books()) == (D(0), D("50.00"), D("50.00"))
    assert reconcile.differences() == []


def test_a_line_is_split_and_each_part_taken_back_by_itself(treasurer: Member) -> None:
    one, two = make.household("Un"), make.household("Deux")
    sent(csv(("VIR COLLECTIF", "80,00")), treasurer)
    line, now = BankLine.objects.get(), make.now()
    first = using.assign(line=line, kind="household", household=one, amount=D(50), key="a", by=treasurer, now=now)
    again = using.assign(line=line, kind="household", household=one, amount=D(50), key="a", by=treasurer, now=now)
    assert again == first
    for home, amount in ((two, D(50)), (one, D(40))):
        with pytest.raises(AnotherFact):
            using.assign(line=line, kind="household", household=home, amount=amount, key="a", by=treasurer, now=now)
    assert BankMatch.objects.get() == first
    for amount in (D("30.01"), D(0), D(-1), D("1.001"), D("NaN")):
        with pytest.raises(using.BadUse):
            using.assign(line=line, kind="household", household=two, amount=amount, key="b", by=treasurer, now=now)
    using.assign(line=line, kind="household", household=two, key="b", by=treasurer, now=now)
    assert (purse(one), purse(two), *books()) == (D("50.00"), D("30.00"), D("80.00"), D(0))
    for _again in range(2):
        using.undo(match=first, by=treasurer, now=now)
    assert (purse(one), purse(two), *books()) == (D(0), D("30.00"), D("80.00"), D("50.00"))
    using.assign(line=line, kind="household", household=two, key="c", by=treasurer, now=now)
    assert (purse(two), *books()) == (D("80.00"), D("80.00"), D(0))
    assert reconcile.differences() == []


@pytest.mark.parametrize(
    ("kind", "account", "balance", "bank"),
    [
        ("fees", "bank:fees", D("9.90"), D("-9.90")),
        ("other", "bank:other", D("9.90"), D("-9.90")),
        ("ignored", "bank", D(0), D(0)),
    ],
)
def test_what_is_no_households(treasurer: Member, kind: str, account: str, balance: Decimal, bank: Decimal) -> None:
    sent(csv(("COTISATION", "-9,90")), treasurer)
    with pytest.raises(using.BadUse):
        using.assign(line=BankLine.objects.get(), kind="ignored", key="k", by=treasurer, now=make.now(), reason=" ")
    using.assign(line=BankLine.objects.get(), kind=kind, key="k", by=treasurer, now=make.now(), reason="erreur")
    assert ledger.balance(account) == balance
    assert books() == (bank, D(0))
    assert reconcile.differences() == []


@pytest.mark.parametrize("kind", ["household", "linked", "gold"])
def test_a_use_that_names_nothing_is_refused(treasurer: Member, kind: str) -> None:
    sent(csv(("COTISATION", "-9,90")), treasurer)
    with pytest.raises(using.BadUse):
        using.assign(line=BankLine.objects.get(), kind=kind, key="k", by=treasurer, now=make.now())
    assert BankMatch.objects.count() == 0


def test_a_run_that_the_bank_debits_as_one_sum(treasurer: Member, django_assert_max_num_queries: Any) -> None:
    entries = [ledger.Entry(f"payout:R-2026-{n:04d}", "producer:f", "bank", D("10.50"), "x") for n in range(1, 31)]
    ledger.post(entries, now=make.now())
    sent(csv(("VIR SEPA EMIS REMISE 30 OPERATIONS", "-315,00"), day=make.today()), treasurer)
    line, movements = (
        BankLine.objects.get(),
        list(Transfer.objects.filter(reference__startswith="payout:").order_by("pk")),
    )
    with pytest.raises(using.BadUse):
        using.link(line=line, movements=[], key="k", by=treasurer, now=make.now())
    for _again in range(2):
        with django_assert_max_num_queries(25):
            using.link(line=line, movements=movements, key="k", by=treasurer, now=make.now())
    with pytest.raises(AnotherFact):
        using.link(line=line, movements=movements[:1], key="k", by=treasurer, now=make.now())
    assert (BankMatch.objects.count(), *books()) == (30, D("-315.00"), D(0))
    with pytest.raises(using.BadUse):
        using.link(line=line, movements=movements[:1], key="other", by=treasurer, now=make.now())
