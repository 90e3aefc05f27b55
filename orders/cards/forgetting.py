"""What is forgotten here is forgotten at Stripe too, found by what was asked of it and tried until it is done: households
that were erased, and cards and accounts that were removed or replaced."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from hub import stripe_gateway
from hub.models import Household, StripeCall
from hub.stripe_gateway import NEVER
from orders.models import CardPayment, Mandate, SavedCard, TopUp


def forget_erased(*, now: datetime, until: float = NEVER) -> int:
    """Delete the customers of erased households, with what is saved on them. Returns how many; ends when Stripe is away."""
    if not stripe_gateway.is_set_up():
        return 0

    def delete(left: tuple[str, str]) -> None:
        code, customer = left
        stripe_gateway.delete_customer(key=f"forget-customer:{code}", customer=customer, now=now)

    return stripe_gateway.each(_left(), delete, until=until).answered()


def forget_removed(*, now: datetime, until: float = NEVER) -> int:
    """Take removed cards and mandates taken back from their customers, once nothing is asked of them any more. Returns how
    many; ends when Stripe is away."""
    if not stripe_gateway.is_set_up():
        return 0
    forgotten = StripeCall.objects.filter(
        kind=stripe_gateway.FORGOTTEN, state=StripeCall.State.DONE, stripe_id=OuterRef("method")
    )
    asked = CardPayment.objects.unfinished().filter(card=OuterRef("pk"))
    at_the_bank = TopUp.objects.filter(mandate=OuterRef("pk"), state=TopUp.State.PROCESSING)
    cards = SavedCard.objects.exclude(removed_at=None).exclude(Exists(asked))
    mandates = Mandate.objects.exclude(revoked_at=None).exclude(Exists(at_the_bank))
    methods = [
        method
        for rows in (cards, mandates)
        for method in rows.filter(household__erased_at=None)
        .exclude(method="").exclude(Exists(forgotten)).order_by("pk").values_list("method", flat=True)
    ]  # fmt: skip
    return stripe_gateway.each(methods, lambda one: stripe_gateway.forget(one, now=now), until=until).answered()


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
