"""The price to compare by: per kilogram or litre wherever the weight is known."""

from decimal import Decimal

import pytest

from hub.money import money
from producers.unit_prices import UnitPrice, compared


@pytest.mark.parametrize(
    ("price", "unit", "content", "label", "shown"),
    [
        ("7.50", "piece", 1, "tresse 500 g", ("15.00", "g")),
        ("5.80", "piece", 1, "pièce 300 g", ("19.33", "g")),
        ("9.20", "piece", 1, "1 kg", ("9.20", "g")),
        ("3.00", "piece", 1, "bouteille 75 cl", ("4.00", "ml")),
        ("5.00", "piece", 6, "6 x 100 g", ("8.33", "g")),
        ("2.40", "piece", 6, "boîte de 6", ("0.40", "piece")),
        ("4.50", "g", 1500, "sac", ("3.00", "g")),
        # What is about so heavy is sold by the piece.
        ("2.20", "piece", 1, "pièce (~ 800 g)", None),
        ("2.20", "piece", 1, "botte", None),
        ("2.20", "piece", 1, "grand modèle", None),
        ("2.20", "piece", 1, "boîte de 4 (125 g)", None),
    ],
)
def test_the_price_to_compare_by(
    price: str, unit: str, content: int, label: str, shown: tuple[str, str] | None
) -> None:
    expected = UnitPrice(money(shown[0]), shown[1]) if shown else None
    assert compared(price=Decimal(price), unit=unit, content=content, label=label) == expected
