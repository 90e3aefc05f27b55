"""How an order is paid, as its household reads it on its page."""

from dataclasses import dataclass
from decimal import Decimal

from djmoney.money import Money

from hub import ledger
from hub.money import ZERO, money
from orders import payments
from orders.models import CardPayment, Order


@dataclass(frozen=True)
class Paid:
    """What came in for an order by hand and by card, and once it is settled what was taken from the balance of the household
    for it, and what of it is still owed."""

    by_hand: Money
    by_card: Money
    from_balance: Money
    owed: Money


def read(order: Order) -> Paid:
    """Three statements at most. While a card is still to pay nothing of a settled order is told as owed."""
    cards, by_hand = list(CardPayment.objects.filter(order=order)), payments.taken_for(order)
    captured = sum((Decimal(one.captured.amount) for one in cards if one.captured), ZERO)
    refunded = sum((Decimal(one.refunded.amount) for one in cards), ZERO)
    left = owed = ZERO
    waits = any(one.state in CardPayment.UNFINISHED for one in cards)
    if order.final_total is not None and order.cancelled_at is None and not waits:
        left = max(Decimal(order.final_total.amount) - by_hand - captured, ZERO)
    if left:
        owed = min(left, max(-ledger.balance(ledger.household_account(order.household)), ZERO))
    return Paid(money(by_hand), money(captured - refunded), money(left - owed), money(owed))
