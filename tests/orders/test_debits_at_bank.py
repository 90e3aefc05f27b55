"""Debits through the cooperative's bank: the file, its results; and what the database keeps of all debits."""

import hashlib
import re

import pytest
from django.db import IntegrityError, connection, transaction

from distribution import erasing, reconcile
from hub import ledger
from hub.identifiers import WrongNumber, creditor_id
from hub.models import Hub
from orders import debits
from orders.models import DebitFile, Mandate, TopUp
from tests import make
from tests.forging import forge
from tests.orders.by_debit import (
    FRENCH,
    MANDATE,
    D,
    asked,
    at_bank,
    balance,
    bank,
    everything,
    no_memory,
    said,
    told,
    written,
)

__all__ = ["bank", "no_memory"]

pytestmark = pytest.mark.django_db


# Through the bank


def test_the_file_is_valid_says_what_was_signed_and_is_written_once(bank: Hub) -> None:
    home = make.household()
    mandate = at_bank(home)
    file = written(home)
    row = TopUp.objects.get()
    assert file.sha256 == hashlib.sha256(bytes(file.content)).hexdigest()
    assert (said(file, "SeqTp"), said(file, "MndtId"), said(file, "EndToEndId")) == (
        ["FRST"],
        [mandate.reference],
        [row.code],
    )
    assert said(file, "DbtrAcct/p:Id/p:IBAN") == [FRENCH]
    assert said(file, "CdtrSchmeId/p:Id/p:PrvtId/p:Othr/p:Id") == ["FR72ZZZ123456"]
    assert (said(file, "InstdAmt"), said(file, "ReqdColltnDt")) == (["30.00"], [row.due_on.isoformat()])
    assert (row.state, row.file) == ("processing", file)
    before = everything()
    with pytest.raises(debits.NothingToWrite):
        debits.write_file(by=make.coordinator(), now=make.now())
    assert everything() == before


def test_the_second_debit_of_a_mandate_recurs(bank: Hub) -> None:
    home = make.household()
    at_bank(home)
    debits.mark(top_up=_only(written(home)), result="paid", by=make.coordinator(), now=make.now())
    assert said(written(home, key="k2", days=1), "SeqTp") == ["RCUR"]


def _only(file: DebitFile) -> TopUp:
    return TopUp.objects.get(file=file)


def test_the_results_are_posted_once_and_a_return_reverses(bank: Hub) -> None:
    home, by = make.household(), make.coordinator()
    at_bank(home)
    row = _only(written(home))
    with pytest.raises(debits.NothingToWrite):
        debits.mark(top_up=row, result="lost", by=by, now=make.now())
    for _twice in range(2):
        debits.mark(top_up=row, result="paid", by=by, now=make.now())
    assert (balance(home), ledger.balance("bank")) == (D(30), D(30))
    with pytest.raises(debits.NothingToWrite):
        debits.mark(top_up=row, result="failed", by=by, now=make.now())
    for _twice in range(2):
        debits.mark(top_up=row, result="returned", by=by, now=make.now())
    assert (balance(home), ledger.balance("bank"), told("debit-returned")) == (D(0), D(0), 1)
    assert reconcile.differences() == []


@pytest.mark.parametrize("iban", ["FR7630006000011234567890188", "", "FR76"])
def test_a_wrong_account_signs_nothing(bank: Hub, iban: str) -> None:
    home = make.household()
    with pytest.raises((WrongNumber, debits.NoMandate)):
        debits.sign_at_bank(
            household=home, iban=iban, holder="Élodie", notice_days=2, by=home.members.get(), now=make.now()
        )
    assert Mandate.objects.count() == 0


def test_a_holder_that_no_bank_can_read_signs_nothing_and_an_account_elsewhere_is_called_by_its_name(bank: Hub) -> None:
    home = make.household()
    by = home.members.get()
    for holder in ("🥕", "« »", "&", " - "):
        with pytest.raises(debits.NoMandate, match="en lettres"):
            debits.sign_at_bank(household=home, iban=FRENCH, holder=holder, notice_days=2, by=by, now=make.now())
    with pytest.raises(WrongNumber, match="hors de la zone SEPA"):
        debits.sign_at_bank(
            household=home, iban="TR330006100519786457841326", holder="Élodie", notice_days=2, by=by, now=make.now()
        )
    assert Mandate.objects.count() == 0


def test_the_file_holds_the_letters_of_all_banks_whoever_signed(bank: Hub) -> None:
    Hub.objects.update(name="Paniers & Compagnie", legal_name="Les « Paniers » & C° " + "œ" * 60)
    carrot, plain = make.household(), make.household()
    at_bank(plain)
    debits.sign_at_bank(
        household=carrot,
        iban=FRENCH,
        holder="Zoé & Noël_Œ <*#@> 🥕",
        notice_days=2,
        by=carrot.members.get(),
        now=make.now(),
    )
    Mandate.objects.create(  # signed before such names were refused
        household=make.household(), rail="bank", iban=FRENCH, holder="🥕", notice_days=2, consent="", signed_at=make.now(),
        signed_by=make.coordinator(),
    )  # fmt: skip
    for key, home in enumerate((carrot, plain, Mandate.objects.get(holder="🥕").household)):
        asked(home, key=str(key))
    debits.announce_due(now=make.now())
    file = debits.write_file(by=make.coordinator(), now=make.now())
    assert sorted(said(file, "Dbtr/p:Nm")) == ["-", "Elodie Morel", "Zoe + Noel OE"]
    assert sorted(said(file, "Ustrd")) == sorted(f"Paniers + Compagnie {one.code}" for one in TopUp.objects.all())
    allowed = re.compile(r"[A-Za-z0-9/\-?:().,'+ ]{1,140}")
    names = said(file, "Nm") + said(file, "Ustrd")
    assert [one for one in names if not allowed.fullmatch(one)] == []
    assert max(len(one) for one in said(file, "Nm")) == 70


def test_a_creditor_identifier_is_checked_by_its_digits() -> None:
    assert creditor_id("de98 zzz 09999999999") == "DE98ZZZ09999999999"
    assert creditor_id("") == ""
    for wrong in ("DE97ZZZ09999999999", "FR", "12ZZZ34", "DE98ZZZ0999999999é"):
        with pytest.raises(WrongNumber):
            creditor_id(wrong)


# What the database keeps


def test_the_database_keeps_debits_as_they_were(bank: Hub) -> None:
    home = make.household()
    at_bank(home)
    row = _only(written(home))
    debits.mark(top_up=row, result="paid", by=make.coordinator(), now=make.now())
    attacks = (
        ("UPDATE orders_topup SET amount = amount + 1", "append-only"),
        ("UPDATE orders_topup SET state = 'due', paid_at = NULL", "append-only"),
        ("DELETE FROM orders_topup", "append-only"),
        ("UPDATE orders_debitfile SET sha256 = ''", "append-only"),
        ("DELETE FROM orders_debitfile", "append-only"),
        ("UPDATE orders_mandate SET notice_days = notice_days + 1", "append-only"),
        ("UPDATE orders_mandate SET iban = ''", "append-only"),
        ("DELETE FROM orders_mandate", "append-only"),
        (MANDATE.format(iban="iban", days=1), "orders_mandate_notice"),
        (MANDATE.format(iban="''", days=2), "orders_mandate_rail_has_account"),
    )
    for attack, refusal in attacks:
        with pytest.raises(IntegrityError, match=refusal), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(attack)
    other = make.household()
    at_bank(other)
    asked(other)
    with pytest.raises(IntegrityError, match="orders_topup_announced_first"), transaction.atomic():
        TopUp.objects.filter(household=other).update(state="processing")


@pytest.mark.parametrize(
    "forgery",
    ["UPDATE orders_topup SET state = 'due', paid_at = NULL", "DELETE FROM hub_transfer WHERE reference LIKE 'topup:%'",
     "UPDATE orders_topup SET \"of\" = 2"],
)  # fmt: skip
def test_reconciliation_sees_a_forged_top_up(bank: Hub, forgery: str) -> None:
    home = make.household()
    at_bank(home)
    debits.mark(top_up=_only(written(home)), result="paid", by=make.coordinator(), now=make.now())
    assert reconcile.differences() == []
    forge(forgery)
    assert {one.invariant for one in reconcile.differences()} == {7}


def test_an_erased_household_leaves_no_account_number(bank: Hub) -> None:
    home = make.household()
    at_bank(home)
    asked(home)
    erasing.erase(household=home, by=None, now=make.now())
    mandate = Mandate.objects.get()
    assert (mandate.iban, mandate.holder, mandate.last4, TopUp.objects.get().state) == ("", "", "", "cancelled")
