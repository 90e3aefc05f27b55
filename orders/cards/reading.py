"""Hearing from Stripe: events are kept once, and only say which payment to read again; unfinished ones are read anyway."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q

from hub import stripe_gateway
from hub.models import StripeEvent
from hub.stripe_gateway import Away
from orders.cards.applying import apply
from orders.models import CardPayment

EVERY = timedelta(minutes=10)


def store_event(*, body: bytes, signature: str, now: datetime) -> bool:
    """Keep an event; False when it is known already. Raises stripe_gateway.Forged."""
    told = stripe_gateway.event(body, signature, now)
    _row, made = StripeEvent.objects.get_or_create(
        stripe_id=told.id, defaults={"kind": told.kind, "subject": told.subject, "received_at": now}
    )
    return made


def apply_events(*, now: datetime, limit: int = 500) -> int:
    """Read again what waiting events tell of, each payment once. Returns how many events are done."""
    waiting = list(StripeEvent.objects.waiting().order_by("pk")[:limit])
    known = CardPayment.objects.unfinished().filter(stripe_id__in={event.subject for event in waiting})
    read = _read(known.exclude(stripe_id=""), now)
    if not read:
        return 0
    return StripeEvent.objects.filter(pk__in=[event.pk for event in waiting], read_at=None).update(read_at=now)


def reread(*, now: datetime) -> bool:
    """Read every unfinished payment that was not asked about for ten minutes. False when Stripe went away."""
    if not stripe_gateway.is_set_up():
        return True
    old = Q(checked_at=None) | Q(checked_at__lte=now - EVERY)
    return _read(CardPayment.objects.unfinished().exclude(stripe_id="").filter(old).order_by("checked_at", "pk"), now)


def read_again(*, payment: CardPayment, now: datetime) -> CardPayment:
    """The payment as Stripe knows it now. Raises stripe_gateway.Away."""
    return apply(payment=payment, found=stripe_gateway.read_payment(payment.stripe_id), now=now)


def _read(payments: Iterable[CardPayment], now: datetime) -> bool:
    for payment in payments:
        try:
            read_again(payment=payment, now=now)
        except Away:
            return False
    return True
