"""Rounding, shares and VAT, with the design's example and with whatever Hypothesis finds."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.money import cents, line_amount, shares, split, vat_within

amounts = st.decimals(min_value=0, max_value=10_000, places=2)
rates = st.decimals(min_value=0, max_value=50, places=2)


@pytest.mark.parametrize(
    ("exact", "rounded"), [("0.005", "0.01"), ("0.0049", "0.00"), ("2.675", "2.68"), ("10", "10.00")]
)
def test_half_a_cent_goes_up(exact: str, rounded: str) -> None:
    assert cents(Decimal(exact)) == Decimal(rounded)


def test_the_designs_example() -> None:
    price = Decimal("5.20")
    assert shares(price, host_rate=Decimal(8), hub_rate=Decimal(12)) == (
        Decimal("4.16"),
        Decimal("0.42"),
        Decimal("0.62"),
    )
    assert vat_within(Decimal("0.62"), Decimal(20)) == Decimal("0.10")


def test_a_weighed_chicken() -> None:
    assert line_amount(grams=1920, price_per_kg=Decimal("11.00")) == Decimal("21.12")
    assert line_amount(grams=1, price_per_kg=Decimal("5.00")) == Decimal("0.01")


def test_ties_go_to_the_earlier_part() -> None:
    assert split(Decimal("1.00"), [Decimal(1)] * 3) == [Decimal("0.34"), Decimal("0.33"), Decimal("0.33")]


def test_something_cannot_be_split_by_nothing() -> None:
    with pytest.raises(ValueError, match="nothing"):
        split(Decimal("1.00"), [Decimal(0)])
    assert split(Decimal("0.00"), [Decimal(0), Decimal(0)]) == [Decimal("0.00")] * 2


@given(amounts, rates, rates)
def test_shares_sum_to_the_price(price: Decimal, host: Decimal, hub: Decimal) -> None:
    parts = shares(price, host_rate=host, hub_rate=hub)
    assert sum(parts) == price
    exact = [price * rate / 100 for rate in (100 - host - hub, host, hub)]
    assert all(abs(part - ideal) < Decimal("0.01") for part, ideal in zip(parts, exact, strict=True))


@given(st.lists(amounts, min_size=1, max_size=40), rates)
def test_vat_of_a_total_split_to_its_lines_sums(lines: list[Decimal], rate: Decimal) -> None:
    total = sum(lines, Decimal(0))
    vat = vat_within(total, rate)
    assert sum(split(vat, lines)) == vat if total else vat == 0
