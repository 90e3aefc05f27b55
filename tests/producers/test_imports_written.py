"""Spreadsheets into the catalogue: what confirming writes, and what undo gives back."""

from datetime import timedelta
from decimal import Decimal

import pytest

from hub.models import Activity
from orders import ordering
from orders.models import OrderLine
from producers import catalogue, imports
from producers.imports.shown import left_rows
from producers.models import Offer, Packaging, Producer, Product, Stock
from tests import make
from tests.producers.importing import CATALOGUES, HEAD, WEEK, bring, counts, everything, look, shelf, wrong

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rates")]
D = Decimal


# Confirm


def test_only_rows_without_errors_are_written(farm: Producer) -> None:
    imp = bring(farm, (CATALOGUES / "erreurs.csv").read_bytes())
    assert [row[0:2] for row in shelf(farm)] == [("A9", '=HYPERLINK("http://x")'), ("A10", "Fraises")]
    assert counts(imp) == (2, 0, 0, 8)
    record = Activity.objects.get(verb="catalogue.imported")
    assert (record.subject, record.producer_code) == (imp.code, farm.code)
    assert record.data == {
        "file": "catalogue.csv", "week": WEEK, "created": 2, "changed": 0, "unchanged": 0, "error": 8, "ignored": 0,
    }  # fmt: skip


def test_an_import_is_written_once(farm: Producer) -> None:
    imp = bring(farm, HEAD + "A;Thé;100 g;5;1\n")
    with pytest.raises(imports.NotToConfirm):
        imports.confirm(imp=imp, by=None, now=make.now())
    assert Packaging.objects.count() == 1


def test_prices_ordered_stay_and_the_weeks_price_changes() -> None:
    sale = make.collection()
    farm = make.producer(sale.point)
    bring(farm, HEAD + "A;Thé;100 g;5;10\n", week=sale.week)
    pack = Packaging.objects.get()
    home = make.household()
    make.join(home, sale.point)
    person = home.members.get()
    ordering.place(household=home, collection=sale, wish={pack.pk: 3}, by=person, now=make.now())
    bring(farm, "Réf;Produit;Prix\nA;Thé vert;6\n", week=sale.week)
    line = OrderLine.objects.get()
    assert (line.unit_price.amount, line.name) == (D("5.00"), "Thé")
    assert shelf(farm, sale.week) == [("A", "Thé vert", "100 g", D("6.00"), 1000, True)]


def test_stock_below_what_is_ordered_is_refused_with_the_figure(farm: Producer) -> None:
    bring(farm, HEAD + "A;Agria;sac 5 kg;6;40\nB;Agria;1 kg;1;\n")
    Stock.objects.update(reserved=23_000)
    before = everything()
    imp = look(farm, "Réf;Stock\nA;4\nB;22\n")
    assert [(line["row"], e["code"], e["data"]) for line in imp.preview["lines"] for e in line["errors"]] == [
        (2, "below-reserved", {"reserved": 5}),
        (3, "below-reserved", {"reserved": 23}),
    ]
    with pytest.raises(imports.NothingToWrite):
        imports.confirm(imp=imp, by=None, now=make.now())
    assert everything() == before
    assert counts(look(farm, "Réf;Stock\nB;23\n")) == (0, 1, 0, 0)


def test_sold_out_leaves_what_is_ordered(farm: Producer) -> None:
    bring(farm, HEAD + "A;Thé;100 g;5;10\n")
    Stock.objects.update(reserved=300)
    bring(farm, "Réf;Stock\nA;rupture\n")
    stock = Stock.objects.get()
    assert (stock.quantity, stock.left) == (300, 0)


def test_an_order_after_the_preview_is_not_overwritten(farm: Producer) -> None:
    bring(farm, HEAD + "A;Thé;100 g;5;10\nB;Riz;1 kg;3;10\n")
    imp = look(farm, "Réf;Stock\nA;2\nB;9\n")
    Stock.objects.filter(product__name="Thé").update(reserved=500)
    imp = imports.confirm(imp=imp, by=None, now=make.now())
    assert counts(imp) == (0, 1, 0, 1)
    assert [(row[0], row[4]) for row in shelf(farm)] == [("B", 9000), ("A", 1000)]


def test_the_content_of_what_is_ordered_stays(farm: Producer) -> None:
    bring(farm, HEAD + "A;Thé;100 g;5;10\n")
    Stock.objects.update(reserved=100)
    assert wrong(look(farm, "Réf;Cond\nA;200 g\n")) == [(2, "packaging", "content-ordered")]
    Stock.objects.update(reserved=0)
    bring(farm, "Réf;Cond\nA;200 g\n")
    assert Packaging.objects.values_list("label", "content").get() == ("200 g", 200)


def test_a_new_week_starts_from_the_packagings_prices(farm: Producer) -> None:
    bring(farm, HEAD + "A;Thé;100 g;5;10\n")
    bring(farm, "Réf;Prix;Stock\nA;6;\n", week="2026-W49")
    bring(farm, "Réf;Stock\nA;7\n", week="2026-W50")
    assert [shelf(farm, week)[0][3:] for week in (WEEK, "2026-W49", "2026-W50")] == [
        (D("5.00"), 1000, True),
        (D("6.00"), None, False),
        (D("6.00"), 700, True),
    ]


# Undo


def test_undo_gives_back_exactly_what_was(farm: Producer) -> None:
    bring(farm, HEAD + "A;Thé;100 g;5;10\nB;Riz;1 kg;3;10\nC;Blé;1 kg;2;\n")
    before = everything()
    imp = bring(
        farm,
        "Réf;Produit;Cond;Prix;Stock;Origine;Allergènes;Bio;Consigne;En vente\n"
        "A;Thé vert;120 g;6;illimité;Ici;lait;oui;0,5;oui\nB;;;;4;;;;;non\nC;;;;5;;;;;\nD;Orge;kg;1;8;;;;;\nE;Riz;5 kg;12;;;;;;\n",
    )
    assert counts(imp) == (2, 3, 0, 0)
    undone = imports.undo(imp=imp, by=None, now=make.now())
    assert everything() == before
    assert (undone.status, undone.applied["left"]) == ("undone", [])
    assert Activity.objects.filter(verb="catalogue.import-undone", subject=imp.code).count() == 1


def test_rows_changed_since_are_said_and_left(farm: Producer) -> None:
    bring(farm, HEAD + "A;Thé;100 g;5;10\nB;Riz;1 kg;3;10\n")
    imp = bring(farm, "Réf;Prix;Stock\nA;6;20\nB;4;20\n")
    Offer.objects.filter(packaging__reference="A").update(price=D("6.50"))
    undone = imports.undo(imp=imp, by=None, now=make.now())
    assert left_rows(undone) == [(2, "Modifiée depuis l’import.")]
    assert [row[3:5] for row in shelf(farm)] == [(D("3.00"), 10_000), (D("6.50"), 2000)]


def test_rows_ordered_since_are_said_and_left(farm: Producer) -> None:
    bring(farm, HEAD + "A;Thé;100 g;5;10\n")
    imp = bring(farm, HEAD + "A;Thé;100 g;6;20\nB;Riz;1 kg;3;10\nC;Blé;1 kg;3;10\n")
    Stock.objects.filter(product__name="Thé").update(reserved=1500)
    Stock.objects.filter(product__name="Riz").update(reserved=1000)
    undone = imports.undo(imp=imp, by=None, now=make.now())
    assert [left["row"] for left in undone.applied["left"]] == [2, 3]
    assert [row[:2] for row in shelf(farm)] == [("B", "Riz"), ("A", "Thé")]
    assert shelf(farm)[1][3:5] == (D("6.00"), 2000)


def test_what_was_built_on_an_import_stays(farm: Producer) -> None:
    imp = bring(farm, HEAD + "A;Thé;100 g;6;20\nB;Riz;1 kg;3;10\n")
    tea = Product.objects.get(name="Thé")
    make.packaging(farm, product=tea, label="50 g", content=50)
    undone = imports.undo(imp=imp, by=None, now=make.now())
    assert [left["row"] for left in undone.applied["left"]] == [2]
    assert [row[:3] for row in shelf(farm)] == [("A", "Thé", "100 g"), ("", "Thé", "50 g")]


def test_what_next_week_took_over_stays(farm: Producer) -> None:
    week, after = "2026-W48", "2026-W49"
    imp = bring(farm, HEAD + "A;Thé;100 g;6;20\n", week=week)
    bring(farm, "Réf;Stock\nA;5\n", week=after)
    undone = imports.undo(imp=imp, by=None, now=make.now())
    assert [left["code"] for left in undone.applied["left"]] == ["ordered-since"]
    assert shelf(farm, week) == [("A", "Thé", "100 g", D("6.00"), 2000, True)]


def test_an_archived_product_is_left(farm: Producer) -> None:
    imp = bring(farm, HEAD + "A;Thé;100 g;6;20\n")
    catalogue.archive_product(product=Product.objects.get(), by=make.coordinator(), now=make.now())
    before = everything()
    undone = imports.undo(imp=imp, by=None, now=make.now())
    assert [left["code"] for left in undone.applied["left"]] == ["changed-since"]
    assert everything() == before


def test_undo_once_and_within_a_day(farm: Producer) -> None:
    imp = bring(farm, HEAD + "A;Thé;100 g;6;20\n")
    before = everything()
    with pytest.raises(imports.NotToUndo):
        imports.undo(imp=imp, by=None, now=make.now() + timedelta(hours=25))
    assert everything() == before
    imports.undo(imp=imp, by=None, now=make.now())
    with pytest.raises(imports.NotToUndo):
        imports.undo(imp=imp, by=None, now=make.now())
    with pytest.raises(imports.NotToUndo):
        imports.undo(imp=look(farm, HEAD + "A;Thé;100 g;6;20\n"), by=None, now=make.now())
