"""Taking: after the settlement, what was handed over is captured of what is held; where nothing is left to pay, the
hold is released."""

from datetime import datetime
from decimal import Decimal

from django.db.models import Q, QuerySet

from hub import stripe_gateway
from hub.stripe_gateway import NEVER, Declined, Payment
from orders.cards.applying import apply
from orders.cards.owing import left_to_take
from orders.models import CardPayment


def take_due(*, now: datetime, until: float = NEVER) -> int:
    """Capture or release every hold whose order is settled or cancelled. Returns how many; ends when Stripe is away.

    What Stripe will not although it goes on holding is asked again by the next sweep, and raised when all others are done.
    """
    if not stripe_gateway.is_set_up():
        return 0

    def take(payment: CardPayment) -> None:
        apply(payment=payment, found=_take(payment, now), now=now)

    return stripe_gateway.each(_ready(), take, until=until).answered()


def _ready() -> QuerySet[CardPayment]:
    over = Q(order__settled_at__isnull=False) | Q(order__cancelled_at__isnull=False)
    over |= Q(order__collection__cancelled_at__isnull=False)
    held = CardPayment.objects.filter(state=CardPayment.State.HELD).filter(over)
    return held.select_related("order__household", "order__collection").order_by("capture_before", "pk")


def _take(payment: CardPayment, now: datetime) -> Payment:
    cents = int(to_take(payment) * 100)
    number = payment.stripe_id
    try:
        if not cents:
            return stripe_gateway.release(key=f"release:{payment.key}", payment=number, now=now)
        key = f"capture:{payment.key}:{cents}"  # what is left may be another sum when it is asked again
        return stripe_gateway.capture(key=key, payment=number, amount=cents, now=now)
    except Declined as no:
        if not no.is_gone:
            raise
        return Payment.unmade("released", no.code)  # Stripe knows of no such hold: there is nothing to take


def to_take(payment: CardPayment) -> Decimal:
    """What is captured: what is left of the final amount, never above the hold. What is beyond it the household owes on its
    account."""
    return min(left_to_take(payment.order), Decimal(payment.amount.amount))
