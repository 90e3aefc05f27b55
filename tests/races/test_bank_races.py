"""Statements of the bank, many at once: a line is written once, and credited once."""

from decimal import Decimal
from functools import partial

import pytest

from distribution import reconcile
from distribution.bank import importing, using
from distribution.models import BankFile, BankLine, BankMatch
from hub import ledger
from hub.models import Hub
from tests import make
from tests.distribution.test_bank import IBAN, csv
from tests.races.test_ordering_races import all_at_once

pytestmark = pytest.mark.usefixtures("committed")


def test_overlapping_statements_confirmed_at_once_write_each_line_once() -> None:
    Hub.objects.update_or_create(pk=1, defaults={"iban": IBAN})
    home, treasurer = make.household(), make.coordinator()
    lines = [(f"VIR {home.code} {n}", f"{n},00") for n in range(1, 9)]
    files = [
        importing.preview(content=csv(*lines[n : n + 5]), file_name=f"{n}.csv", by=treasurer, now=make.now())
        for n in range(4)
    ]

    def confirm(file: BankFile) -> BankFile:
        return importing.confirm(file=file, by=treasurer, now=make.now())

    all_at_once([partial(confirm, file) for file in files * 2])
    assert BankLine.objects.count() == BankMatch.objects.count() == 8
    assert ledger.balance(ledger.household_account(home)) == Decimal(36)
    assert reconcile.differences() == []


def test_a_line_given_away_by_several_at_once_is_given_once() -> None:
    Hub.objects.update_or_create(pk=1, defaults={"iban": IBAN})
    home, treasurer = make.household(), make.coordinator()
    file = importing.preview(content=csv(("VIR", "50,00")), file_name="x", by=treasurer, now=make.now())
    importing.confirm(file=file, by=treasurer, now=make.now())
    line = BankLine.objects.get()

    def give(key: str) -> str:
        try:
            using.assign(line=line, kind="household", household=home, key=key, by=treasurer, now=make.now())
        except using.BadUse as refusal:
            return refusal.code
        return "done"

    done = all_at_once([partial(give, key) for key in ("a", "a", "b", "c", "d")])
    assert set(done) == {"done", "bad-use"}
    assert BankMatch.objects.count() == 1
    assert ledger.balance(ledger.household_account(home)) == Decimal(50)
    assert reconcile.differences() == []
