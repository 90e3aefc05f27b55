"""Printed documents from frozen content: HTML, PDF, CSV and XLSX of the nine sheets, the statement and the receipt.

The same content always gives the same bytes. Words come in the language of the content, whatever the reader speaks.
"""

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString

from distribution.contents import Content
from distribution.contents.day import Duty
from distribution.contents.money import Receipt, Statement
from distribution.contents.point import Labels
from distribution.contents.shared import Kind
from distribution.typeset import day, farm, labels, money, packing, point
from hub import pdf

Format = Literal["html", "pdf", "csv", "xlsx"]
Sheet = dict[str, Any]
STYLE = Path(__file__).parent / "static" / "distribution" / "print.css"
TYPESETTERS: dict[str, Callable[[Any], Sheet]] = {
    "harvest": farm.harvest,
    "delivery-note": farm.delivery_note,
    "member-slips": farm.member_slips,
    "packing": packing.packing,
    "sign-off": point.sign_off,
    "table-plan": point.table_plan,
    "labels": labels.labels,
    "duty": day.duty,
    "route": day.route,
    "statement": money.statement,
    "receipt": money.receipt,
}


@cache
def print_style() -> str:
    """The stylesheet of paper."""
    return STYLE.read_text(encoding="utf-8")


def sheet_html(kind: Kind, content: Content) -> str:
    """One sheet as a page that needs nothing else: its style is inside (documents.style_hash lets it through the CSP)."""
    header = content["header"]
    with translation.override(header["language"]):
        sheets = _sheets(kind, content)
        return _page(sheets, author=header["hub"], created=header["extracted_at"], language=header["language"], grid=_grid(kind, content))


def _sheets(kind: Kind, content: Content) -> list[Sheet]:
    sheets = [_sheet(kind, content)]
    if kind == "duty":
        bundle = cast(Duty, content)
        follow = {"sign-off": bundle["sign_off"], "route": bundle["route"], "table-plan": bundle["table_plan"]}
        sheets += [_sheet(name, part) for name, part in follow.items() if part]
    return sheets


def _sheet(kind: str, content: Any) -> Sheet:
    return {"template": f"documents/_{kind}.html", **TYPESETTERS[kind](content)}


def _grid(kind: Kind, content: Content) -> str:
    return labels.grid_css(cast(Labels, content)["grid"]) if kind == "labels" else ""


def _page(sheets: list[Sheet], *, author: str, created: str, language: str, grid: str = "") -> str:
    head = sheets[0]["head"]
    title = " · ".join(filter(None, [head.title, head.where, head.when]))
    context = {
        "sheets": sheets, "title": title, "author": author, "created": created, "language": language,
        "style": SafeString(print_style() + grid),
    }  # fmt: skip
    return render_to_string("documents/page.html", context)
