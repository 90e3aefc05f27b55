"""Webhooks: who sent them, and of what they tell."""

import json
from datetime import datetime

import stripe
from django.conf import settings

from hub.stripe_gateway.words import Event, Forged

TOLERANCE = 300  # seconds a signature may be old, or ahead of us


def event(body: bytes, signature: str, now: datetime) -> Event:
    """What a webhook tells. Raises Forged when it was not signed with our secret within five minutes of now."""
    if not settings.STRIPE_WEBHOOK_SECRET:
        raise Forged("no secret is set")
    try:
        stripe.WebhookSignature.verify_header(body.decode(), signature, settings.STRIPE_WEBHOOK_SECRET, TOLERANCE)
        told = json.loads(body)
        stamp = int(dict(part.split("=", 1) for part in signature.split(",") if "=" in part)["t"])
        found = Event(str(told["id"]), str(told["type"]), str(told["data"]["object"]["id"]))
    except (stripe.SignatureVerificationError, ValueError, KeyError, TypeError) as error:
        raise Forged(str(error)) from error
    if abs(now.timestamp() - stamp) > TOLERANCE:
        raise Forged("signed in the future")
    return found
