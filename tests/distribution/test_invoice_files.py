"""The files of invoices: PDF/A-3b as far as its structure tells, the XML inside, kept once and proved by their hash."""

from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from facturx import get_facturx_xml_from_pdf
from lxml import etree
from pypdf import PdfReader

from distribution import cii, fee_invoices, invoice_files, reconcile
from distribution.models import Invoice, InvoiceFile
from tests import make
from tests.distribution import invoices as build
from tests.distribution.einvoice import EUROPE, broken_rules

pytestmark = pytest.mark.django_db
XMP = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "pdfaid": "http://www.aiim.org/pdfa/ns/id/",
    "fx": "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#",
    "pdfaProperty": "http://www.aiim.org/pdfa/ns/property#",
    "xmp": "http://ns.adobe.com/xap/1.0/",
}


@pytest.fixture(autouse=True)
def files_of_this_test(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


@pytest.fixture
def invoice() -> Invoice:
    """A fee invoice."""
    build.cooperative()
    make.fees()
    farm = build.farm()
    build.stated(farm, build.settled(farm, {make.packaging(farm, "5.20"): 3}))
    (made,) = fee_invoices.issue_due(now=make.now())
    return made


@pytest.fixture
def document(invoice: Invoice) -> PdfReader:
    return PdfReader(BytesIO(invoice_files.pdf_of(invoice, now=make.now())))


def catalog(document: PdfReader) -> Any:
    """The root of a PDF's objects."""
    return document.root_object


def metadata(document: PdfReader) -> Any:
    return etree.fromstring(catalog(document)["/Metadata"].get_data())


def test_the_metadata_claim_pdf_a_3b_and_factur_x(document: PdfReader) -> None:
    xmp = metadata(document)
    assert len(xmp.findall("rdf:RDF", XMP)) == 1
    described = {name: value for one in xmp.iterfind(".//rdf:Description", XMP) for name, value in one.attrib.items()}
    assert (described[f"{{{XMP['pdfaid']}}}part"], described[f"{{{XMP['pdfaid']}}}conformance"]) == ("3", "B")
    assert {name: described[f"{{{XMP['fx']}}}{name}"] for name, _words in invoice_files.KNOWN} == {
        "DocumentFileName": "factur-x.xml", "DocumentType": "INVOICE", "Version": "1.0", "ConformanceLevel": "EN 16931",
    }  # fmt: skip
    schema = [one.text for one in xmp.iterfind(".//pdfaProperty:name", XMP)]
    assert schema == [name for name, _words in invoice_files.KNOWN]


def test_colours_and_fonts_are_inside(document: PdfReader) -> None:
    (intent,) = [one.get_object() for one in catalog(document)["/OutputIntents"]]
    assert intent["/S"] == "/GTS_PDFA1"
    assert intent["/DestOutputProfile"].get_data()[36:40] == b"acsp"  # the signature of an ICC profile
    fonts = list(fonts_of(document))
    assert fonts
    assert all("/FontFile2" in font or "/FontFile3" in font for font in fonts)


def fonts_of(document: PdfReader) -> Iterator[Any]:
    """The descriptors of all fonts of all pages."""
    pages: list[Any] = list(document.pages)
    for page in pages:
        for font in page["/Resources"]["/Font"].get_object().values():
            for kind in font.get_object().get("/DescendantFonts", [font]):
                yield kind.get_object()["/FontDescriptor"].get_object()


def test_nothing_that_pdf_a_forbids(document: PdfReader) -> None:
    assert "/ID" in document.trailer
    assert "/Encrypt" not in document.trailer
    forbidden = {"/JavaScript", "/JS", "/Launch", "/OpenAction", "/AA"}
    seen = {name for found in document.xref[0] for name in names_of(document, found)} & forbidden
    assert seen == set()


def names_of(document: PdfReader, number: int) -> set[str]:
    found: Any = document.get_object(number)
    return set(found) if isinstance(found, dict) else set()


def test_the_xml_is_an_associated_file_of_the_document(document: PdfReader, invoice: Invoice) -> None:
    (file,) = [one.get_object() for one in catalog(document)["/AF"]]
    assert (file["/UF"], file["/AFRelationship"]) == ("factur-x.xml", "/Alternative")
    stream = file["/EF"]["/F"].get_object()
    assert stream["/Subtype"] == "/text/xml"
    assert stream.get_data() == invoice_files.xml_of(invoice, now=make.now())
    assert dict(document.attachments) == {"factur-x.xml": [stream.get_data()]}


def test_others_find_the_xml_and_it_is_valid(invoice: Invoice) -> None:
    name, xml = get_facturx_xml_from_pdf(invoice_files.pdf_of(invoice, now=make.now()), check_xsd=True)
    assert name == "factur-x.xml"
    assert broken_rules(xml.decode(), EUROPE) == []


def test_the_dates_inside_and_outside_are_the_same(document: PdfReader) -> None:
    assert document.metadata is not None
    assert document.metadata.creation_date is not None
    (described,) = metadata(document).iterfind(".//xmp:CreateDate", XMP)
    assert document.metadata.creation_date == datetime.fromisoformat(described.text)


def test_the_same_content_gives_the_same_bytes(invoice: Invoice) -> None:
    xml = cii.xml(invoice.content)
    assert invoice_files.render(invoice.content, xml) == invoice_files.render(invoice.content, xml)


def test_a_download_reads_the_file_that_was_kept(invoice: Invoice, django_assert_num_queries: Any) -> None:
    assert invoice_files.make_missing(now=make.now()) == 1
    assert invoice_files.make_missing(now=make.now()) == 0
    file = InvoiceFile.objects.get()
    path = f"invoices/{file.sha256[:2]}/{file.sha256}.pdf"
    Path(default_storage.path(path)).write_bytes(b"what is there")
    with django_assert_num_queries(1):
        assert invoice_files.pdf_of(invoice, now=make.now()) == b"what is there"


def test_a_lost_file_is_made_again_as_it_was(invoice: Invoice) -> None:
    before = invoice_files.pdf_of(invoice, now=make.now())
    file = InvoiceFile.objects.get()
    default_storage.delete(f"invoices/{file.sha256[:2]}/{file.sha256}.pdf")
    assert invoice_files.pdf_of(invoice, now=make.now()) == before


def test_a_file_that_is_not_what_was_hashed_is_seen(invoice: Invoice) -> None:
    invoice_files.make_missing(now=make.now())
    assert reconcile.differences() == []
    file = InvoiceFile.objects.get()
    path = Path(default_storage.path(f"invoices/{file.sha256[:2]}/{file.sha256}.pdf"))
    path.write_bytes(path.read_bytes() + b" ")
    (found,) = reconcile.differences()
    assert (found.what, found.subject, found.expected) == (
        "the PDF of an invoice is not what was hashed", f"hub {invoice.number}", file.sha256,
    )  # fmt: skip
    path.unlink()
    assert [one.found for one in reconcile.differences()] == ["no file"]
