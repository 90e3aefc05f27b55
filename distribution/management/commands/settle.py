"""Settle one confirmed collection by hand."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from distribution import receipts, settlement
from distribution.management.naming import collection_named
from hub import format as say


class Command(BaseCommand):
    help = "Settle one confirmed collection and make its receipts, as the sweep does. Running it again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("collection", help="its public id, as `sheets --list` prints it")
        parser.add_argument("--json", action="store_true", help="print the answer as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Status 1 when there is no such collection, or nobody has confirmed it: that word is a person's."""
        collection = collection_named(options["collection"])
        if collection.confirmed_at is None:
            raise CommandError(
                f"{collection.code} is not confirmed: its host, or a coordinator, says first that it is over"
            )
        now = timezone.now()
        done = settlement.settle(collection=collection, now=now)
        made = receipts.issue(collection=collection, now=now)
        collection.refresh_from_db()
        settled_at = say.iso(collection.settled_at) if collection.settled_at else None
        answer = {"id": collection.code, "settled": done, "settled_at": settled_at, "receipts": made}
        words = f"{collection.code}: {'settled' if done else f'settled before, {settled_at}'}, {made} receipts made"
        self.stdout.write(json.dumps(answer) if options["json"] else words)
