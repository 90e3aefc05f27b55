"""Catalogues: errors name row, column and value; the facts of a product."""

from decimal import Decimal
from pathlib import Path

import pytest

from hub.spreadsheets import Formula, Row, Sheet, Spreadsheet, read
from producers.reading import read_catalogue
from producers.reading.problems import ERRORS, REMARKS
from tests.producers.texts import RATES, codes, one, rows
from tests.producers.unfit import unfit

CATALOGUES = Path(__file__).parent / "catalogues"
D = Decimal


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
