"""What is written on the sheets of the tests."""

import re

from distribution import documents
from tests.distribution.paper_boxes import Page, content, read
from tests.distribution.paper_orders import Json


def squeezed(text: str) -> str:
    """Text without spaces, to look for words that may have been broken."""
    return re.sub(r"\s", "", text)


def everything(pages: tuple[Page, ...]) -> str:
    return squeezed("".join(page.text for page in pages))


def printed(kind: str, data: Json) -> tuple[Page, ...]:
    return read(documents.render_sheet(kind, data, "pdf"))  # type: ignore[arg-type]


def html(kind: str, name: str) -> str:
    return documents.render_sheet(kind, content(kind, name), "html").decode()  # type: ignore[arg-type]
