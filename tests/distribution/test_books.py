"""Balances of any day, and the exports of VAT, DAC7 and sales: read back, added up, equal to the ledger."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from types import SimpleNamespace

import pytest
from openpyxl import load_workbook

from distribution import settlement
from distribution.books import files, overview, periods
from hub import calendar, ledger
from hub.models import Transfer
from tests import make
from tests.bench import meters
from tests.distribution.books_read import bytes_of, comma, journal, read_csv, settled_week, year_of
from tests.distribution.day import a_day
from tests.forging import forge

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def week() -> SimpleNamespace:
    return settled_week()


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
    forge("UPDATE orders_orderline SET final_amount = 2001.57, producer_share = 2000.01 WHERE unit_price = 7.80")
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


def test_a_year_without_entries_is_an_empty_file(week: SimpleNamespace) -> None:
    empty = periods.period("2019-01-01", "2019-12-31")
    assert journal(empty) == []
    assert [read_csv(kind, empty) for kind in ("vat", "dac7", "sales")] == [[], [], []]
