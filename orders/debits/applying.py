"""What became of a sum, applied: a one-way machine. The balance is credited when the money is there, once; what a bank takes
back is reversed, once."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from hub import activity, ledger
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


def fail(row: TopUp, why: str, now: datetime) -> None:
    """The bank said no."""
    row.state, row.ended_at, row.failure = State.FAILED, now, why[:60]
    tell(row, "debit-failed", now)
    record("top-up.failed", row, now)


def take_back(*, top_up: TopUp, why: str, now: datetime) -> bool:
    """The bank has taken a sum back after it was paid: the credit is reversed and told, once. False when it was before."""
    with transaction.atomic():
        row = locked(top_up)
        if not row.may_move_to(State.RETURNED):
            return False
        row.state, row.ended_at, row.failure = State.RETURNED, now, why[:60]
        row.save()
        ledger.reverse(f"topup:{row.code}", memo=_("Taken back by the bank"), now=now)
        tell(row, "debit-returned", now)
        record("top-up.returned", row, now)
    return True


def give_back(*, top_up: TopUp, now: datetime) -> None:
    """The bank decided that a sum it had taken back is ours after all: credited again, once."""
    with transaction.atomic():
        row = locked(top_up)
        entry = _entry(row, "stripe")
        again = ledger.Entry(f"{entry.reference}:again", entry.debit, entry.credit, entry.amount, entry.memo)
        ledger.post([again], now=now)


def locked(top_up: TopUp) -> TopUp:
    rows = TopUp.objects.select_for_update(of=("self",)).select_related("household", "mandate")
    return rows.get(pk=top_up.pk)


def record(verb: str, row: TopUp, now: datetime) -> None:
    activity.record(
        verb=verb, subject=row.code, by=None, now=now, household=row.household,
        data={"amount": str(row.amount.amount), "means": row.means},
    )  # fmt: skip


def _entry(row: TopUp, account: str) -> ledger.Entry:
    memo = _("Top-up by direct debit") if row.means == TopUp.Means.DEBIT else _("Top-up by card")
    household = ledger.household_account(row.household)
    return ledger.Entry(f"topup:{row.code}", account, household, row.amount.amount, memo)
