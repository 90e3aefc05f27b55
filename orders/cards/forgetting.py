"""Households that were erased are erased at Stripe too: found by what was asked of it, tried until it is done."""

from datetime import datetime

from hub import stripe_gateway
from hub.models import Household, StripeCall
from hub.stripe_gateway import Away


def forget_erased(*, now: datetime) -> int:
    """Delete the customers of erased households, with what is saved on them. Returns how many; ends when Stripe is away."""
    if not stripe_gateway.is_set_up():
        return 0
    done = 0
    for code, customer in _left():
        try:
            stripe_gateway.delete_customer(key=f"forget-customer:{code}", customer=customer, now=now)
        except Away:
            return done
        done += 1
    return done


def _left() -> list[tuple[str, str]]:
    """Code of the household and id of its customer, for those that were erased here and not there."""
    erased = {
        f"customer:{code}": code for code in Household.objects.exclude(erased_at=None).values_list("code", flat=True)
    }
    made = StripeCall.objects.filter(kind="customer", state=StripeCall.State.DONE, key__in=erased)
    gone = set(
        StripeCall.objects.filter(kind="forget-customer", state=StripeCall.State.DONE).values_list("key", flat=True)
    )
    rows = made.order_by("pk").values_list("key", "stripe_id")
    return [(erased[key], customer) for key, customer in rows if f"forget-customer:{erased[key]}" not in gone]
