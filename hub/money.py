"""Rounding, shares and VAT: nothing else in the house rounds.

Amounts are `Decimal` with two decimals inside the arithmetic and `Money` at the edges; never a float. All rounding is half
up, as French invoices do.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from django.conf import settings
from djmoney.money import Money

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
TENTH_OF_A_MILL = Decimal("0.0001")


def money(amount: Decimal | int | str) -> Money:
    """An amount in the hub's currency."""
    return Money(Decimal(amount), settings.CURRENCY)


def cents(amount: Decimal) -> Decimal:
    """The amount rounded half up to the cent."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def line_amount(*, grams: int, price_per_kg: Decimal) -> Decimal:
    """What a weighed line costs: weight in grams × price per kilogram, rounded once."""
    return cents(price_per_kg * grams / 1000)


def without_vat(price: Decimal, rate: Decimal) -> Decimal:
    """A unit price without the VAT it includes, with four decimals: what is multiplied is finer than a cent."""
    return (price * 100 / (100 + rate)).quantize(TENTH_OF_A_MILL, rounding=ROUND_HALF_UP)


def vat_within(gross: Decimal, rate: Decimal) -> Decimal:
    """The VAT contained in an amount that includes it, `rate` in percent."""
    return cents(gross * rate / (100 + rate))


def split(total: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """`total` in parts proportional to `weights`, to the cent, by largest remainder; ties go to the earlier part.

    The parts sum to the total exactly. Raises ValueError when the weights sum to nothing but the total is something.
    """
    whole = sum(weights, Decimal(0))
    if whole == 0:
        if total != 0:
            raise ValueError("nothing to split by")
        return [ZERO for _weight in weights]
    in_cents = int(total / CENT)
    exact = [in_cents * weight / whole for weight in weights]
    floors = [int(part // 1) for part in exact]
    left = in_cents - sum(floors)
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(exact[i] - floors[i]), i))
    for i in by_remainder[:left]:
        floors[i] += 1
    return [floor * CENT for floor in floors]


def shares(price: Decimal, *, host_rate: Decimal, hub_rate: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    """What producer, host and hub receive of a household's price, rates in percent, fees including their VAT."""
    producer, host, hub = split(price, [100 - host_rate - hub_rate, host_rate, hub_rate])
    return producer, host, hub
