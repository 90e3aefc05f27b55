"""HTML into PDF, and PDFs into one: the only module that imports WeasyPrint and pypdf.

What is printed holds words people typed, so a document may load nothing: the fetcher hands out our own static files and
`data:` addresses, whatever else a page refers to stays out. The fonts of paper (DejaVu Sans, hub/fonts) are loaded from
this package, so that the same words give the same bytes on every machine.
"""

import gc
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import SuspiciousFileOperation
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject, TextStringObject
from weasyprint import CSS, HTML, Attachment, Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

BASE_URL = "cabas://documents/"  # no such scheme: relative references lead nowhere but to our fetcher
FONTS = Path(__file__).parent / "fonts"
FACES = (("normal", "DejaVuSans.ttf"), ("bold", "DejaVuSans-Bold.ttf"))

# One render at a time in a process: it is pure computing, Pango's font maps are not shared between threads, and the
# garbage collector is paused meanwhile.
_rendering = Lock()


class OwnFilesOnly(URLFetcher):  # type: ignore[misc]  # WeasyPrint is untyped
    """Opens our static files and `data:` addresses; refuses everything else (WeasyPrint then leaves a blank)."""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        """The answer for `url`. Raises ValueError when it is neither `data:` nor one of our static files."""
        parts = urlsplit(url)
        if parts.scheme == "data":
            return super().fetch(url, headers)
        if path := _static_file(url):
            return URLFetcherResponse(url, path.read_bytes())
        raise ValueError(f"documents load nothing from {parts.scheme}:")


def _static_file(url: str) -> Path | None:
    prefix = BASE_URL.rstrip("/") + settings.STATIC_URL
    if not url.startswith(prefix):
        return None
    try:
        found = finders.find(unquote(urlsplit(url.removeprefix(prefix)).path))
    except SuspiciousFileOperation:  # climbs out of the static folders
        return None
    return Path(found) if isinstance(found, str) else None


def render(html: str, *, stylesheets: Sequence[str] = ()) -> bytes:
    """The PDF of one document. `stylesheets` are CSS texts added to those in the page.

    Title, language, author and creation date come from the page's `<title>`, `lang` and `<meta>`. The same HTML gives
    the same bytes.
    """
    with _rendering, _without_collector():
        return bytes(lay_out(html, stylesheets).write_pdf())


@dataclass(frozen=True)
class Attached:
    """A file inside an archived PDF: the same facts for machines. `properties` is what the PDF's metadata say of it, as
    `rdf:Description` elements of XMP, those of their PDF/A extension schema among them."""

    name: str
    content: bytes
    words: str
    made_at: datetime
    properties: bytes


def render_archive(html: str, attached: Attached) -> bytes:
    """The PDF/A-3b of one document, which holds a file: fonts and colours inside, nothing outside is needed for decades.

    The same HTML and file give the same bytes.
    """
    with _rendering, _without_collector():
        document = lay_out(html)
        document.metadata.generate_rdf_metadata = _described(document, attached.properties)
        file = Attachment(
            string=attached.content, name=attached.name, description=attached.words, relationship="Alternative",
            created=attached.made_at, modified=attached.made_at,
        )  # fmt: skip
        return bytes(document.write_pdf(finisher=_once, pdf_variant="pdf/a-3b", attachments=[file]))


def _described(document: Document, properties: bytes) -> Any:
    """WeasyPrint's metadata with these beside its own: a PDF has one `rdf:RDF`, readers look no further."""
    own = document.metadata.generate_rdf_metadata
    end = b"</rdf:RDF>"
    return lambda *about: own(*about).replace(end, properties + end)


def _once(_document: Document, file: Any) -> None:
    """WeasyPrint 70 lists an attachment twice among the associated files."""
    if files := file.catalog.get("AF"):
        file.catalog["AF"] = type(files)(dict.fromkeys(files))


def merge(files: Sequence[bytes]) -> bytes:
    """One PDF of several, one after the other, each under a bookmark with its title and with its own page numbers.

    Copies pages, lays nothing out: a packet of sixty pages takes a tenth of a second. Title, author and language are
    the first one's. Raises ValueError when there is no file.
    """
    if not files:
        raise ValueError("a packet holds at least one document")
    merged = PdfWriter()
    for file in files:
        document = PdfReader(BytesIO(file))
        merged.append(document, outline_item=document.metadata.title if document.metadata else None)
    first = PdfReader(BytesIO(files[0]))
    merged.add_metadata(dict(first.metadata or {}))
    if "/Lang" in first.root_object:
        merged.root_object[NameObject("/Lang")] = TextStringObject(first.root_object["/Lang"])
    out = BytesIO()
    merged.write(out)
    return out.getvalue()


def lay_out(html: str, stylesheets: Sequence[str] = ()) -> Document:
    """The pages of one document before they become a PDF: to count them, or to look where things are."""
    fonts, faces = _fonts(os.getpid())
    fetcher = OwnFilesOnly()
    sheets = [CSS(string=text, url_fetcher=fetcher, font_config=fonts) for text in stylesheets]
    page = HTML(string=html, base_url=BASE_URL, url_fetcher=fetcher)
    return page.render(font_config=fonts, stylesheets=[faces, *sheets])


@cache
def _fonts(pid: int) -> tuple[FontConfiguration, CSS]:
    """The fonts, read once per process: their temporary copies go when the process that made them ends."""
    configuration = FontConfiguration()
    rules = "".join(
        f'@font-face{{font-family:"DejaVu Sans";font-weight:{weight};src:url({(FONTS / name).as_uri()})}}'
        for weight, name in FACES
    )
    files = URLFetcher(allowed_protocols={"file"})
    return configuration, CSS(string=rules, font_config=configuration, url_fetcher=files)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Laying out makes many objects that all live until the end: looking for rubbish among them costs a fifth."""
    paused = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if paused:
            gc.enable()
