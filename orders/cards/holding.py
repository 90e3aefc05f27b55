"""Holding: from the close, or 72 hours before the hand-over when that is later, the greatest amount shown is kept on the card.

A sweep makes the rows that are due, then asks Stripe for each outside of any transaction. Killed anywhere and run again, it
asks with the same keys. What the bank refuses is told once, and mended by the household or by the point's rule.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from time import monotonic, sleep

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from hub import stripe_gateway
from hub.models import CollectionPoint, PaymentMethod
from hub.stripe_gateway import NEVER, Declined, Payment
from orders.cards.applying import apply
from orders.cards.owing import LEAST, is_wanted
from orders.cards.telling import tell
from orders.models import CardPayment, Order

BEFORE_HAND_OVER = timedelta(hours=72)
PER_SECOND = 20
HOLDING = 180.0  # seconds a sweep holds for; where there are more, the next one goes on
TIME_TO_MEND = timedelta(hours=12)

# What is asked at most: the order's total as the member was shown it, rounded line by line, changes since the close included.
DUE = """
    INSERT INTO orders_cardpayment (order_id, number, card_id, state, amount, currency, refunded, stripe_id, refusal, due_at)
    SELECT o.id, 1 + (SELECT coalesce(max(p.number), 0) FROM orders_cardpayment p WHERE p.order_id = o.id), k.id, 'due',
           o.maximum_total, %(currency)s, 0, '', '', %(now)s
    FROM orders_order o
    JOIN hub_collection c ON c.id = o.collection_id
    JOIN orders_savedcard k ON k.household_id = o.household_id AND k.removed_at IS NULL
    WHERE o.payment_method = 'card' AND o.cancelled_at IS NULL AND o.settled_at IS NULL AND o.basket_number IS NOT NULL
      AND c.counted_at IS NOT NULL AND c.cancelled_at IS NULL AND c.starts_at <= %(until)s AND o.maximum_total >= %(least)s
      AND NOT EXISTS (SELECT 1 FROM orders_cardpayment p WHERE p.order_id = o.id
                      AND (p.state <> 'released' OR (p.refused_at IS NOT NULL AND p.held_at IS NULL)))
    ORDER BY c.starts_at, o.id
    ON CONFLICT DO NOTHING
"""


def place_holds(*, now: datetime, limit: int = 2000, until: float = NEVER) -> int:
    """Make the rows that are due and ask for them, twenty a second at most. Returns how many were answered.

    A card Stripe does not know is refused like any other; an order that was cancelled or paid since its row was made is not
    held for. When Stripe is away or the time is over the sweep ends; the next one goes on.
    """
    if not stripe_gateway.is_set_up():
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            DUE, {"currency": settings.CURRENCY, "now": now, "until": now + BEFORE_HAND_OVER, "least": LEAST}
        )
    waiting = CardPayment.objects.filter(state=CardPayment.State.DUE).select_related("order__household", "card")

    def hold(payment: CardPayment) -> None:
        order = Order.objects.select_related("collection").get(pk=payment.order_id)
        wanted = is_wanted(order) and payment.card.removed_at is None  # else another row follows, for the new card
        apply(payment=payment, found=ask(payment, now=now) if wanted else _call_off(payment, now), now=now)

    rows = _throttled(list(waiting.order_by("due_at", "pk")[:limit]))
    return stripe_gateway.each(rows, hold, seconds=HOLDING, until=until).answered()


def ask(payment: CardPayment, *, now: datetime) -> Payment:
    """Ask Stripe to hold; a refusal is an answer too, by the bank or because Stripe knows no such card. Raises Away."""
    try:
        return stripe_gateway.hold(
            key=payment.key,
            customer=payment.card.customer,
            method=payment.card.method,
            amount=int(payment.amount.amount * 100),
            description=_("Order %(code)s") % {"code": payment.order.code},
            now=now,
        )
    except Declined as no:
        return stripe_gateway.read_payment(no.payment) if no.payment else Payment.unmade("failed", no.code)


def release_refused(*, now: datetime, until: float = NEVER) -> int:
    """Twelve hours after a refusal nobody mended, nothing is asked of the card any more. Returns how many. What becomes of
    the order is its point's rule: `pay_at_point` here, or its lines are released (distribution.unpaid)."""
    late = CardPayment.objects.filter(state=CardPayment.State.REFUSED, refused_at__lte=now - TIME_TO_MEND)

    def release(payment: CardPayment) -> bool:
        released = apply(payment=payment, found=_let_go(payment, now), now=now)
        return released.state == CardPayment.State.RELEASED  # else mended just now

    rows = _throttled(list(late.select_related("order__household", "order__collection", "card")))
    return stripe_gateway.each(rows, release, until=until).answered()


def _call_off(payment: CardPayment, now: datetime) -> Payment:
    """A payment nobody needs any more: released, and looked for at Stripe where an answer was lost. Raises Away."""
    return _let_go(payment, now) if stripe_gateway.was_asked(payment.key) else Payment.unmade("released", "")


def _let_go(payment: CardPayment, now: datetime) -> Payment:
    """A payment as it is once nothing can be held for it any more, unless it is held after all. Raises Away, and
    Declined while Stripe will not let go of it."""
    card = payment.card
    try:
        if payment.stripe_id:
            found: Payment | None = stripe_gateway.read_payment(payment.stripe_id)
        else:
            found = stripe_gateway.find_payment(card.customer, payment.key)
        if found is not None and found.state != "held":
            return stripe_gateway.release(key=f"release:{payment.key}", payment=found.id, now=now)
    except Declined as no:
        if not no.is_gone:
            raise
        return Payment.unmade("released", no.code)
    return found or Payment.unmade("released", payment.refusal)


def pay_refused_at_point(*, now: datetime) -> int:
    """Orders whose card stayed refused, at points where they are then paid on the spot. Returns how many."""
    waiting = CardPayment.objects.given_up().filter(
        order__collection__point__refused_card=CollectionPoint.RefusedCard.AT_POINT
    )
    return sum(
        pay_at_point(payment=payment, now=now) for payment in waiting.select_related("order__collection", "card")
    )


def pay_at_point(*, payment: CardPayment, now: datetime) -> bool:
    """An order whose card stayed refused is paid on the spot; its household is told once. False when it was already."""
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=payment.order_id)
        if order.payment_method != PaymentMethod.CARD or order.settled_at is not None:
            return False
        order.payment_method = PaymentMethod.AT_POINT
        order.save(update_fields=["payment_method"])
        tell(payment, "card-at-point", now)
    return True


def _throttled(payments: list[CardPayment]) -> Iterator[CardPayment]:
    """One after the other, PER_SECOND at most: Stripe refuses more."""
    for payment in payments:
        begun = monotonic()
        yield payment
        sleep(max(0.0, 1 / PER_SECOND - (monotonic() - begun)))
