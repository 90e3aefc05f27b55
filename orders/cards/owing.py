"""What a card is still to pay of an order: what was taken in cash or otherwise for it is never taken twice."""

from decimal import Decimal

from hub.models import PaymentMethod
from hub.money import ZERO
from orders import payments
from orders.models import Order

LEAST = Decimal("0.50")  # Stripe charges no less; what is below is owed on the household's account


def left_to_take(order: Order) -> Decimal:
    """What is left of a settled order once what people took for it is counted; zero for others, for those that are paid on
    the spot after all, and where it is less than Stripe charges."""
    if order.settled_at is None or order.final_total is None or not _is_by_card(order):
        return ZERO
    left = Decimal(order.final_total.amount) - payments.taken_for(order)
    return left if left >= LEAST else ZERO


def is_wanted(order: Order) -> bool:
    """Whether a card has anything to pay: the order stands, is to be paid by card, and once settled is not paid yet."""
    return _is_by_card(order) and (order.settled_at is None or left_to_take(order) > 0)


def _is_by_card(order: Order) -> bool:
    stands = order.cancelled_at is None and order.collection.cancelled_at is None
    return stands and order.payment_method == PaymentMethod.CARD
