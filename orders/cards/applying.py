"""What Stripe says of a payment, applied: a one-way machine, so that the order and number of what we hear do not matter."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from hub import activity, ledger
from hub.money import CENT, money
from hub.stripe_gateway import Payment
from orders.cards.owing import left_to_take
from orders.cards.telling import tell, tell_part
from orders.models import CardPayment

State = CardPayment.State


def apply(*, payment: CardPayment, found: Payment, now: datetime) -> CardPayment:
    """Bring our row to what Stripe knows, post what was paid, tell what was refused. Returns the row as it is now."""
    with transaction.atomic():
        row = (
            CardPayment.objects.select_for_update(of=("self",))
            .select_related("order__household", "order__collection", "card")
            .get(pk=payment.pk)
        )
        row.stripe_id, row.checked_at = found.id or row.stripe_id, now
        row.save(update_fields=["stripe_id", "checked_at"])
        match found.state:
            case "held" if row.may_move_to(State.HELD):
                row.move_to(State.HELD, now, capture_before=found.capture_before, refusal="")
            case "failed" if row.may_move_to(State.REFUSED):
                row.move_to(State.REFUSED, now, refusal=found.refusal[:60])
                tell(row, "card-refused", now)
            case "paid" if row.may_move_to(State.CAPTURED) or row.may_move_to(State.HELD):
                _capture(row, found, now)
            case "released" if row.may_move_to(State.RELEASED):
                row.move_to(State.RELEASED, now)
            case _:
                return row
        _record(row, now)
    return row


def _capture(row: CardPayment, found: Payment, now: datetime) -> None:
    amount = found.received * CENT
    if row.may_move_to(State.HELD):  # of the hold itself nothing was heard
        row.move_to(State.HELD, now, refusal="")
    row.move_to(State.CAPTURED, now, captured=money(amount))
    reference = f"card:{row.order.code}:{row.number}"
    memo = _("Card payment, order %(code)s") % {"code": row.order.code}
    household = ledger.household_account(row.order.household)
    entries = [ledger.Entry(reference, "stripe", household, amount, memo, row.order.collection)]
    fee = found.fee * CENT
    if fee > Decimal(0):
        entries.append(
            ledger.Entry(f"{reference}:fee", "stripe:fees", "stripe", fee, _("Stripe’s fee"), row.order.collection)
        )
    ledger.post(entries, now=now)
    left = min(left_to_take(row.order) - amount, -ledger.balance(household))
    if left > 0:
        tell_part(row, charged=money(amount), left=money(left), now=now)


def _record(row: CardPayment, now: datetime) -> None:
    activity.record(
        verb=f"card.{row.state}",
        subject=row.order.code,
        by=None,
        now=now,
        household=row.order.household,
        collection=row.order.collection,
        data={"amount": str(row.amount.amount), "captured": str(row.captured.amount) if row.captured else ""},
    )
