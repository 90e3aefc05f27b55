"""Money collected at once: on a page its payer looks at, or from an account they let us debit."""

from datetime import datetime
from typing import Any

import stripe
from django.conf import settings

from hub.stripe_gateway.asking import asking, client, once
from hub.stripe_gateway.cards import CHARGE, find_payment, payment_of, read_payment
from hub.stripe_gateway.words import Declined, Page, Payment


def payment_page(
    *, key: str, customer: str, amount: int, label: str, success_url: str, cancel_url: str, locale: str, now: datetime
) -> Page:
    """A page on which a sum is paid by card, made once. Raises Away."""
    price = {"currency": settings.CURRENCY.lower(), "unit_amount": amount, "product_data": {"name": label}}
    asked: dict[str, Any] = {
        "mode": "payment", "customer": customer, "line_items": [{"quantity": 1, "price_data": price}],
        "payment_intent_data": {"description": label, "metadata": {"key": key}}, "allowed_payment_method_types": ["card"],
        "success_url": success_url, "cancel_url": cancel_url, "locale": locale, "metadata": {"key": key},
    }  # fmt: skip
    return once(
        "page", key, asked, now,
        send=lambda options: _page(client().v1.checkout.sessions.create(asked, options)),  # type: ignore[arg-type]
        read=read_page, find=lambda _since: None,  # a page lives no longer than its key
    )  # fmt: skip


def read_page(number: str) -> Page:
    """A page as it is now, with its payment once there is one. Raises Away."""
    expand: Any = {"expand": [f"payment_intent.{CHARGE}"]}
    return _page(asking(lambda: client().v1.checkout.sessions.retrieve(number, expand)))


def close_page(number: str) -> Page:
    """A page on which nobody pays any more, with what was paid on it before. Raises Away."""
    try:
        return _page(asking(lambda: client().v1.checkout.sessions.expire(number)))
    except Declined:  # it was not open
        return read_page(number)


def debit(*, key: str, customer: str, method: str, amount: int, description: str, now: datetime) -> Payment:
    """Ask the bank for a sum under a mandate; it answers in days. Raises Away, Declined."""
    asked = {
        "amount": amount, "currency": settings.CURRENCY.lower(), "customer": customer, "payment_method": method,
        "off_session": True, "confirm": True, "description": description, "metadata": {"key": key}, "expand": [CHARGE],
    }  # fmt: skip
    return once(
        "debit", key, asked, now,
        send=lambda options: payment_of(client().v1.payment_intents.create(asked, options)),  # type: ignore[arg-type]
        read=read_payment, find=lambda _since: find_payment(customer, key),
    )  # fmt: skip


def _page(session: stripe.checkout.Session) -> Page:
    intent = session.payment_intent
    found = payment_of(intent) if isinstance(intent, stripe.PaymentIntent) else None
    return Page(session.id, session.url or "", session.status == "expired", found)
