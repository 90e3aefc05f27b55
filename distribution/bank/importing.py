"""From a file to lines of the books: shown first, written once, whoever sends it again and however periods overlap."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from distribution.bank import matching, reading, running
from distribution.bank.running import Gap
from distribution.bank.values import BadStatement, ReadLine, Statement, plain
from distribution.models import BankFile, BankLine
from hub import activity, ledger, locks
from hub.identifiers import masked
from hub.models import Hub, Member
from hub.money import money

PREVIEW_KEPT = timedelta(days=7)
"""How long a statement that nobody wrote is kept: it names whoever paid."""


@dataclass(frozen=True)
class Shown:
    """A line of a file before it is written. `state`: `new`; `known`, written before; `alike`, another file told of a
    movement of that day and amount in other words."""

    line: ReadLine
    fingerprint: str
    state: str


def preview(*, content: bytes, file_name: str, by: Member, now: datetime) -> BankFile:
    """Read a statement and keep it to be looked at. Nothing is in the books yet. Raises BadStatement."""
    read = reading.read(content)
    return BankFile.objects.create(
        file_name=file_name[-200:],
        kind=read.kind,
        account=_account(read),
        content=[_as_json(line) for line in read.lines],
        count=len(read.lines),
        first_day=min(line.day for line in read.lines),
        last_day=max(line.day for line in read.lines),
        total=money(read.total),
        opening=None if read.opening is None else money(read.opening),
        closing=None if read.closing is None else money(read.closing),
        created_at=now,
        created_by=by,
    )


def confirm(*, file: BankFile, by: Member, now: datetime, also_alike: bool = False) -> BankFile:
    """Write the lines that are new, post them and lead those that say whose they are. Again, it changes nothing.

    A line that another file told in other words is written only if a person says that it is another movement.
    """
    with transaction.atomic():
        locks.own_bank()
        locked = BankFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
        if locked.confirmed_at is not None:
            return locked
        wanted = {"new", "alike"} if also_alike else {"new"}
        rows = [_row(locked, one) for one in shown(locked) if one.state in wanted]
        BankLine.objects.bulk_create(rows, ignore_conflicts=True)
        written = list(BankLine.objects.filter(file=locked).order_by("day", "pk"))
        ledger.post([_entry(line) for line in written], now=now, by=by)
        locked.confirmed_at, locked.confirmed_by, locked.content = now, by, []
        locked.save(update_fields=["confirmed_at", "confirmed_by", "content"])
        certain = matching.lead(written, now=now)
        activity.record(
            verb="bank.imported", subject=locked.code, by=by, now=now, data={"lines": len(written), "certain": certain}
        )
    return locked


def forget_previews(*, now: datetime) -> int:
    """Delete the statements that were read more than a week ago and never written: the sweep. Returns how many."""
    old = BankFile.objects.filter(confirmed_at=None, created_at__lt=now - PREVIEW_KEPT)
    return old.delete()[0]


def shown(file: BankFile) -> list[Shown]:
    """The lines of a file that is not written yet, each with what confirming would do of it. Two statements."""
    lines = [_from_json(row) for row in file.content]
    marks = list(fingerprints(file.account, lines))
    known = set(BankLine.objects.filter(fingerprint__in=marks).values_list("fingerprint", flat=True))
    told = BankLine.objects.filter(file__account=file.account, day__range=(file.first_day, file.last_day))
    others = Counter(
        (day, amount) for mark, day, amount in told.values_list("fingerprint", "day", "amount") if mark not in known
    )
    found = []
    for line, mark in zip(lines, marks, strict=True):
        state = "known" if mark in known else "new"
        if state == "new" and others[line.day, line.amount]:
            others[line.day, line.amount] -= 1
            state = "alike"
        found.append(Shown(line, mark, state))
    return found


def fingerprints(account: str, lines: Iterable[ReadLine]) -> Iterable[str]:
    """What tells a line from all others: of equal ones of a day, the how-manieth it is."""
    seen: Counter[tuple[date, Decimal, str]] = Counter()
    for line in lines:
        same = (line.day, line.amount, plain(line.label))
        seen[same] += 1
        facts = [account, line.day.isoformat(), f"{line.amount:.2f}", plain(line.label), str(seen[same])]
        yield hashlib.sha256("|".join(facts).encode()).hexdigest()


def off_by(file: BankFile) -> Decimal | None:
    """What is missing between the balances a file states and the sum of its lines; None where it does not state both."""
    if file.opening is None or file.closing is None:
        return None
    return Decimal(file.closing.amount - file.opening.amount - file.total.amount)


def gaps(file: BankFile) -> list[Gap]:
    """Where the balances beside the lines of a file that is not written yet do not follow."""
    return running.gaps([_from_json(row) for row in file.content])


def _account(read: Statement) -> str:
    """The account the file is of: the cooperative's. Raises BadStatement for another one, and where nobody knows."""
    own = Hub.get().iban
    if read.account and own and read.account != own:
        said = {"other": masked(read.account), "own": masked(own)}
        raise BadStatement(_("This statement is of the account %(other)s; the cooperative’s is %(own)s.") % said)
    if not (read.account or own):
        raise BadStatement(_("This file names no account. Give the cooperative’s IBAN in the settings first."))
    return own or read.account


def _entry(line: BankLine) -> ledger.Entry:
    came_in = line.amount.amount > 0
    return ledger.Entry(
        reference=f"bank:{line.pk}",
        debit="bank" if came_in else "bank:unmatched",
        credit="bank:unmatched" if came_in else "bank",
        amount=abs(line.amount.amount),
        memo=gettext("Bank, %(day)s") % {"day": line.day.isoformat()},  # no label: it may name somebody
    )


def _row(file: BankFile, one: Shown) -> BankLine:
    line = one.line
    return BankLine(
        file=file, fingerprint=one.fingerprint, day=line.day, value_day=line.value_day, amount=money(line.amount),
        label=line.label, party=line.party, party_iban=line.party_iban, end_to_end=line.end_to_end,
    )  # fmt: skip


def _as_json(line: ReadLine) -> dict[str, Any]:
    return asdict(line) | {
        "day": line.day.isoformat(),
        "value_day": line.value_day.isoformat() if line.value_day else None,
        "amount": str(line.amount),
        "balance": None if line.balance is None else str(line.balance),
    }


def _from_json(row: dict[str, Any]) -> ReadLine:
    days = {"day": date.fromisoformat(row["day"])}
    days["value_day"] = date.fromisoformat(row["value_day"]) if row["value_day"] else None  # type: ignore[assignment]
    balance = row.get("balance")
    amounts = {"amount": Decimal(row["amount"]), "balance": None if balance is None else Decimal(balance)}
    return ReadLine(**row | days | amounts)
