"""manage.py reconcile: prove the invariants of the books; status 1 when something does not add up."""

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from distribution.proofs import PROOFS
from distribution.reconcile import HASHED, differences


class Command(BaseCommand):
    """Prints every difference, or that there is none."""

    help = "Proves stock, numbers, frozen documents, statements and the ledger by independent SQL."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the differences as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        found = differences()
        if options["json"]:
            self.stdout.write(json.dumps({"differences": [asdict(one) for one in found]}, ensure_ascii=False))
        else:
            for one in found:
                self.stdout.write(f"{one.invariant}: {one.what}: {one.subject}: {one.found}, expected {one.expected}")
            self.stdout.write(f"{len(found)} differences in {len(PROOFS) + len(HASHED)} proofs")
        if found:
            sys.exit(1)
