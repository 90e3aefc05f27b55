"""Erase a household."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from distribution import erasing
from hub.models import Household


class Command(BaseCommand):
    """`erase_household CODE`: identity goes, accounts and money rows stay. Again, it changes nothing."""

    help = "Erase a household: names, addresses, messages and access go, accounts and money rows stay without a name."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", help="of the household")

    def handle(self, *args: Any, **options: Any) -> None:
        household = Household.objects.filter(code=options["code"]).first()
        if household is None:
            raise CommandError(f"There is no household {options['code']}.")
        try:
            erasing.erase(household=household, by=None, now=timezone.now())
        except erasing.StillNeeded as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{household.code} is erased.")
