"""Holding: from the close, or 72 hours before the hand-over when that is later, the greatest amount shown is kept on the card.

A sweep makes the rows that are due, then asks Stripe for each outside of any transaction. Killed anywhere and run again, it
asks with the same keys. What the bank refuses is told once, and mended by the household or by the point's rule.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from time import monotonic, sleep

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from hub import stripe_gateway
from hub.models import CollectionPoint, PaymentMethod
from hub.stripe_gateway import Away, Declined, Payment
from orders.cards.applying import apply
from orders.cards.telling import tell
from orders.models import CardPayment, Order

BEFORE_HAND_OVER = timedelta(hours=72)
PER_SECOND = 20
LEAST = Decimal("0.50")  # Stripe charges no less; what is below is owed on the household's account
TIME_TO_MEND = timedelta(hours=12)

# What may be asked at most: the lines due, at the greatest weight shown, with their deposits.
DUE = """
    INSERT INTO orders_cardpayment (order_id, number, card_id, state, amount, currency, refunded, stripe_id, refusal, due_at)
    SELECT o.id, 1 + (SELECT count(*) FROM orders_cardpayment p WHERE p.order_id = o.id), k.id, 'due', m.amount,
           %(currency)s, 0, '', '', %(now)s
    FROM orders_order o
    JOIN hub_collection c ON c.id = o.collection_id
    JOIN orders_savedcard k ON k.household_id = o.household_id AND k.removed_at IS NULL
    CROSS JOIN LATERAL (
        SELECT round(sum(CASE WHEN l.weighed THEN l.max_content * l.due * l.unit_price / 1000 ELSE l.unit_price * l.due END
                         + l.deposit * l.due), 2) AS amount
        FROM orders_orderline l WHERE l.order_id = o.id) m
    WHERE o.payment_method = 'card' AND o.cancelled_at IS NULL AND o.settled_at IS NULL AND o.basket_number IS NOT NULL
      AND c.counted_at IS NOT NULL AND c.cancelled_at IS NULL AND c.starts_at <= %(until)s AND m.amount >= %(least)s
      AND NOT EXISTS (SELECT 1 FROM orders_cardpayment p WHERE p.order_id = o.id
                      AND (p.state <> 'released' OR (p.refused_at IS NOT NULL AND p.held_at IS NULL)))
    ORDER BY c.starts_at, o.id
    ON CONFLICT DO NOTHING
"""


def place_holds(*, now: datetime, limit: int = 2000) -> int:
    """Make the rows that are due and ask for them, twenty a second at most. Returns how many were answered.

    When Stripe is away the sweep ends; the next one goes on.
    """
    if not stripe_gateway.is_set_up():
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            DUE, {"currency": settings.CURRENCY, "now": now, "until": now + BEFORE_HAND_OVER, "least": LEAST}
        )
    waiting = CardPayment.objects.filter(state=CardPayment.State.DUE).select_related("order__household", "card")
    answered = 0
    for payment in _throttled(list(waiting.order_by("due_at", "pk")[:limit])):
        try:
            found = ask(payment, now=now)
        except Away:
            return answered
        apply(payment=payment, found=found, now=now)
        answered += 1
    return answered


def ask(payment: CardPayment, *, now: datetime) -> Payment:
    """Ask Stripe to hold; a refusal is an answer too. Raises Away."""
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
        return stripe_gateway.read_payment(no.payment)


def release_refused(*, now: datetime) -> int:
    """Twelve hours after a refusal nobody mended, nothing is asked of the card any more. Returns how many. What becomes of
    the order is its point's rule: `pay_at_point` here, or its lines are released (distribution.unpaid)."""
    late = CardPayment.objects.filter(state=CardPayment.State.REFUSED, refused_at__lte=now - TIME_TO_MEND)
    done = 0
    for payment in _throttled(list(late.select_related("order__household", "order__collection"))):
        try:
            found = stripe_gateway.read_payment(payment.stripe_id)
            if found.state != "held":
                found = stripe_gateway.release(key=f"release:{payment.key}", payment=found.id, now=now)
        except Away:
            return done
        done += apply(payment=payment, found=found, now=now).state == CardPayment.State.RELEASED  # else mended just now
    return done


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
