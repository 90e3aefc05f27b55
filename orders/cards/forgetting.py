"""Households that were erased are erased at Stripe too: found by what was asked of it, tried until it is done."""

from datetime import datetime

from django.db.models import Q

from hub import stripe_gateway
from hub.models import Household, StripeCall
from hub.stripe_gateway import NEVER


def forget_erased(*, now: datetime, until: float = NEVER) -> int:
    """Delete the customers of erased households, with what is saved on them. Returns how many; ends when Stripe is away."""
    if not stripe_gateway.is_set_up():
        return 0

    def delete(left: tuple[str, str]) -> None:
        code, customer = left
        stripe_gateway.delete_customer(key=f"forget-customer:{code}", customer=customer, now=now)

    return stripe_gateway.each(_left(), delete, until=until).answered()


def _left() -> list[tuple[str, str]]:
    """What names the customer (its household's code, numbered from the second on) and its id, for those that were erased
    here and not there."""
    erased = set(Household.objects.exclude(erased_at=None).values_list("code", flat=True))
    calls = StripeCall.objects.filter(state=StripeCall.State.DONE).order_by("pk")
    gone = set(calls.filter(kind="forget-customer").values_list("key", flat=True))
    named = Q(key__in=[f"customer:{code}" for code in erased]) | Q(key__regex="^customer:[^:]+:")
    every = calls.filter(named, kind="customer").values_list("key", "stripe_id")
    made = [(key.removeprefix("customer:"), customer) for key, customer in every]
    return [
        (name, customer)
        for name, customer in made
        if name.partition(":")[0] in erased and f"forget-customer:{name}" not in gone
    ]
