"""Numbers, prices, stocks, weights and days as people write them."""

from datetime import date
from decimal import Decimal

import pytest

from hub.spreadsheets import Cell, Formula
from producers.reading import amounts, facts
from producers.reading.amounts import Price, StockCell
from producers.reading.problems import LeftOut, Misread

D = Decimal


def code_of(act: object, *args: object) -> str:
    with pytest.raises(Misread) as caught:
        act(*args)  # type: ignore[operator]
    return caught.value.code


@pytest.mark.parametrize(
    ("cell", "price"),
    [
        ("2,50 €", Price(D("2.50"))),
        ("3,50€", Price(D("3.50"))),
        ("€ 3.50", Price(D("3.50"))),
        ("3€50", Price(D("3.50"))),
        ("3 euros", Price(D(3))),
        ("3,50 EUR", Price(D("3.50"))),
        ("3,50 TTC", Price(D("3.50"))),
        ("3,50 € (TTC)", Price(D("3.50"))),
        (",50", Price(D("0.50"))),
        ("1.234,50", Price(D("1234.50"))),
        ("1,234.50", Price(D("1234.50"))),
        ("1 234,50", Price(D("1234.50"))),
        ("1\u202f234,5\u00a0€", Price(D("1234.5"))),
        ("2'500", Price(D(2500))),
        (D("2.2"), Price(D("2.2"))),
        ("2 €/kg", Price(D(2), per="g")),
        ("1.80 € / kg", Price(D("1.80"), per="g")),
        ("2,5 euros le kilo", Price(D("2.5"), per="g")),
        ("2,80 kg", Price(D("2.80"), per="g")),
        ("0,99 €/100 g", Price(D("9.90"), per="g")),
        ("4 €/L", Price(D(4), per="ml")),
        ("3,50 € la botte", Price(D("3.50"), pack_word="botte")),
        ("1,20€/pièce", Price(D("1.20"), pack_word="piece")),
        ("12 € les 6", Price(D(12), count=6)),
        ("1e9", Price(D("1e9"))),
    ],
)
def test_prices(cell: Cell, price: Price) -> None:
    assert amounts.price(cell) == price


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("trois euros", "not-a-number"),
        ("3,50 ou 4", "not-a-number"),
        ("(3,00)", "not-a-number"),
        ("4 $", "not-a-number"),
        ("10 %", "not-a-number"),
        ("NaN", "not-a-number"),
        ("inf", "not-a-number"),
        ("9" * 101, "not-a-number"),
        (True, "not-a-number"),
        ("-3,00", "negative-price"),
        ("−3", "negative-price"),
        (D("-0.01"), "negative-price"),
        ("3,50 HT", "price-without-vat"),
        ("1.234", "ambiguous-number"),
        ("1,250", "ambiguous-number"),
        (date(2026, 5, 1), "a-date"),
        (Formula("=B2*1,055"), "a-formula"),
    ],
)
def test_what_is_no_price(cell: Cell, code: str) -> None:
    assert code_of(amounts.price, cell) == code


@pytest.mark.parametrize(
    ("cell", "hint", "stock"),
    [
        ("120", "", StockCell(D(120))),
        (D(120), "", StockCell(D(120))),
        ("env. 30", "", StockCell(D(30))),
        ("12 bottes", "", StockCell(D(12), word="bottes")),
        ("12 (bottes)", "", StockCell(D(12), word="bottes")),
        ("2,5", "", StockCell(D("2.5"))),
        ("200 kg", "", StockCell(D(200_000), unit="g")),
        ("200 kg environ", "", StockCell(D(200_000), unit="g")),
        ("1,5 t", "", StockCell(D(1_500_000), unit="g")),
        ("1 kg 500", "", StockCell(D(1500), unit="g")),
        ("200", "kg", StockCell(D(200_000), unit="g")),
        (D(200), "kg", StockCell(D(200_000), unit="g")),
        ("540 œufs", "", StockCell(D(540), unit="piece", word="oeufs")),
        ("30 boîtes de 6", "", StockCell(D(180), unit="piece")),
        ("40 sacs de 5 kg", "", StockCell(D(200_000), unit="g")),
        ("10 x 500 g", "", StockCell(D(5000), unit="g")),
        ("rupture", "", StockCell(sold_out=True)),
        ("Épuisé", "", StockCell(sold_out=True)),
        ("non", "", StockCell(sold_out=True)),
        ("0", "", StockCell(D(0))),
        ("illimité", "", StockCell(unlimited=True)),
        ("À volonté", "", StockCell(unlimited=True)),
        ("1e9", "", StockCell(D("1e9"))),
    ],
)
def test_stocks(cell: Cell, hint: str, stock: StockCell) -> None:
    assert amounts.stock(cell, hint) == stock


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("-5", "negative-stock"),
        ("-", "ambiguous-dash"),
        ("oui", "not-a-stock-answer"),
        ("x", "not-a-stock-answer"),
        ("30+", "not-a-quantity"),
        ("une trentaine", "not-a-quantity"),
        ("1.500", "ambiguous-number"),
        ("10 ou 20", "several-values"),
        (date(2026, 5, 1), "a-date"),
        (Formula("=SUM(A1)"), "a-formula"),
    ],
)
def test_what_is_no_stock(cell: Cell, code: str) -> None:
    assert code_of(amounts.stock, cell) == code


@pytest.mark.parametrize(
    ("cell", "hint", "grams"),
    [
        ("1,8 kg", "", 1800), ("~ 1,8 kg", "", 1800), ("2300 g", "", 2300), ("1,250 kg", "", 1250), ("1,8", "", 1800),
        ("1800", "", 1800), (D("1.8"), "", 1800), (D(25), "kg", 25_000), (D(25), "g", 25),
    ],
)  # fmt: skip
def test_weights(cell: Cell, hint: str, grams: int) -> None:
    assert amounts.weight(cell, hint) == grams


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("25", "missing-unit"),
        ("1 L", "not-a-weight"),
        ("lourd", "not-a-weight"),
        ("-1 kg", "negative-weight"),
        (D(0), "negative-weight"),
    ],
)
def test_what_is_no_weight(cell: Cell, code: str) -> None:
    assert code_of(amounts.weight, cell) == code


@pytest.mark.parametrize(
    ("cell", "days"),
    [
        ("10 jours", 10), ("10 j", 10), ("10", 10), (D(10), 10), ("J+10", 10), ("DLC 10j", 10), ("10-15 jours", 10),
        ("3 semaines", 21), ("6 mois", 180), ("2 ans", 730),
    ],
)  # fmt: skip
def test_days(cell: Cell, days: int) -> None:
    assert facts.use_by_days(cell) == days


@pytest.mark.parametrize("cell", ["31/02/2027", date(2026, 12, 24)])
def test_a_date_is_no_number_of_days_and_left_out(cell: Cell) -> None:
    with pytest.raises(LeftOut) as caught:
        facts.use_by_days(cell)
    assert caught.value.code == "date-not-kept"


@pytest.mark.parametrize("cell", ["0", "longtemps", "99999", "-3 jours"])
def test_what_is_no_number_of_days(cell: Cell) -> None:
    assert code_of(facts.use_by_days, cell) == "not-days"


@pytest.mark.parametrize(
    ("cell", "rate"),
    [("5,5", "5.5"), ("5.5 %", "5.5"), ("5,50%", "5.5"), (D("0.055"), "5.5"), ("TVA 20 %", "20"), ("art. 293 B", "0")],
)
def test_vat_rates(cell: Cell, rate: str) -> None:
    assert amounts.vat_rate(cell) == D(rate)


def test_rates_not_in_force_are_refused_with_those_that_are() -> None:
    with pytest.raises(Misread) as caught:
        facts.known_rate(D("7.7"), frozenset([D("5.5"), D(20)]))
    assert (caught.value.code, caught.value.data) == ("not-a-vat-rate", {"rates": ["5.5", "20"]})


@pytest.mark.parametrize(
    ("cell", "codes"),
    [
        ("lait", ("milk",)),
        ("Gluten, fruits à coque", ("gluten", "nuts")),
        ("gluten, œufs, lait", ("gluten", "eggs", "milk")),
        ("Contient : blé et lait de vache", ("gluten", "milk")),
        ("lait\nœufs", ("eggs", "milk")),
        ("farine de blé / sésame", ("gluten", "sesame")),
        ("milk; eggs", ("eggs", "milk")),
        ("traces de noisettes", ("nuts",)),
        ("aucun", ()),
        ("Sans", ()),
        ("Néant", ()),
    ],
)
def test_allergens(cell: Cell, codes: tuple[str, ...]) -> None:
    assert facts.allergens(cell) == codes


@pytest.mark.parametrize("cell", ["sarrasin", "noix de coco", "sans gluten", "lait, secret", "lait de coco", True])
def test_words_that_name_no_allergen_are_refused(cell: Cell) -> None:
    assert code_of(facts.allergens, cell) == "not-an-allergen"


@pytest.mark.parametrize(
    ("cell", "zone", "advice"),
    [
        ("frais", "chilled", ""), ("Sec", "dry", ""), ("surgelé", "frozen", ""),
        ("À conserver entre 0 et 4 °C", "chilled", "À conserver entre 0 et 4 °C"), ("Dans un linge", None, "Dans un linge"),
    ],
)  # fmt: skip
def test_storage(cell: Cell, zone: str | None, advice: str) -> None:
    assert facts.zone_and_advice(cell) == (zone, advice)


@pytest.mark.parametrize(
    ("cell", "answer"),
    [
        ("oui", (True, "")),
        ("x", (True, "")),
        ("AB", (True, "")),
        (True, (True, "")),
        ("non", (False, "")),
        ("en conversion", (False, "Conversion bio")),
    ],
)
def test_organic(cell: Cell, answer: tuple[bool, str]) -> None:
    assert facts.organic(cell) == answer


def test_labels_are_kept_once_and_organic_has_one_word() -> None:
    assert facts.labels("AB, Label Rouge ; bio\nNature et Progrès") == ("Bio", "Label Rouge", "Nature et Progrès")
