"""Hostile words in every field that reaches paper or a spreadsheet: nothing is fetched, nothing is computed."""

from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from distribution import billing, closing, credit_notes, invoice_files, printing, sale_invoices
from distribution.models import Sheet
from hub import pdf
from hub.models import CollectionPoint, Household, Hub, Member
from orders import ordering
from producers.models import Packaging, Producer, Product
from tests import make
from tests.distribution import invoices as build
from tests.distribution import week as weeks
from tests.distribution.einvoice import broken_rules

pytestmark = pytest.mark.django_db

REFERENCES = [
    '<img src="file:///etc/hostname">',
    '<link rel=attachment href="file:///etc/hostname">',
    "<style>@import url(http://127.0.0.1:9/a)</style>",
    '<p style="background:url(http://127.0.0.1:9/b)">',
    '<iframe src="data:text/html,<img src=http://127.0.0.1:9/c>">',
    '<svg><image href="http://127.0.0.1:9/d"/></svg>',
    '<object data="http://127.0.0.1:9/e">',
    '</style><base href="http://127.0.0.1:9/">',
]
FORMULAS = ['=HYPERLINK("http://127.0.0.1:9")', "+1+1", "-1+1", "@SUM(1)", "=1+1", "\t=1+1"]


def sheets_of(words: str) -> list[Sheet]:
    """All sheets of a week whose every name and note are these words."""
    week = weeks.build()
    Hub.get()
    Hub.objects.update(name=words[:80])
    Household.objects.update(name=words[:80], address=words, access_note=words, city=words[:80])
    Member.objects.update(first_name=words[:60], last_name=words[:60], phone=words[:30])
    CollectionPoint.objects.update(
        name=words[:80], address=words, access_note=words, keys_note=words, description=words, prints_phones=True
    )
    Producer.objects.update(name=words[:80])
    for nth, product in enumerate(Product.objects.order_by("pk")):
        Product.objects.filter(pk=product.pk).update(name=f"{words[:110]}{nth}")
    for nth, pack in enumerate(Packaging.objects.order_by("pk")):
        Packaging.objects.filter(pk=pack.pk).update(label=f"{words[:55]}{nth}")
    home = make.household(words[:80])
    make.join(home, week.point)
    wish = {week.carrots.pk: 1, week.chicken.pk: 1}
    ordering.place(household=home, collection=week.collection, wish=wish, by=None, now=make.now(), note=words)
    make.passed(week.collection)
    closing.close_collection(collection=week.collection, now=make.now())
    return list(Sheet.objects.order_by("pk"))


@pytest.mark.parametrize("words", REFERENCES)
def test_a_reference_in_any_field_is_printed_and_never_followed(
    words: str, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    asked: list[str] = []
    fetch = pdf.OwnFilesOnly.fetch

    def noted(self: Any, url: str, headers: Any = None) -> Any:
        asked.append(url)
        return fetch(self, url, headers)

    monkeypatch.setattr(pdf.OwnFilesOnly, "fetch", noted)
    seen = set()
    for sheet in {sheet.kind: sheet for sheet in sheets_of(words)}.values():
        document = PdfReader(BytesIO(printing.file_of(sheet, "pdf")))
        assert list(document.attachments) == []
        seen.add(sheet.kind)
        assert words[:12] in "".join(page.extract_text() for page in document.pages).replace("\n", " ")
    assert len(seen) == 8
    assert [url for url in asked if "127.0.0.1" in url or url.startswith("file:")] == []


@pytest.mark.parametrize("words", [*REFERENCES, "\x01\x0b\ufffe\ud7ff]]>&amp;<!DOCTYPE a>"])
def test_an_invoice_holds_its_own_xml_and_nothing_else(
    words: str, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    asked: list[str] = []
    monkeypatch.setattr(pdf.OwnFilesOnly, "fetch", lambda _self, url, _headers=None: asked.append(url))
    build.cooperative(name=words[:80], legal_name=words, address=f"{words}\n26000 Valence")
    make.fees()
    farm = build.mandated(name=words[:80], legal_name=words, address=words, city=words[:80])
    pack = make.packaging(farm, "5.20", label=words[:60])
    Product.objects.update(name=words)
    (order,) = build.settled(farm, {pack: 1}).orders
    buyer = billing.customer(name=words, address=words, postcode="26000", city=words)
    (invoice,) = sale_invoices.ask(order=order, buyer=buyer, by=None, now=make.now())
    note = credit_notes.issue(invoice=invoice, amounts={0: Decimal(1)}, reason=words, by=None, now=make.now())
    for one in (invoice, note):
        document = PdfReader(BytesIO(invoice_files.pdf_of(one, now=make.now())))
        (xml,) = document.attachments["factur-x.xml"]
        assert list(document.attachments) == ["factur-x.xml"]
        assert b"<!DOCTYPE" not in xml
        assert broken_rules(xml.decode()) == []
    assert asked == []


@pytest.mark.parametrize("words", FORMULAS)
def test_a_formula_in_any_field_stays_text(words: str) -> None:
    for sheet in sheets_of(words):
        book = load_workbook(BytesIO(printing.file_of(sheet, "xlsx")))
        cells = [cell for page in book for row in page for cell in row]
        assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []
        for line in printing.file_of(sheet, "csv").decode("utf-8-sig").splitlines():
            risky = [cell for cell in line.split(";") if cell.strip('"').startswith(("=", "+", "@", "\t"))]
            assert risky == []
