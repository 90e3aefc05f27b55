"""Statements of the bank for tests, and what they leave in the books."""

from datetime import date
from decimal import Decimal
from typing import Any

from distribution.bank import importing
from distribution.models import BankFile
from hub import ledger
from hub.models import Household, Member
from tests import make

IBAN = "FR1420041010050500013M02606"
TODAY = date(2026, 11, 24)


def csv(*lines: tuple[str, str], day: date = TODAY, above: str = "") -> bytes:
    """A bank's file: label and signed amount of each line, all of one day."""
    rows = [f"{day:%d/%m/%Y};{day:%d/%m/%Y};{label};{amount}" for label, amount in lines]
    return "\r\n".join([above, "Date opération;Date valeur;Libellé;Montant", *rows]).encode("cp1252")


def sent(content: bytes, by: Member, **options: Any) -> BankFile:
    """Read and confirmed."""
    file = importing.preview(content=content, file_name="releve.csv", by=by, now=make.now())
    return importing.confirm(file=file, by=by, now=make.now(), **options)


def purse(home: Household) -> Decimal:
    return ledger.balance(ledger.household_account(home))


def books() -> tuple[Decimal, Decimal]:
    """The bank, and what waits for somebody to say whose it is."""
    return ledger.balance("bank"), ledger.balance("bank:unmatched")
