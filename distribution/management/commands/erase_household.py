"""Erase a household."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from distribution import erasing
from hub.models import Household


class Command(BaseCommand):
    """`erase_household CODE [--json]`: identity goes, accounts and money rows stay. Again, it changes nothing."""

    help = "Erase a household: names, addresses, messages and access go, accounts and money rows stay without a name."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", help="of the household")
        parser.add_argument("--json", action="store_true", help="answer as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        household = Household.objects.filter(code=options["code"]).first()
        if household is None:
            raise CommandError(f"There is no household {options['code']}.")
        try:
            erasing.erase(household=household, by=None, now=timezone.now())
        except erasing.StillNeeded as refusal:
            raise CommandError(str(refusal)) from refusal
        told = {"household": household.code, "erased": True}
        self.stdout.write(json.dumps(told) if options["json"] else f"{household.code} is erased.")
