"""The journal of the tax office (FEC): balanced, numbered without gap, equal to the ledger, in the form the law asks for."""

import re
from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest

from distribution.books import chart, files, overview, periods
from hub import ledger
from hub.ledger import KINDS
from hub.models import Hub, Transfer
from orders import payments
from tests import make
from tests.distribution.books_read import amount, journal, settled_week, year_of

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def week() -> SimpleNamespace:
    return settled_week()


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
