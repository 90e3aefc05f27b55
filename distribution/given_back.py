"""What households bought and what they have back already: nobody is given more than was paid."""

from decimal import Decimal

from django.db.models import F, Sum

from distribution.models import Correction
from hub.models import Household, Transfer
from hub.money import ZERO
from orders.models import Order, OrderLine
from producers.models import Producer

GRANTED = "refund-granted:"
"""How the references of what the cooperative granted begin, in the books."""


def left_of_farm(household: Household, producer: Producer) -> Decimal:
    """What a farm can still give back to a household, zero where nothing is left: what the household was charged for the
    farm's goods, with their deposits and corrections in either direction, and no more than is left of all farms."""
    lines = OrderLine.objects.filter(
        order__household=household, producer=producer, order__settled_at__isnull=False, order__cancelled_at=None
    )
    bought = lines.aggregate(sum=Sum(F("final_amount") + F("deposit") * F("delivered")))["sum"]
    corrected = Correction.objects.filter(household=household, producer=producer).aggregate(sum=Sum("amount"))["sum"]
    left = Decimal(bought or ZERO) + Decimal(corrected or ZERO)
    return max(min(left, left_of_all(household)), ZERO)


def left_of_all(household: Household) -> Decimal:
    """What a household can be given back in all, zero where nothing is left: what its orders came to, with corrections in
    either direction, less what was granted."""
    orders = Order.objects.filter(household=household, settled_at__isnull=False, cancelled_at=None)
    bought = orders.aggregate(sum=Sum("final_total"))["sum"]
    corrected = Correction.objects.filter(household=household).aggregate(sum=Sum("amount"))["sum"]
    granted = Transfer.objects.filter(reference__startswith=GRANTED, credit__household=household)
    given = granted.filter(reverses=None).aggregate(sum=Sum("amount"))["sum"]
    return max(Decimal(bought or ZERO) + Decimal(corrected or ZERO) - Decimal(given or ZERO), ZERO)
