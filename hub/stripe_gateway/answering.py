"""What an error of Stripe's means. It is decided here and nowhere else: whether nothing was done and never will be, whether
nothing is known, or whether the fault is ours."""

import logging
from enum import Enum

import stripe

from hub.stripe_gateway.words import Away, Declined

log = logging.getLogger(__name__)


class Meaning(Enum):
    """What is known after an error."""

    NO = "no"  # a definite no to this one object: nothing was done, and asking again changes nothing
    UNKNOWN = "unknown"  # it may have happened: the same is asked again under the same key
    SHUT = "shut"  # we are not let in: nothing was done for anybody, until somebody looks at the keys
    OURS = "ours"  # the question itself was wrong: nothing was done, and it is a fault of the program


# Codes of a request that no object could have been right for. Every other 400 is about the object that was asked for.
OURS = {"url_invalid", "livemode_mismatch", "testmode_charges_only", "secret_key_required", "idempotency_key_in_use"}
# A 403 about the account that was named; every other one is about our key.
THEIRS = {"account_invalid", "insufficient_capabilities_for_transfer", "transfers_not_allowed"}


def meaning(error: stripe.StripeError) -> Meaning:
    """What an error means: the table of tests/hub/test_stripe_answers.py."""
    match error:
        case stripe.CardError():
            return Meaning.NO
        case stripe.IdempotencyError():  # 409: the same call is under way from elsewhere
            return Meaning.UNKNOWN if error.http_status == 409 else Meaning.OURS
        case stripe.InvalidRequestError():
            code = error.code or ""
            wrong = code.startswith("parameter_") or code in OURS
            nowhere = error.http_status == 404 and code != "resource_missing"
            return Meaning.OURS if wrong or nowhere else Meaning.NO
        case stripe.PermissionError():
            return (
                Meaning.NO if getattr(error.error, "code", "") in THEIRS else Meaning.SHUT
            )  # the SDK leaves `code` out
        case stripe.AuthenticationError():
            return Meaning.SHUT
    return Meaning.UNKNOWN


def in_our_words(error: stripe.StripeError) -> Away | Declined | None:
    """The error as the rest of the house knows it; None for a fault of ours, which stays what it is."""
    match meaning(error):
        case Meaning.NO:
            intent = getattr(error.error, "payment_intent", None)
            return Declined(
                getattr(error.error, "code", None) or error.code or "refused", intent["id"] if intent else ""
            )
        case Meaning.UNKNOWN:
            under_way = isinstance(error, stripe.IdempotencyError)
            return Away("under way" if under_way else type(error).__name__)
        case Meaning.SHUT:
            log.error("Stripe does not let us in: %s", error)
            return Away(type(error).__name__, undone=True)
    return None
