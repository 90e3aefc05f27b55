"""manage.py books: one export of the books into a file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from distribution.books import files, periods
from hub.refusals import Refusal


class Command(BaseCommand):
    help = "Writes the journal (FEC), VAT, DAC7 figures or sales per day of a period into a file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--kind", required=True, choices=list(files.KINDS))
        parser.add_argument("--from", dest="first", required=True, metavar="DAY", help="first day, as 2026-01-01")
        parser.add_argument("--to", dest="last", required=True, metavar="DAY", help="last day, as 2026-12-31")
        parser.add_argument("--format", default="", help="txt (fec only), csv or xlsx; by default the first there is")
        parser.add_argument("--out", required=True, metavar="FILE", help="a file, or a directory for its usual name")

    def handle(self, *args: Any, **options: Any) -> None:
        """Status 1 for a period that is none, a format there is not, or a file that cannot be written."""
        kind = files.KINDS[options["kind"]]
        try:
            period = periods.period(options["first"], options["last"])
            made = files.export(kind.code, options["format"] or kind.formats[0], period)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        path = Path(options["out"])
        path = path / made.name if path.is_dir() else path
        try:
            with path.open("wb") as file:
                file.writelines(made.chunks)
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}") from error
        self.stdout.write(str(path))
