"""Statements of the bank, many at once: a line is written once, and credited once."""

import threading
import time
from decimal import Decimal
from functools import partial

import pytest
from django.db import connection, connections, transaction

from distribution import reconcile
from distribution.bank import importing, using
from distribution.models import BankFile, BankLine, BankMatch
from hub import ledger
from hub.models import Hub
from orders import debits
from orders.models import TopUp
from tests import make
from tests.distribution.bank_files import IBAN, csv
from tests.orders.by_debit import asked, at_bank, later
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


def until_somebody_waits() -> None:
    """Until another connection waits for a lock."""
    for _tenth in range(200):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.05)
    raise AssertionError("nobody waits")


def test_a_debit_refused_while_a_statement_is_written_stops_no_other_line() -> None:
    Hub.objects.update_or_create(pk=1, defaults={"name": "x", "iban": IBAN, "creditor_id": "FR72ZZZ123456"})
    treasurer, homes = make.coordinator(), [make.household(), make.household()]
    for home in homes:
        at_bank(home)
        asked(home, "30", key=home.code)
    debits.announce_due(now=make.now())
    debits.write_file(by=treasurer, now=make.now())
    first, second = TopUp.objects.order_by("pk")
    lines = csv((f"PRLV {first.code}", "30,00"), (f"PRLV {second.code}", "30,00"), ("VIR", "5,00"), day=second.due_on)
    file = importing.preview(content=lines, file_name="x.csv", by=treasurer, now=later(3))
    marked = threading.Event()

    def refuse() -> None:
        try:
            with transaction.atomic():
                debits.mark(top_up=second, result="failed", by=treasurer, now=later(3))
                marked.set()
                until_somebody_waits()
        finally:
            connections.close_all()

    other = threading.Thread(target=refuse)
    other.start()
    assert marked.wait(20)
    importing.confirm(file=file, by=treasurer, now=later(3))
    other.join(20)
    assert list(TopUp.objects.order_by("pk").values_list("state", flat=True)) == ["paid", "failed"]
    assert [line.matches.count() for line in BankLine.objects.order_by("label")] == (
        [1, 0, 0] if first.code < second.code else [0, 1, 0]
    )
    assert ledger.balance("bank:unmatched") == Decimal(35)
    assert reconcile.differences() == []
