"""Whole catalogues: headings, rows, rows left out, errors."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from hub.spreadsheets import Formula, Row, Sheet, Spreadsheet, read
from producers.reading import Catalogue, CatalogueRow, NoCatalogue, read_catalogue
from producers.reading.columns import understand
from producers.reading.problems import ERRORS, FIELDS, REMARKS
from producers.reading.terms import Contents, Known, Terms, settle, units_of
from producers.reading.words import HEADINGS, heading
from tests.producers.unfit import unfit

CATALOGUES = Path(__file__).parent / "catalogues"
RATES = [Decimal("5.5"), Decimal(10), Decimal(20)]
D = Decimal


def catalogue(text: str, week: str = "2026-W48") -> Catalogue:
    return read_catalogue(read(text.encode(), "catalogue.csv"), week=week, vat_rates=RATES)


def rows(text: str, week: str = "2026-W48") -> tuple[CatalogueRow, ...]:
    return catalogue(text, week).rows


def one(text: str) -> CatalogueRow:
    (row,) = rows(text)
    return row


def terms(text: str, known: Known | None = None, product_unit: Any = None) -> Terms:
    return settle(one(text), known, product_unit)


def codes(text: str, known: Known | None = None, product_unit: Any = None) -> list[tuple[str, str]]:
    """Field and code of everything wrong with the one row of a file."""
    row = one(text)
    return [(error.name, error.code) for error in (*row.errors, *unfit(row, known, product_unit))]


# Headings


def test_every_synonym_is_written_as_headings_are_compared() -> None:
    words = [word for synonyms in HEADINGS.values() for word in synonyms.split("|")]
    assert [word for word in words if heading(word) != word and word != "€"] == []
    assert len(words) == len(set(words))


@pytest.mark.parametrize(
    ("text", "field", "unit", "week"),
    [
        ("Réf.", "reference", "", None),
        ("RÉFÉRENCE", "reference", "", None),
        ("N° article", "reference", "", None),
        ("Désignation", "name", "", None),
        ("Nom du\nproduit", "name", "", None),
        ("Cond.", "packaging", "", None),
        ("P.U. TTC", "price", "", None),
        ("Prix € TTC", "price", "", None),
        ("Prix TTC (€)", "price", "", None),
        ("Tarif 2026", "price", "", None),
        ("Prix/kg", "price_per_kg", "", None),
        ("€ / kg", "price_per_kg", "", None),
        ("Prix HT", "price_net", "", None),
        ("Stock (kg)", "stock", "kg", None),
        ("Qté dispo en kg", "stock", "kg", None),
        ("Dispo semaine 48", "stock", "", 48),
        ("Disponible sem. 48", "stock", "", 48),
        ("S48", "stock", "", 48),
        ("2026-W48", "stock", "", 48),
        ("Stock du 26/11", "stock", "", None),
        ("Poids (g)", "weight", "g", None),
        ("Taux de TVA", "vat", "", None),
        ("DLC (jours)", "use_by", "", None),
        ("Bio (oui/non)", "organic", "", None),
        ("Allergènes *", "allergens", "", None),
        ("expected weight", "expected", "", None),
    ],
)
def test_headings_are_understood(text: str, field: str, unit: str, week: int | None) -> None:
    meant = understand(text)
    assert meant is not None
    assert (meant.field, meant.unit, meant.week) == (field, unit, week)


@pytest.mark.parametrize("text", ["", "Commentaires internes", "Marge", "48", "Chèvrerie du Vallon", "12/11"])
def test_other_words_are_no_headings(text: str) -> None:
    assert understand(text) is None


@pytest.mark.parametrize("language", ["fr", "en"])
def test_our_own_names_of_fields_are_headings_for_them(language: str) -> None:
    with translation.override(language):
        for field, words in FIELDS.items():
            meant = understand(str(words))
            assert meant is not None, words
            assert meant.field == field or field in ("sold_by", "weight"), (words, meant)


def test_the_row_of_headings_may_stand_below_a_title() -> None:
    found = catalogue("Ferme des Ormes;;\n;;tarif de novembre\nProduit;Cond.;Prix\nA;botte;2\n")
    assert found.layout.row.number == 3
    assert [(row.number, row.name) for row in found.rows] == [(4, "A")]
    assert found.ignored == ()


def test_columns_in_any_order_and_those_not_read_are_told() -> None:
    found = catalogue("Marge;Prix TTC;Produit;Rayon;Conditionnement\n30 %;2;A;Légumes;botte\n")
    assert found.layout.read_as == [
        ("Prix TTC", "price"),
        ("Produit", "name"),
        ("Rayon", "aisle"),
        ("Conditionnement", "packaging"),
    ]
    with translation.override("en"):
        assert [remark.sentence for remark in found.layout.remarks] == ["Columns not read: Marge."]


def test_of_two_columns_for_one_field_the_likelier_word_wins() -> None:
    found = catalogue("Article;Désignation;Produit;Prix\nx;y;A;2\n")
    assert found.layout.headers["name"] == "Produit"
    assert found.layout.remarks[0].data == {"headers": "Article, Désignation"}


def test_prices_without_vat_are_not_read_and_it_is_said() -> None:
    found = catalogue("Produit;Cond;Prix HT\nA;botte;2\n")
    assert found.rows[0].price is None
    assert [remark.code for remark in found.layout.remarks] == ["price-without-vat", "columns-not-read"]


def test_stock_of_the_week_is_chosen_among_weeks() -> None:
    text = "Produit;Cond;Prix;S47;S48;S49\nA;botte;2;1;2;3\n"
    assert [terms.stock.amount for terms in rows(text, "2026-W48") if terms.stock] == [2]
    other = catalogue(text, "2026-W51")
    assert other.rows[0].stock is None
    assert other.layout.remarks[0].code == "no-week-column"


def test_one_stock_for_another_week_is_read_with_a_word() -> None:
    found = catalogue("Produit;Cond;Prix;Dispo semaine 48\nA;botte;2;9\n", "2026-W50")
    assert found.rows[0].stock is not None
    assert [(remark.code, remark.data) for remark in found.layout.remarks] == [
        ("other-week", {"named": 48, "week": "2026-W50"})
    ]


@pytest.mark.parametrize(
    "text",
    [
        "rien\n",
        "a;b;c\n1;2;3\n",
        "Produit;Nom\nA;B\n",
        "Prix;Stock\n2;3\n",
        "Produit;Prix\n",
        "Produit;Prix\n;\n;TOTAL\n",
    ],
)
def test_what_holds_no_catalogue_is_refused(text: str) -> None:
    with pytest.raises(NoCatalogue):
        catalogue(text)


def test_of_several_pages_the_one_with_headings_is_read() -> None:
    pages = (
        Sheet("Mode d’emploi", (Row(1, ("Bonjour",)),)),
        Sheet("Tarif", (Row(1, ("Produit", "Prix")), Row(2, ("A", D(2))))),
    )
    found = read_catalogue(Spreadsheet("xlsx", pages), week="2026-W48", vat_rates=RATES)
    assert found.layout.sheet.name == "Tarif"
    assert found.layout.remarks[0].data == {"sheet": "Tarif", "others": "Mode d’emploi"}


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


# Errors name row, column and value


def test_errors_of_the_suites_file_name_row_column_and_value() -> None:
    found = read_catalogue(
        read((CATALOGUES / "erreurs.csv").read_bytes(), "erreurs.csv"), week="2026-W48", vat_rates=RATES
    )
    errors = [error for row in found.rows for error in row.errors or unfit(row)]
    assert [(error.row, error.column, error.value, error.code) for error in errors] == [
        (2, "Prix TTC", "-3,00", "negative-price"),
        (3, "Prix TTC", "trois euros", "not-a-number"),
        (5, "Dispo", "-5", "negative-stock"),
        (6, "Dispo", "1e9", "too-many-packs"),
        (7, "TVA", "7,7", "not-a-vat-rate"),
        (8, "Conditionnement", "", "missing-packaging"),
        (9, "Réf", "A1", "duplicate-reference"),
    ]


def test_all_bad_cells_of_a_row_are_told() -> None:
    text = "Produit;Cond;Prix;Stock;TVA;Bio;DLC;Allergènes\nA;500;x;-1;7;peut-être;longtemps;uranium\n"
    assert sorted(code for _name, code in codes(text)) == [
        "missing-unit",
        "negative-stock",
        "not-a-number",
        "not-a-vat-rate",
        "not-an-allergen",
        "not-days",
        "not-yes-or-no",
    ]


def test_duplicates_and_rows_without_a_name() -> None:
    found = rows("Réf;Produit;Cond;Prix\nA;Ail;kg;2\nB;Ail;kg;3\nA;Oignon;kg;2\n;;kg;2\n")
    assert [[(e.name, e.code, e.data) for e in row.errors] for row in found] == [
        [],
        [("packaging", "duplicate-packaging", {"row": 2})],
        [("reference", "duplicate-reference", {"row": 2})],
        [("name", "missing-name", {})],
    ]


@pytest.mark.parametrize(
    ("header", "cell", "code"),
    [
        ("Produit", "x" * 121, "too-long"),
        ("Réf", "x" * 41, "too-long"),
        ("Conditionnement", "sac " + "x" * 60, "too-long"),
        ("Origine", "x" * 81, "too-long"),
        ("Produit", "A\x00B", "unseen-characters"),
        ("Description", "x" * 5001, "too-long"),
    ],
)
def test_cells_that_do_not_fit(header: str, cell: str, code: str) -> None:
    cells = {"Produit": "Ail", "Prix": "2", "Conditionnement": "kg"} | {header: cell}
    text = ";".join(cells) + "\n" + ";".join(cells.values()) + "\n"
    assert code in {error.code for error in one(text).errors}


def test_dates_that_a_spreadsheet_program_made_are_told() -> None:
    from datetime import date

    page = Sheet("x", (Row(1, ("Produit", "Cond", "Prix")), Row(2, ("A", date(2026, 2, 1), D(2)))))
    found = read_catalogue(Spreadsheet("xlsx", (page,)), week="2026-W48", vat_rates=RATES)
    assert [(e.name, e.value, e.code) for e in found.rows[0].errors] == [("packaging", "01/02/2026", "a-date")]


def test_formulas_are_words_in_a_name_and_errors_in_a_price() -> None:
    page = Sheet("x", (Row(1, ("Produit", "Prix")), Row(2, (Formula("=Confiture"), Formula("=B1*2")))))
    found = read_catalogue(Spreadsheet("xlsx", (page,)), week="2026-W48", vat_rates=RATES)
    assert found.rows[0].name == "=Confiture"
    assert [(e.name, e.value, e.code) for e in found.rows[0].errors] == [("price", "=B1*2", "a-formula")]


def test_facts_of_the_product() -> None:
    row = one(
        "Produit;Prix;TVA;Rayon;Bio;Label;Allergènes;Origine;Conservation;DLC;Description;Consigne\n"
        "A;2;5,5 %;Crèmerie;AB;Label Rouge;lait, œufs;Vallon;frais;10 jours;Doux et frais.;0,50\n"
    )
    assert row.facts == {
        "vat_rate": D("5.5"),
        "aisle": "dairy",
        "labels": ("Label Rouge",),
        "allergens": ("eggs", "milk"),
        "origin": "Vallon",
        "zone": "chilled",
        "use_by_days": 10,
        "description": "Doux et frais.",
    }
    assert (row.organic, row.deposit) == (True, D("0.50"))


def test_empty_cells_and_dashes_say_nothing_and_vider_empties() -> None:
    row = one("Produit;Prix;Rayon;Origine;Allergènes;Stock\nA;-;;Vider;nc;\n")
    assert (row.price, row.stock, row.facts) == (None, None, {"origin": ""})


def test_unknown_shelves_and_dates_are_left_out_with_a_word() -> None:
    row = one("Produit;Prix;Rayon;DLC;Allergènes\nA;2;Divers;24/12/2026;traces de noix\n")
    assert row.facts == {"allergens": ("nuts",)}
    assert sorted(remark.code for remark in row.remarks) == ["aisle-unknown", "date-not-kept", "traces-counted"]


def test_every_sentence_can_be_said() -> None:
    assert all(str(words) for words in (*ERRORS.values(), *REMARKS.values()))
