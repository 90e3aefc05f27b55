"""Whatever somebody writes, in every way a file can be written: read back as it was meant, and nothing breaks the reader."""

import csv
import io
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from hub.spreadsheets import Row, Sheet, Spreadsheet, read
from producers.reading import Catalogue, NoCatalogue, read_catalogue
from producers.reading.terms import settle
from producers.reading.words import fold, squeeze
from tests.producers.unfit import unfit

RATES = [Decimal("5.5"), Decimal(10), Decimal(20)]
D = Decimal

NAMES = st.text(alphabet="abcdéèàçœ ’-ZÉ🥕ש", min_size=1, max_size=20).map(lambda t: squeeze(f"P {t}x"))
REFERENCES = st.from_regex(r"[A-Z]{1,3}-[0-9]{1,3}", fullmatch=True)
PACKS = st.sampled_from(
    [
        ("kg", "g", 1000), ("botte", "piece", 1), ("pièce", "piece", 1), ("500 g", "g", 500), ("sac 5 kg", "g", 5000),
        ("75 cl", "ml", 750), ("boîte de 6", "piece", 6), ("4 x 125 g", "g", 500), ("Bouteille 1 L", "ml", 1000),
    ]
)  # fmt: skip
PRICES = st.decimals(min_value=0, max_value=9999, places=2)
STOCKS = st.one_of(st.none(), st.just("unlimited"), st.integers(min_value=0, max_value=100_000))
VAT = st.sampled_from([D("5.5"), D(10), D(20)])
# Old encodings are told apart by what French looks like: no letters at random, which read as well one way as another.
WORDS = [
    "Mâche", "ÉPINARDS", "Pâté", "Crème", "brûlée", "Maïs", "Œufs", "Bœuf", "Chèvre", "à", "l’ail",
    "Céleri-rave", "HUÎTRES", "Thé", "glacé", "d’été", "n°3", "Noël", "Où", "Pâtisson", "Reine-Claude",
    "Fraise", "GARIGUETTE", "½", "Coût", "forêt", "Anaïs", "«Belle»", "façon",
]  # fmt: skip
FRENCH = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)


def _products(names: st.SearchStrategy[str]) -> st.SearchStrategy[list[Any]]:
    return st.lists(
        st.tuples(REFERENCES, names, PACKS, PRICES, STOCKS, VAT, st.booleans()),
        min_size=1,
        max_size=8,
        unique_by=(lambda row: fold(row[0]), lambda row: fold(row[1])),
    )


FORMS: dict[str, list[str]] = {
    "reference": ["Réf", "REFERENCE", "Code article", "N° article", "sku"],
    "name": ["Produit", "Désignation", "Nom du produit", "LIBELLÉ", "product"],
    "packaging": ["Conditionnement", "Cond.", "Format", "Unité de vente", "packaging"],
    "price": ["Prix TTC", "Prix € TTC", "P.U. TTC", "Tarif", "price"],
    "stock": ["Dispo", "Qté disponible", "Stock semaine 48", "S48", "Quantité"],
    "vat": ["TVA", "Taux de TVA", "TVA %", "VAT"],
    "organic": ["Bio", "AB", "Agriculture biologique"],
}
PRICE_FORMS = ["{0:.2f}", "{0:.2f} €", "{0:.2f}€", "€ {0:.2f}", "{0:.2f} euros"]


@st.composite
def sheets(draw: st.DrawFn, names: st.SearchStrategy[str] = NAMES) -> tuple[list[Any], list[list[str]]]:
    """Products, and a sheet that says them in one of many ways."""
    products = draw(_products(names))
    fields = draw(st.permutations(list(FORMS)))
    headers = [draw(st.sampled_from(FORMS[field])) for field in fields]
    comma, price_form = draw(st.booleans()), draw(st.sampled_from(PRICE_FORMS))
    lines = draw(st.lists(st.just([""] * len(fields)), max_size=2))
    lines.append(headers)
    for product in products:
        said = dict(zip(FORMS, product, strict=True))
        lines.append([_said(field, said[field], comma, price_form, draw) for field in fields])
    return products, lines


def _said(field: str, value: Any, comma: bool, price_form: str, draw: st.DrawFn) -> str:
    if field == "packaging":
        words: str = value[0]
        return draw(st.sampled_from([words, words.upper(), f" {words} "]))
    if field == "organic":
        return draw(st.sampled_from(["oui", "x", "O"] if value else ["non", "N", "0"]))
    if field == "stock":
        return (
            ""
            if value is None
            else draw(st.sampled_from(["illimité", "Illimitée", "∞"]))
            if value == "unlimited"
            else str(value)
        )
    if field in ("price", "vat"):
        text = price_form.format(value) if field == "price" else f"{value} %"
        return text.replace(".", ",") if comma else text
    return str(value)


def _expected(products: list[Any]) -> list[tuple[Any, ...]]:
    return [
        (ref, name, pack[1], pack[2], price.quantize(D("0.01")), _quantity(stock, pack), vat, bio)
        for ref, name, pack, price, stock, vat, bio in products
    ]


def _quantity(stock: Any, pack: Any) -> Any:
    return stock if stock in (None, "unlimited") else stock * pack[2]


def _found(found: Catalogue) -> list[tuple[Any, ...]]:
    assert [error for row in found.rows for error in row.errors] == []
    out = []
    for row in found.rows:
        agreed = settle(row, None)
        stock = agreed.stock and ("unlimited" if agreed.stock.quantity is None else agreed.stock.quantity)
        unit, content = agreed.contents.unit, agreed.contents.content
        out.append((row.reference, row.name, unit, content, agreed.price, stock, row.facts["vat_rate"], row.organic))
    return out


@given(sheets(), st.sampled_from(";,\t|"), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]), st.booleans())
@settings(max_examples=150, deadline=None)
def test_any_csv_is_read_as_it_was_meant(sheet: Any, separator: str, encoding: str, quoted: bool) -> None:
    products, lines = sheet
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL).writerows(lines)
    found = read(out.getvalue().encode(encoding), "catalogue.csv")
    assert _found(read_catalogue(found, week="2026-W48", vat_rates=RATES)) == _expected(products)


@given(sheets(FRENCH), st.sampled_from(["cp1252", "mac_roman"]))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
def test_any_old_encoding_is_read_as_it_was_meant(sheet: Any, encoding: str) -> None:
    products, lines = sheet
    text = "".join(";".join(line) + "\r\n" for line in lines)
    assume(not set("∞½" if encoding == "mac_roman" else "∞") & set(text))
    found = read(text.encode(encoding), "catalogue.csv")
    assert _found(read_catalogue(found, week="2026-W48", vat_rates=RATES)) == _expected(products)


@given(sheets())
@settings(max_examples=40, deadline=None)
def test_any_workbook_is_read_as_it_was_meant(sheet: Any) -> None:
    products, lines = sheet
    book = Workbook()
    page = book.active
    assert page is not None
    for line in lines:
        page.append(
            [float(cell) if cell.replace(".", "", 1).isdigit() and "." in cell else cell or None for cell in line]
        )
    out = io.BytesIO()
    book.save(out)
    found = read(out.getvalue(), "catalogue.xlsx")
    assert _found(read_catalogue(found, week="2026-W48", vat_rates=RATES)) == _expected(products)


@given(
    st.lists(
        st.lists(
            st.one_of(
                st.none(),
                st.text(max_size=12),
                st.decimals(allow_nan=False, allow_infinity=False),
                st.booleans(),
                st.dates(),
            ),
            min_size=6,
            max_size=6,
        ),
        min_size=1,
        max_size=6,
    )
)
@settings(max_examples=200, deadline=None)
def test_no_cell_breaks_the_reader(lines: list[list[Any]]) -> None:
    header = Row(1, ("Réf", "Produit", "Conditionnement", "Prix", "Stock", "Allergènes"))
    page = Sheet("x", (header, *(Row(n, tuple(line)) for n, line in enumerate(lines, start=2))))
    try:
        found = read_catalogue(Spreadsheet("xlsx", (page,)), week="2026-W48", vat_rates=RATES)
    except NoCatalogue:
        return
    for row in found.rows:
        for error in row.errors:
            assert error.reason
        assert all(error.reason for error in unfit(row))
