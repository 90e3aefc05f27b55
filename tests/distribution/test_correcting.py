"""Corrections after a statement: in the books at once, netted on the next one; a farm that owes is paid nothing and begins so."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from distribution import correcting, payouts, reconcile, statements
from distribution.documents import render_statement
from distribution.models import Correction, Payout, PayoutRun, Statement
from hub import calendar, ledger
from hub.models import Member, Transfer
from hub.refusals import AnotherFact
from producers.models import Producer
from tests import make
from tests.distribution.farms import owed_to
from tests.distribution.test_statements import issue, sold

D = Decimal
pytestmark = pytest.mark.django_db


@pytest.fixture
def farm() -> Producer:
    make.fees("8", "12")
    return make.producer(name="Ferme des Ormeaux", iban="FR7630006000011234567890189")


@pytest.fixture
def treasurer() -> Member:
    return make.coordinator()


def correct(farm: Producer, by: Member, amount: str, key: str = "one", **more: Any) -> Correction:
    values: dict[str, Any] = {"words": "Salades abîmées", "key": key, "by": by, "now": make.now()} | more
    return correcting.correct(producer=farm, amount=D(amount), **values)


def entries(statement: Statement) -> list[tuple[str, str, str]]:
    return [(one["what"], one["gross"], one["note"]) for one in statement.content["entries"]]


def test_what_a_household_gets_back_is_taken_from_the_next_statement(farm: Producer, treasurer: Member) -> None:
    day = sold(farm, "10.00")
    first, home = issue(farm, day), day.orders[0].household
    owed = ledger.balance(f"household:{home.code}")
    for _again in range(2):
        correct(farm, treasurer, "-3.00", about=first, household=home)
    assert (owed_to(farm), ledger.balance(f"household:{home.code}") - owed) == (D("5.00"), D("3.00"))
    assert (first.net.amount, Payout.objects.get().amount.amount) == (D("8.00"), D("8.00"))
    second = issue(farm, sold(farm, "20.00"))
    assert entries(second)[-1] == ("correction", "-3.00", f"Salades abîmées, relevé {first.number}")
    assert (second.net.amount, Statement.objects.count()) == (D("13.00"), 2)
    assert second.payout is not None
    assert second.payout.amount.amount == D("13.00")
    assert Correction.objects.get().statement == second
    third = issue(farm, sold(farm, "10.00"))
    assert third.net.amount == D("8.00")
    for one in Payout.objects.order_by("pk"):
        statements.pay(payout=one, by=treasurer, now=make.now())
    assert owed_to(farm) == 0
    assert reconcile.differences() == []


def test_a_farm_that_owes_is_paid_nothing_and_the_next_statement_begins_with_it(
    farm: Producer, treasurer: Member
) -> None:
    first = issue(farm, sold(farm, "10.00"))
    statements.pay(payout=Payout.objects.get(), by=treasurer, now=make.now())
    correct(farm, treasurer, "-9.00", about=first)
    assert owed_to(farm) == D("-9.00")
    second = issue(farm, sold(farm, "5.00"))
    assert (second.net.amount, second.payout) == (D("-5.00"), None)
    third = issue(farm, sold(farm, "2.00"))
    assert entries(third)[-1] == ("carried", "-5.00", f"relevé {second.number}")
    assert (third.net.amount, third.payout) == (D("-3.40"), None)
    fourth = issue(farm, sold(farm, "10.00"))
    assert entries(fourth)[-1] == ("carried", "-3.40", f"relevé {third.number}")
    assert fourth.net.amount == D("4.60")
    statements.pay(payout=Payout.objects.get(statement=fourth), by=treasurer, now=make.now())
    assert (owed_to(farm), Payout.objects.count()) == (D(0), 2)
    fifth = issue(farm, sold(farm, "10.00"))
    assert "carried" not in {what for what, _gross, _note in entries(fifth)}
    assert reconcile.differences() == []


def test_nothing_leaves_for_a_farm_that_owes(farm: Producer, treasurer: Member, client: Client) -> None:
    """What was corrected since and is less than what is due stands on the next statement; who owes in the end waits."""
    first = issue(farm, sold(farm, "10.00"))
    correct(farm, treasurer, "-3.00", about=first)
    assert [one.obstacle for one in payouts.choices(rail="hand", now=make.now())] == [None]
    correct(farm, treasurer, "-5.00", "two", about=first)
    number = first.number
    for rail in ("hand", "file"):
        (choice,) = payouts.choices(rail=rail, now=make.now())
        assert choice.obstacle is not None
        assert "plus rien" in choice.obstacle.what
    client.force_login(treasurer)
    assert "corrigé depuis" in client.get("/reversements/").content.decode()
    before = (list(Payout.objects.values()), owed_to(farm))
    with pytest.raises(payouts.NotPayable) as refusal:
        payouts.start(rail="hand", numbers=[number], by=treasurer, now=make.now())
    assert refusal.value.data == {"statements": [number]}
    assert (list(Payout.objects.values()), owed_to(farm), PayoutRun.objects.count()) == (*before, 0)
    sold(farm, "20.00")  # sixteen more are held
    assert [one.obstacle for one in payouts.choices(rail="hand", now=make.now())] == [None]
    payouts.start(rail="hand", numbers=[number], by=treasurer, now=make.now())
    second = issue(farm, sold(farm, "10.00"))
    assert second.net.amount == D("16.00")
    assert [one.obstacle for one in payouts.choices(rail="hand", now=make.now())] == [None]
    correct(farm, treasurer, "-16.00", "three")  # eight are taken into a run, sixteen are due, eight are held
    (choice,) = payouts.choices(rail="hand", now=make.now())
    assert choice.obstacle is not None
    with pytest.raises(payouts.NotPayable):
        statements.pay(payout=choice.payout, by=treasurer, now=make.now())
    assert reconcile.differences() == []


def test_a_farm_may_get_more_and_the_cooperative_pays_it(farm: Producer, treasurer: Member) -> None:
    before = ledger.balance("hub:income")
    correct(farm, treasurer, "4.10", words="Caisse oubliée")
    assert ledger.balance("hub:income") == before - D("4.10")
    statement = issue(farm, sold(farm, "10.00"))
    assert statement.net.amount == D("12.10")
    assert render_statement(statement.content, "pdf").startswith(b"%PDF")


def test_without_a_sale_it_is_stated_on_the_monday_after(farm: Producer, treasurer: Member) -> None:
    correct(farm, treasurer, "4.10")
    monday = statements.deadline(calendar.week_of(calendar.local_date(make.now())))
    assert statements.issue_due(now=monday - timedelta(seconds=1)) == []
    (statement,) = statements.issue_due(now=monday)
    assert (statement.net.amount, entries(statement)) == (
        D("4.10"), [("sales", "0.00", ""), ("correction", "4.10", "Salades abîmées")],
    )  # fmt: skip
    assert statements.issue_due(now=monday) == []
    assert render_statement(statement.content, "csv")
    assert reconcile.differences() == []


@pytest.mark.parametrize("amount", ["0", "0.005", "NaN", "Infinity"])
def test_an_amount_that_is_none_is_refused(farm: Producer, treasurer: Member, amount: str) -> None:
    with pytest.raises(correcting.NoCorrection):
        correct(farm, treasurer, amount)
    assert (Correction.objects.count(), Transfer.objects.count()) == (0, 0)


def test_a_household_gets_back_no_more_than_it_bought_there(farm: Producer, treasurer: Member) -> None:
    """Not from a farm it never bought from either; what it was charged by mistake can be given back again."""
    day, other = sold(farm, "10.00"), make.producer()
    home, stranger = day.orders[0].household, make.household()
    correct(farm, treasurer, "-4.00", household=home)
    before = Transfer.objects.count()
    for producer, household, amount in (
        (farm, home, "-6.01"),
        (farm, stranger, "-0.01"),
        (other, home, "-0.01"),
        (farm, home, "-99999.99"),
    ):
        with pytest.raises(correcting.NoCorrection) as refusal:
            correct(producer, treasurer, amount, key="two", household=household)
        assert refusal.value.data["field"] == "amount"
    assert (Correction.objects.count(), Transfer.objects.count()) == (1, before)
    correct(farm, treasurer, "2.00", key="three", household=stranger)
    correct(farm, treasurer, "-2.00", key="four", household=stranger)
    correct(farm, treasurer, "-6.00", key="five", household=home)
    assert reconcile.differences() == []


def test_a_page_that_was_sent_notes_nothing_else(farm: Producer, treasurer: Member) -> None:
    other = make.producer(name="Champignons", iban="FR7630006000011234567890189")
    correct(farm, treasurer, "2.00")
    for amount, about, words in (
        ("7.00", farm, "Salades abîmées"),
        ("2.00", other, "Salades abîmées"),
        ("2.00", farm, "x"),
    ):
        with pytest.raises(AnotherFact):
            correct(about, treasurer, amount, words=words)
    assert (Correction.objects.get().amount.amount, owed_to(farm), owed_to(other)) == (D(2), D(2), D(0))


def test_a_reason_and_a_statement_of_this_farm_are_asked_for(farm: Producer, treasurer: Member) -> None:
    other = make.producer()
    theirs = issue(other, sold(other, "5.00"))
    before = Transfer.objects.count()
    for more in ({"words": "  "}, {"about": theirs}):
        with pytest.raises(correcting.NoCorrection):
            correct(farm, treasurer, "-1.00", **more)
    assert (Correction.objects.count(), Transfer.objects.count()) == (0, before)


@pytest.mark.parametrize("change", ["SET amount = amount * 2", "SET statement_id = NULL", "SET words = 'autre'"])
def test_the_database_lets_nothing_of_it_change(farm: Producer, treasurer: Member, change: str) -> None:
    correct(farm, treasurer, "-1.00")
    issue(farm, sold(farm, "5.00"))
    for attack in (f"UPDATE distribution_correction {change}", "DELETE FROM distribution_correction"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(attack)


def test_the_treasurer_s_page(farm: Producer, treasurer: Member, client: Client) -> None:
    day = sold(farm, "10.00")
    first, home = issue(farm, day), day.orders[0].household
    client.force_login(treasurer)
    typed = {
        "producer": farm.code, "about": first.number.lower(), "way": "take", "amount": "3,20 €", "words": "Salades abîmées",
        "household": home.code, "key": "correction:1",
    }  # fmt: skip
    assert client.post("/reversements/correction/", typed).headers["Location"].startswith("/sign-in/2fa/")
    assert not Correction.objects.exists()
    make.prove(client)
    for wrong in (
        *({"amount": text} for text in ("douze", "0", "-5", "1e3", "10,01")),
        {"words": ""},
        {"about": "R-1999-0001"},
        {"household": "ZZZ"},
    ):
        answer = client.post("/reversements/correction/", typed | wrong)
        assert (answer.status_code, Correction.objects.count()) == (422, 0)
        assert "Salades abîmées" in answer.content.decode() or "words" in wrong
    make.household(home.name)
    several = client.post("/reversements/correction/", typed | {"household": home.name})
    assert (several.status_code, f"{home.name} ({home.code})" in several.content.decode()) == (422, True)
    for who in (home.code.lower(), home.code):
        assert client.post("/reversements/correction/", typed | {"household": who}).status_code == 302
    made = Correction.objects.get()
    assert (made.amount.amount, made.about, made.household) == (D("-3.20"), first, home)
    assert f"Salades abîmées · {home.name}" in client.get("/reversements/").content.decode()
    client.force_login(make.farmer(farm))
    assert client.get("/reversements/correction/").status_code == 404
