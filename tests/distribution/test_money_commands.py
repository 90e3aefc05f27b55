"""settle, payouts, documents: what they print and write, twice the same, and their errors."""

import json
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from distribution import (
    credit_notes,
    fee_invoices,
    invoice_files,
    payouts,
    receipts,
    sale_invoices,
    settlement,
    statements,
)
from distribution.models import Payout, PayoutRun, Receipt
from hub import calendar
from hub.models import Hub, Transfer
from tests import make
from tests.distribution import invoices as build
from tests.distribution.day import a_day

pytestmark = pytest.mark.django_db
IBAN = "FR7630006000011234567890189"


@pytest.fixture
def scene() -> SimpleNamespace:
    """A confirmed collection of two orders."""
    make.fees()
    at = make.collection()
    farm = make.producer(at.point, legal_name="EARL des Ormeaux", iban=IBAN)
    bread = make.packaging(farm, "4.20")
    day = a_day({bread: 2}, {bread: 1}, farms=[farm], at=at)
    day.arrive()
    day.confirm()
    return SimpleNamespace(at=at, farm=farm, day=day)


def stated(scene: SimpleNamespace) -> str:
    settlement.settle(collection=scene.at, now=make.now())
    receipts.issue(collection=scene.at, now=make.now())
    statement = statements.issue(producer=scene.farm, week=scene.at.week, now=make.now())
    assert statement is not None
    return statement.number


def answer(capsys: pytest.CaptureFixture[str], *command: str) -> Any:
    call_command(*command, "--json")
    return json.loads(capsys.readouterr().out)


def test_settle_settles_once(scene: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    first = answer(capsys, "settle", scene.at.code)
    again = answer(capsys, "settle", scene.at.code)
    assert (first["id"], first["settled"], first["receipts"]) == (scene.at.code, True, 2)
    assert (again["settled"], again["receipts"], again["settled_at"]) == (False, 0, first["settled_at"])
    assert Transfer.objects.filter(reference__contains=":order:").count() == 2
    call_command("settle", scene.at.code)
    assert "settled before" in capsys.readouterr().out


def test_settle_refuses_what_nobody_confirmed(scene: SimpleNamespace) -> None:
    other = make.collection()
    with pytest.raises(CommandError, match="is not confirmed"):
        call_command("settle", other.code)
    with pytest.raises(CommandError, match="no collection nulle-part"):
        call_command("settle", "nulle-part")
    assert not Transfer.objects.exists()


def test_payouts_lists_the_week_and_writes_those_to_make(
    scene: SimpleNamespace, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    number, file = stated(scene), tmp_path / "virements.csv"
    told = answer(capsys, "payouts", "--week", scene.at.week, "--csv", str(file))
    assert told == {
        "week": scene.at.week,
        "payouts": [
            {
                "statement": number,
                "producer": scene.farm.code,
                "point": None,
                "amount": {"amount": "10.08", "currency": "EUR"},
                "state": "due",
                "iban": IBAN,
                "paid_at": None,
            }
        ],
    }
    rows = file.read_text(encoding="utf-8-sig").splitlines()
    assert rows[1] == f"reversement;EARL des Ormeaux;{IBAN};;10,08;{number}"
    before = file.read_bytes()
    call_command("payouts", "--week", scene.at.week, "--csv", str(file))
    out = capsys.readouterr().out
    assert file.read_bytes() == before
    assert IBAN not in out
    assert "1 of 1 payouts to make" in out
    assert Payout.objects.get().paid_at is None, "listing pays nothing"


def test_a_paid_payout_is_told_and_not_written_again(
    scene: SimpleNamespace, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    stated(scene)
    statements.pay(payout=Payout.objects.get(), by=make.coordinator(), now=make.now())
    told = answer(capsys, "payouts", "--week", scene.at.week, "--csv", str(tmp_path / "v.csv"))
    assert [one["paid_at"] is not None for one in told["payouts"]] == [True]
    assert len((tmp_path / "v.csv").read_text().splitlines()) == 1


def test_payouts_says_what_is_wrong(scene: SimpleNamespace, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="2026-48 is no week"):
        call_command("payouts", "--week", "2026-48")
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("payouts", "--week", scene.at.week, "--csv", str(tmp_path / "missing" / "v.csv"))


def test_documents_writes_what_was_issued_the_same_each_time(
    scene: SimpleNamespace, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    number = stated(scene)
    names = {
        "receipt": [f"receipt-{one.order.code}.pdf" for one in Receipt.objects.order_by("pk")],
        "statement": [f"statement-{number}-{scene.farm.code}.pdf"],
    }
    for kind, expected in names.items():
        told = answer(capsys, "documents", "--kind", kind, "--out", str(tmp_path / kind))
        assert told == {"files": [str(tmp_path / kind / name) for name in expected]}
        before = {name: (tmp_path / kind / name).read_bytes() for name in expected}
        assert all(content.startswith(b"%PDF") for content in before.values())
        call_command("documents", "--kind", kind, "--out", str(tmp_path / kind))
        capsys.readouterr()
        assert {name: (tmp_path / kind / name).read_bytes() for name in expected} == before


def test_documents_writes_invoices_as_they_were_kept(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, settings: Any
) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    build.cooperative()
    make.fees()
    farm = build.mandated()
    day = build.settled(farm, {make.packaging(farm, "5.20"): 1})
    build.stated(farm, day)
    (fee,) = fee_invoices.issue_due(now=make.now())
    (sale,) = sale_invoices.ask(order=day.orders[0], buyer=build.household(), by=None, now=make.now())
    note = credit_notes.issue(invoice=sale, amounts={0: Decimal(1)}, reason="Abîmé", by=None, now=make.now())
    for issued in (fee, sale, note):
        folder = tmp_path / issued.kind
        path = folder / f"{issued.kind}-{issued.number}-{farm.code}.pdf"
        assert answer(capsys, "documents", "--kind", issued.kind, "--out", str(folder)) == {"files": [str(path)]}
        assert path.read_bytes() == invoice_files.pdf_of(issued, now=make.now())


def test_documents_of_some_days(scene: SimpleNamespace, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    stated(scene)
    today = calendar.local_date(make.now())
    yesterday, tomorrow = (today + timedelta(days=n) for n in (-1, 1))

    def found(first: date, last: date) -> int:
        days = ("--from", first.isoformat(), "--to", last.isoformat())
        return len(answer(capsys, "documents", "--kind", "statement", *days, "--out", str(tmp_path))["files"])

    assert [found(today, today), found(yesterday, yesterday), found(tomorrow, tomorrow)] == [1, 0, 0]


def test_documents_says_what_is_wrong(scene: SimpleNamespace, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CommandError, match="hier is no day"):
        call_command("documents", "--kind", "receipt", "--from", "hier", "--out", str(tmp_path))
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("documents", "--kind", "receipt", "--out", str(tmp_path / "file"))
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("documents", "--kind", "bill", "--out", str(tmp_path))


def test_a_file_for_the_bank_is_the_same_until_it_is_noted_as_sent(
    scene: SimpleNamespace, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    number, file = stated(scene), tmp_path / "lot.xml"
    Hub.objects.update(iban=IBAN)
    told = answer(capsys, "payouts", "--week", scene.at.week, "--sepa", str(file))
    before = file.read_bytes()
    assert told["run"] == {"number": "V-2026-0001", "sha256": sha256(before).hexdigest(), "transfers": 1}
    assert [(one["statement"], one["state"], one["paid_at"]) for one in told["payouts"]] == [(number, "in-run", None)]
    assert number.encode() in before
    again = answer(capsys, "payouts", "--week", scene.at.week, "--sepa", str(file))
    assert (again, file.read_bytes()) == (told, before)
    payouts.sent(run=PayoutRun.objects.get(), by=make.coordinator(), now=make.now())
    with pytest.raises(CommandError, match="nothing can be paid by file"):
        call_command("payouts", "--week", scene.at.week, "--sepa", str(file))
    assert PayoutRun.objects.count() == 1


def test_a_farm_without_an_account_is_named_and_not_in_the_file(
    scene: SimpleNamespace, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    number = stated(scene)
    Hub.objects.update(iban=IBAN)
    scene.farm.iban = ""
    scene.farm.save()
    with pytest.raises(CommandError, match="nothing can be paid by file"):
        call_command("payouts", "--week", scene.at.week, "--sepa", str(tmp_path / "lot.xml"))
    assert f"{number} {scene.farm.code}: This farm has not given a bank account yet." in capsys.readouterr().err
    assert (Payout.objects.get().state, list(tmp_path.iterdir())) == ("due", [])
