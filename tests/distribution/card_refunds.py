"""Refunds of orders that were paid by card, and the minute's sweep."""

from decimal import Decimal
from typing import Any

from distribution import refunds
from distribution.models import Refund
from hub import ledger
from hub.models import Transfer
from orders import cards
from orders.models import CardPayment, CardRefund
from tests import make
from tests.distribution.day import Day

D = Decimal


def granted(day: Day, amount: str = "4.20") -> Refund:
    """The cooperative gives so much of the order back."""
    return refunds.grant(order=day.orders[0], amount=D(amount), by=make.coordinator(), now=make.now())


def sweep() -> None:
    """What the minute's sweep does for refunds."""
    refunds.hand_to_cards(now=make.now())
    cards.send_refunds(now=make.now())
    cards.apply_events(now=make.now())
    refunds.note_cards(now=make.now())


def chosen(day: Day, amount: str = "4.20") -> Refund:
    """Given back, and the household wants it on its card."""
    refund = granted(day, amount)
    refunds.choose(refund=refund, choice="refund", by=refund.household.members.get(), now=make.now())
    refund.refresh_from_db()
    return refund


def balances(refund: Refund) -> tuple[Decimal, Decimal, Decimal]:
    """Of the household, of Stripe, of the bank."""
    return ledger.balance(f"household:{refund.household.code}"), ledger.balance("stripe"), ledger.balance("bank")


def everything() -> list[Any]:
    """All rows a refused act must leave as they were."""
    return [list(model.objects.order_by("pk").values()) for model in (Refund, CardRefund, CardPayment, Transfer)]
