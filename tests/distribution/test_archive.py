"""Closed books proved again: each edit behind the guards is seen, here and in an archive written before."""

import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from distribution import reconcile
from distribution.books import archive, fec, periods
from hub import closings, ledger
from hub.models import ClosedPeriod, Hub, Transfer
from tests import make
from tests.forging import forge

pytestmark = pytest.mark.django_db
D = Decimal
START = datetime(2024, 12, 30, 11, tzinfo=UTC)


@pytest.fixture
def closed() -> None:
    """Nine closed days over New Year, four entries on three of them."""
    Hub.get()
    Hub.objects.update(siret="73282932000074", name="La Musette")
    for day, reference, amount in ((0, "one", "10.00"), (0, "two", "2.50"), (3, "three", "4.00"), (7, "four", "1.00")):
        entry = ledger.Entry(reference, "bank", "hub:income", D(amount), "Cotisation « été »")
        ledger.post([entry], now=START + timedelta(days=day))
    assert closings.close_due(now=START + timedelta(days=9)) == 9


def test_honest_books_have_no_difference(closed: None) -> None:
    assert reconcile.differences() == []


LATE = """INSERT INTO hub_transfer (reference, debit_id, credit_id, amount, currency, memo, occurred_at, recorded_at)
    SELECT 'slipped in', debit_id, credit_id, 1, 'EUR', '', occurred_at, recorded_at FROM hub_transfer WHERE reference = 'one'"""
FORGERIES = {
    "an amount": "UPDATE hub_transfer SET amount = 11 WHERE reference = 'one'",
    "a memo": "UPDATE hub_transfer SET memo = 'autre chose' WHERE reference = 'two'",
    "an account": "UPDATE hub_account SET code = 'hub:other' WHERE code = 'hub:income'",
    "two sides": "UPDATE hub_transfer SET debit_id = credit_id, credit_id = debit_id WHERE reference = 'three'",
    "a moment": "UPDATE hub_transfer SET occurred_at = occurred_at + interval '1 second' WHERE reference = 'one'",
    "another day": "UPDATE hub_transfer SET occurred_at = now() WHERE reference = 'four'",
    "one gone": "DELETE FROM hub_transfer WHERE reference = 'two'",
    "one more": LATE,
    "before all": LATE.replace("occurred_at, recorded_at FROM", "'2024-01-01', recorded_at FROM"),
    "a digest": "UPDATE hub_closedperiod SET digest = repeat('a', 64) WHERE code = '2025-01-02'",
    "a total": "UPDATE hub_closedperiod SET total = 13 WHERE code = '2024-12-30'",
    "the perpetual total": "UPDATE hub_closedperiod SET perpetual = 1000 WHERE code = '2025-01-05'",
    "a day gone": "DELETE FROM hub_closedperiod WHERE code = '2025-01-01'",
    "a month": "UPDATE hub_closedperiod SET total = 13 WHERE code = '2024-12'",
    "a year": "UPDATE hub_closedperiod SET entries = 3 WHERE code = '2024'",
}


@pytest.mark.parametrize("what", FORGERIES)
def test_each_edit_of_the_past_is_seen_by_the_chain(closed: None, what: str) -> None:
    forge(FORGERIES[what])
    assert 5 in {one.invariant for one in reconcile.differences()}


# The archive


def written() -> BytesIO:
    file = BytesIO()
    assert archive.write(file) == "2025-01-07"
    file.seek(0)
    return file


def names(file: BytesIO) -> list[str]:
    with ZipFile(file) as found:
        return found.namelist()


def edited(file: BytesIO, name: str, change: Any) -> BytesIO:
    """The archive with one file changed and its fingerprint mended, as a forger would."""
    out = BytesIO()
    with ZipFile(file) as old, ZipFile(out, "w") as new:
        held = {one: old.read(one) for one in old.namelist()}
        before, held[name] = held[name], change(held[name])
        assert before != held[name]
        prints = held[archive.PRINTS].decode()
        old_print, new_print = (hashlib.sha256(content).hexdigest() for content in (before, held[name]))
        held[archive.PRINTS] = prints.replace(old_print, new_print).encode()
        for one, content in held.items():
            new.writestr(one, content)
    out.seek(0)
    return out


def test_the_archive_holds_the_journal_the_chain_and_the_fingerprints(closed: None) -> None:
    file = written()
    assert names(file) == [
        "LISEZMOI.txt", "clotures.csv", "ecritures.txt", "documents.csv", "732829320FEC20241231.txt",
        "732829320FEC20250107.txt", "empreintes.txt",
    ]  # fmt: skip
    with ZipFile(file) as found:
        journal = found.read("732829320FEC20250107.txt")
        entries = found.read("ecritures.txt").decode().splitlines()
    table = fec.table(periods.period("2025-01-01", "2025-01-07"))
    assert journal == b"".join(fec.as_text(table))
    assert journal.count(f"{make.today():%Y%m%d}".encode()) == 0  # closed when the test's clock said so
    assert [line.split("\t")[0] for line in entries] == ["2024-12-30", "2024-12-30", "2025-01-02", "2025-01-06"]
    assert archive.verify(file) == []


def test_whoever_edits_the_archive_is_seen(closed: None) -> None:
    file = written()
    amount = edited(file, "ecritures.txt", lambda text: text.replace(b'"10.00"', b'"11.00"'))
    assert [fault.where for fault in archive.verify(amount)] == ["day 2024-12-30"]
    gone = edited(file, "ecritures.txt", lambda text: text.split(b"\n", 1)[1])
    assert {fault.where for fault in archive.verify(gone)} == {"day 2024-12-30"}
    later = edited(file, "ecritures.txt", lambda text: text + b'2025-01-08\t[9, "x"]\n')
    assert [fault.where for fault in archive.verify(later)] == ["day 2025-01-08"]
    day = edited(file, "clotures.csv", lambda text: re.sub(rb"day,2025-01-03[^\n]*\n", b"", text))
    assert "day 2025-01-04" in {fault.where for fault in archive.verify(day)}
    with ZipFile(file) as found:
        held = {one: found.read(one) for one in found.namelist()}
    out = BytesIO()
    with ZipFile(out, "w") as new:
        for one, content in held.items():
            new.writestr(one, content + b"x" if one.startswith("7328") else content)
    assert [fault.where for fault in archive.verify(out)] == ["732829320FEC20241231.txt", "732829320FEC20250107.txt"]


def test_an_archive_convicts_books_that_were_chained_anew(closed: None) -> None:
    """Who owns the database may edit and close again: reconcile then finds nothing, an archive kept elsewhere does."""
    file = written()
    forge("UPDATE hub_transfer SET amount = 11 WHERE reference = 'one'")
    forge("DELETE FROM hub_closedperiod")
    assert closings.close_due(now=START + timedelta(days=9)) == 9
    assert reconcile.differences() == []
    faults = archive.verify(file)
    assert len(faults) == ClosedPeriod.objects.count() == 11
    assert {fault.where.rsplit(", ", 1)[1] for fault in faults} == {"today"}


def test_what_is_no_archive(closed: None) -> None:
    for content in (b"", b"PK", b"Bonjour"):
        with pytest.raises(archive.NoArchive):
            archive.verify(BytesIO(content))
    other = BytesIO()
    with ZipFile(other, "w") as made:
        made.writestr("a.txt", "a")
    with pytest.raises(archive.NoArchive):
        archive.verify(other)


def test_before_anything_is_closed_there_is_no_archive() -> None:
    with pytest.raises(archive.NothingClosed):
        archive.write(BytesIO())


def test_the_command_writes_and_verifies(closed: None, tmp_path: Path, capsys: Any) -> None:
    call_command("books", "--kind", "archive", "--out", str(tmp_path))
    file = tmp_path / "livres-2025-01-07.zip"
    assert capsys.readouterr().out.strip() == str(file)
    call_command("books", "--verify", str(file))
    assert "0 faults" in capsys.readouterr().out
    call_command("books", "--verify", str(file), "--json")
    assert json.loads(capsys.readouterr().out) == {"faults": []}
    forge("DELETE FROM hub_closedperiod WHERE kind = 'year'")
    with pytest.raises(SystemExit):
        call_command("books", "--verify", str(file))
    assert "year 2024, today" in capsys.readouterr().out
    (tmp_path / "no.zip").write_bytes(b"no")
    for wrong in ("no.zip", "none.zip"):
        with pytest.raises(CommandError):
            call_command("books", "--verify", str(tmp_path / wrong))
    with pytest.raises(CommandError, match="--kind"):
        call_command("books")


def test_the_page_and_the_file(closed: None, client: Client) -> None:
    client.force_login(make.coordinator())
    page = client.get("/livres/clotures/").content.decode()
    assert [code in page for code in ("Décembre 2024", "7 janvier 2025")] == [True, True]
    asked = client.get("/livres/archive.zip")
    assert asked.headers["Location"].startswith("/sign-in/2fa/reauthenticate/")
    make.prove(client, asked.headers["Location"])
    answer: Any = client.get("/livres/archive.zip")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="livres-2025-01-07.zip"'
    assert archive.verify(BytesIO(b"".join(answer.streaming_content))) == []
    assert Transfer.objects.count() == 4


def test_without_a_closed_day_the_page_says_when_the_first_closes(client: Client) -> None:
    client.force_login(make.coordinator())
    make.prove(client)
    assert "Aucun jour n’est encore clos" in client.get("/livres/clotures/").content.decode()
    assert client.get("/livres/archive.zip").status_code == 409
