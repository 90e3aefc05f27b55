"""Reconciliation: the invariants of the books proved again, by SQL that shares nothing with the code that wrote them.

Each proof is a statement that returns one row per difference: what it is about, what is, what should be. No row, no
difference. Only the fingerprints need Python, to read the frozen contents as they were hashed.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.files.storage import default_storage
from django.db import connection

from distribution.models import InvoiceFile
from distribution.proofs import PROOFS


@dataclass(frozen=True)
class Difference:
    """One thing that does not add up. `invariant` is its number in the rules of the house."""

    invariant: int
    what: str
    subject: str
    found: str
    expected: str


HASHED = (
    (
        "sheet",
        "SELECT kind || ' ' || id, content::text, sha256 FROM distribution_sheet WHERE purged_at IS NULL ORDER BY id",
    ),
    (
        "receipt",
        "SELECT o.code, r.content::text, r.sha256 FROM distribution_receipt r JOIN orders_order o ON o.id = r.order_id"
        " ORDER BY r.id",
    ),
    ("invoice", "SELECT issuer || ' ' || number, content::text, sha256 FROM distribution_invoice ORDER BY id"),
    ("statement", "SELECT number, content::text, sha256 FROM distribution_statement ORDER BY id"),
)


def differences() -> list[Difference]:
    """All that does not add up, by invariant; empty when everything does."""
    found = [*_proved(), *_hashed(), *_kept()]
    return sorted(found, key=lambda one: (one.invariant, one.what, one.subject))


def _proved() -> Iterator[Difference]:
    with connection.cursor() as cursor:
        for proof in PROOFS:
            cursor.execute(proof.statement)
            for subject, found, expected in cursor.fetchall():
                yield Difference(proof.invariant, proof.what, subject, str(found), str(expected))


def _hashed() -> Iterator[Difference]:
    with connection.cursor() as cursor:
        for kind, statement in HASHED:
            cursor.execute(statement)
            for subject, content, stored in cursor.fetchall():
                found = _digest(json.loads(content))
                if found != stored:
                    yield Difference(5, f"a frozen {kind} is not what was hashed", subject, found, stored)


def _kept() -> Iterator[Difference]:
    for file in (
        InvoiceFile.objects.select_related("invoice").defer("xml", "invoice__content").order_by("pk").iterator()
    ):
        path = f"invoices/{file.sha256[:2]}/{file.sha256}.pdf"
        found = "no file"
        if default_storage.exists(path):
            with default_storage.open(path) as kept:
                found = hashlib.sha256(kept.read()).hexdigest()
        if found != file.sha256:
            subject = f"{file.invoice.issuer} {file.invoice.number}"
            yield Difference(5, "the PDF of an invoice is not what was hashed", subject, found, file.sha256)


def _digest(content: Any) -> str:
    """Sorted keys, no spaces, UTF-8: written here again on purpose."""
    return hashlib.sha256(
        json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")
    ).hexdigest()
