"""Documents as files: the same content as HTML, PDF, CSV and XLSX, in the language of the content."""

import base64
import hashlib
import json
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from pydantic import TypeAdapter
from pypdf import PdfReader

from distribution import documents, exports
from distribution.contents import SHEETS
from distribution.contents.money import Receipt, Statement
from hub.spreadsheets import read
from tests.distribution import paper_money
from tests.distribution.paper_boxes import KINDS, content
from tests.distribution.paper_orders import Json
from tests.distribution.paper_week import PaperWeek

PAPERS = [*KINDS, "statement", "receipt"]
NASTY = ["=1+1", "+33 6 00", "-2", "@SUM(A1)", "'=1", '<b>gras</b> & "co"', "a;b\nc", "=cmd|' /C calc'!A0"]


def render(kind: str, data: Json, format_: str) -> bytes:
    if kind == "statement":
        return documents.render_statement(data, format_)  # type: ignore[arg-type]
    if kind == "receipt":
        return documents.render_receipt(data, format_)  # type: ignore[arg-type]
    return documents.render_sheet(kind, data, format_)  # type: ignore[arg-type]


def pages(data: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(data)).pages]


# Contents


@pytest.mark.parametrize("kind", PAPERS)
@pytest.mark.parametrize("name", ["usual", "version 2", "nobody"])
def test_contents_are_what_they_say_and_survive_storage(kind: str, name: str) -> None:
    types: dict[str, Any] = {"statement": Statement, "receipt": Receipt}
    types |= {str(name): shape for name, shape in SHEETS.items()}
    data = content(kind, name)
    assert TypeAdapter(types[kind]).validate_python(data, strict=True) == data
    assert json.loads(json.dumps(data)) == data


# HTML and PDF


@pytest.mark.parametrize("kind", PAPERS)
def test_same_content_same_bytes(kind: str) -> None:
    again = json.loads(json.dumps(content(kind, "version 2"), sort_keys=True))
    for format_ in ("html", "csv"):
        assert render(kind, again, format_) == render(kind, content(kind, "version 2"), format_)
    if kind not in ("packing", "labels", "route", "duty"):
        assert render(kind, again, "pdf") == render(kind, content(kind, "version 2"), "pdf")


def test_pdf_says_what_it_is_and_in_which_language() -> None:
    reader = PdfReader(BytesIO(render("sign-off", PaperWeek(2).sign_off(), "pdf")))
    assert reader.metadata is not None
    title = (reader.metadata.title or "").replace("\xa0", " ")
    assert title == "Liste d’émargement · Grange des Tilleuls · jeudi 26 novembre 2026, 17 h 30 – 19 h 30"
    assert reader.metadata.author == "Les Cabas du Bocage"
    assert reader.metadata.get("/CreationDate") == "D:20261124200400+01'00"
    assert str(reader.root_object["/Lang"]) == "fr"


def test_words_follow_the_content_not_the_reader() -> None:
    data = PaperWeek(2).sign_off()
    english = data | {"header": data["header"] | {"language": "en"}}
    text = pages(render("sign-off", english, "pdf"))[0]
    assert "Sign-off list" in text
    assert "Extracted on 24 November 2026 at 8:04" in text
    assert "Liste d’émargement" in pages(render("sign-off", data, "pdf"))[0]


@pytest.mark.parametrize("kind", KINDS)
def test_no_french_is_left_in_an_english_sheet(kind: str) -> None:
    data = json.loads(json.dumps(content(kind, "version 2")).replace('"language": "fr"', '"language": "en"'))
    html = render(kind, data, "html").decode()
    for word in ("annulé", "émargement", "foyer", "colis", "à régler", "Réglé", "allergènes", "Sec", "Extrait le"):
        assert f">{word}" not in html
        assert f" {word} " not in html


@pytest.mark.parametrize("kind", PAPERS)
def test_a_page_needs_nothing_else_and_its_style_passes_a_strict_policy(kind: str) -> None:
    html = render(kind, content(kind, "usual"), "html")
    text = html.decode()
    assert "<link" not in text
    assert "<script" not in text
    assert " style=" not in text
    assert "http" not in text.replace("http-equiv", "")
    style = text.split("<style>")[1].split("</style>")[0]
    assert (
        documents.style_source(html) == f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"
    )


def test_what_people_typed_is_never_markup() -> None:
    week = PaperWeek(2)
    week.houses[0].family = '<img src="file:///etc/passwd">'
    week.products[0].name = "<script>alert(1)</script>"
    week.houses[0].lines[0].product.name = "<s>barré</s>"
    for kind in ("packing", "sign-off", "route", "labels", "duty", "table-plan"):
        html = render(kind, getattr(week, kind.replace("-", "_"))(), "html").decode()
        assert '<img src="file' not in html
        assert "<script>" not in html
        assert "<s>barré" not in html


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(ValueError, match="docx"):
        render("sign-off", PaperWeek(1).sign_off(), "docx")


def test_the_vocabulary_is_that_of_the_point() -> None:
    data = PaperWeek(3).member_slips()
    data["header"]["point"]["kind"] = "amap"
    assert "Bons des amapien·nes" in render("member-slips", data, "html").decode()
    note = PaperWeek(3).delivery_note()
    assert "par (producteur·rice)" in render("delivery-note", note, "html").decode()
    note["header"]["point"]["kind"] = "amap"
    assert "par (paysan·ne)" in render("delivery-note", note, "html").decode()


# Spreadsheets


@pytest.mark.parametrize("kind", PAPERS)
@pytest.mark.parametrize("name", ["usual", "version 2", "nobody"])
def test_spreadsheets_read_back_equal(kind: str, name: str) -> None:
    data = content(kind, name)
    table = exports.table(kind, data)
    names = [column.header for column in table.columns]
    xlsx = read(render(kind, data, "xlsx"), f"{kind}.xlsx").sheets[0].rows
    assert [_padded(row.cells, len(names)) for row in xlsx] == [names, *[_filled(row) for row in table.rows]]

    csv = render(kind, data, "csv")
    assert csv.startswith(b"\xef\xbb\xbf" + names[0].encode() + b";")
    found = read(csv, f"{kind}.csv").sheets[0].rows
    assert [list(row.cells) for row in found] == [names, *[[_written(cell) for cell in row] for row in table.rows]]


def _padded(cells: tuple[Any, ...], count: int) -> list[Any]:
    """Empty cells at the end of a row are not stored."""
    return [*cells, *[None] * (count - len(cells))]


def _filled(row: list[Any]) -> list[Any]:
    """Empty texts are empty cells."""
    return [None if cell == "" else cell for cell in row]


def _written(cell: Any) -> Any:
    """A cell as CSV has it: text, decimal commas, days first."""
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return format(cell, "f").replace(".", ",")
    return cell.strftime("%d/%m/%Y") if isinstance(cell, date) else cell


@pytest.mark.parametrize("version", [1, 2])
def test_one_row_per_order_line_and_the_same_sum_on_every_sheet(version: int) -> None:
    week = PaperWeek(60, version=version)
    lines = [(house.number, line.product.ref, line.quantity, line.was) for house in week.houses for line in house.lines]
    keys = ("panier", "reference", "quantite", "quantite_initiale")
    rows = {kind: _rows(kind, getattr(week, kind)()) for kind in ("packing", "route")}
    rows["table-plan"] = _rows("table-plan", week.table_plan())
    for kind in rows:
        assert sorted(tuple(row[key] for key in keys) for row in rows[kind]) == sorted(lines)
    note = [row for farm in range(10) for row in _rows("delivery-note", week.delivery_note(farm))]
    slips = [row for farm in range(10) for row in _rows("member-slips", week.member_slips(farm))]
    for found in (note, slips):
        assert sorted(tuple(row[key] for key in keys) for row in found) == sorted(lines)
    harvest = [
        row for farm in range(10) for row in _rows("harvest", week.harvest(farm)) if row["distribution"] == "point-0"
    ]
    assert sum(row["quantite"] for row in harvest) == sum(line[2] for line in lines)


def _rows(kind: str, data: Json) -> list[Json]:
    table = exports.table(kind, data)
    names = [column.header for column in table.columns]
    return [dict(zip(names, row, strict=True)) for row in table.rows]


def test_columns_are_stable() -> None:
    """Other programs read these files: a name may be added at the end, never changed or taken away."""
    assert exports.COLUMNS["packing"].split() == [
        "distribution", "point", "date", "version", "panier", "commande", "nom", "prenom", "zone", "emplacement",
        "producteur_code", "producteur", "reference", "produit", "conditionnement", "contrat", "quantite",
        "quantite_initiale", "modification", "motif", "a_peser", "allergenes", "prix_unitaire", "montant", "paiement",
        "a_regler", "note",
    ]  # fmt: skip
    assert exports.COLUMNS["sign-off"].split() == [
        "distribution", "point", "date", "version", "panier", "commande", "nom", "prenom", "telephone", "contrats",
        "colis_sec", "colis_frais", "colis_surgele", "lignes_a_peser", "a_regler", "modification", "motif",
    ]  # fmt: skip
    assert set(exports.COLUMNS) == set(PAPERS)
    assert exports.COLUMNS["duty"] == exports.COLUMNS["sign-off"]


def test_a_row_of_each_kind() -> None:
    week = PaperWeek(60, version=2)
    row = _rows("packing", week.packing())[0]
    line = week.houses[0].lines[0]
    assert row["panier"] == Decimal(1)
    assert (row["nom"], row["prenom"]) == (week.houses[0].family, week.houses[0].given)
    assert row["date"] == date(2026, 11, 26)
    assert row["montant"] == Decimal(line.product.cents * line.quantity) / 100
    late = next(one for one in _rows("packing", week.packing()) if one["modification"] == "annulé")
    assert (late["quantite"], late["motif"]) == (Decimal(0), "gel de mardi")
    labels = _rows("labels", week.labels())
    packs = sum(one.quantity for one in week.houses[0].lines if one.product.zone == "chilled")
    assert [(one["etiquette"], one["sur"]) for one in labels if one["panier"] == 1] == [
        (Decimal(nth), Decimal(packs)) for nth in range(1, packs + 1)
    ]  # fmt: skip
    assert packs > 3
    assert labels[0]["a_consommer_avant"] == date(2026, 12, 6)
    sold = _rows("statement", dict(paper_money.statement()))[1]
    assert (sold["commande_qte"], sold["livre"], sold["motif"]) == (Decimal(5), Decimal(4), "1 casse")
    assert (sold["taux_tva"], sold["montant_ttc"]) == (Decimal("5.5"), Decimal("12.80"))
    weighed = _rows("receipt", dict(paper_money.receipt()))[3]
    assert (weighed["poids_g"], weighed["prix"], weighed["montant_ttc"]) == (
        Decimal(1785),
        Decimal("11.00"),
        Decimal("19.64"),
    )


@pytest.mark.parametrize("text", NASTY)
def test_no_text_becomes_a_formula(text: str) -> None:
    week = PaperWeek(1)
    week.houses[0].family = text
    data = week.packing()
    column = exports.COLUMNS["packing"].split().index("nom") + 1
    page = load_workbook(BytesIO(render("packing", data, "xlsx"))).active
    assert page is not None
    cell = page.cell(2, column)
    assert (cell.data_type, cell.value) == ("s", text)
    back = read(render("packing", data, "csv"), "packing.csv").sheets[0].rows[1].cells[column - 1]
    assert back == text
