"""What is owed to farms, and the transfers to make as a file."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation

from distribution import payouts, transfers
from distribution.models import Payout, PayoutRun
from hub import calendar
from hub import format as say
from hub.models import Hub
from hub.refusals import Refusal


class Command(BaseCommand):
    help = (
        "List the payouts of a week's statements. --sepa starts a run of those that can be paid and writes its file for the"
        " bank (pain.001); again, it writes the same bytes until the file is noted as sent. --csv writes those to make by hand."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--week", required=True, help="the week of the statements, as 2026-W48")
        parser.add_argument("--sepa", metavar="FILE", help="write a transfer file for the bank, pain.001.001.09")
        parser.add_argument("--csv", metavar="FILE", help="write the transfers to make into this file")
        parser.add_argument("--json", action="store_true", help="print the answer as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Status 1 for something that is no week, nothing to pay by --sepa, or a file that cannot be written. Nothing is
        marked as paid here."""
        week = options["week"]
        try:
            calendar.week_days(week)
        except ValueError as error:
            raise CommandError(f"{week} is no week: write it as 2026-W48") from error
        answer: dict[str, Any] = {"week": week}
        if options["sepa"]:
            run = self._run(week)
            _write(Path(options["sepa"]), payouts.file_of(run))
            answer["run"] = {"number": run.number, "sha256": run.file.sha256, "transfers": run.file.transfers}
        answer["payouts"] = rows = [_row(one) for one in _payouts(week)]
        if options["csv"]:
            with translation.override(Hub.get().language):
                by_hand = [transfers.of_payout(one) for one in _payouts(week) if _is_typed(one)]
                _write(Path(options["csv"]), transfers.as_csv(by_hand))
        if options["json"]:
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
            return
        for row in rows:
            state = f"paid {row['paid_at']}" if row["paid_at"] else {"due": "to make"}.get(row["state"], row["state"])
            account = say.masked_iban(row["iban"]) or "no account"
            self.stdout.write(
                f"{row['statement']}\t{row['producer'] or row['point']}\t{row['amount']['amount']}\t{account}\t{state}"
            )
        if options["sepa"]:
            self.stdout.write(f"{run.number}: {run.file.transfers} transfers, sha256 {run.file.sha256}")
        self.stdout.write(f"{week}: {sum(not row['paid_at'] for row in rows)} of {len(rows)} payouts to make")

    def _run(self, week: str) -> PayoutRun:
        """A run of all that can be paid; where nothing is left, the one under way whose file the bank does not have yet."""
        with translation.override("en"):
            choices = payouts.choices(rail=PayoutRun.Rail.FILE, now=timezone.now(), week=week)
            for one in choices:
                if one.obstacle:
                    self.stderr.write(f"{one.payout.number} {one.payout.payee.code}: {one.obstacle.what}")
            numbers = [one.payout.number for one in choices if one.obstacle is None]
            waiting = Payout.objects.of_week(week).filter(
                state=Payout.State.IN_RUN, run__rail="file", run__sent_at=None
            )
            open_run = PayoutRun.objects.filter(pk__in=waiting.values("run")).order_by("-pk").first()
            if not numbers and open_run is not None:
                return open_run
            try:
                return payouts.start(rail=PayoutRun.Rail.FILE, numbers=numbers, by=None, now=timezone.now())
            except payouts.NothingChosen as refusal:
                raise CommandError(f"{week}: nothing can be paid by file") from refusal
            except Refusal as refusal:
                raise CommandError(str(refusal)) from refusal


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}") from error


def _payouts(week: str) -> list[Payout]:
    found = Payout.objects.live().of_week(week).with_payees().select_related("run")
    return sorted(found, key=lambda one: one.number)


def _is_typed(payout: Payout) -> bool:
    """Whether somebody has to type it at the bank."""
    in_hand = payout.run is None or payout.run.rail == PayoutRun.Rail.HAND
    return in_hand and payout.state in {Payout.State.DUE, Payout.State.IN_RUN}


def _row(payout: Payout) -> dict[str, Any]:
    """`iban` is where it goes, or would go now; `producer` or `point` is null."""
    account = payout.account
    return {
        "statement": payout.number,
        "producer": payout.producer.code if payout.producer else None,
        "point": payout.point.code if payout.point else None,
        "amount": {"amount": str(payout.amount.amount), "currency": settings.CURRENCY},
        "state": payout.state,
        "iban": payout.iban if account is None or payout.state != Payout.State.DUE else account.iban,
        "paid_at": say.iso(payout.paid_at) if payout.paid_at else None,
    }
