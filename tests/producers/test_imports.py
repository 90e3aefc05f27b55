"""Spreadsheets into the catalogue: what the preview says of a file."""

import io
import json
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import Workbook

from hub.spreadsheets import Unreadable
from producers import imports
from producers.imports.shown import Lines, file_remarks
from producers.models import Import, Packaging, Producer, Product, Stock
from producers.reading import NoCatalogue
from tests import make
from tests.producers.importing import CATALOGUES, HEAD, WEEK, bring, counts, everything, look, shelf, wrong

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rates")]

EXPECTED = json.loads((CATALOGUES / "expected.json").read_text())
FILES = [name for name in EXPECTED if name != "_"]
D = Decimal


# The files of the suite


@pytest.mark.parametrize("name", FILES)
def test_files_give_what_is_expected(farm: Producer, name: str) -> None:
    expected, content = EXPECTED[name], (CATALOGUES / name).read_bytes()
    imp = look(farm, content, name)
    told = imports.summary(imp)
    assert everything() == {"Product": [], "Packaging": [], "Stock": [], "Offer": []}
    assert (told["created"], told["changed"], told["unchanged"]) == (expected["created"], 0, 0)
    assert (told["ignored"], len(told["errors"])) == (expected["ignored"], expected["errors"])
    if "products" in expected:
        assert len({line["name"] for line in imp.preview["lines"]}) == expected["products"]
    imports.confirm(imp=imp, by=None, now=make.now())
    assert Packaging.objects.filter(producer=farm).count() == expected["created"]
    again = look(farm, content, name)
    assert counts(again)[:3] == (0, 0, expected["created"])


def test_a_file_of_which_the_catalogue_knows_nothing_may_be_another_farms(farm: Producer) -> None:
    strange = (
        "Rien de ce fichier n’est dans votre catalogue\u202f: chaque ligne deviendrait un nouveau produit."
        " Est-ce le fichier d’une autre ferme\u202f?"
    )
    theirs = HEAD + "M1;Miel de forêt;pot 500 g;9;40\nM2;Miel de printemps;pot 500 g;8;40\n"
    assert file_remarks(look(farm, theirs)) == []  # a first file has everything to create
    bring(farm, HEAD + "C1;Carottes;botte;2,50;40\n")
    assert file_remarks(look(farm, theirs)) == [strange]
    assert file_remarks(look(farm, theirs + "C1;Carottes;botte;2,60;40\n")) == []
    assert file_remarks(look(farm, theirs + ";carottes;kg;2,60;40\n")) == []
    done = bring(farm, theirs)
    assert file_remarks(done) == []  # it has become what the sentence warned of


def test_vegetables_share_stock_and_say_the_week(farm: Producer) -> None:
    imp = bring(farm, (CATALOGUES / "maraichage-les-quatre-saisons.csv").read_bytes(), week="2026-W49")
    found = {row[0]: row[3:] for row in shelf(farm, "2026-W49")}
    assert file_remarks(imp) == [
        "Un en-tête parle de la semaine 48\u202f: le stock est lu pour la semaine 49 (30 novembre au 6 décembre)."
    ]
    assert found["PDT-5"] == (D("6.50"), 200_000, True)
    assert found["PDT-1"] == (D("1.60"), 200_000, True)
    assert found["AIL"] == (D("7.50"), 0, True)
    assert found["SAL"] == (D("1.30"), "unlimited", True)
    assert found["CAR-K"] == (D("1.90"), 200_000, True)
    cabbage = Packaging.objects.get(reference="CHO-R")
    assert (cabbage.content, cabbage.weighed, cabbage.max_content, cabbage.max_assumed) == (1200, True, 1500, True)
    assert Product.objects.get(name="Persil plat").aisle == "herbs"
    assert {tuple(labels) for labels in Product.objects.values_list("labels", flat=True)} == {("Bio",)}


def test_cheese_is_sold_in_portions_and_jam_is_no_formula(farm: Producer) -> None:
    bring(farm, (CATALOGUES / "chevrerie-du-vallon.xlsx").read_bytes())
    tomme = Packaging.objects.get(product__name="Tomme de chèvre")
    assert (tomme.content, tomme.weighed, tomme.max_content, tomme.max_assumed) == (250, True, 313, True)
    assert tomme.price.amount == D("24.00")
    assert Stock.objects.get(product=tomme.product, week=WEEK).quantity == 6000
    jam = Product.objects.get(name="=Confiture de lait")
    assert (jam.allergens, jam.zone, jam.use_by_days, jam.vat_rate) == (["milk"], "dry", 90, D("5.50"))


def test_poultry_without_a_price_is_refused_when_new_and_unchanged_when_known(farm: Producer) -> None:
    content = (CATALOGUES / "volailles-du-bocage.csv").read_bytes()
    assert imports.summary(look(farm, content))["errors"] == [
        {"row": 4, "column": "price per kg", "value": "", "reason": "Un nouveau conditionnement a besoin d’un prix."}
    ]
    bring(farm, "Réf;Produit;Conditionnement;Prix;Stock\nOE;Œufs plein air, par 6;boîte de 6;3,20;90\n")
    assert counts(look(farm, content)) == (2, 0, 1, 0)


# Preview


def test_preview_tells_old_and_new_of_each_field(farm: Producer) -> None:
    bring(farm, HEAD + "A;Carottes;botte;2,40;100\nB;Navets;kg;2,80;40\n")
    imp = look(farm, "Réf;Produit;Prix;Stock;Rayon;Bio\nA;Carottes;2,50;120;Épicerie;oui\nB;Navets;2,80;;;\n")
    changed, same = imp.preview["lines"]
    assert changed["changes"] == {
        "aisle": ["vegetables", "grocery"],  # the first is that of its name
        "labels": [[], ["Bio"]],
        "price": ["2.40", "2.50"],
        "stock": [100, 120],
    }
    assert (same["kind"], same["changes"]) == ("unchanged", {})
    line = Lines(imp)[0]
    assert (line.price.old, line.price.text, line.stock.old, line.stock.text) == (
        "2,40\u00a0€",
        "2,50\u00a0€",
        "100",
        "120",
    )
    assert line.others == [("Rayon", "légumes", "épicerie"), ("Labels", "aucun", "Bio")]


def test_empty_cells_and_missing_columns_change_nothing(farm: Producer) -> None:
    bring(
        farm,
        "Réf;Produit;Cond;Prix;Stock;Origine;Allergènes;TVA;DLC;Consigne\nA;Jus;75 cl;4;50;Ici;aucun;20;10 jours;0,50\n",
    )
    before = everything()
    for text in ("Réf;Stock\nA;\n", "Produit;Cond;Prix\nJus;75 cl;\n", "Réf;Origine;Allergènes;TVA\nA;;;\n"):
        assert counts(look(farm, text)) == (0, 0, 1, 0)
        with pytest.raises(imports.NothingToWrite):
            bring(farm, text)
    assert everything() == before


def test_rows_are_found_by_reference_then_by_name_and_packaging(farm: Producer) -> None:
    bring(farm, HEAD + "A;Thé;100 g;5;1\n;Thé;50 g;3;\n;Café;250 g;6;9\n")
    imp = look(farm, "Réf;Produit;Cond;Prix\nA;;;6\n;the;50 G;4\n;CAFE;;7\nZ;café;250 g;7\n")
    assert [(line["row"], line["kind"], line["reference"], line["label"]) for line in imp.preview["lines"]] == [
        (2, "changed", "A", "100 g"),
        (3, "changed", "", "50 G"),
        (4, "changed", "", "250 g"),
        (5, "error", "Z", "250 g"),
    ]
    assert wrong(imp) == [(5, "packaging", "duplicate-packaging")]


def test_a_product_with_several_packagings_must_say_which(farm: Producer) -> None:
    bring(farm, HEAD + ";Thé;100 g;5;1\n;Thé;50 g;3;\n")
    assert wrong(look(farm, "Produit;Prix\nThé;6\n")) == [(2, "packaging", "several-packagings")]


def test_new_products_without_stock_are_not_on_sale(farm: Producer) -> None:
    bring(farm, HEAD + "A;Thé;100 g;5;\nB;Café;250 g;6;9\n")
    assert shelf(farm) == [("B", "Café", "250 g", D("6.00"), 2250, True), ("A", "Thé", "100 g", D("5.00"), None, False)]


def test_on_sale_needs_a_stock_and_off_sale_is_respected(farm: Producer) -> None:
    head = "Réf;Produit;Cond;Prix;Stock;En vente\n"
    assert wrong(look(farm, head + "A;Thé;100 g;5;;oui\n")) == [(2, "on_sale", "not-a-stock-answer")]
    bring(farm, head + "A;Thé;100 g;5;10;non\n")
    assert shelf(farm) == [("A", "Thé", "100 g", D("5.00"), 1000, False)]
    bring(farm, "Réf;En vente\nA;oui\n")
    assert shelf(farm) == [("A", "Thé", "100 g", D("5.00"), 1000, True)]


@pytest.mark.parametrize(
    ("rows", "errors"),
    [
        ("A;Agria;sac 5 kg;6;40\nB;Agria;1 kg;1;200\n", []),
        ("A;Agria;sac 5 kg;6;40\nB;Agria;1 kg;1;\n", []),
        ("A;Agria;sac 5 kg;6;40\nB;Agria;1 kg;1;100\n", [(3, "stock", "siblings-stock")]),
        ("A;Agria;sac 5 kg;6;illimité\nB;Agria;1 kg;1;100\n", [(3, "stock", "siblings-stock")]),
        ("A;Agria;sac 5 kg;6;40\nB;Agria;pièce;1;\n", [(3, "packaging", "unit-changed")]),
        ("A;Ail;tresse 500 g;6;40\nB;Ail;1 kg;1;20\n", []),
    ],
)
def test_siblings_share_one_stock_and_one_unit(farm: Producer, rows: str, errors: list[Any]) -> None:
    assert wrong(look(farm, HEAD + rows)) == errors


def test_siblings_must_say_the_same_of_their_product(farm: Producer) -> None:
    imp = look(farm, "Réf;Produit;Cond;Prix;TVA;Bio\nA;Agria;5 kg;6;5,5;oui\nB;Agria;1 kg;1;20;\nC;Agria;2 kg;2;;oui\n")
    assert wrong(imp) == [(3, "vat", "siblings-disagree")]


def test_a_name_changes_when_every_packaging_comes_with_it(farm: Producer) -> None:
    bring(farm, HEAD + "A;Agria;5 kg;6;40\nB;Agria;1 kg;1;\nC;Bintje;1 kg;1;9\n")
    assert wrong(look(farm, "Réf;Produit;Prix\nA;Charlotte;6\n")) == [(2, "name", "name-taken")]
    assert wrong(look(farm, "Réf;Produit;Prix\nC;Agria;6\n")) == [(2, "name", "name-exists")]
    bring(farm, "Réf;Produit;Prix\nA;Charlotte;6\nB;Charlotte;1\n")
    assert [row[1] for row in shelf(farm)] == ["Bintje", "Charlotte", "Charlotte"]


def test_words_of_other_packagings_cannot_be_taken(farm: Producer) -> None:
    bring(farm, HEAD + "A;Thé;100 g;5;1\nB;Thé;50 g;3;\n")
    assert wrong(look(farm, "Réf;Cond\nA;50 g\n")) == [(2, "packaging", "label-exists")]
    assert wrong(look(farm, HEAD + "C;Riz;1 kg;5;1\nc;Blé;1 kg;3;1\n")) == [(3, "reference", "duplicate-reference")]
    assert wrong(look(farm, HEAD + "C;Riz;1 kg;5;1\nD;riz;1 KG;3;1\n")) == [(3, "packaging", "duplicate-packaging")]


def test_another_producers_references_are_not_ours(farm: Producer) -> None:
    bring(make.producer(), HEAD + "A;Thé;100 g;5;1\n")
    assert counts(look(farm, HEAD + "A;Thé;100 g;5;1\n")) == (1, 0, 0, 0)


@pytest.mark.parametrize(
    ("content", "refused"),
    [(b"", Unreadable), (b"\x00" * 50, Unreadable), (b"rien\n", NoCatalogue), (b"Produit;Prix\n;TOTAL\n", NoCatalogue)],
)
def test_a_file_that_is_no_catalogue_leaves_nothing(farm: Producer, content: bytes, refused: type[Exception]) -> None:
    with pytest.raises(refused):
        look(farm, content)
    assert (Import.objects.count(), Product.objects.count()) == (0, 0)


def test_a_kept_import_holds_no_character_the_database_refuses(farm: Producer) -> None:
    imp = look(farm, "Produit;Cond;Prix\nA\x00B;kg;2\nÉté 🥕;kg;2\n", "a\x00/b.csv")
    imp.refresh_from_db()
    assert (imp.file_name, wrong(imp)) == ("b.csv", [(2, "name", "unseen-characters")])


# Sizes


def many(rows: int, price: str = "2.5", stock: int = 10) -> bytes:
    """A workbook of so many packagings, two a product."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.append(["Réf", "Produit", "Conditionnement", "Prix", "Stock", "TVA", "Rayon", "Bio", "Allergènes"])
    for n in range(rows):
        label = "sac 5 kg" if n % 2 else "1 kg"
        page.append(
            [
                f"R{n}",
                f"Produit {n // 2}",
                label,
                float(price),
                stock if n % 2 else None,
                5.5,
                "Légumes",
                "oui",
                "aucun",
            ]
        )
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_statements_do_not_grow_with_rows(farm: Producer, django_assert_num_queries: Any) -> None:
    for rows in (2, 60):
        with django_assert_num_queries(7):
            imp = look(farm, many(rows))
        with django_assert_num_queries(16):
            imp = imports.confirm(imp=imp, by=None, now=make.now())
        changed = look(farm, many(rows, "2.6", 11))
        with django_assert_num_queries(15):
            changed = imports.confirm(imp=changed, by=None, now=make.now())
        with django_assert_num_queries(13):
            imports.undo(imp=changed, by=None, now=make.now())
        with django_assert_num_queries(22):
            imports.undo(imp=imp, by=None, now=make.now())
        assert Packaging.objects.count() == 0


def test_a_row_to_correct_shows_the_stock_it_says(farm: Producer) -> None:
    rows = "Produit;Conditionnement;Prix;Stock\nChou;pièce;douze;20\nNavet;botte;douze;rupture\nPanais;botte;douze;illimité\n"
    assert [line.stock.text for line in Lines(look(farm, rows))] == ["20", "rupture", "illimité"]
