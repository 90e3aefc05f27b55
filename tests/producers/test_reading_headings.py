"""Catalogues: which row holds the headings, and what they mean."""

from decimal import Decimal

import pytest
from django.utils import translation

from hub.spreadsheets import Row, Sheet, Spreadsheet
from producers.reading import NoCatalogue, read_catalogue
from producers.reading.columns import understand
from producers.reading.problems import FIELDS
from producers.reading.words import HEADINGS, heading
from tests.producers.texts import RATES, catalogue, rows

D = Decimal


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
