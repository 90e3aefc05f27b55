"""Catalogues: what rows come to, and which are left out."""

from decimal import Decimal

import pytest

from producers.reading.terms import Contents, Known, units_of
from tests.producers.texts import catalogue, codes, one, terms

D = Decimal


# Rows left out


def test_rows_without_a_product_are_left_out_with_why() -> None:
    found = catalogue(
        "Réf;Produit;Cond;Prix;Stock\n;;;;\nLégumes;;;;\n;Fruits :;;;\nA;Pommes;kg;2;9\n;Total;;;9\n;;;;245\n"
        "Réf;Produit;Cond;Prix;Stock\nPrix valables jusqu’au 30 novembre;;;;\n"
    )
    assert [(row.number, row.reason) for row in found.ignored] == [
        (2, "blank"),
        (3, "title"),
        (4, "title"),
        (6, "total"),
        (7, "no-product"),
        (8, "header"),
        (9, "title"),
    ]
    assert [row.number for row in found.rows] == [5]


def test_a_product_named_total_is_a_product() -> None:
    assert one("Produit;Cond;Prix\nTotal bio;kg;2\n").name == "Total bio"


# Packaging from one, two or three columns


@pytest.mark.parametrize(
    ("text", "label", "unit", "content"),
    [
        ("Produit;Unité;Prix\nA;kg;2\n", "kg", "g", 1000),
        ("Produit;Unité;Poids;Prix\nA;kg;5;2\n", "5 kg", "g", 5000),
        ("Produit;Unité;Poids;Prix\nA;sachet;250 g;2\n", "sachet 250 g", "g", 250),
        ("Produit;Conditionnement;Unité;Prix\nA;500;g;2\n", "500 g", "g", 500),
        ("Produit;Conditionnement;Poids (g);Prix\nA;pot;500;2\n", "pot 500 g", "g", 500),
        ("Produit;Conditionnement;Poids net;Prix\nA;pot 500 g;500 g;2\n", "pot 500 g", "g", 500),
        ("Produit;Conditionnement;Contenu;Prix\nA;Grand bocal;720 ml;2\n", "Grand bocal", "ml", 720),
    ],
)
def test_packaging_is_put_together(text: str, label: str, unit: str, content: int) -> None:
    found = terms(text)
    assert (one(text).label, found.contents.unit, found.contents.content) == (label, unit, content)


def test_variety_joins_the_name() -> None:
    assert one("Produit;Variété;Prix\nTomate;Cœur de bœuf;2\n").name == "Tomate Cœur de bœuf"
    assert one("Produit;Variété;Prix\nPomme Reinette;reinette;2\n").name == "Pomme Reinette"


# What rows come to


@pytest.mark.parametrize(
    ("cells", "contents", "price"),
    [
        ("kg;1,90 €;;", Contents("g", 1000), "1.90"),
        ("pièce (~1,2 kg), prix au kg;1,80 €/kg;;", Contents("g", 1200, True, 1500, True), "1.80"),
        ("pièce (~1,2 kg), prix au kg;1,80;;", Contents("g", 1200, True, 1500, True), "1.80"),
        ("pièce (~1,2 kg);1,80 €/kg;;", Contents("g", 1200, True, 1500, True), "1.80"),
        ("pièce;11,00 €/kg;1,8 kg;2,3 kg", Contents("g", 1800, True, 2300), "11.00"),
        ("pièce;11,00 €/kg;1,8 kg;", Contents("g", 1800, True, 2250, True), "11.00"),
        ("1,2 à 1,5 kg, prix au kg;9;;", Contents("g", 1350, True, 1500), "9.00"),
        ("à la coupe, prix au kg;24;;", Contents("g", 250, True, 313, True), "24.00"),
        ("pièce;3;;", Contents("piece", 1), "3.00"),
        ("500 g;4,80 €/kg;;", Contents("g", 500), "2.40"),
        ("bouteille 75 cl;4 €/L;;", Contents("ml", 750), "3.00"),
        ("sachet 333 g;9,99 €/kg;;", Contents("g", 333), "3.33"),
    ],
)
def test_contents_and_price(cells: str, contents: Contents, price: str) -> None:
    found = terms(f"Produit;Conditionnement;Prix;Poids moyen;Poids max\nA;{cells}\n")
    plain = Contents(
        found.contents.unit,
        found.contents.content,
        found.contents.weighed,
        found.contents.maximum,
        found.contents.assumed,
    )
    assert (plain, found.price) == (contents, D(price))


@pytest.mark.parametrize(
    ("cells", "wrong"),
    [
        ("pièce;11 €/kg;;", ("packaging", "missing-weight")),
        ("botte;2 €/kg;;", ("packaging", "missing-weight")),
        ("boîte de 6;4 €/L;;", ("price", "price-per-other-unit")),
        ("75 cl;4 €/kg;;", ("price", "price-per-other-unit")),
        ("pièce (~1,2 kg), prix au kg;3 € la pièce;;", ("price", "price-per-other-unit")),
        ("botte;5 € les 2;;", ("price", "price-for-several")),
        ("pièce;11 €/kg;2,3 kg;1,8 kg", ("maximum", "maximum-below-expected")),
        ("kg;10 000,01;;", ("price", "price-too-high")),
        ("kg;1e999;;", ("price", "price-too-high")),
    ],
)
def test_cells_that_do_not_go_together(cells: str, wrong: tuple[str, str]) -> None:
    assert codes(f"Produit;Conditionnement;Prix;Poids moyen;Poids max\nA;{cells}\n") == [wrong]


@pytest.mark.parametrize(
    ("pack", "stock", "quantity"),
    [
        ("kg", "200", 200_000),
        ("kg", "2,5", 2500),
        ("sac 5 kg", "200 kg", 200_000),
        ("sac 5 kg", "40 sacs", 200_000),
        ("boîte de 6", "90", 540),
        ("boîte de 6", "540 œufs", 540),
        ("botte", "120 bottes", 120),
        ("à la coupe, prix au kg", "6 kg", 6000),
        ("à la coupe, prix au kg", "24 pièces", 6000),
        ("tresse 500 g", "20 kg", 40),
        ("tresse 500 g", "20,3 kg", 40),
        ("75 cl", "30 L", 30_000),
        ("kg", "illimité", None),
        ("kg", "rupture", 0),
        ("kg", "100 000", 100_000_000),
    ],
)
def test_stock_in_base_units(pack: str, stock: str, quantity: int | None) -> None:
    found = terms(f"Produit;Conditionnement;Prix;Stock\nA;{pack};2;{stock}\n").stock
    assert found is not None
    assert found.quantity == quantity


@pytest.mark.parametrize(
    ("pack", "stock", "code"),
    [
        ("botte", "2,5", "not-whole"),
        ("botte", "20 kg", "wrong-unit"),
        ("75 cl", "20 kg", "wrong-unit"),
        ("pot 500 g", "40 sacs", "other-pack"),
        ("kg", "100 001", "too-many-packs"),
        ("kg", "1e9", "too-many-packs"),
        ("kg", "1e999", "too-many-packs"),
    ],
)
def test_stock_that_does_not_fit(pack: str, stock: str, code: str) -> None:
    assert codes(f"Produit;Conditionnement;Prix;Stock\nA;{pack};2;{stock}\n") == [("stock", code)]


KNOWN = Known("Grand", Contents("piece", 3))


def test_known_words_keep_what_the_catalogue_made_of_them() -> None:
    found = terms("Produit;Conditionnement;Prix;Stock\nA;GRAND;2;10\n", KNOWN, "piece")
    assert (found.contents.unit, found.contents.content) == ("piece", 3)
    assert found.stock is not None
    assert found.stock.quantity == 30


def test_a_row_without_packaging_takes_what_is_known() -> None:
    weighed = Known("pièce", Contents("g", 1800, True, 2300))
    found = terms("Réf;Prix;Stock\nA;12,50;10\n", weighed, "g")
    assert (found.contents, found.price) == (weighed.contents, D("12.50"))
    assert found.stock is not None
    assert found.stock.quantity == 18_000


def test_an_assumed_maximum_follows_a_new_weight_and_a_given_one_stays() -> None:
    text = "Réf;Poids moyen\nA;2 kg\n"
    assumed = terms(text, Known("pièce", Contents("g", 1800, True, 2250, True)), "g")
    given = terms(text, Known("pièce", Contents("g", 1800, True, 2300)), "g")
    assert (assumed.contents.maximum, assumed.contents.assumed) == (2500, True)
    assert (given.contents.maximum, given.contents.assumed) == (2300, False)


def test_a_piece_with_a_weight_fits_a_product_counted_by_weight() -> None:
    assert list(units_of(one("Produit;Cond;Prix\nAil;tresse 500 g;7\n"))) == ["piece", "g"]
    assert terms("Produit;Cond;Prix\nAil;tresse 500 g;7\n", None, "g").contents.content == 500


def test_another_unit_than_the_product_is_refused() -> None:
    assert codes("Produit;Cond;Prix\nAil;500 g;7\n", None, "piece") == [("packaging", "unit-changed")]
