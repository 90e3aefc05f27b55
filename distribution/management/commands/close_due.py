"""What the one-minute sweep does at the deadline, by hand."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from distribution import closing


class Command(BaseCommand):
    help = "Close every collection whose deadline has passed, and go on with those left half way."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the codes as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints the codes of the collections whose close was finished."""
        closed = closing.close_due(now=timezone.now())
        self.stdout.write(json.dumps({"closed": closed}) if options["json"] else "\n".join(closed) or "nothing was due")
