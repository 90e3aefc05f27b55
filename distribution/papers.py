"""Receipts and statements as PDF: made once, kept under the SHA-256 of the file, and handed out as they were kept."""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any, cast

from django.core.files.storage import default_storage

from distribution import documents, point_papers, printing, receipts
from distribution.contents.money import Statement as Content
from distribution.models import KeptPaper, PointStatement, Receipt, Statement
from hub.models import Hub


def receipt_pdf(receipt: Receipt, language: str, *, now: datetime) -> bytes:
    """A receipt in a language, the same bytes each time."""
    return _kept({"receipt": receipt, "language": language}, lambda: receipts.as_pdf(receipt, language), now)


def statement_pdf(statement: Statement, *, now: datetime) -> bytes:
    """A farm's statement in the language it was issued in, the same bytes each time."""
    content = cast(Content, statement.content)
    about = {"statement": statement, "language": content["language"]}
    return _kept(about, lambda: documents.render_statement(content, "pdf"), now)


def point_statement_pdf(statement: PointStatement, *, now: datetime) -> bytes:
    """A point's statement in the language of the cooperative, the same bytes each time."""
    about = {"point_statement": statement, "language": Hub.get().language}
    return _kept(about, lambda: documents.render_point_statement(point_papers.content(statement)), now)


def _kept(about: dict[str, Any], make: Callable[[], bytes], now: datetime) -> bytes:
    known = KeptPaper.objects.filter(**about).order_by("-pk").first()
    if known is not None and default_storage.exists(_path(known.sha256)):
        with default_storage.open(_path(known.sha256)) as file:
            return bytes(file.read())
    made = make()
    digest = sha256(made).hexdigest()
    printing.keep(_path(digest), lambda: made)
    KeptPaper.objects.get_or_create(**about, sha256=digest, defaults={"size": len(made), "made_at": now})
    return made


def _path(digest: str) -> str:
    return f"papers/{digest[:2]}/{digest}.pdf"
