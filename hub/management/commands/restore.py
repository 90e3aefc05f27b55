"""Restore a backup."""

import json
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from hub import backups, erasures


class Command(BaseCommand):
    """`restore DIR`: database and files as they were; stop web server, worker and scheduler first."""

    help = "Make database and files what they were in a backup. Stop web server, worker and scheduler first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", type=Path, help="made by `backup`")
        parser.add_argument("--replace", action="store_true", help="lose the data that are in the database now")
        parser.add_argument("--json", action="store_true", help="print the manifest")

    def handle(self, *args: Any, **options: Any) -> None:
        erasures.note_present()
        erasures.note(erasures.listed(options["directory"].absolute()).items())
        try:
            manifest = backups.restore(options["directory"].absolute(), replace=options["replace"])
        except (backups.BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        # The backup may be of an earlier release.
        call_command("migrate", verbosity=0)
        again = erasures.repeat()
        if options["json"]:
            self.stdout.write(json.dumps(manifest))
        else:
            self.stdout.write(
                f"{sum(manifest['rows'].values())} rows and {manifest['files']} files of {manifest['made_at']};"
                f" {again} households erased again"
            )
