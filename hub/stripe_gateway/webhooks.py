"""Webhooks: who sent them, and of what they tell."""

import json
from datetime import datetime
from typing import Any

import stripe
from django.conf import settings

from hub.stripe_gateway.words import Event, Forged

TOLERANCE = 300  # seconds a signature may be old, or ahead of us
LONGEST = 80  # signs of an id or kind we keep; Stripe's own are shorter


def event(body: bytes, signature: str, now: datetime) -> Event:
    """What a webhook tells; its subject is "" where it tells of nothing that can be read again.

    Raises Forged when it was not signed with our secret within five minutes of now, or is no event at all.
    """
    if not settings.STRIPE_WEBHOOK_SECRET:
        raise Forged("no secret is set")
    try:
        stripe.WebhookSignature.verify_header(body.decode(), signature, settings.STRIPE_WEBHOOK_SECRET, TOLERANCE)
        told = json.loads(body)
        stamp = int(dict(part.split("=", 1) for part in signature.split(",") if "=" in part)["t"])
        found = Event(_kept(told["id"]), _kept(told["type"]), _subject(dict(told["data"]["object"])))
    except (stripe.SignatureVerificationError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise Forged(str(error)) from error
    if abs(now.timestamp() - stamp) > TOLERANCE:
        raise Forged("signed in the future")
    return found


def _kept(name: Any) -> str:
    """An id or kind as it can be stored and compared. Raises ValueError."""
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST or not (name.isascii() and name.isprintable()):
        raise ValueError("not a name")
    return name


def _subject(thing: dict[str, Any]) -> str:
    """The id of what an event tells of. A balance has none, and one we could not keep is none of ours."""
    try:
        return _kept(thing.get("id"))
    except ValueError:
        return ""
