"""manage.py books: one export of the books into a file, the archive of what is closed, and checking an archive."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from distribution.books import archive, files, periods
from hub.refusals import Refusal

ARCHIVE = "archive"


class Command(BaseCommand):
    help = "Writes the journal (FEC), VAT, DAC7 figures, sales per day or the archive into a file; checks an archive."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--kind", default="", choices=[*files.KINDS, ARCHIVE])
        parser.add_argument("--from", dest="first", default="", metavar="DAY", help="first day, as 2026-01-01")
        parser.add_argument("--to", dest="last", default="", metavar="DAY", help="last day, as 2026-12-31")
        parser.add_argument("--format", default="", help="txt (fec only), csv or xlsx; by default the first there is")
        parser.add_argument("--out", default="", metavar="FILE", help="a file, or a directory for its usual name")
        parser.add_argument(
            "--verify", default="", metavar="FILE", help="check an archive, and today's books against it"
        )
        parser.add_argument("--json", action="store_true", help="answer as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Status 1 for a period that is none, a format there is not, a file that cannot be written, or a fault found."""
        try:
            if options["verify"]:
                self._verify(Path(options["verify"]), as_json=options["json"])
            elif not options["kind"] or not options["out"]:
                raise CommandError("give --kind and --out, or --verify")
            elif options["kind"] == ARCHIVE:
                self._tell(self._archive(Path(options["out"])), as_json=options["json"])
            else:
                self._tell(self._export(Path(options["out"]), options), as_json=options["json"])
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error

    def _tell(self, path: Path, *, as_json: bool) -> None:
        self.stdout.write(json.dumps({"file": str(path)}, ensure_ascii=False) if as_json else str(path))

    def _export(self, path: Path, options: dict[str, Any]) -> Path:
        kind = files.KINDS[options["kind"]]
        period = periods.period(options["first"], options["last"])
        made = files.export(kind.code, options["format"] or kind.formats[0], period)
        path = path / made.name if path.is_dir() else path
        with path.open("wb") as file:
            file.writelines(made.chunks)
        return path

    def _archive(self, path: Path) -> Path:
        directory = path if path.is_dir() else path.parent
        made = directory / f".{ARCHIVE}-{path.name}"
        try:
            with made.open("wb") as file:
                last = archive.write(file)
        except archive.NothingClosed:
            made.unlink()
            raise
        path = path / archive.name(last) if path.is_dir() else path
        return made.rename(path)

    def _verify(self, path: Path, *, as_json: bool) -> None:
        with path.open("rb") as file:
            faults = archive.verify(file)
        if as_json:
            told = [{"where": one.where, "found": str(one.found), "expected": str(one.expected)} for one in faults]
            self.stdout.write(json.dumps({"faults": told}, ensure_ascii=False))
        else:
            lines = [f"{one.where}: {one.found}, expected {one.expected}" for one in faults]
            self.stdout.write("\n".join([*lines, f"{len(faults)} faults"]))
        if faults:
            sys.exit(1)
