"""What is where on the pages of a document: words as a reader of the PDF finds them, boxes as they were laid out."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import pypdfium2 as pdfium
from pypdfium2 import raw

from distribution import documents
from hub import pdf
from tests.distribution import paper_money
from tests.distribution.paper_orders import Json
from tests.distribution.paper_week import PaperWeek

MM = 25.4 / 72  # one point of a PDF
PX = 25.4 / 96  # one pixel of a layout

WEEKS: dict[str, dict[str, Any]] = {
    "usual": {},
    "version 2": {"version": 2},
    "long names": {"households": 60, "products": 300, "long_names": True, "points": 14},
    "nobody": {"households": 0},
    "one household": {"households": 1},
    "61 households": {"households": 61},
    "twelve with long names": {"households": 12, "products": 300, "long_names": True, "points": 14},
}
KINDS = ("harvest", "delivery-note", "member-slips", "packing", "sign-off", "table-plan", "labels", "duty", "route")


@dataclass(frozen=True)
class Word:
    """A word with its place on the page, in millimetres from the top left corner."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float


@dataclass(frozen=True)
class Page:
    """One page of a PDF."""

    words: tuple[Word, ...]
    width: float
    height: float

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


@cache
def week(name: str) -> PaperWeek:
    """One of the weeks that every sheet is tried with."""
    return PaperWeek(**WEEKS[name])


@cache
def content(kind: str, name: str) -> Json:
    """The content of a sheet of one of the weeks; the two money papers know no weeks."""
    if kind == "statement":
        return dict(paper_money.statement())
    if kind == "receipt":
        return dict(paper_money.receipt())
    found: Json = getattr(week(name), kind.replace("-", "_"))()
    return found


def read(data: bytes) -> tuple[Page, ...]:
    """The pages of a PDF and their words, in the order in which they were written."""
    with pdfium.PdfDocument(data) as document:
        return tuple(_page(page) for page in document)


def _page(page: Any) -> Page:
    width, height = page.get_size()
    text = page.get_textpage()
    words: list[Word] = []
    letters: list[tuple[str, float, float, float, float]] = []
    size = 0.0
    for nth in range(text.count_chars()):
        sign = chr(raw.FPDFText_GetUnicode(text, nth))
        if not sign.isspace():
            size = size if letters else raw.FPDFText_GetFontSize(text, nth) * PX / MM  # WeasyPrint writes in pixels
            letters.append((sign, *text.get_charbox(nth)))
        if letters and (sign.isspace() or nth == text.count_chars() - 1):
            signs, lefts, bottoms, rights, tops = zip(*letters, strict=True)
            edges = (min(lefts), height - max(tops), max(rights), height - min(bottoms))
            words.append(Word("".join(signs), *(edge * MM for edge in edges), size))
            letters = []
    return Page(tuple(words), float(width) * MM, float(height) * MM)


class Sheet:
    """A document laid out once: every box with the number of its page, and the words of its PDF."""

    def __init__(self, laid_out: Any):
        self.laid_out = laid_out
        self.boxes = [(number, box) for number, page in enumerate(laid_out.pages, 1) for box in _walk(page._page_box)]

    @property
    def count(self) -> int:
        """How many pages there are."""
        return len(self.laid_out.pages)

    @cached_property
    def pages(self) -> tuple[Page, ...]:
        return read(self.laid_out.write_pdf())

    def of(self, kind: str) -> Iterator[tuple[int, Any]]:
        """The boxes of one type, such as "TableRowBox"."""
        return ((number, box) for number, box in self.boxes if type(box).__name__ == kind)

    def rows(self) -> list[list[str]]:
        """The text of each cell of each row of the tables' bodies."""
        rows = [box for _number, box in self.of("TableRowBox")]
        return [[text_of(cell) for cell in row.children] for row in rows]

    def cut_rows(self) -> list[Any]:
        """Rows that stand on more than one page."""
        seen: dict[Any, set[int]] = defaultdict(set)
        for number, box in self.of("TableRowBox"):
            seen[box.element].add(number)
        return [element for element, pages in seen.items() if len(pages) > 1]

    def spilt_words(self) -> list[str]:
        """Texts that run over the right edge of their cell."""
        return [
            piece.text
            for _number, cell in self.of("TableCellBox")
            for piece in texts(cell)
            if piece.position_x + piece.width > cell.position_x + cell.border_width() + 1
        ]


def lay_out(kind: str, data: Json) -> Sheet:
    """A document from its content."""
    html = documents.render_sheet(kind, data, "html").decode()  # type: ignore[arg-type]
    return Sheet(pdf.lay_out(html))


@cache
def sheet(kind: str, name: str) -> Sheet:
    """A sheet of one of the weeks."""
    return lay_out(kind, content(kind, name))


def _walk(box: Any) -> Iterator[Any]:
    """A box and all within it, in reading order; heads of tables, which are repeated, are left out."""
    stack = [box]
    while stack:
        one = stack.pop()
        one = getattr(one, "_box", one)  # what is placed absolutely comes wrapped
        if getattr(one, "is_header", False):
            continue
        yield one
        children = getattr(one, "children", ())
        stack += [child[1] if isinstance(child, tuple) else child for child in reversed(children)]


def texts(box: Any) -> list[Any]:
    """The pieces of text within a box, in reading order."""
    return [one for one in _walk(box) if type(one).__name__ == "TextBox" and one.text.strip()]


def text_of(box: Any) -> str:
    """The text within a box, one space between its pieces."""
    return " ".join(" ".join(piece.text for piece in texts(box)).split())
