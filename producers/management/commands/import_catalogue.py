"""A catalogue from a spreadsheet, by hand or by program."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from hub.refusals import Refusal
from hub.spreadsheets import MAX_BYTES
from producers import imports
from producers.imports.shown import file_remarks
from producers.management.commands._catalogue import CatalogueCommand
from producers.models import Import


class Command(CatalogueCommand):
    """`import_catalogue FILE --producer CODE --week 2026-W48 [--confirm] [--json]`: preview, or preview and write the rows
    without errors. Status 1 when the file is no catalogue or no row of it can be imported."""

    help = "Preview a catalogue from a CSV or XLSX file; with --confirm also write the rows without errors."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", nargs="?", type=Path)
        super().add_arguments(parser)
        parser.add_argument("--confirm", action="store_true", help="write the rows without errors")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list_producers"]:
            self.list_producers(as_json=options["json"])
            return
        if options["file"] is None:
            raise CommandError("Which file? Give the path of a CSV or XLSX file.")
        try:
            imp = self.preview(options)
            told = imports.summary(self.confirmed(imp) if options["confirm"] else imp)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        for remark in file_remarks(imp):
            self.stderr.write(remark)
        self.tell(told, as_json=options["json"])
        if not any(told[name] for name in ("created", "changed", "unchanged")):
            raise CommandError("No row of this file can be imported.")

    def preview(self, options: dict[str, Any]) -> Import:
        """What the file would do; raises CommandError where it cannot be opened."""
        producer, now = self.producer(options), timezone.now()
        week, path = self.week(options, producer, now), options["file"]
        try:
            with path.open("rb") as file:
                content = file.read(MAX_BYTES + 1)
        except OSError as trouble:
            raise CommandError(f"{path} cannot be read: {trouble.strerror}.") from trouble
        return imports.preview(producer=producer, week=week, file_name=path.name, content=content, by=None, now=now)

    def confirmed(self, imp: Import) -> Import:
        """The import, written where it has anything to write."""
        try:
            return imports.confirm(imp=imp, by=None, now=timezone.now())
        except imports.NothingToWrite:
            return imp

    def tell(self, told: dict[str, Any], *, as_json: bool) -> None:
        """The counts and the errors."""
        if as_json:
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=1))
            return
        counts = ("created", "changed", "unchanged", "ignored")
        self.stdout.write(", ".join(f"{name}: {told[name]}" for name in counts) + f", errors: {len(told['errors'])}")
        for error in told["errors"]:
            self.stdout.write(f"row {error['row']}, {error['column']}: {error['value']!r}: {error['reason']}")
