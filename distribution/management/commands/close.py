"""Close one collection by hand."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from distribution import closing
from distribution.management.naming import collection_named
from hub.refusals import Refusal


class Command(BaseCommand):
    help = "Close one collection whose deadline has passed. Running it again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("collection", help="its public id, as `sheets --list` prints it")
        parser.add_argument("--json", action="store_true", help="print the answer as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Status 1 when there is no such collection or its deadline has not passed."""
        collection = collection_named(options["collection"])
        try:
            closed = closing.close_collection(collection=collection, now=timezone.now())
        except Refusal as refusal:
            raise CommandError(f"{refusal.code}: {refusal}") from refusal
        answer = {"id": collection.code, "closed": closed, "waiting": "" if closed else "minimum"}
        words = f"{collection.code}: {'closed' if closed else 'waits for a decision on a minimum'}"
        self.stdout.write(json.dumps(answer) if options["json"] else words)
