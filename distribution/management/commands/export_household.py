"""Write everything kept about a household."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from distribution import own_data
from hub.models import Household, Hub


class Command(BaseCommand):
    """`export_household CODE --out DIR [--json]`: `donnees.json` for programs and `donnees.html` to read."""

    help = "Write everything kept about a household: donnees.json for programs, donnees.html to read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", help="of the household")
        parser.add_argument("--out", type=Path, required=True, help="directory, made if it does not exist")
        parser.add_argument("--json", action="store_true", help="answer as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        household = Household.objects.filter(code=options["code"]).first()
        if household is None:
            raise CommandError(f"There is no household {options['code']}.")
        data = own_data.collect(household, now=timezone.now())
        first = household.members.order_by("pk").first()
        language = first.language if first else Hub.get().language
        out: Path = options["out"]
        out.mkdir(parents=True, exist_ok=True)
        written: list[str] = []
        for name, content in (
            ("donnees.json", own_data.as_json(data)),
            ("donnees.html", own_data.as_page(data, language=language)),
        ):
            (out / name).write_bytes(content)
            (out / name).chmod(0o600)
            written.append(str(out / name))
        told = {"household": household.code, "files": written}
        self.stdout.write(json.dumps(told, ensure_ascii=False) if options["json"] else "\n".join(written))
