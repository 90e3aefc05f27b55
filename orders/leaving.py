"""What of a household's balance is on its way back to it: it can be spent no more."""

from collections.abc import Callable
from decimal import Decimal

from django.db.models import Sum

from hub.models import Household
from hub.money import ZERO
from orders.models import CardRefund


def _to_cards(household: Household) -> Decimal:
    rows = CardRefund.objects.unfinished().filter(payment__order__household=household)
    return rows.aggregate(sum=Sum("amount"))["sum"] or ZERO


LEAVING: list[Callable[[Household], Decimal]] = [_to_cards]
"""Each told by the package that sends it."""


def leaving(household: Household) -> Decimal:
    """What is still on a household's account and was asked back."""
    return sum((told(household) for told in LEAVING), ZERO)
