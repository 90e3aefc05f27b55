"""A household's customer at Stripe, on whom its card and its mandate are saved."""

from datetime import datetime

from django.utils.translation import get_language

from hub import stripe_gateway
from hub.models import Household
from hub.stripe_gateway import Away, Declined, SetupPage


def customer_of(household: Household, now: datetime, *, lost: str = "") -> str:
    """The id of the household's customer; another one where Stripe has `lost` it. Raises stripe_gateway.Away."""
    return stripe_gateway.customer(key=f"customer:{household.code}", reference=household.code, now=now, lost=lost)


def setup_page(*, household: Household, kind: str, success_url: str, cancel_url: str, now: datetime) -> SetupPage:
    """A page of Stripe's to save a `card` or `sepa_debit` on, for a new customer where Stripe no longer knows the
    household's. Raises stripe_gateway.Away."""

    def page(customer: str) -> SetupPage:
        return stripe_gateway.setup_page(
            customer=customer, kind=kind, success_url=success_url, cancel_url=cancel_url, locale=get_language() or "fr",
            now=now,
        )  # fmt: skip

    known = customer_of(household, now)
    try:
        return page(known)
    except Declined:
        pass
    try:
        return page(customer_of(household, now, lost=known))
    except Declined as no:
        raise Away(no.code) from no
