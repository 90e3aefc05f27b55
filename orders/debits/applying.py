"""What became of a sum, applied: a one-way machine. The balance is credited when the money is there, once; what a bank takes
back is reversed, once."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from hub import activity, ledger
from hub.models import Activity
from hub.money import CENT
from hub.stripe_gateway import Page, Payment
from orders.debits.telling import tell
from orders.models import TopUp

State = TopUp.State


def apply_page(*, top_up: TopUp, found: Page, now: datetime) -> TopUp:
    """Bring our row to what is known of its page: paid, still open, or nobody paid in time."""
    if found.payment is not None and found.payment.state == "paid":
        return apply_payment(top_up=top_up, found=found.payment, now=now)
    with transaction.atomic():
        row = locked(top_up)
        row.page, row.checked_at = "" if found.expired else found.id, now
        if found.expired and row.may_move_to(State.CANCELLED):
            row.state, row.ended_at = State.CANCELLED, now
        row.save()
    return row


def apply_payment(*, top_up: TopUp, found: Payment, now: datetime) -> TopUp:
    """Bring our row to what Stripe knows of its payment."""
    with transaction.atomic():
        row = locked(top_up)
        row.stripe_id, row.checked_at = found.id, now
        match found.state:
            case "processing" if row.may_move_to(State.PROCESSING):
                row.state, row.ended_at = State.PROCESSING, None
            case "paid" if row.may_move_to(State.PAID):
                credit(row, "stripe", now, fee=found.fee)
            case "failed" | "released" if row.may_move_to(State.FAILED):
                fail(row, found.refusal, now)
        row.save()
    return row


def credit(row: TopUp, account: str, now: datetime, *, fee: int = 0) -> None:
    """The money is there. The household hears of it where it believes that there is none."""
    if row.ended_at is not None:
        tell(row, "top-up-found", now)
    row.state, row.paid_at, row.ended_at = State.PAID, now, None
    entries = [_entry(row, account)]
    if fee > 0:
        entries.append(ledger.Entry(f"topup:{row.code}:fee", "stripe:fees", "stripe", fee * CENT, _("Stripe’s fee")))
    ledger.post(entries, now=now)
    record("top-up.paid", row, now)


def credit_all(rows: Sequence[TopUp], account: str, now: datetime) -> None:
    """The money of several is there, without fees: a fixed number of statements. The caller holds their locks."""
    for row in rows:
        row.state, row.paid_at = State.PAID, now
    ledger.post([_entry(row, account) for row in rows], now=now)
    TopUp.objects.bulk_update(rows, ["state", "paid_at"])
    activity.record_all(_act("top-up.paid", row, now) for row in rows)


def fail(row: TopUp, why: str, now: datetime) -> None:
    """The bank said no."""
    row.state, row.ended_at, row.failure = State.FAILED, now, why[:60]
    tell(row, "debit-failed", now)
    record("top-up.failed", row, now)


def take_back(*, top_up: TopUp, why: str, now: datetime) -> bool:
    """The bank has taken a sum back after it was paid: it is off the balance and told, once. False when it was before."""
    with transaction.atomic():
        row = locked(top_up)
        if not row.may_move_to(State.RETURNED):
            return False
        row.state, row.ended_at, row.failure = State.RETURNED, now, why[:60]
        row.save()
        _take_off(row, now)
        tell(row, "debit-returned", now)
        record("top-up.returned", row, now)
    return True


def take_part_back(*, top_up: TopUp, amount: Decimal, reference: str, now: datetime) -> bool:
    """The bank has taken `amount` of a sum back, less than the whole: it is off the balance and told, once for this
    reference. False for a sum that is not there."""
    with transaction.atomic():
        row = locked(top_up)
        if row.state != State.PAID:
            return False
        household, memo = ledger.household_account(row.household), _("Taken back by the bank")
        ledger.post([ledger.Entry(reference, household, "stripe", amount, memo)], now=now)
        tell(row, "debit-returned", now, amount=amount, of=reference)
        record("top-up.returned", row, now, amount)
    return True


def give_back(*, top_up: TopUp, now: datetime) -> None:
    """The bank decided that a sum it had taken back is ours after all: credited again, once."""
    with transaction.atomic():
        row = locked(top_up)
        entry = _entry(row, "stripe")
        again = ledger.Entry(f"{entry.reference}:again", entry.debit, entry.credit, entry.amount, entry.memo)
        ledger.post([again], now=now)


def locked(top_up: TopUp) -> TopUp:
    """The sum as it is now, alone until the caller's transaction ends."""
    rows = TopUp.objects.select_for_update(of=("self",)).select_related("household", "mandate")
    return rows.get(pk=top_up.pk)


def _take_off(row: TopUp, now: datetime) -> None:
    """At Stripe the credit is reversed. Our bank shows two movements, and a line may tell of the first: so do the books."""
    memo = _("Taken back by the bank")
    if row.file_id is None:
        ledger.reverse(f"topup:{row.code}", memo=memo, now=now)
        return
    household = ledger.household_account(row.household)
    ledger.post([ledger.Entry(f"topup:{row.code}:returned", household, "bank", row.amount.amount, memo)], now=now)


def record(verb: str, row: TopUp, now: datetime, amount: Decimal | None = None) -> None:
    """Write into the journal what became of a sum, or of `amount` of it."""
    activity.record_all([_act(verb, row, now, amount)])


def _act(verb: str, row: TopUp, now: datetime, amount: Decimal | None = None) -> Activity:
    return activity.act(
        verb=verb, subject=row.code, by=None, now=now, household=row.household,
        data={"amount": str(row.amount.amount if amount is None else amount), "means": row.means},
    )  # fmt: skip


def _entry(row: TopUp, account: str) -> ledger.Entry:
    memo = _("Top-up by direct debit") if row.means == TopUp.Means.DEBIT else _("Top-up by card")
    household = ledger.household_account(row.household)
    return ledger.Entry(f"topup:{row.code}", account, household, row.amount.amount, memo)
