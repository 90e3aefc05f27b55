"""The only package that imports stripe: what we ask of it, answered in words of ours. Amounts are in cents, as it counts.

Every change carries a key of ours and is written down as a `StripeCall` before it leaves: whatever happens to the answer,
asking again with the same key ends in one object.
"""

from django.conf import settings

from hub.stripe_gateway.asking import learned, was_asked
from hub.stripe_gateway.cards import (
    FORGOTTEN,
    capture,
    confirm,
    customer,
    delete_customer,
    find_payment,
    forget,
    hold,
    read_payment,
    release,
    saved_on,
    setup_page,
)
from hub.stripe_gateway.collecting import close_page, debit, payment_page, read_page
from hub.stripe_gateway.connect import account, onboarding_page, read_account, read_transfer, transfer
from hub.stripe_gateway.disputes import disputes_since, read_dispute
from hub.stripe_gateway.movements import balance, movements
from hub.stripe_gateway.refunds import read_refund, refund
from hub.stripe_gateway.sweeping import NEVER, Swept, each
from hub.stripe_gateway.webhooks import event
from hub.stripe_gateway.words import (
    Account,
    Away,
    Declined,
    Dispute,
    Event,
    Forged,
    GivenBack,
    Method,
    Movement,
    Page,
    Payment,
    SetupPage,
    State,
    Transferred,
)

__all__ = [
    "FORGOTTEN",
    "NEVER",
    "Account",
    "Away",
    "Declined",
    "Dispute",
    "Event",
    "Forged",
    "GivenBack",
    "Method",
    "Movement",
    "Page",
    "Payment",
    "SetupPage",
    "State",
    "Swept",
    "Transferred",
    "account",
    "balance",
    "capture",
    "close_page",
    "confirm",
    "customer",
    "debit",
    "delete_customer",
    "disputes_since",
    "each",
    "event",
    "find_payment",
    "forget",
    "hold",
    "is_set_up",
    "learned",
    "movements",
    "onboarding_page",
    "payment_page",
    "read_account",
    "read_dispute",
    "read_page",
    "read_payment",
    "read_refund",
    "read_transfer",
    "refund",
    "release",
    "saved_on",
    "setup_page",
    "transfer",
    "was_asked",
]


def is_set_up() -> bool:
    """Whether this installation takes cards at all."""
    return bool(settings.STRIPE_SECRET_KEY)
