"""Debits collected through the bank meet its statement: whole files, days and blocks in one act, single ones by their code."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from distribution import erasing, reconcile
from distribution.bank import collecting, importing, overview, using
from distribution.models import BankFile, BankLine, BankMatch
from hub import calendar, ledger
from hub.models import Activity, Hub, Member, Notice, Transfer
from orders import debits
from orders.models import DebitFile, TopUp
from tests import make
from tests.orders.by_debit import D, asked, at_bank, balance, bank, later, told

__all__ = ["bank"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def by(bank: Hub) -> Member:
    return make.coordinator()


def at_the_bank(by: Member, *amounts: str) -> DebitFile:
    """One file with a debit of each amount, of households of their own; due in two days."""
    for number, amount in enumerate(amounts):
        home = make.household()
        at_bank(home)
        asked(home, amount, key=f"k{number}")
    debits.announce_due(now=make.now())
    return debits.write_file(by=by, now=make.now())


def rows() -> list[TopUp]:
    return list(TopUp.objects.order_by("pk"))


def states() -> list[str]:
    return [row.state for row in rows()]


def day(days: int) -> date:
    return calendar.local_date(make.now()) + timedelta(days=days)


def read(by: Member, *lines: tuple[int, str, str]) -> list[BankLine]:
    """A statement of (days from today, label, amount) is read."""
    content = "Date;Libelle;Montant\n" + "".join(f"{day(d):%d/%m/%Y};{label};{amount}\n" for d, label, amount in lines)
    file = importing.preview(content=content.encode(), file_name="x.csv", by=by, now=later(9))
    importing.confirm(file=file, by=by, now=later(9))
    return list(BankLine.objects.filter(file__code=file.code).order_by("pk"))


def guesses(line: BankLine) -> list[Any]:
    waiting = overview.waiting().filter(pk=line.pk).first()
    return overview.with_suggestions([waiting], most=8)[0].suggestions if waiting else []


def everything() -> list[Any]:
    models = (TopUp, Transfer, BankMatch, Notice, Activity)
    return [list(model.objects.order_by("pk").values()) for model in models]


def settled() -> tuple[Any, ...]:
    """What the books say of the bank, and what waits."""
    return ledger.balance("bank"), ledger.balance("bank:unmatched"), overview.announced(), reconcile.differences()


def test_a_line_that_names_the_file_receives_all_its_debits_by_itself(by: Member) -> None:
    file = at_the_bank(by, "30", "40")
    read(by, (2, f"REMISE PRLV CABAS{file.code}", "70,00"))
    assert states() == ["paid", "paid"]
    assert [balance(row.household) for row in rows()] == [D(30), D(40)]
    assert settled() == (D(70), D(0), [], [])
    assert list(BankMatch.objects.filter(by=None).order_by("pk").values_list("kind", "amount")) == [
        ("linked", D(30)), ("linked", D(40)),
    ]  # fmt: skip


def test_a_sum_without_a_name_is_suggested_and_led_there_in_one_act(by: Member, client: Client) -> None:
    file = at_the_bank(by, "30", "40")
    line = read(by, (2, "REMISE PRELEVEMENTS SEPA", "70,00"))[0]
    assert states() == ["processing", "processing"]
    first, second = rows()
    assert [(one.kind, one.why, one.file, one.codes) for one in guesses(line)] == [
        ("linked", "debits", file.code, [first.code, second.code])
    ]
    client.force_login(by)
    page = client.get("/banque/").content.decode()
    assert f"Fichier {file.code}, 2 prélèvements" in page
    post = {"debits": f"{first.code} {second.code}", "key": "bank:k"}
    make.prove(client, client.post(f"/banque/lignes/{line.pk}/affectation/", post).headers["Location"])
    for _twice in range(2):
        assert client.post(f"/banque/lignes/{line.pk}/affectation/", post).status_code == 302
    assert states() == ["paid", "paid"]
    assert settled() == (D(70), D(0), [], [])
    received = Activity.objects.get(verb="debits.received")
    assert (received.member, received.data) == (by, {"codes": [first.code, second.code], "total": "70.00"})


def test_a_day_of_a_file_and_one_refused_meanwhile(by: Member) -> None:
    homes = [make.household() for _nth in range(4)]
    for number, (home, amount) in enumerate(zip(homes, ("30", "40", "25", "15"), strict=True)):
        at_bank(home)
        asked(home, amount, key=f"k{number}")
    TopUp.objects.filter(household__in=homes[2:]).update(due_on=day(4))
    debits.announce_due(now=make.now())
    debits.announce_due(now=later(2))
    file = debits.write_file(by=by, now=later(1))
    a, b, c, d = rows()
    assert [row.due_on for row in (a, b, c, d)] == [day(2), day(2), day(4), day(4)]
    debits.mark(top_up=b, result="failed", by=by, now=later(3))
    early, late = read(by, (2, "REMISE", "30,00"), (4, "REMISE", "40,00"))
    assert [one.codes for one in guesses(early) if one.codes] == [[a.code]]
    assert [(one.file, one.codes) for one in guesses(late) if one.codes] == [(file.code, [c.code, d.code])]
    for line, codes in ((early, [a.code]), (late, [c.code, d.code])):
        collecting.collect(line=line, codes=codes, key=f"k{line.pk}", by=by, now=later(9))
    assert states() == ["paid", "failed", "paid", "paid"]
    assert settled() == (D(70), D(0), [], [])


def test_debits_marked_as_received_before_are_led_to_the_sum_as_well(by: Member) -> None:
    at_the_bank(by, "30", "40")
    for row in rows():
        debits.mark(top_up=row, result="paid", by=by, now=later(3))
    assert ledger.balance("bank") == D(70)
    line = read(by, (3, "REMISE", "70,00"))[0]
    codes = [row.code for row in rows()]
    assert [one.codes for one in guesses(line)] == [codes]
    collecting.collect(line=line, codes=codes, key="k", by=by, now=later(9))
    assert settled() == (D(70), D(0), [], [])


def test_a_line_of_its_own_is_known_by_the_debits_code(by: Member) -> None:
    at_the_bank(by, "30", "40")
    first, second = rows()
    debits.mark(top_up=second, result="paid", by=by, now=later(3))
    read(by, (2, f"PRLV {first.code}", "30,00"), (3, f"PRLV {second.code}", "40,00"))
    assert states() == ["paid", "paid"]
    assert settled() == (D(70), D(0), [], [])
    assert BankMatch.objects.filter(kind="linked", by=None).count() == 2


def test_two_lines_of_one_name_receive_a_debit_once(by: Member) -> None:
    at_the_bank(by, "30")
    code = rows()[0].code
    one, other = read(by, (2, f"PRLV {code}", "30,00"), (2, f"PRLV {code} BIS", "30,00"))
    assert [one.matches.count(), other.matches.count()] == [1, 0]
    assert (balance(rows()[0].household), ledger.balance("bank:unmatched")) == (D(30), D(30))
    before = everything()
    with pytest.raises(using.BadUse):
        collecting.collect(line=other, codes=[code], key="again", by=by, now=later(9))
    assert everything() == before


def test_what_comes_back_later_is_a_second_movement_that_its_line_finds(by: Member) -> None:
    at_the_bank(by, "30")
    row = rows()[0]
    read(by, (2, f"PRLV {row.code}", "30,00"))
    for _twice in range(2):
        debits.mark(top_up=rows()[0], result="returned", by=by, now=later(8))
    assert (states(), balance(row.household), told("debit-returned")) == (["returned"], D(0), 1)
    read(by, (8, f"REJET PRLV {row.code}", "-30,00"))
    assert settled() == (D(0), D(0), [], [])
    assert BankMatch.objects.filter(kind="linked").count() == 2


def test_refused_by_mistake_is_put_right_with_a_reason_as_facts(by: Member, client: Client) -> None:
    at_the_bank(by, "30")
    row = rows()[0]
    debits.mark(top_up=row, result="failed", by=by, now=later(3))
    before = everything()
    with pytest.raises(debits.ReasonMissing):
        debits.mark(top_up=row, result="paid", by=by, now=later(4), why="  ")
    assert everything() == before
    client.force_login(by)
    assert "Finalement reçu" in client.get("/prelevements/").content.decode()
    url, post = f"/prelevements/{row.code}/resultat/", {"result": "paid", "why": "ligne voisine du relevé"}
    make.prove(client, client.post(url, post).headers["Location"])
    for _twice in range(2):
        client.post(url, post)
    assert (states(), balance(row.household), ledger.balance("bank")) == (["paid"], D(30), D(30))
    assert (told("debit-failed"), told("top-up-found")) == (1, 1)
    assert Notice.objects.get(kind="top-up-found").data["given_up"] is False
    fact = Activity.objects.get(verb="top-up.corrected")
    assert (fact.member, fact.data) == (by, {"why": "ligne voisine du relevé", "was": "failed"})
    assert reconcile.differences() == []


def test_what_does_not_add_up_or_was_refused_changes_nothing(by: Member) -> None:
    at_the_bank(by, "30", "40")
    first, second = rows()
    line = read(by, (2, "REMISE", "70,00"))[0]
    before = everything()
    with pytest.raises(using.BadUse):
        collecting.collect(line=line, codes=[first.code], key="k", by=by, now=later(9))
    with pytest.raises(debits.NothingToWrite):
        collecting.collect(line=line, codes=[first.code, "NOBODY2345"], key="k", by=by, now=later(9))
    assert everything() == before
    debits.mark(top_up=second, result="failed", by=by, now=later(3))
    before = everything()
    with pytest.raises(debits.NothingToWrite):
        collecting.collect(line=line, codes=[first.code, second.code], key="k", by=by, now=later(9))
    assert everything() == before


def test_receiving_a_file_takes_as_many_statements_however_many_debits(by: Member) -> None:
    counts = []
    for amounts in (("30", "40"), ("20",) * 8):
        file = at_the_bank(by, *amounts)
        codes = list(file.top_ups.order_by("pk").values_list("code", flat=True))
        line = read(by, (2, f"REMISE {len(amounts)}", f"{file.total.amount}".replace(".", ",")))[0]
        with CaptureQueriesContext(
            connection,
        ) as asked_for:
            collecting.collect(line=line, codes=codes, key=f"k{line.pk}", by=by, now=later(9))
        counts.append(len(asked_for))
    assert counts[0] == counts[1] <= 40
    assert BankFile.objects.count() == 2


def test_a_whole_file_s_line_keeps_its_name_when_one_of_its_households_is_erased(by: Member) -> None:
    file = at_the_bank(by, "30", "40")
    line = read(by, (2, f"REMISE PRLV CABAS{file.code}", "70,00"))[0]
    first, second = [row.household for row in rows()]
    erasing.erase_again(household=first, now=later(9))
    line.refresh_from_db()
    assert line.label == f"REMISE PRLV CABAS{file.code}"
    erasing.erase_again(household=second, now=later(9))
    line.refresh_from_db()
    assert (line.label, reconcile.differences()) == ("", [])


def test_an_import_costs_the_same_however_many_debits_its_lines_name(by: Member) -> None:
    costs = []
    for number, amount in ((1, "30"), (6, "31")):
        file = at_the_bank(by, *[amount] * number)
        codes = [row.code for row in file.top_ups.order_by("pk")]
        with CaptureQueriesContext(connection) as asked_for:
            read(by, *((2, f"PRLV {code}", f"{amount},00") for code in codes))
        costs.append(len(asked_for))
        assert {row.state for row in file.top_ups.all()} == {"paid"}
    assert costs[0] == costs[1]
    assert Activity.objects.filter(verb="top-up.paid").count() == 7
    assert settled() == (D(216), D(0), [], [])


def test_each_household_finds_in_its_journal_what_a_file_brought(by: Member) -> None:
    file = at_the_bank(by, "30", "40")
    debits.receive(codes=[row.code for row in rows()], by=by, now=later(3))
    told_of = Activity.objects.filter(verb="top-up.paid").order_by("pk")
    assert [(one.household_id, one.subject, one.data) for one in told_of] == [
        (row.household_id, row.code, {"amount": str(row.amount.amount), "means": "debit"}) for row in rows()
    ]
    assert file.number == 2
