"""By file: written once and kept, handed to the bank by a person, whose word books it."""

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.utils.translation import gettext as _

from distribution.models import Payout, PayoutFile, PayoutRun
from distribution.payouts import moving
from hub import activity, credit_transfers, identifiers
from hub.models import Hub, Member
from hub.money import ZERO, money
from hub.refusals import Refusal

State = Payout.State


class NotSent(Refusal):
    """The file has not been noted as sent to the bank."""

    code = "not-sent"


class GivenUp(Refusal):
    """The run was given up: its payouts are due again, and another run may pay them."""

    code = "given-up"


def write(run: PayoutRun, *, now: datetime) -> PayoutFile:
    """Make a run's file, in the transaction that starts it. It is kept only when it is valid against its schema."""
    hub = Hub.get()
    iban, bic = identifiers.account(hub.iban)
    payer = credit_transfers.Party(hub.legal_name or hub.name, iban, bic)
    content = credit_transfers.write(message=run.number, payer=payer, transfers=_transfers(run), now=now)
    amounts = list(run.payouts.values_list("amount", flat=True))
    return PayoutFile.objects.create(
        run=run,
        content=content,
        sha256=sha256(content).hexdigest(),
        transfers=len(amounts),
        total=money(sum(amounts, ZERO)),
    )


def file_of(run: PayoutRun) -> bytes:
    """The bytes that were kept. Raises GivenUp: a bank that got this file would pay what another run pays as well."""
    if not run.payouts.exclude(state=State.FAILED).exists():
        raise _given_up()
    return bytes(run.file.content)


def sent(*, run: PayoutRun, by: Member, now: datetime) -> bool:
    """The treasurer's word that the bank has the file: books every transfer of it once. Again, it changes nothing and is
    False. Raises GivenUp when nothing of the run is left to send. A fixed number of statements."""
    if run.rail != PayoutRun.Rail.FILE:
        raise ValueError(f"{run} is not paid by file")
    with transaction.atomic():
        row = PayoutRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
        rows = moving.locked(row, [State.IN_RUN])
        if row.sent_at is not None:
            return False
        if not rows:
            raise _given_up()
        row.sent_at, row.sent_by = now, by
        row.save(update_fields=["sent_at", "sent_by"])
        Payout.objects.filter(pk__in=[one.pk for one in rows]).update(state=State.SENT, sent_at=now, posted_at=now)
        moving.post(rows, credit="bank", now=now, by=by)
        activity.record(verb="payout-run.sent", subject=row.number, by=by, now=now, data={"payouts": len(rows)})
    return True


def executed(*, run: PayoutRun, by: Member, now: datetime) -> int:
    """The bank has executed what it did not reject. Returns how many are paid now; again, none. Raises NotSent."""
    with transaction.atomic():
        row = PayoutRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
        if row.sent_at is None:
            raise NotSent(_("Note first that the file was sent to the bank."))
        rows = moving.locked(row, [State.SENT])
        Payout.objects.filter(pk__in=[one.pk for one in rows]).update(state=State.PAID, paid_at=now, paid_by=by)
        if rows:
            activity.record(verb="payout-run.executed", subject=row.number, by=by, now=now, data={"payouts": len(rows)})
    return len(rows)


def _given_up() -> GivenUp:
    return GivenUp(
        _("This run was given up: its payouts are due again. If the bank has its file, have it recalled there at once.")
    )


def _transfers(run: PayoutRun) -> Iterator[credit_transfers.Transfer]:
    rows = run.payouts.with_payees().order_by("pk")
    words = Hub.get().name
    for one in rows.iterator(chunk_size=500):
        to = credit_transfers.Party(one.holder, one.iban, one.bic)
        yield credit_transfers.Transfer(one.number, to, one.amount.amount, f"{words} {one.number}")
