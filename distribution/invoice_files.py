"""The files of an invoice: one PDF/A-3b with the XML inside (Factur-X), made once and kept under its SHA-256.

What is handed out is the file that was kept, not a new one. Where it is lost it is made again: the content is frozen, and
the same content gives the same bytes as long as the libraries are the same.
"""

import hashlib
from contextlib import ExitStack
from datetime import UTC, datetime

from django.core.files.storage import default_storage
from django.utils.html import format_html

from distribution import cii, documents, printing
from distribution.contents.invoices import Invoice as Content
from distribution.models import Invoice, InvoiceFile
from hub import pdf

NAME = "factur-x.xml"
WORDS = "Factur-X invoice data (Cross Industry Invoice, EN 16931)"
# The properties of Factur-X 1.0 and the schema that PDF/A wants for every property it does not know itself.
PROPERTIES = """
<rdf:Description rdf:about="" xmlns:fx="urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#" fx:DocumentType="INVOICE"
 fx:DocumentFileName="factur-x.xml" fx:Version="1.0" fx:ConformanceLevel="EN 16931"/>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>fx</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq>{}</rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
"""
PROPERTY = """<rdf:li rdf:parseType="Resource"><pdfaProperty:name>{}</pdfaProperty:name>
<pdfaProperty:valueType>Text</pdfaProperty:valueType><pdfaProperty:category>external</pdfaProperty:category>
<pdfaProperty:description>{}</pdfaProperty:description></rdf:li>"""
KNOWN = (
    ("DocumentFileName", "The name of the embedded XML document"),
    ("DocumentType", "The type of the hybrid document in capital letters, e.g. INVOICE or ORDER"),
    ("Version", "The actual version of the standard applying to the embedded XML document"),
    ("ConformanceLevel", "The conformance level of the embedded XML document"),
)


def pdf_of(invoice: Invoice, *, now: datetime) -> bytes:
    """The PDF that is kept; made now where it is not there yet. Raises FileNotFoundError where it is lost and cannot be
    made as it was."""
    file = InvoiceFile.objects.filter(invoice=invoice).first()
    if file is not None and default_storage.exists(_path(file.sha256)):
        with default_storage.open(_path(file.sha256)) as kept:
            return bytes(kept.read())
    return _make(invoice, file, now)


def xml_of(invoice: Invoice, *, now: datetime) -> bytes:
    """The XML as it is in the PDF."""
    file = InvoiceFile.objects.filter(invoice=invoice).first()
    if file is None:
        _make(invoice, None, now)
        file = InvoiceFile.objects.get(invoice=invoice)
    return file.xml.encode()


def make_missing(*, now: datetime, limit: int = 60) -> int:
    """Make the files of invoices that have none yet, of the latest ones, at most `limit`: the sweep. Returns how many.

    One that cannot be made does not keep the others from it; its error is raised at the end.
    """
    waiting = list(Invoice.objects.filter(file=None).order_by("-pk")[:limit])
    with ExitStack() as rest:
        for invoice in waiting:
            rest.callback(_make, invoice, None, now)
    return len(waiting)


def file_name(invoice: Invoice, format_: str) -> str:
    """`F-2026-0001-<farm>.pdf`."""
    return f"{invoice.number}-{invoice.producer.code}.{format_}"


def _make(invoice: Invoice, known: InvoiceFile | None, now: datetime) -> bytes:
    content: Content = invoice.content
    xml = known.xml if known else cii.xml(content)
    made = render(content, xml)
    sha256 = hashlib.sha256(made).hexdigest()
    if known is not None and known.sha256 != sha256:
        raise FileNotFoundError(f"the PDF of {invoice.number} is lost and does not come out as it was")
    printing.keep(_path(sha256), lambda: made)
    if known is None:
        values = {"xml": xml, "sha256": sha256, "size": len(made), "made_at": now}
        InvoiceFile.objects.get_or_create(invoice=invoice, defaults=values)
    return made


def render(content: Content, xml: str) -> bytes:
    """The PDF/A-3b of a content with its XML: the same bytes each time."""
    made_at = datetime.fromisoformat(content["issued_at"]).astimezone(UTC)
    listed = "".join(format_html(PROPERTY, *known) for known in KNOWN)
    attached = pdf.Attached(NAME, xml.encode(), WORDS, made_at, PROPERTIES.format(listed).encode())
    return documents.render_invoice(content, attached)


def _path(sha256: str) -> str:
    return f"invoices/{sha256[:2]}/{sha256}.pdf"
