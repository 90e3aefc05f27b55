"""Debits through the cooperative's bank: a file of what is due (pain.008), written once, and the results a person reads there."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from hub import activity, calendar
from hub.models import Hub, Member
from hub.money import money
from hub.refusals import Refusal
from orders.debits.applying import credit, credit_all, fail, locked, take_back
from orders.debits.pain008 import Debit, write
from orders.debits.telling import tell_all
from orders.models import DebitFile, Mandate, TopUp
from orders.models.debit import LEGAL_NOTICE, TopUpQuerySet

AHEAD = timedelta(days=7)  # how long before its day a debit may be sent to the bank
LEAST_AHEAD = timedelta(days=1)


class NothingToWrite(Refusal):
    """No debit is due, or the cooperative has not said its IBAN and identifier."""

    code = "nothing-to-write"
    status = 422


class ReasonMissing(Refusal):
    """A debit that was marked as refused is received only with a reason."""

    code = "reason-missing"
    status = 422


def to_write(now: datetime) -> list[TopUp]:
    """Announced debits of the bank's mandates whose day is near, the earliest first."""
    return list(_to_write(now))


def _to_write(now: datetime) -> TopUpQuerySet:
    due = TopUp.objects.filter(
        state=TopUp.State.DUE, means=TopUp.Means.DEBIT, mandate__rail=Mandate.Rail.BANK, mandate__revoked_at=None,
        announced_at__isnull=False, due_on__lte=calendar.local_date(now) + AHEAD,
    )  # fmt: skip
    return due.select_related("mandate", "household").order_by("due_on", "pk")


def written_with(code: str) -> DebitFile | None:
    """The file in which a debit is by now: whoever asks for it again gets that one."""
    return DebitFile.objects.defer("content").filter(top_ups__code=code).first()


def write_file(*, by: Member, now: datetime) -> DebitFile:
    """Write the file of all that is due and note it as sent to the bank: one block per announced day and sequence, which
    is how the bank credits it. A debit that the bank can no longer collect on its day is announced anew for a later one.
    Two at once never take the same debit. A fixed number of statements. Raises NothingToWrite."""
    with transaction.atomic():
        hub = Hub.objects.select_for_update().get(pk=Hub.get().pk)
        rows = list(_to_write(now).select_for_update(of=("self",)))  # nobody gives one up meanwhile
        if not rows or not hub.creditor_id or not hub.iban:
            raise NothingToWrite(_("No debit is due."))
        _put_off([row for row in rows if row.due_on < calendar.local_date(now) + LEAST_AHEAD], now)
        debits = _debits(sorted(rows, key=lambda row: (row.due_on, row.pk)))
        first = min(row.due_on for row in rows)
        made = DebitFile(collection_on=first, number=len(rows), written_at=now, written_by=by)
        made.total = money(sum(row.amount.amount for row in rows))
        made.content = write(hub=hub, debits=debits, message=f"CABAS{made.code}")
        made.sha256 = hashlib.sha256(made.content).hexdigest()
        made.save()
        for one in debits:
            one.top_up.state, one.top_up.file, one.top_up.sequence = TopUp.State.PROCESSING, made, one.sequence
        TopUp.objects.bulk_update(rows, ["state", "file", "sequence"])
        activity.record(
            verb="debits.written",
            subject=made.code,
            by=by,
            now=now,
            data={"number": made.number, "sha256": made.sha256},
        )
    return made


def hold(codes: Sequence[str]) -> None:
    """Nobody else answers for these debits until the caller's transaction ends; who is at it is waited for."""
    list(TopUp.objects.select_for_update(of=("self",)).filter(code__in=codes).order_by("pk"))


def receive(*, codes: Sequence[str], by: Member | None, now: datetime) -> None:
    """The bank has credited these debits: those still at the bank are received, all or none, in a fixed number of
    statements. Again, it changes nothing. Raises NothingToWrite where one is not there, or was refused."""
    with transaction.atomic():
        rows = TopUp.objects.filter(code__in=codes, file__isnull=False).select_related("household").order_by("pk")
        found = list(rows.select_for_update(of=("self",)))
        waiting = [row for row in found if row.state == TopUp.State.PROCESSING]
        if len(found) != len(set(codes)) or any(row.paid_at is None for row in found if row not in waiting):
            raise NothingToWrite(_("One of these debits is not at the bank any more."))
        if waiting:
            credit_all(waiting, "bank", now)
            total = str(sum(row.amount.amount for row in waiting))
            codes_now = [row.code for row in waiting]
            activity.record(
                verb="debits.received", subject=codes_now[0], by=by, now=now, data={"codes": codes_now, "total": total}
            )


def mark(*, top_up: TopUp, result: str, by: Member, now: datetime, why: str = "") -> None:
    """What the bank said of a debit: `paid`, `failed`, or `returned` after it was paid. One marked as refused by mistake is
    `paid` after all, and says `why`. Again, it changes nothing. Raises NothingToWrite for a debit that is not at the bank,
    and ReasonMissing."""
    with transaction.atomic():
        row = locked(top_up)
        if row.file_id is None or result not in ("paid", "failed", "returned"):
            raise NothingToWrite(_("This debit is not at the bank."))
        if row.state == result:
            return
        if not row.may_move_to(TopUp.State(result)):
            raise NothingToWrite(_("This debit is over."))
        if row.state == TopUp.State.FAILED:
            _correct(row, why.strip()[:200], by, now)
        if result == "returned":
            take_back(top_up=row, why=why, now=now)
            return
        credit(row, "bank", now) if result == "paid" else fail(row, why, now)
        row.save()


def _correct(row: TopUp, why: str, by: Member, now: datetime) -> None:
    if not why:
        raise ReasonMissing(_("Say why this debit was received after all."))
    activity.record(
        verb="top-up.corrected",
        subject=row.code,
        by=by,
        now=now,
        household=row.household,
        data={"why": why, "was": row.state},
    )


def _put_off(rows: Sequence[TopUp], now: datetime) -> None:
    """Announce debits whose day is too near for the bank for a later day: a fixed number of statements."""
    for row in rows:
        notice = row.mandate.notice_days if row.mandate else LEGAL_NOTICE
        row.due_on, row.announced_at = calendar.local_date(now) + timedelta(days=notice), now
    if rows:
        TopUp.objects.bulk_update(rows, ["due_on", "announced_at"])
        tell_all(rows, "debit-announced", now)


def _debits(rows: list[TopUp]) -> list[Debit]:
    """The first debit under a mandate is FRST, all others RCUR."""
    used = TopUp.objects.filter(file__isnull=False).exclude(state=TopUp.State.FAILED)
    seen = set(used.filter(mandate__in=[row.mandate_id for row in rows]).values_list("mandate", flat=True))
    debits = []
    for row in rows:
        if row.mandate is not None:
            debits.append(Debit(row, row.mandate, "RCUR" if row.mandate.pk in seen else "FRST"))
            seen.add(row.mandate.pk)
    return debits
