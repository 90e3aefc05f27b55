"""What a line of the bank says of somebody is forgotten when they are erased; the money and everybody else stay."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from distribution import erasing, reconcile
from distribution.bank import importing, using
from distribution.models import BankLine, BankMatch
from hub.models import Hub, Member
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


def payers() -> list[tuple[str, str, str, str]]:
    return list(BankLine.objects.order_by("pk").values_list("label", "party", "party_iban", "end_to_end"))


def test_who_was_erased_is_named_by_no_line_and_the_money_stays(treasurer: Member) -> None:
    home, other = make.household(), make.household()
    payments.receive(household=home, amount=D(30), means="transfer", key="p1", received_by=treasurer, now=make.now())
    day = make.today()
    rows = csv(
        (f"VIR ROSALINDE {home.code}", "50,00"), (f"VIR KERGUELEN {home.code}", "30,00"), (f"VIR {other.code}", "7,00"),
        ("VIR INCONNU", "3,00"), day=day,
    )  # fmt: skip
    sent(rows, treasurer)
    before, balances = BankLine.objects.values_list("fingerprint", "amount"), (purse(home), purse(other), books())
    kept = list(before.order_by("pk"))
    erasing.erase_again(household=home, now=make.now())
    assert payers() == [("", "", "", "")] * 2 + [(f"VIR {other.code}", "", "", ""), ("VIR INCONNU", "", "", "")]
    assert (list(before.order_by("pk")), (purse(home), purse(other), books())) == (kept, balances)
    again = importing.preview(content=rows, file_name="again.csv", by=treasurer, now=make.now())
    assert [one.state for one in importing.shown(again)] == ["known"] * 4
    assert reconcile.differences() == []


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE distribution_bankline SET label = '', party = '', party_iban = '', end_to_end = ''",
        "UPDATE distribution_bankline SET label = 'VIR QUELQU’UN'",
        "DELETE FROM distribution_bankline",
    ],
)
def test_a_line_of_somebody_who_is_there_is_not_emptied(treasurer: Member, attack: str) -> None:
    home = make.household()
    sent(csv((f"VIR {home.code}", "50,00")), treasurer)
    with connection.cursor() as cursor:
        cursor.execute("SELECT cabas_forget_payers(%s, %s)", [home.pk, [home.code]])
        assert cursor.fetchone() == (0,)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack)
    assert payers() == [(f"VIR {home.code}", "", "", "")]


def test_a_line_of_several_forgets_the_erased_one_alone_and_is_emptied_with_the_last(treasurer: Member) -> None:
    home, other = make.household(), make.household()
    for one, first, last in ((home, "Hélène", "Kerguelen-Roux"), (other, "Marie", "Morel")):
        person = make.member(household=one)
        person.first_name, person.last_name = first, last
        person.save()
    sent(csv(("VIR HELENE KERGUELEN ROUX ET MAISON MOREL", "50,00"), ("VIR MOREL MARIE", "8,00")), treasurer)
    shared = BankLine.objects.get(label__startswith="VIR HELENE")
    for one, amount in ((home, D(30)), (other, D(20))):
        using.assign(
            line=shared, kind="household", household=one, amount=amount, key=one.code, by=treasurer, now=make.now()
        )
    before = (purse(home), purse(other), books())
    erasing.erase_again(household=home, now=make.now())
    assert payers() == [("VIR … … … ET MAISON MOREL", "", "", ""), ("VIR MOREL MARIE", "", "", "")]
    erasing.erase_again(household=other, now=make.now())
    assert payers() == [("", "", "", ""), ("VIR MOREL MARIE", "", "", "")]
    assert (purse(home), purse(other), books()) == before
    assert reconcile.differences() == []


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE distribution_bankline SET label = ''",
        "UPDATE distribution_bankline SET label = label || '…'",
        "UPDATE distribution_bankline SET party = 'quelqu’un'",
        "UPDATE distribution_bankline SET amount = amount + 1, label = '…'",
    ],
)
def test_what_a_line_says_of_those_who_are_there_is_kept_by_the_database(treasurer: Member, attack: str) -> None:
    home, other = make.household(), make.household()
    sent(csv((f"VIR {home.code} MOREL", "50,00")), treasurer)
    line = BankLine.objects.get()
    using.undo(match=BankMatch.objects.get(), by=treasurer, now=make.now())
    for one, amount in ((home, D(30)), (other, D(20))):
        using.assign(
            line=line, kind="household", household=one, amount=amount, key=one.code, by=treasurer, now=make.now()
        )
    erasing.erase_again(household=home, now=make.now())
    assert payers() == [("VIR … MOREL", "", "", "")]
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack)
    assert payers() == [("VIR … MOREL", "", "", "")]
