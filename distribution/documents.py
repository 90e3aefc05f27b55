"""Printed documents from frozen content: HTML, PDF, CSV and XLSX of the nine sheets, the statement and the receipt.

Words come in the language of the content, whatever the reader speaks. The same content gives the same HTML, PDF and
CSV, byte for byte.
"""

import base64
import hashlib
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString

from distribution import exports
from distribution.contents import Content
from distribution.contents.day import Duty
from distribution.contents.invoices import Invoice
from distribution.contents.money import ChequeSlip, PointStatement, Receipt, Statement
from distribution.contents.point import Packing
from distribution.contents.shared import Kind
from distribution.typeset import day, farm, invoices, labels, money, packing, point, points_part
from hub import pdf
from hub.spreadsheets import write_csv, write_xlsx

Format = Literal["html", "pdf", "csv", "xlsx"]
Typeset = Callable[[Any], dict[str, Any]]
STYLE = Path(__file__).parent / "static" / "distribution" / "print.css"
# Pixels of a preview: a phone shows the whole width of the paper, upright or across.
NARROW, WIDE = 780, 1150
TYPESETTERS: dict[str, Typeset] = {
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
    "point-statement": points_part.point_statement,
    "receipt": money.receipt,
    "invoice": invoices.invoice,
    "cheque-slip": money.cheque_slip,
}


def render_sheet(kind: Kind, content: Content, format_: Format) -> bytes:
    """A frozen sheet as a file. Raises ValueError for a format that does not exist."""
    return _render(kind, content, format_)


def render_statement(content: Statement, format_: Format) -> bytes:
    """A producer's statement as a file."""
    return _render("statement", content, format_)


def render_point_statement(content: PointStatement) -> bytes:
    """A point's statement as PDF."""
    return pdf.render(_page("point-statement", content))


def render_receipt(content: Receipt, format_: Format) -> bytes:
    """A household's receipt as a file."""
    return _render("receipt", content, format_)


def render_invoice(content: Invoice, attached: pdf.Attached) -> bytes:
    """An invoice or a credit note as PDF/A-3b with the file that says the same to machines."""
    return pdf.render_archive(_page("invoice", content), attached)


def render_cheque_slip(content: ChequeSlip) -> bytes:
    """A slip of cheques as PDF."""
    return pdf.render(_page("cheque-slip", content))


def changed_packing(content: Packing) -> bytes:
    """The PDF of the packing sheets that this version changed, to replace those already in the crates."""
    return pdf.render(_page("packing", content, partial(packing.packing, changed_only=True)))


def style_source(html: bytes) -> str:
    """What a page made here needs in the `style-src` of its Content-Security-Policy: the hash of its own style."""
    style = html.partition(b"<style>")[2].partition(b"</style>")[0]
    return f"'sha256-{base64.b64encode(hashlib.sha256(style).digest()).decode()}'"


def _render(kind: str, content: Any, format_: Format) -> bytes:
    if format_ == "html":
        return _page(kind, content).encode()
    if format_ == "pdf":
        return pdf.render(_page(kind, content))
    table = exports.table(kind, content)
    if format_ == "csv":
        return write_csv(table.columns, table.rows)
    if format_ == "xlsx":
        return write_xlsx(kind, table.columns, table.rows)
    raise ValueError(f"no such format: {format_}")


def _page(kind: str, content: Any, typeset: Typeset | None = None) -> str:
    """The whole page, which needs nothing else: its style is inside."""
    front = content.get("header", content)  # the money papers have no header of their own
    hub = front["hub"] if isinstance(front["hub"], str) else front["hub"]["name"]
    with translation.override(front["language"]):
        sheets = [_sheet(kind, content, typeset)]
        if kind == "duty":
            sheets += _bundled(content)
        head = sheets[0]["head"]
        context = {
            "sheets": sheets,
            "title": " · ".join(filter(None, [head.title, head.where, head.when])),
            "author": hub,
            "created": front["extracted_at"] if "extracted_at" in front else front["issued_at"],
            "language": front["language"],
            "screen_width": WIDE if kind in ("harvest", "packing") else NARROW,
            "style": SafeString(_style(kind, content)),
        }
        return render_to_string("documents/page.html", context)


def _sheet(kind: str, content: Any, typeset: Typeset | None = None) -> dict[str, Any]:
    return {"template": f"documents/_{kind}.html", **(typeset or TYPESETTERS[kind])(content)}


def _bundled(content: Duty) -> list[dict[str, Any]]:
    """The sheets behind a duty sheet."""
    follow = {"sign-off": content["sign_off"], "route": content["route"], "table-plan": content["table_plan"]}
    return [_sheet(kind, sheet) for kind, sheet in follow.items() if sheet]


def _style(kind: str, content: Any) -> str:
    return _print_style() + (labels.grid_css(content["grid"]) if kind == "labels" else "")


@cache
def _print_style() -> str:
    return STYLE.read_text(encoding="utf-8")
