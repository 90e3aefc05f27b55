"""Taking: after the settlement, what was handed over is captured of what is held; where nothing is due, the hold is released."""

from datetime import datetime
from decimal import Decimal

from django.db.models import Q, QuerySet

from hub import stripe_gateway
from hub.stripe_gateway import NEVER, Declined, Payment
from orders.cards.applying import apply
from orders.cards.holding import LEAST
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
    amount = to_take(payment)
    number = payment.stripe_id
    try:
        if amount < LEAST:
            return stripe_gateway.release(key=f"release:{payment.key}", payment=number, now=now)
        return stripe_gateway.capture(key=f"capture:{payment.key}", payment=number, amount=int(amount * 100), now=now)
    except Declined as no:
        if not no.is_gone:
            raise
        return Payment.unmade("released", no.code)  # Stripe knows of no such hold: there is nothing to take


def to_take(payment: CardPayment) -> Decimal:
    """What is captured: the final amount, never above the hold. What is beyond it the household owes on its account."""
    order = payment.order
    if order.cancelled_at is not None or order.settled_at is None or order.final_total is None:
        return Decimal(0)
    final, held = Decimal(order.final_total.amount), Decimal(payment.amount.amount)
    return min(final, held)
