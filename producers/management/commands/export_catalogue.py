"""A catalogue as a spreadsheet, for a program or a backup at the farm."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from producers import export
from producers.management.commands._catalogue import CatalogueCommand


class Command(CatalogueCommand):
    """`export_catalogue --producer CODE --week 2026-W48 [--format csv|xlsx] [--out FILE]`: what import_catalogue reads back
    without a change. Without --out, CSV goes to the standard output."""

    help = "Write a producer's catalogue and the stock of a week as CSV or XLSX."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--format", choices=["csv", "xlsx"], help="default: by the name of the file, else csv")
        parser.add_argument("--out", metavar="FILE", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list_producers"]:
            self.list_producers()
            return
        producer, out = self.producer(options), options["out"]
        week = self.week(options, producer, timezone.now())
        kind = options["format"] or (
            out.suffix[1:].lower() if out and out.suffix.lower() in (".csv", ".xlsx") else "csv"
        )
        content = export.as_xlsx(producer, week) if kind == "xlsx" else export.as_csv(producer, week)
        if out is None:
            self.to_output(content, kind)
        else:
            self.to_file(content, out)
        if options["json"]:
            rows = len(export.items(producer, week))
            told = {"producer": producer.code, "week": week, "rows": rows, "file": str(out) if out else None}
            (self.stdout if out else self.stderr).write(json.dumps(told, ensure_ascii=False))

    def to_output(self, content: bytes, kind: str) -> None:
        """Text to the standard output; a workbook needs a file."""
        if kind == "xlsx":
            raise CommandError("Give --out FILE for a workbook.")
        self.stdout.write(content.decode(), ending="")

    def to_file(self, content: bytes, out: Path) -> None:
        """The file, or a CommandError that says why not."""
        try:
            out.write_bytes(content)
        except OSError as trouble:
            raise CommandError(f"{out} cannot be written: {trouble.strerror}.") from trouble
