"""A bank's statement in the books: written once, led where it says; nothing is counted twice."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from distribution import reconcile
from distribution.bank import importing
from distribution.bank.values import BadStatement
from distribution.models import BankFile, BankLine, BankMatch
from hub import ledger
from hub.models import Hub, Member
from orders import payments
from tests import make
from tests.distribution.bank_files import IBAN, TODAY, books, csv, purse, sent
from tests.forging import forge

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture(autouse=True)
def hub() -> Hub:
    return Hub.objects.update_or_create(pk=1, defaults={"name": "La Musette", "iban": IBAN})[0]


@pytest.fixture
def treasurer() -> Member:
    return make.coordinator()


def test_a_label_that_names_the_household_credits_it_at_once(treasurer: Member) -> None:
    home, other = make.household(), make.household()
    spaced = " ".join([home.code[:3], home.code[3:8], home.code[8:]]).lower()
    sent(csv((f"VIR SEPA M LE BIHAN MOTIF: réf-{spaced}-nov", "50,00"), ("VIR INST DUPONT", "12,00")), treasurer)
    assert (purse(home), purse(other), *books()) == (D("50.00"), D(0), D("62.00"), D("12.00"))
    match = BankMatch.objects.get()
    assert (match.kind, match.household, match.by, match.transfer.reference) == (
        "household", home, None, f"bank:{match.line_id}:1",
    )  # fmt: skip
    assert reconcile.differences() == []


@pytest.mark.parametrize("amount", ["-50,00"])
def test_money_that_leaves_is_never_credited(treasurer: Member, amount: str) -> None:
    home = make.household()
    sent(csv((f"VIR {home.code}", amount)), treasurer)
    assert (purse(home), *books()) == (D(0), D("-50.00"), D("-50.00"))


def test_a_label_that_names_two_households_waits_for_a_person(treasurer: Member) -> None:
    one, two = make.household(), make.household()
    sent(csv((f"VIR {one.code} ET {two.code}", "80,00")), treasurer)
    assert (purse(one), purse(two), BankMatch.objects.count()) == (D(0), D(0), 0)


def test_the_same_lines_sent_again_are_written_once(treasurer: Member) -> None:
    first = csv(("CB MARCHE", "-5,00"), ("CB MARCHE", "-5,00"), ("VIR A", "10,00"))
    sent(first, treasurer)
    sent(first, treasurer)
    longer = csv(
        ("CB  marché", "-5,00"), ("CB MARCHE", "-5,00"), ("CB MARCHE", "-5,00"), ("VIR A", "10,00"), ("VIR B", "7,00")
    )
    file = importing.preview(content=longer, file_name="x.csv", by=treasurer, now=make.now())
    assert [one.state for one in importing.shown(file)] == ["known", "known", "new", "known", "new"]
    importing.confirm(file=file, by=treasurer, now=make.now())
    importing.confirm(file=file, by=treasurer, now=make.now())
    assert list(BankLine.objects.order_by("pk").values_list("label", "amount").order_by("amount", "pk")) == [
        ("CB MARCHE", D("-5.00")), ("CB MARCHE", D("-5.00")), ("CB MARCHE", D("-5.00")), ("VIR B", D("7.00")),
        ("VIR A", D("10.00")),
    ]  # fmt: skip
    assert books() == (D("2.00"), D("2.00"))
    assert reconcile.differences() == []


def test_the_same_day_in_other_words_is_not_written_unless_somebody_says_so(treasurer: Member) -> None:
    home = make.household()
    sent(csv((f"VIR {home.code}", "50,00")), treasurer)
    again = csv((f"VIREMENT RECU REF {home.code}", "50,00"), ("VIR AUTRE", "50,00"))
    file = importing.preview(content=again, file_name="x.csv", by=treasurer, now=make.now())
    assert [one.state for one in importing.shown(file)] == ["alike", "new"]
    importing.confirm(file=file, by=treasurer, now=make.now())
    assert (purse(home), *books()) == (D("50.00"), D("100.00"), D("50.00"))
    sent(again, treasurer, also_alike=True)
    assert (purse(home), *books()) == (D("100.00"), D("150.00"), D("50.00"))


def test_a_transfer_that_a_host_noted_is_not_credited_again(treasurer: Member) -> None:
    """It was announced on the account `bank`; the line is linked to it."""
    home = make.household()
    payments.receive(household=home, amount=D(50), means="transfer", key="p1", received_by=treasurer, now=make.now())
    day = make.today() + timedelta(days=2)
    sent(csv((f"VIR {home.code}", "50,00"), (f"VIR {home.code} NOV", "50,00"), day=day), treasurer)
    assert (purse(home), *books()) == (D("100.00"), D("100.00"), D(0))
    assert list(BankMatch.objects.order_by("line").values_list("kind", "linked__reference")) == [
        ("linked", "payment:p1"), ("household", None),
    ]  # fmt: skip
    assert reconcile.differences() == []


def test_payouts_and_stripe_are_known_by_number_and_amount(treasurer: Member) -> None:
    ledger.post(
        [
            ledger.Entry("payout:R-2026-0001", "producer:ferme", "bank", D("120.40"), "x"),
            ledger.Entry("payout:R-2026-0002", "producer:ferme", "bank", D("10.00"), "x"),
            ledger.Entry("card:ABC234:1", "stripe", "household:X", D("90.00"), "x"),
        ],
        now=make.now(),
    )
    lines = [
        ("VIR SEPA EARL DES ORMEAUX R 2026-0001", "-120,40"), ("VIR SEPA R-2026-0002", "-10,01"),
        ("STRIPE PAYMENTS EUROPE", "60,00"), ("VIR STRIPE TECHNOLOGY", "40,00"),
    ]  # fmt: skip
    sent(csv(*lines), treasurer)
    found = BankMatch.objects.order_by("line").values_list("line__label", "kind", "linked__reference")
    assert list(found) == [
        ("VIR SEPA EARL DES ORMEAUX R 2026-0001", "linked", "payout:R-2026-0001"),
        ("STRIPE PAYMENTS EUROPE", "stripe", None),
    ]
    assert ledger.balance("stripe") == D("30.00")
    assert books() == (D("-120.40") - D("10.00") - D("10.01") + D("100.00"), D("29.99"))
    assert [one.what for one in reconcile.differences() if "bank" in one.what] == []


def test_another_account_or_none_is_refused(treasurer: Member) -> None:
    other = csv(("VIR", "1,00"), above="Compte;FR7630006000011234567890189")
    with pytest.raises(BadStatement, match="FR76 … 0189"):
        importing.preview(content=other, file_name="x", by=treasurer, now=make.now())
    Hub.objects.update(iban="")
    with pytest.raises(BadStatement):
        importing.preview(content=csv(("VIR", "1,00")), file_name="x", by=treasurer, now=make.now())
    assert BankFile.objects.count() == 0


def test_writing_costs_the_same_for_many_lines(treasurer: Member, django_assert_max_num_queries: Any) -> None:
    homes = [make.household() for _n in range(40)]
    for count, day in ((2, TODAY), (40, TODAY + timedelta(days=1))):
        lines = [(f"VIR {home.code}", "10,00") for home in homes[:count]]
        file = importing.preview(content=csv(*lines, day=day), file_name="x.csv", by=treasurer, now=make.now())
        with django_assert_max_num_queries(40):
            importing.confirm(file=file, by=treasurer, now=make.now())
    assert [purse(home) for home in homes] == [D("20.00")] * 2 + [D("10.00")] * 38


FORGERIES = [
    ("is not in the books as", "UPDATE distribution_bankline SET amount = amount + 1 WHERE label LIKE 'VIR INCONNU%'"),
    ("is used than there is", "UPDATE distribution_bankline SET amount = 1 WHERE label LIKE 'VIR REF%'"),
    ("use of a line of the bank is not in", "UPDATE distribution_bankmatch SET amount = 1 WHERE kind = 'household'"),
    ("still is after it was taken back", "UPDATE distribution_bankmatch SET undone_at = now()"),
    (
        "went to another account",
        "UPDATE distribution_bankmatch SET kind = 'fees', household_id = NULL WHERE kind = 'household'",
    ),
    ("was taken back, or of another", "UPDATE hub_transfer SET amount = 60 WHERE reference = 'payment:p1'"),
    ("what waits at the bank", "DELETE FROM hub_transfer WHERE reference LIKE 'bank:%' AND amount = 12"),
]


@pytest.mark.parametrize(("what", "forgery"), FORGERIES)
def test_each_forgery_is_seen(treasurer: Member, what: str, forgery: str) -> None:
    home, other = make.household(), make.household()
    payments.receive(household=home, amount=D(50), means="transfer", key="p1", received_by=treasurer, now=make.now())
    lines = [(f"VIR {home.code}", "50,00"), (f"VIR REF {other.code}", "7,00"), ("VIR INCONNU", "12,00")]
    sent(csv(*lines, day=make.today()), treasurer)
    assert reconcile.differences() == []
    forge(forgery)
    assert [one.what for one in reconcile.differences() if what in one.what] != []


def test_a_statement_nobody_wrote_is_forgotten_after_a_week(treasurer: Member) -> None:
    written = sent(csv(("VIR A", "1,00")), treasurer)
    now = make.now()
    old, young = (
        importing.preview(content=csv((f"VIR {name}", "2,00")), file_name=name, by=treasurer, now=now - age)
        for name, age in (("old", timedelta(days=7, seconds=1)), ("young", timedelta(days=6)))
    )
    assert [importing.forget_previews(now=now) for _again in range(2)] == [1, 0]
    assert list(BankFile.objects.order_by("pk")) == [written, young]
    later = now + timedelta(days=60)
    assert (importing.forget_previews(now=later), BankFile.objects.get(), old.pk is not None) == (1, written, True)
    assert reconcile.differences() == []
