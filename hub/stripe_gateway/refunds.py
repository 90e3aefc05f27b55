"""Giving back what was captured."""

from datetime import datetime
from typing import Literal

import stripe

from hub.stripe_gateway.asking import asking, client, made_under, once
from hub.stripe_gateway.words import GivenBack

_STATES: dict[str, Literal["waiting", "done", "failed"]] = {
    "pending": "waiting",
    "requires_action": "waiting",
    "succeeded": "done",
    "failed": "failed",
    "canceled": "failed",
}


def refund(*, key: str, payment: str, amount: int, now: datetime) -> GivenBack:
    """Give back so much of what was captured. Raises Away, and Declined where Stripe will not: it was given back at
    Stripe's own desk, or its holder contests it."""
    asked = {"payment_intent": payment, "amount": amount, "metadata": {"key": key}}
    return once(
        "refund", key, asked, now,
        send=lambda options: _given_back(client().v1.refunds.create(asked, options)),  # type: ignore[arg-type]
        read=read_refund, find=lambda _since: _find(payment, key),
    )  # fmt: skip


def read_refund(number: str) -> GivenBack:
    """A refund as it is now. Raises Away."""
    return _given_back(asking(lambda: client().v1.refunds.retrieve(number)))


def _find(payment: str, key: str) -> GivenBack | None:
    every = client().v1.refunds.list({"payment_intent": payment, "limit": 100}).auto_paging_iter()
    return next((_given_back(one) for one in every if made_under(one, key)), None)


def _given_back(found: stripe.Refund) -> GivenBack:
    return GivenBack(found.id, _STATES[found.status or "pending"], getattr(found, "failure_reason", None) or "")
