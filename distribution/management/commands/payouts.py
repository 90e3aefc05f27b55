"""What is owed to farms, and the transfers to make as a file."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from distribution import transfers
from distribution.models import Payout
from hub import calendar
from hub import format as say
from hub.models import Hub


class Command(BaseCommand):
    help = (
        "List the payouts of a week's statements; --csv writes those not made yet, with account numbers, for the bank."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--week", required=True, help="the week of the statements, as 2026-W48")
        parser.add_argument("--csv", metavar="FILE", help="write the transfers to make into this file")
        parser.add_argument("--json", action="store_true", help="print the answer as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Status 1 for something that is no week, or a file that cannot be written. Nothing is marked as paid here."""
        week = options["week"]
        try:
            calendar.week_days(week)
        except ValueError as error:
            raise CommandError(f"{week} is no week: write it as 2026-W48") from error
        rows = [_row(one) for one in _payouts(week)]
        if options["csv"]:
            self._write(week, Path(options["csv"]))
        if options["json"]:
            self.stdout.write(json.dumps({"week": week, "payouts": rows}, ensure_ascii=False))
            return
        for row in rows:
            state = f"paid {row['paid_at']}" if row["paid_at"] else "to make"
            account = say.masked_iban(row["iban"]) or "no account"
            self.stdout.write(f"{row['statement']}\t{row['producer']}\t{row['amount']['amount']}\t{account}\t{state}")
        self.stdout.write(f"{week}: {sum(not row['paid_at'] for row in rows)} of {len(rows)} payouts to make")

    def _write(self, week: str, path: Path) -> None:
        with translation.override(Hub.get().language):
            content = transfers.as_csv([transfers.of_payout(one) for one in transfers.to_farms(week)])
        try:
            path.write_bytes(content)
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}") from error


def _payouts(week: str) -> list[Payout]:
    found = Payout.objects.filter(statement__week=week).select_related("statement", "producer")
    return list(found.order_by("statement__number"))


def _row(payout: Payout) -> dict[str, Any]:
    """`iban` is where it went, or where it would go now."""
    return {
        "statement": payout.statement.number,
        "producer": payout.producer.code,
        "amount": {"amount": str(payout.amount.amount), "currency": settings.CURRENCY},
        "iban": payout.iban if payout.paid_at else payout.producer.iban,
        "paid_at": say.iso(payout.paid_at) if payout.paid_at else None,
    }
