"""What the commands about catalogues share: which producer, which week."""

import json
import re
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from hub.calendar import week_days
from producers.models import Producer
from producers.week import next_week


class CatalogueCommand(BaseCommand):
    """A command about the catalogue of one producer in one week."""

    # Ours, and not those that load every page of the site, which a farm's program waits for and pays with 80 MB.
    requires_system_checks = ("cabas", "models")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--producer", metavar="CODE", help="code of the producer (see --list-producers)")
        parser.add_argument("--week", help="ISO week of the stock, as 2026-W48; default: the week being prepared")
        parser.add_argument("--json", action="store_true", help="answer in JSON")
        parser.add_argument("--list-producers", action="store_true", help="print the codes of the producers and stop")

    def list_producers(self, *, as_json: bool = False) -> None:
        """One code a line, or a list of them."""
        codes = list(Producer.objects.active().order_by("code").values_list("code", flat=True))
        self.stdout.write(json.dumps(codes) if as_json else "\n".join(codes))

    def producer(self, options: dict[str, Any]) -> Producer:
        """The producer asked for; raises CommandError."""
        if not options["producer"]:
            raise CommandError("Which producer? Give --producer CODE; --list-producers prints the codes.")
        producer = Producer.objects.active().filter(code=options["producer"]).first()
        if producer is None:
            raise CommandError(f"No producer has the code {options['producer']}; --list-producers prints the codes.")
        return producer

    def week(self, options: dict[str, Any], producer: Producer, now: datetime) -> str:
        """The week asked for, else the one the producer prepares; raises CommandError."""
        week = options["week"] or next_week(producer, now)
        try:
            if not re.fullmatch(r"\d{4}-W\d\d", week):
                raise ValueError(week)
            week_days(week)
        except ValueError as trouble:
            raise CommandError(f"{week} is no ISO week such as 2026-W48.") from trouble
        return str(week)
