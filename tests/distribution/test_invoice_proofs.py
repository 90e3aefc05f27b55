"""Reconciliation of invoices: nothing to report of honest ones, and each corruption seen."""

from decimal import Decimal
from types import SimpleNamespace

import pytest

from distribution import credit_notes, fee_invoices, reconcile, sale_invoices
from tests import make
from tests.distribution import invoices as build
from tests.forging import forge

pytestmark = pytest.mark.django_db
HUB_GAP = "UPDATE hub_series SET last = last + 1 WHERE kind = 'fee-invoice'"


@pytest.fixture
def issued() -> SimpleNamespace:
    """A fee invoice, an invoice in a farm's name and a credit note about half of it."""
    build.cooperative()
    make.fees()
    farm = build.mandated()
    day = build.settled(farm, {make.packaging(farm, "5.20"): 2})
    statement = build.stated(farm, day)
    (fee,) = fee_invoices.issue_due(now=make.now())
    sale = sale_invoices.issue(order=day.orders[0], producer=farm, buyer=build.household(), by=None, now=make.now())
    note = credit_notes.issue(invoice=sale, amounts={0: Decimal("5.20")}, reason="Abîmé", by=None, now=make.now())
    return SimpleNamespace(farm=farm, statement=statement, fee=fee, sale=sale, note=note)


def found() -> list[tuple[str, str]]:
    return [(one.what, one.subject) for one in reconcile.differences()]


def test_honest_invoices_have_no_difference(issued: SimpleNamespace) -> None:
    assert reconcile.differences() == []


def test_a_gap_is_seen(issued: SimpleNamespace) -> None:
    forge(HUB_GAP)
    assert found() == [("a series of invoices has a gap", f"hub F-{make.today().year}")]


def test_a_lost_invoice_is_seen(issued: SimpleNamespace) -> None:
    forge("DELETE FROM distribution_invoice WHERE kind = 'credit-note'")
    assert found() == [("a series of invoices has a gap", f"{issued.farm.code} AM-{make.today().year}")]


def test_other_lines_are_seen(issued: SimpleNamespace) -> None:
    forge(
        f"""UPDATE distribution_invoice SET content = jsonb_set(content, '{{lines,0,net}}', '"0.01"') WHERE id = {issued.sale.pk}"""
    )
    assert found() == [
        ("a frozen invoice is not what was hashed", f"{issued.farm.code} {issued.sale.number}"),
        ("an invoice is not the sum of its lines or of its rates", f"{issued.farm.code} {issued.sale.number}"),
    ]


def test_another_fee_is_seen(issued: SimpleNamespace) -> None:
    forge(f"UPDATE distribution_invoice SET net = net + 1, total = total + 1 WHERE id = {issued.fee.pk}")
    assert found() == [
        ("a fee invoice is not the fee that its statement kept back", issued.fee.number),
        ("an invoice is not the sum of its lines or of its rates", f"hub {issued.fee.number}"),
        ("fee invoices are not what the books hold of the statements' fees", issued.fee.number),
    ]


def test_a_statement_without_its_fee_invoice_is_seen_after_a_day(issued: SimpleNamespace) -> None:
    forge("DELETE FROM distribution_invoice WHERE kind = 'fee-invoice'")
    forge("UPDATE hub_series SET last = 0 WHERE kind = 'fee-invoice'")
    assert found() == []
    forge("UPDATE distribution_statement SET issued_at = issued_at - interval '25 hours'")
    assert found() == [("a statement with fees has no fee invoice, or several", issued.statement.number)]


def test_a_sale_that_was_another_is_seen(issued: SimpleNamespace) -> None:
    forge("UPDATE orders_orderline SET deposit = deposit + 1")
    assert (
        "an invoice in a farm's name is not what the household paid for",
        f"{issued.farm.code} {issued.sale.number}",
    ) in found()


def test_too_much_credit_is_seen(issued: SimpleNamespace) -> None:
    forge(f"UPDATE distribution_invoice SET total = total + 9, net = net + 9 WHERE id = {issued.note.pk}")
    assert ("more is credited than was invoiced", f"{issued.farm.code} {issued.sale.number}") in found()
