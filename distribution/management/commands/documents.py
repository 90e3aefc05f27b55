"""Issued documents as the PDFs they are."""

import json
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from datetime import date, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from distribution import invoice_files, papers
from distribution.models import Invoice, Receipt, Statement
from hub import calendar
from hub.models import Hub


class Command(BaseCommand):
    help = (
        "Write the documents of a kind issued from one day to another as PDFs. Running it again writes the same files."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--kind", required=True, choices=list(KINDS))
        parser.add_argument("--from", dest="first", metavar="DAY", help="issued on this day or later, as 2026-11-01")
        parser.add_argument("--to", dest="last", metavar="DAY", help="issued on this day or earlier")
        parser.add_argument("--out", required=True, metavar="DIR", help="where to write them; made if missing")
        parser.add_argument("--json", action="store_true", help="print the names of the files as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Status 1 for something that is no day, and a directory that cannot be written. No document is no error."""
        between = _between(_day(options["first"]), _day(options["last"]))
        out = Path(options["out"])
        try:
            out.mkdir(parents=True, exist_ok=True)
            files = []
            for name, content in KINDS[options["kind"]](between):
                (out / name).write_bytes(content)
                files.append(str(out / name))
        except OSError as error:
            raise CommandError(f"{out} cannot be written: {error.strerror}") from error
        self.stdout.write(
            json.dumps({"files": files}) if options["json"] else "\n".join([*files, f"{len(files)} files"])
        )


def _receipts(between: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    language = Hub.get().language
    for one in Receipt.objects.filter(**between).select_related("order").order_by("pk").iterator():
        yield f"receipt-{one.order.code}.pdf", papers.receipt_pdf(one, language, now=timezone.now())


def _statements(between: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    for one in Statement.objects.filter(**between).select_related("producer").order_by("number").iterator():
        yield f"statement-{one.number}-{one.producer.code}.pdf", papers.statement_pdf(one, now=timezone.now())


def _invoices(kind: str, between: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    """As they were kept; what has no file yet gets it now."""
    found = Invoice.objects.filter(kind=kind, **between).select_related("producer").order_by("issuer", "pk")
    for one in found.iterator():
        yield f"{kind}-{invoice_files.file_name(one, 'pdf')}", invoice_files.pdf_of(one, now=timezone.now())


Documents = Callable[[dict[str, Any]], Iterator[tuple[str, bytes]]]
KINDS: dict[str, Documents] = {
    "receipt": _receipts,
    "statement": _statements,
    **{kind: partial(_invoices, kind) for kind in Invoice.Kind.values},
}


def _between(first: date | None, last: date | None) -> dict[str, Any]:
    """Issued on one of these days of the cooperative, both included."""
    limits: dict[str, Any] = {}
    if first:
        limits["issued_at__gte"] = calendar.wall_to_utc(first, time())
    if last:
        limits["issued_at__lt"] = calendar.wall_to_utc(last + timedelta(days=1), time())
    return limits


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise CommandError(f"{text} is no day: write it as 2026-11-01") from error
