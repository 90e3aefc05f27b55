"""Make a backup."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from hub import backups


class Command(BaseCommand):
    """`backup DIR`: database and files into a new directory, while everybody goes on working."""

    help = "Write database and files into a new directory; restore it with `restore`."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", type=Path, help="must not exist yet")
        parser.add_argument("--json", action="store_true", help="print the manifest")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            manifest = backups.backup(options["directory"].absolute(), now=timezone.now())
        except (backups.BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(manifest))
        else:
            self.stdout.write(
                f"{sum(manifest['rows'].values())} rows and {manifest['files']} files in {options['directory']}"
            )
