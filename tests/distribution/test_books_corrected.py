"""Corrections in the exports: the state and the farms are told what was sold in the end, on the day it was put right."""

from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from distribution import correcting, credit_notes, reconcile, sale_invoices
from distribution.books import periods
from distribution.models import Correction
from hub import calendar
from producers.models import Producer
from tests import make
from tests.distribution import invoices as build
from tests.distribution.books_read import read_csv

D = Decimal
pytestmark = pytest.mark.django_db


@pytest.fixture
def sale() -> SimpleNamespace:
    """A farm has sold for 100 € at 5.5 %, stated and invoiced."""
    build.cooperative(vat_registered=True)
    make.fees()
    farm, by = build.mandated(code="ormeaux"), make.coordinator()
    day = build.settled(farm, {make.packaging(farm, "100.00"): 1})
    statement, order = build.stated(farm, day), day.orders[0]
    invoice = sale_invoices.issue(order=order, producer=farm, buyer=build.household(), by=by, now=make.now())
    today = make.today()
    year = periods.period(f"{today.year}-01-01", f"{today.year}-12-31")
    return SimpleNamespace(
        farm=farm, home=order.household, statement=statement, invoice=invoice, by=by, year=year, today=today,
        at=day.collection,
    )  # fmt: skip


def correct(sale: SimpleNamespace, amount: str, key: str, **more: Any) -> Correction:
    values = {"producer": sale.farm, "words": "Abîmé", "by": sale.by, "now": make.now()} | more
    return correcting.correct(amount=D(amount), key=key, **values)


def sales(sale: SimpleNamespace) -> list[list[str]]:
    return [[row[0], row[1], *row[4:]] for row in read_csv("sales", sale.year)]


def dac7(period: periods.Period) -> list[list[str]]:
    return [row[:3] + row[6:] for row in read_csv("dac7", period)]


def test_what_a_household_got_back_is_no_sale_with_the_vat_of_its_credit_note(sale: SimpleNamespace) -> None:
    first = correct(sale, "-50.00", "one", household=sale.home, about=sale.statement)
    note = credit_notes.spread(sale.invoice, D("50.00"))
    credit_notes.issue(invoice=sale.invoice, amounts=note, reason="Abîmé", by=sale.by, now=make.now(), correction=first)
    correct(sale, "-10.00", "two", household=sale.home)
    correct(sale, "3.00", "three", household=sale.home)
    sold = f"{calendar.local_date(sale.at.starts_at):%d/%m/%Y}", f"{calendar.local_date(sale.at.starts_at):%Y-%m}"
    today, month = f"{sale.today:%d/%m/%Y}", f"{sale.today:%Y-%m}"
    assert sorted(sales(sale), key=lambda row: row[4] == "0") == [
        [sold[0], "ormeaux", "5,50", "", "1", "94,79", "5,21", "100,00"],
        [today, "ormeaux", "5,50", "correction", "0", "-47,39", "-2,61", "-50,00"],
        [today, "ormeaux", "", "correction", "0", "", "", "-7,00"],
    ]
    informed = [[row[0], row[1], row[2], *row[5:]] for row in read_csv("vat", sale.year) if row[2]]
    assert informed == [
        [sold[1], "ventes des fermes, pour information", "ormeaux", "5,50", "94,79", "5,21", "100,00"],
        [month, "corrections de ventes, pour information", "ormeaux", "5,50", "-47,39", "-2,61", "-50,00"],
        [month, "corrections de ventes, pour information", "ormeaux", "", "", "", "-7,00"],
    ]
    quarter = str((sale.today.month + 2) // 3)
    assert dac7(sale.year) == [
        [str(sale.today.year), quarter, "ormeaux", "23,00", "1", "20,00", "23,00", "1", "non"],
    ]
    assert reconcile.differences() == []


def test_what_the_cooperative_gives_counts_for_dac7_and_is_no_sale(sale: SimpleNamespace) -> None:
    before = sales(sale)
    correct(sale, "5.00", "fee", about=sale.statement, about_fee=True)
    correct(sale, "4.10", "box")
    correct(sale, "-1.00", "back")
    assert sales(sale) == before
    ((*_when, amount, number, fees, of_year, _number, _small),) = dac7(sale.year)
    assert (amount, number, fees, of_year) == ("88,10", "1", "15,00", "88,10")


def test_a_farm_without_vat_gives_none_back(sale: SimpleNamespace) -> None:
    Producer.objects.update(vat_regime="franchise")
    correct(sale, "-10.00", "one", household=sale.home)
    assert sales(sale)[-1 if calendar.local_date(sale.at.starts_at) <= sale.today else 0][2:] == [
        "", "correction", "0", "-10,00", "0,00", "-10,00",
    ]  # fmt: skip


def test_a_correction_counts_when_it_was_noted(sale: SimpleNamespace) -> None:
    last = sale.today.year - 1
    correct(sale, "-10.00", "old", household=sale.home, now=datetime(last, 12, 31, 22, 59, tzinfo=UTC))
    correct(sale, "-2.00", "new", household=sale.home, now=datetime(last, 12, 31, 23, 0, tzinfo=UTC))
    past = periods.period(f"{last}-10-01", f"{last}-12-31")
    assert dac7(past) == [[str(last), "4", "ormeaux", "-10,00", "0", "0", "-10,00", "0", "non"]]
    assert [row[0] for row in read_csv("sales", past)] == [f"31/12/{last}"]
    (now,) = [row for row in sales(sale) if row[0] == f"01/01/{sale.today.year}"]
    assert now[-1] == "-2,00"
    assert next(row[:4] for row in dac7(sale.year)) == [str(sale.today.year), "1", "ormeaux", "-2,00"]
