"""Files to begin with and files to mend: what they hold, and that they come back."""

import io
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from hub.founding import set_vat_rates
from producers import export, imports
from producers.imports import mending
from producers.models import Packaging, Product
from tests import make

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
WEEK = "2026-W48"
FILE = """Ferme des Ormeaux;;;;
Réf;Produit;Conditionnement;Prix TTC;Dispo
A1;Tomates;kg;-3,00;10
A2;Aubergines;kg;2,80;10
A3;Melons;pièce;trois euros;"12"
A4;"=HYPERLINK(""http://x"")";kg;un;5
"""


@pytest.fixture(autouse=True)
def rates() -> None:
    set_vat_rates({Decimal("5.5"): date(2014, 1, 1)})


def look(farm, content: bytes):
    return imports.preview(producer=farm, week=WEEK, file_name="legumes.csv", content=content, by=None, now=make.now())


def lines(content: bytes) -> list[str]:
    return content.decode("utf-8-sig").split("\r\n")


def test_the_rows_to_correct_are_a_file_with_the_reasons(farm):
    imp = look(farm, FILE.encode())
    not_a_number = "Ce n’est pas un nombre. Écrivez par exemple 2,20."
    assert lines(mending.to_correct(imp)) == [
        "Réf;Produit;Conditionnement;Prix TTC;Dispo;À corriger",
        "A1;Tomates;kg;'-3,00;10;Ligne 3 · Prix TTC : Un prix n’est pas négatif.",
        f"A3;Melons;pièce;trois euros;12;Ligne 5 · Prix TTC : {not_a_number}",
        f'A4;"\'=HYPERLINK(""http://x"")";kg;un;5;Ligne 6 · Prix TTC : {not_a_number}',
        "",
    ]


def test_once_mended_and_sent_again_the_rows_are_written(farm):
    first = imports.confirm(imp=look(farm, FILE.encode()), by=None, now=make.now())
    assert imports.summary(first)["created"] == 1
    mended = (
        mending.to_correct(first)
        .decode()
        .replace("'-3,00", "3,00")
        .replace("trois euros", "3,00")
        .replace(";un;", ";1;")
    )
    told = imports.summary(imports.confirm(imp=look(farm, mended.encode()), by=None, now=make.now()))
    assert (told["created"], told["changed"], told["errors"]) == (3, 0, [])
    assert list(Packaging.objects.order_by("reference").values_list("reference", "price")) == [
        ("A1", Decimal("3.00")), ("A2", Decimal("2.80")), ("A3", Decimal("3.00")), ("A4", Decimal("1.00")),
    ]  # fmt: skip


def test_the_preview_offers_the_file_only_where_something_is_wrong(farm, client):
    client.force_login(make.farmer(farm), backend=BACKEND)
    imp = look(farm, FILE.encode())
    address = reverse("producers:import-to-correct", args=[imp.code])
    assert address in client.get(reverse("producers:import-preview", args=[imp.code])).content.decode()
    answer = client.get(address)
    assert answer["Content-Disposition"] == f'attachment; filename="{farm.code}-{imp.code}.csv"'
    assert answer.content == mending.to_correct(imp)
    right = look(farm, b"Produit;Conditionnement;Prix;Stock\nAil;botte;2,00;5\n")
    page = client.get(reverse("producers:import-preview", args=[right.code])).content.decode()
    assert reverse("producers:import-to-correct", args=[right.code]) not in page
    client.force_login(make.farmer(make.producer()), backend=BACKEND)
    assert client.get(address).status_code == 404


def test_the_empty_file_has_headings_we_read_and_nothing_else(farm, client):
    client.force_login(make.farmer(farm), backend=BACKEND)
    make.packaging(farm)
    answer = client.get(reverse("producers:import-template", args=[farm.code, WEEK]))
    assert answer["Content-Disposition"] == f'attachment; filename="{farm.code}-cabas.xlsx"'
    book = load_workbook(io.BytesIO(answer.content))
    page = book.worksheets[0]
    rows = [[cell.value for cell in row] for row in page.iter_rows()]
    assert rows == [[column.header for column in export.columns(WEEK)]]
    page.append(["T1", "Tomates", "kg", *[None] * 3, 2.8, 40])
    out = io.BytesIO()
    book.save(out)
    imp = imports.preview(
        producer=farm, week=WEEK, file_name="cabas.xlsx", content=out.getvalue(), by=None, now=make.now()
    )
    told = imports.summary(imp)
    assert (told["created"], told["errors"]) == (1, [])


def test_the_catalogue_tells_unit_prices_and_allergens_apart_and_finds(farm, client, django_assert_num_queries):
    client.force_login(make.farmer(farm), backend=BACKEND)
    for name, allergens in (("Crème", ["milk"]), ("Pâté", None), ("Œufs", [])):
        product = Product.objects.create(
            producer=farm, name=name, unit="g", vat_rate=Decimal("5.5"), allergens=allergens
        )
        make.packaging(farm, "3.00", product, label="pot", content=250)
    address = reverse("producers:catalogue", args=[farm.code])
    page = client.get(address).content.decode()
    wanted = ("12,00\N{NO-BREAK SPACE}€/kg", "allergènes\u202f: lait", "allergènes à vérifier", "aucun allergène")
    assert [words for words in wanted if page.count(words) < 1] == []
    assert [item.name for item in client.get(address, {"q": "pate"}).context["products"]] == ["Pâté"]
    assert "Rien qui s’appelle" in client.get(address, {"q": "zzz"}).content.decode()
    for _each in range(60):
        make.packaging(farm)
    with django_assert_num_queries(9):
        client.get(address)
