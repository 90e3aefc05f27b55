"""The frozen sheets of a collection as files."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, cast

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count, Q
from django.utils import timezone

from distribution import printing
from distribution.documents import Format
from distribution.models import Sheet
from hub import format as say
from hub.models import Collection


class Command(BaseCommand):
    help = "Write the newest sheets of a collection as <kind>[-<producer code>].<ext>, or list the collections."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("collection", nargs="?", help="its public id")
        parser.add_argument("--kind", default="all", help=f"all, or some of {','.join(Sheet.Kind.values)}")
        parser.add_argument("--format", default="pdf", help=f"some of {','.join(printing.FORMATS)}")
        parser.add_argument("--out", default=".", help="folder to write to, made if it does not exist")
        parser.add_argument("--list", action="store_true", help="list the collections instead")
        parser.add_argument("--json", action="store_true", help="answer as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Status 1 for an unknown collection, kind or format, and where nothing is frozen yet."""
        if options["list"]:
            self._list(as_json=options["json"])
            return
        collection = Collection.objects.filter(code=options["collection"] or "").first()
        if collection is None:
            raise CommandError(f"no collection {options['collection'] or ''}; --list names them")
        kinds = _asked(options["kind"], Sheet.Kind.values)
        formats = _asked(options["format"], list(printing.FORMATS))
        found = printing.sheets_of(collection).select_related("producer")
        sheets = [sheet for sheet in found if sheet.kind in kinds and sheet.purged_at is None]
        if not sheets:
            raise CommandError(f"{collection.code} has no frozen sheets of this kind")
        self._write(sheets, formats, Path(options["out"]), as_json=options["json"])

    def _write(self, sheets: list[Sheet], formats: list[str], out: Path, *, as_json: bool) -> None:
        out.mkdir(parents=True, exist_ok=True)
        files = []
        for sheet in sheets:
            for format_ in formats:
                path = out / printing.file_name(sheet, format_)
                path.write_bytes(printing.file_of(sheet, cast(Format, format_)))
                files.append(str(path))
        self.stdout.write(json.dumps({"files": files}) if as_json else "\n".join(files))

    def _list(self, *, as_json: bool) -> None:
        now = timezone.now()
        live = Count("orders", filter=Q(orders__cancelled_at=None))
        rows = [
            {
                "id": one.code,
                "point": one.point.name,
                "status": "open" if one.is_open(now) else one.status,
                "starts_at": say.iso(one.starts_at),
                "orders": one.live_orders,  # type: ignore[attr-defined]  # annotated below
            }
            for one in Collection.objects.select_related("point").annotate(live_orders=live).order_by("starts_at", "pk")
        ]
        if as_json:
            self.stdout.write(json.dumps(rows))
            return
        for row in rows:
            self.stdout.write("\t".join(str(value) for value in row.values()))


def _asked(text: str, known: list[str]) -> list[str]:
    """The names asked for, `all` being every one. Raises CommandError for a name that is not known."""
    names = list(known) if text == "all" else [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        raise CommandError(f"unknown: {', '.join(unknown) or text}; known are {', '.join(known)}")
    return names
