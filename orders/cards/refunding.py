"""Giving back: somebody says how much, a sweep sends it, once, and the books follow what Stripe says became of it."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from hub import activity, ledger, stripe_gateway
from hub.models import Member
from hub.money import CENT, money
from hub.refusals import Refusal, the_first
from hub.stripe_gateway import NEVER, Declined, GivenBack
from orders.cards.telling import tell_refund_failed
from orders.models import CardPayment, CardRefund

State = CardRefund.State


class TooMuch(Refusal):
    """More than is left of what was paid, or no amount at all. `data["left"]` says how much may be given back."""

    code = "too-much"
    status = 422


def left_to_give(payment: CardPayment) -> Decimal:
    """How much of a payment has not been given back."""
    captured = Decimal(payment.captured.amount) if payment.captured else Decimal(0)
    return captured - Decimal(payment.refunded.amount)


def refund(*, payment: CardPayment, amount: Decimal, key: str, by: Member | None, now: datetime) -> CardRefund:
    """Ask for so much to go back to the card; the same key again gives the first refund. Raises TooMuch,
    AnotherFact."""
    with transaction.atomic():
        row = CardPayment.objects.select_for_update(of=("self",)).select_related("order__household").get(pk=payment.pk)
        known = CardRefund.objects.filter(key=key).first()
        if known is not None:
            return the_first(known, same=(known.payment_id, known.amount.amount) == (row.pk, amount))
        left = left_to_give(row)
        if not amount.is_finite() or amount != amount.quantize(CENT) or not 0 < amount <= left:
            raise TooMuch(_("At most %(left)s can be given back.") % {"left": money(left)}, left=str(left))
        CardPayment.objects.filter(pk=row.pk).update(refunded=F("refunded") + amount)
        made = CardRefund.objects.create(payment=row, key=key, amount=money(amount), asked_at=now, asked_by=by)
        _record("card.refund-asked", made, by, now)
    return made


def send_refunds(*, now: datetime, until: float = NEVER) -> int:
    """Send what was asked for and has not left. Returns how many were answered; ends when Stripe is away."""
    if not stripe_gateway.is_set_up():
        return 0
    waiting = CardRefund.objects.filter(state=State.ASKED).select_related("payment")

    def send(row: CardRefund) -> None:
        apply_refund(refund=row, found=_ask(row, now), now=now)

    return stripe_gateway.each(waiting.order_by("asked_at", "pk"), send, until=until).answered()


def _ask(row: CardRefund, now: datetime) -> GivenBack:
    cents = int(row.amount.amount * 100)
    try:
        return stripe_gateway.refund(key=f"refund:{row.key}", payment=row.payment.stripe_id, amount=cents, now=now)
    except Declined as no:
        return GivenBack("", "failed", no.code)


def apply_refund(*, refund: CardRefund, found: GivenBack, now: datetime) -> CardRefund:
    """Bring our row to what Stripe knows: posted once when done, reversed once when the bank sends it back."""
    wanted = {"waiting": State.SENT, "done": State.DONE, "failed": State.FAILED}[found.state]
    with transaction.atomic():
        rows = CardRefund.objects.select_for_update(of=("self",))
        row = rows.select_related("payment__order__household", "payment__order__collection", "payment__card").get(
            pk=refund.pk
        )
        row.stripe_id, row.checked_at = found.id or row.stripe_id, now
        if row.may_move_to(wanted):
            _move(row, wanted, found, now)
        row.save()
    return row


def _move(row: CardRefund, wanted: State, found: GivenBack, now: datetime) -> None:
    if wanted == State.DONE:
        row.done_at = now
        ledger.post([_entry(row)], now=now, by=row.asked_by)
    elif wanted == State.FAILED:
        row.failed_at, row.failure = now, found.refusal[:60]
        CardPayment.objects.filter(pk=row.payment_id).update(refunded=F("refunded") - row.amount.amount)
        if row.state == State.DONE:
            ledger.reverse(_entry(row).reference, memo=_("The card sent the refund back"), now=now)
        _record("card.refund-failed", row, None, now)
        tell_refund_failed(row, now)
    row.state = wanted


def _entry(row: CardRefund) -> ledger.Entry:
    order = row.payment.order
    return ledger.Entry(
        reference=f"card-refund:{row.key}",
        debit=ledger.household_account(order.household),
        credit="stripe",
        amount=row.amount.amount,
        memo=_("Back to the card, order %(code)s") % {"code": order.code},
        collection=order.collection,
    )


def _record(verb: str, row: CardRefund, by: Member | None, now: datetime) -> None:
    order = row.payment.order
    activity.record(
        verb=verb, subject=order.code, by=by, now=now, household=order.household,
        data={"amount": str(row.amount.amount), "failure": row.failure},
    )  # fmt: skip
