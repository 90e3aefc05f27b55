"""Builds the village and prints a sign-in link per role."""

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone, translation
from django.utils.translation import pgettext

from distribution import demo
from hub import demo_doors
from hub.models import Household


class Command(BaseCommand):
    help = "Build the demo village in an empty database and print one sign-in link per role, good on this machine only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reset", action="store_true", help="throw everything away first")
        parser.add_argument("--json", action="store_true", help="print the links as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Build unless there is a village already; never touches a database outside the demo."""
        if not settings.DEMO:
            raise CommandError("The village is built only where DEMO=1: it would stand among real households.")
        unfinished = settings.CABAS_HOME / "village-unfinished"
        if options["reset"] or unfinished.exists():
            _forget()
        if not Household.objects.exists():
            unfinished.touch()  # not one transaction: cards are asked for between its steps, and no lock waits for an answer
            with translation.override("fr"):
                demo.build(now=timezone.now(), say=lambda words: self.stderr.write(f"Village: {words} …"))
            unfinished.unlink()
        doors = demo_doors.doors()
        if options["json"]:
            shown = [{"role": str(d.role), "email": d.member.email, "url": d.url, "totp": d.secret} for d in doors]
            self.stdout.write(json.dumps(shown))
            return
        with translation.override("fr"):
            for door in doors:
                self.stdout.write(f"  {door.role!s:16} {door.member.full_name:20} {door.url}")
                if door.secret:
                    self.stdout.write(f"  {'':16} {pgettext('demo', 'second factor'):20} {door.secret}")
        self.stdout.write(f"  {'messages':16} {'':20} {settings.SITE_URL}/demo/messages/")


def _forget() -> None:
    """Empty the demo's schema and lay it again: its ledger refuses to forget in any other way."""
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
