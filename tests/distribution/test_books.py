"""Balances of any day and exports: read back, added up, equal to the ledger."""

import json
import re
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import translation
from openpyxl import load_workbook

from distribution import refunds, settlement, statements
from distribution.books import chart, files, overview, periods
from distribution.models import Payout, Refund
from hub import calendar, ledger
from hub import format as say
from hub.ledger import KINDS
from hub.models import Hub, Transfer
from orders import payments
from tests import make
from tests.bench import meters
from tests.distribution.day import a_day

pytestmark = pytest.mark.django_db
D = Decimal
IBAN = "FR7630006000011234567890189"
LEGAL = [
    "JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib", "CompAuxNum", "CompAuxLib",
    "PieceRef", "PieceDate", "EcritureLib", "Debit", "Credit", "EcritureLet", "DateLet", "ValidDate", "Montantdevise",
    "Idevise",
]  # fmt: skip


@pytest.fixture
def week() -> SimpleNamespace:
    """A settled, stated and paid week of two farms, one under art. 293 B: cash, a cheque taken back, a refund."""
    Hub.get()
    Hub.objects.update(vat_registered=True, siret="73282932000074")
    make.fees()
    at = make.collection()
    farm = make.producer(at.point, code="ormeaux", iban=IBAN, legal_name="EARL des Ormeaux", siret="73282932000074")
    small = make.producer(at.point, code="petite", legal_name="=La Petite\tFerme", vat_regime="franchise")
    bread, bottle = make.packaging(farm, "4.20"), make.packaging(farm, "3.00", deposit=D("0.30"))
    honey = make.packaging(small, "7.80")
    day = a_day({bread: 3, bottle: 2}, {bread: 1, honey: 1}, {bread: 2}, farms=[farm, small], at=at)
    day.arrive()
    day.act("paid", day.orders[1], amount="12.00", means="cheque")
    paid = day.act("paid", day.orders[0], amount="19.20", means="cash")
    day.act("undo", of=str(paid.uid))
    day.act("paid", day.orders[2], amount="8.40", means="cash")
    day.act("short", day.orders[2], bread, quantity=1, reason="quality")
    day.confirm()
    settlement.settle(collection=at, now=make.now())
    treasurer, refund = make.coordinator(), Refund.objects.get()
    refunds.choose(refund=refund, choice="refund", by=treasurer, now=make.now())
    refunds.pay(refund=refund, by=treasurer, now=make.now())
    statements.issue(producer=farm, week=at.week, now=make.now())
    statements.pay(payout=Payout.objects.get(), by=treasurer, now=make.now())
    today = make.today()
    return SimpleNamespace(at=at, farm=farm, day=day, treasurer=treasurer, today=today, year=today.year)


def year_of(week: SimpleNamespace) -> periods.Period:
    return periods.period(f"{week.year}-01-01", f"{week.year}-12-31")


def bytes_of(kind: str, format_: str, period: periods.Period) -> bytes:
    return b"".join(files.export(kind, format_, period).chunks)


def journal(period: periods.Period) -> list[dict[str, str]]:
    """The FEC read back as a program of the tax office reads it."""
    lines = bytes_of("fec", "txt", period).decode("iso8859-15").split("\r\n")
    assert lines.pop() == ""
    heads, *rows = [line.split("\t") for line in lines]
    assert heads == LEGAL
    assert {len(row) for row in rows} <= {18}
    return [dict(zip(heads, row, strict=True)) for row in rows]


def amount(text: str) -> Decimal:
    assert text[-3:-2] == ","
    return D(text.replace(",", "."))


def comma(value: Decimal) -> str:
    return f"{value:f}".replace(".", ",")


def read_csv(kind: str, period: periods.Period) -> list[list[str]]:
    text = bytes_of(kind, "csv", period).decode("utf-8")
    assert text[0] == "\ufeff"
    return [line.split(";") for line in text[1:].split("\r\n")[1:-1]]


# The journal


def test_each_entry_is_balanced_numbered_without_gap_and_in_its_days(week: SimpleNamespace) -> None:
    rows = journal(year_of(week))
    entries: dict[str, list[Decimal]] = defaultdict(list)
    for row in rows:
        entries[row["EcritureNum"]] += [amount(row["Debit"]), -amount(row["Credit"])]
        assert row["EcritureDate"] == row["PieceDate"] == f"{week.today:%Y%m%d}"
        assert (row["JournalLib"], row["Idevise"], row["Montantdevise"]) == (chart.JOURNALS[row["JournalCode"]], "", "")
    assert [sum(sides) for sides in entries.values()] == [D("0.00")] * len(entries)
    assert list(entries) == [str(number) for number in range(1, Transfer.objects.count() + 1)]
    assert {row["PieceRef"] for row in rows} == set(Transfer.objects.values_list("reference", flat=True))


def test_the_closing_balances_are_the_ledgers(week: SimpleNamespace) -> None:
    found: dict[str, Decimal] = defaultdict(lambda: D(0))
    for row in journal(year_of(week)):
        found[row["CompteNum"]] += amount(row["Credit"]) - amount(row["Debit"])
    expected: dict[str, Decimal] = defaultdict(lambda: D(0))
    for one in overview.at(week.today).sums:
        expected[one.number] += one.balance
    assert dict(found) == dict(expected)
    assert (
        found["512"] == -ledger.balance("bank") == D("26.40")
    )  # a refund of 4.20 and the farm's payout of 22.20 have left
    assert (found["531"], found["5112"]) == (D("-8.40"), D("-12.00"))
    assert found["44571"] == ledger.balance("hub:vat") > 0


def test_accounts_of_others_are_told_apart_and_nothing_breaks_a_line(week: SimpleNamespace) -> None:
    names = {row["CompAuxNum"]: (row["CompteNum"], row["CompAuxLib"]) for row in journal(year_of(week))}
    home = week.day.orders[0].household
    assert names[f"household:{home.code}"] == ("411", f"Foyer {home.code}")
    assert names["producer:ormeaux"] == ("4671", "EARL des Ormeaux")
    assert names["producer:petite"] == ("4671", "'=La Petite Ferme")
    assert names[f"cash:{week.at.point.code}"] == ("531", week.at.point.name)


def test_a_year_begins_with_what_the_last_one_left(week: SimpleNamespace) -> None:
    before = datetime(week.year - 1, 12, 31, 22, 59, 59, tzinfo=UTC)
    after = datetime(week.year - 1, 12, 31, 23, 0, 0, tzinfo=UTC)  # midnight in Paris
    home = week.day.orders[0].household
    payments.receive(
        household=home, amount=D("100.00"), means="transfer", key="old", received_by=week.treasurer, now=before
    )
    ledger.post([ledger.Entry("fee", ledger.household_account(home), "hub:income", D("30.00"), "x")], now=before)
    ledger.post([ledger.Entry("new", "bank", ledger.household_account(home), D("5.00"), "x")], now=after)
    rows = journal(year_of(week))
    opening = [row for row in rows if row["EcritureNum"] == "1"]
    assert [(row["JournalCode"], row["CompteNum"], row["Debit"], row["Credit"]) for row in opening] == [
        ("AN", "512", "100,00", "0,00"), ("AN", "411", "0,00", "70,00"), ("AN", "110", "0,00", "30,00"),
    ]  # fmt: skip
    assert [(row["PieceRef"], row["EcritureDate"]) for row in rows if row["EcritureNum"] == "2"] == [
        ("new", f"{week.year}0101")
    ] * 2
    past = journal(periods.period(f"{week.year - 1}-01-01", f"{week.year - 1}-12-31"))
    assert [row["PieceRef"] for row in past] == ["payment:old"] * 2 + ["fee"] * 2
    # A month inside the year keeps the numbers of the year, and has no opening.
    month = journal(periods.period(week.today.replace(day=1).isoformat(), week.today.isoformat()))
    assert [row for row in rows if row["EcritureDate"] == f"{week.today:%Y%m%d}"] == month


def test_the_file_is_named_as_the_law_says(week: SimpleNamespace) -> None:
    assert files.export("fec", "txt", year_of(week)).name == f"732829320FEC{week.year}1231.txt"
    Hub.objects.update(siret="")
    assert files.export("fec", "txt", year_of(week)).name == f"FEC{week.year}1231.txt"


def test_every_kind_of_account_has_its_number_and_its_words() -> None:
    assert set(KINDS) - {"hub"} <= set(chart.CHART)
    assert set(chart.CHART) == set(overview.NAMES)
    assert len({heading.number for heading in chart.CHART.values()}) == len(chart.CHART)


def test_each_account_begins_with_three_digits_of_the_plan_comptable() -> None:
    headings = [*chart.CHART.values(), *chart.CARRIED_FORWARD.values(), chart.UNKNOWN]
    assert [one.number for one in headings if not re.match(r"[1-7]\d{2}", one.number)] == []


FORMS = {
    "JournalCode": r"AN|BQ|CA|CH|ML|ST|VT|OD", "JournalLib": r"\S.*", "EcritureNum": r"[1-9]\d*", "EcritureDate": r"\d{8}",
    "CompteNum": r"[1-7]\d{2}\d*", "CompteLib": r"\S.*", "CompAuxNum": r".*", "CompAuxLib": r".*", "PieceRef": r"\S.*",
    "PieceDate": r"\d{8}", "EcritureLib": r"\S.*", "Debit": r"\d+,\d\d", "Credit": r"\d+,\d\d", "EcritureLet": r"",
    "DateLet": r"", "ValidDate": r"\d{8}", "Montantdevise": r"", "Idevise": r"",
}  # fmt: skip


def test_every_column_obeys_the_law_on_every_account(week: SimpleNamespace) -> None:
    """Art. A47 A-1: the days as YYYYMMDD, decimal commas, nothing empty that is asked for, in the order of validation."""
    point = week.at.point.code
    owners = {"household": week.day.orders[0].household.code, "producer": "ormeaux", "hub": "income"}
    owners |= dict.fromkeys(("host", "clearing", "cash", "cheques", "local"), point)
    for root in chart.CHART:
        code = f"{root}:{owners[root]}" if root in owners else root
        other = "bank" if code != "bank" else "stripe"
        ledger.post([ledger.Entry(f"each:{code}", code, other, D("1234.50"), " " * 3)], now=make.now())
    before = datetime(week.year - 1, 12, 31, 12, tzinfo=UTC)
    ledger.post([ledger.Entry("each:before", "bank", "bank:unmatched", D("7.00"), "x")], now=before)
    rows = journal(year_of(week))
    wrong = [(key, row[key]) for row in rows for key, form in FORMS.items() if not re.fullmatch(form, row[key])]
    assert wrong == []
    assert {one.number for one in chart.CHART.values()} == {row["CompteNum"] for row in rows}
    for row in rows:
        assert [date.fromisoformat(row[key]).year for key in ("EcritureDate", "ValidDate")] == [week.year] * 2
        assert bool(row["CompAuxNum"]) == bool(row["CompAuxLib"])
        assert (row["Debit"] == "0,00") != (row["Credit"] == "0,00")
    order = [(row["ValidDate"], int(row["EcritureNum"])) for row in rows]
    assert order == sorted(order)


# VAT, DAC7, sales


def test_vat_is_what_the_ledger_collected_and_the_farms_sales_are_told(week: SimpleNamespace) -> None:
    month = f"{calendar.local_date(week.at.starts_at):%Y-%m}"
    net, vat = ledger.balance("hub:income"), ledger.balance("hub:vat")
    assert read_csv("vat", year_of(week)) == [
        [f"{week.today:%Y-%m}", "part de la coopérative", "", "", "", "20", comma(net), comma(vat), comma(net + vat)],
        [
            month, "ventes des fermes, pour information", "ormeaux", "EARL des Ormeaux", "73282932000074", "5,50",
            "25,59", "1,41", "27,00",
        ],
        [
            month, "ventes des fermes, pour information", "petite", "'=La Petite\tFerme", "", "",
            "7,80", "0,00", "7,80",
        ],
    ]  # fmt: skip


def test_dac7_counts_orders_and_marks_who_need_not_be_declared(week: SimpleNamespace) -> None:
    quarter = (week.today.month + 2) // 3
    rows = read_csv("dac7", periods.period(week.today.isoformat(), week.today.isoformat()))
    assert [row[:3] + row[6:] for row in rows] == [
        [str(week.year), str(quarter), "ormeaux", "21,60", "3", "5,40", "21,60", "3", "non"],
        [str(week.year), str(quarter), "petite", "6,24", "1", "1,56", "6,24", "1", "non"],
    ]
    _forge("UPDATE orders_orderline SET final_amount = 2001.57, producer_share = 2000.01 WHERE unit_price = 7.80")
    rows = read_csv("dac7", year_of(week))
    assert [(row[2], row[9], row[11]) for row in rows] == [("ormeaux", "21,60", "non"), ("petite", "2000,01", "oui")]


def test_dac7_of_a_farm_with_thirty_sales() -> None:
    make.fees()
    at = make.collection()
    farm = make.producer(at.point)
    bread = make.packaging(farm, "1.00")
    day = a_day(*[{bread: 1}] * 30, farms=[farm], at=at)
    day.arrive()
    day.confirm()
    settlement.settle(collection=at, now=make.now())
    today = make.today().isoformat()
    (row,) = read_csv("dac7", periods.period(today, today))
    assert row[6:] == ["24,00", "30", "6,00", "24,00", "30", "oui"]


def test_sales_per_farm_and_day(week: SimpleNamespace) -> None:
    day = f"{calendar.local_date(week.at.starts_at):%d/%m/%Y}"
    assert [[row[0], row[1], *row[4:]] for row in read_csv("sales", year_of(week))] == [
        [day, "ormeaux", "5,50", "", "3", "25,59", "1,41", "27,00"],
        [day, "petite", "", "art. 293 B", "1", "7,80", "0,00", "7,80"],
    ]


def test_a_workbook_holds_the_same(week: SimpleNamespace) -> None:
    for kind in files.KINDS:
        page = load_workbook(BytesIO(bytes_of(kind, "xlsx", year_of(week)))).active
        assert page is not None
        assert page.max_row == len(read_csv(kind, year_of(week))) + 1
        assert not [cell.value for row in page.iter_rows() for cell in row if cell.data_type == "f"]


# Balances


def test_both_sides_are_equal_on_any_day(week: SimpleNamespace) -> None:
    books = overview.at(week.today)
    assert books.debits == books.credits == sum(Transfer.objects.values_list("amount", flat=True))
    assert sum(one.size for one in books.held) == books.others + books.result == books.total
    owed = {one.root: one.size for one in books.owed}
    assert owed["producer"] == ledger.balance("producer:petite") == D("6.24")
    assert owed["host"] == ledger.balance(f"host:{week.at.point.code}")
    held = {one.root: one.size for one in books.held}
    first = ledger.household_account(week.day.orders[0].household)
    assert held["household"] == -ledger.balance(first) == D("19.20")
    assert books.result == ledger.balance("hub:income")
    assert overview.at(week.today - timedelta(days=1)).sums == []


def test_the_balances_are_one_statement_and_two_rows_for_all_households(week: SimpleNamespace) -> None:
    assert meters.statements(lambda: overview.at(week.today)) == 1
    assert len([one for one in overview.at(week.today).sums if one.root == "household"]) == 2


# Pages and command


def text(answer: Any) -> str:
    return str(answer.content.decode().replace("\u202f", " ").replace("\xa0", " "))


def test_the_pages(week: SimpleNamespace, client: Client) -> None:
    client.force_login(week.treasurer)
    page = text(client.get("/livres/"))
    with translation.override("fr"):
        total = say.money(overview.at(week.today).total).replace("\u202f", " ").replace("\xa0", " ")
    assert page.count(f"<span>{total}</span>") == 2
    assert "Rien n’est encore écrit" in text(client.get("/livres/?day=2020-01-01"))
    wrong = client.get("/livres/?day=31-31-31")
    assert (wrong.status_code, "Donnez les deux jours" in text(wrong)) == (422, True)
    client.force_login(week.day.host)
    assert client.get("/livres/").status_code == 404


def test_an_export_asks_who_one_is_and_is_streamed(week: SimpleNamespace, client: Client) -> None:
    client.force_login(week.treasurer)
    address = f"/livres/exports/fec/?from={week.year}-01-01&to={week.year}-12-31&format=txt"
    asked = client.get(address)
    assert asked.headers["Location"].startswith("/sign-in/2fa/reauthenticate/")
    make.prove(client, asked.headers["Location"])
    answer: Any = client.get(address)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="732829320FEC{week.year}1231.txt"'
    assert answer.streaming
    assert b"".join(answer.streaming_content) == bytes_of("fec", "txt", year_of(week))


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("from=2026-12-31&to=2026-01-01", "Le dernier jour vient avant le premier."),
        ("from=2026-01-01&to=", "Donnez les deux jours"),
        ("from=2026-02-31&to=2026-12-31", "Donnez les deux jours"),
        ("from=1789-07-14&to=2026-12-31", "Un jour se trouve entre 2000 et 2099."),
        ("from=2025-06-01&to=2026-05-31", "Le journal se fait par année"),
        ("from=2001-01-01&to=2026-05-31", "Dix ans au plus"),
    ],
)
def test_days_that_are_no_period(week: SimpleNamespace, client: Client, asked: str, words: str) -> None:
    client.force_login(week.treasurer)
    make.prove(client)
    answer = client.get(f"/livres/exports/fec/?{asked}&format=txt")
    assert (answer.status_code, words in text(answer)) == (422, True)


def test_a_year_without_entries_is_an_empty_file(week: SimpleNamespace) -> None:
    empty = periods.period("2019-01-01", "2019-12-31")
    assert journal(empty) == []
    assert [read_csv(kind, empty) for kind in ("vat", "dac7", "sales")] == [[], [], []]


def test_what_there_is_not(week: SimpleNamespace, client: Client) -> None:
    client.force_login(week.treasurer)
    make.prove(client)
    for address in ("/livres/exports/autre/", "/livres/exports/vat/"):
        assert client.get(f"{address}?from=2026-01-01&to=2026-12-31&format=txt").status_code == 404


def test_the_command_writes_the_same_file(week: SimpleNamespace, tmp_path: Path, capsys: Any) -> None:
    days = ("--from", f"{week.year}-01-01", "--to", f"{week.year}-12-31")
    call_command("books", "--kind", "fec", *days, "--out", str(tmp_path))
    file = tmp_path / f"732829320FEC{week.year}1231.txt"
    assert capsys.readouterr().out.strip() == str(file)
    assert file.read_bytes() == bytes_of("fec", "txt", year_of(week))
    call_command("books", "--kind", "fec", *days, "--out", str(tmp_path), "--json")
    assert json.loads(capsys.readouterr().out) == {"file": str(file)}
    with pytest.raises(CommandError, match="journal"):
        call_command("books", "--kind", "fec", "--from", "2025-06-01", "--to", "2026-05-31", "--out", str(tmp_path))
    with pytest.raises(CommandError, match="No such file"):
        call_command("books", "--kind", "vat", *days, "--out", str(tmp_path / "none" / "vat.csv"))


def _forge(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement)
        assert cursor.rowcount > 0
        cursor.execute("SET LOCAL session_replication_role = origin")
