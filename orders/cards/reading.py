"""Hearing from Stripe: events are kept once, and only say which object to read again; unfinished ones are read anyway."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial

from django.core.cache import cache
from django.db.models import Q

from hub import stripe_gateway
from hub.models import StripeEvent
from hub.stripe_gateway import Swept
from orders import debits
from orders.cards.applying import apply
from orders.cards.disputing import apply_dispute
from orders.cards.refunding import apply_refund
from orders.models import CardPayment, CardRefund, Dispute, TopUp

EVERY = timedelta(minutes=10)
DAILY = timedelta(days=1)
DISPUTED = "charge.dispute."
DISPUTES_BACK = timedelta(days=7)
REFUND_MAY_FAIL = timedelta(days=35)  # a bank sends a refund back within thirty days

Read = Callable[[], object]


def store_event(*, body: bytes, signature: str, now: datetime) -> bool:
    """Keep an event; False when it is known already, or tells of nothing to read. Raises stripe_gateway.Forged."""
    told = stripe_gateway.event(body, signature, now)
    if not told.subject:
        return False
    _row, made = StripeEvent.objects.get_or_create(
        stripe_id=told.id, defaults={"kind": told.kind, "subject": told.subject, "received_at": now}
    )
    return made


def apply_events(*, now: datetime, limit: int = 500) -> int:
    """Read again what waiting events tell of, each object once. Returns how many events are done.

    An object that cannot be read is not waited for: what is unfinished is read again anyway.
    """
    waiting = list(StripeEvent.objects.waiting().order_by("pk")[:limit])
    swept = _read(_told(waiting, now))
    if swept.away is not None:
        swept.answered()
        return 0
    done = StripeEvent.objects.filter(pk__in=[event.pk for event in waiting], read_at=None).update(read_at=now)
    swept.answered()
    return done


def reread(*, now: datetime) -> bool:
    """Read everything unfinished that was not asked about for ten minutes. False when Stripe went away."""
    if not stripe_gateway.is_set_up():
        return True
    swept = _read(_unfinished(now))
    swept.answered()
    return swept.away is None


def read_again(*, payment: CardPayment, now: datetime) -> CardPayment:
    """The payment as Stripe knows it now. Raises stripe_gateway.Away."""
    if not payment.stripe_id:
        return payment
    return apply(payment=payment, found=stripe_gateway.read_payment(payment.stripe_id), now=now)


def read_refund_again(*, refund: CardRefund, now: datetime) -> CardRefund:
    """The refund as Stripe knows it now. Raises stripe_gateway.Away."""
    return apply_refund(refund=refund, found=stripe_gateway.read_refund(refund.stripe_id), now=now)


def read_disputes(*, now: datetime) -> None:
    """Those opened since the events of which may have been lost. Raises stripe_gateway.Away."""
    found = stripe_gateway.disputes_since(now - DISPUTES_BACK)
    swept = stripe_gateway.each(found, lambda one: _apply_dispute(one, now))
    swept.answered()
    if swept.away is not None:
        raise swept.away


def _read_dispute(number: str, now: datetime) -> None:
    if (found := stripe_gateway.read_dispute(number)) is not None:
        _apply_dispute(found, now)


def _apply_dispute(found: stripe_gateway.Dispute, now: datetime) -> None:
    """A dispute may be heard of before what it is about: that is read first, so that the bank takes back what came in."""
    for payment in CardPayment.objects.unfinished().filter(stripe_id=found.payment):
        read_again(payment=payment, now=now)
    top_ups = TopUp.objects.unfinished()
    for top_up in top_ups.filter(stripe_id=found.payment):
        debits.read_payment_again(top_up=top_up, now=now)
    if not _is_ours(found.payment):
        for top_up in top_ups.filter(stripe_id="").exclude(page=""):
            debits.read_page_again(top_up=top_up, now=now)
    apply_dispute(found=found, now=now)


def _is_ours(payment: str) -> bool:
    return CardPayment.objects.filter(stripe_id=payment).exists() or TopUp.objects.filter(stripe_id=payment).exists()


def _told(events: Iterable[StripeEvent], now: datetime) -> Iterator[Read]:
    subjects = {event.subject for event in events}
    for payment in CardPayment.objects.unfinished().filter(stripe_id__in=subjects).exclude(stripe_id=""):
        yield partial(read_again, payment=payment, now=now)
    refunds = CardRefund.objects.exclude(state=CardRefund.State.FAILED).exclude(stripe_id="")
    for refund in refunds.filter(stripe_id__in=subjects):
        yield partial(read_refund_again, refund=refund, now=now)
    top_ups = TopUp.objects.unfinished()
    for top_up in top_ups.filter(stripe_id__in=subjects).exclude(stripe_id=""):
        yield partial(debits.read_payment_again, top_up=top_up, now=now)
    for top_up in top_ups.filter(page__in=subjects).exclude(page=""):
        yield partial(debits.read_page_again, top_up=top_up, now=now)
    for number in sorted({event.subject for event in events if event.kind.startswith(DISPUTED)}):
        yield partial(_read_dispute, number, now)


def _unfinished(now: datetime) -> Iterator[Read]:
    old = Q(checked_at=None) | Q(checked_at__lte=now - EVERY)
    payments = CardPayment.objects.unfinished().exclude(stripe_id="").filter(old)
    for payment in payments.order_by("checked_at", "pk"):
        yield partial(read_again, payment=payment, now=now)
    late = Q(state=CardRefund.State.DONE, done_at__gt=now - REFUND_MAY_FAIL, checked_at__lte=now - DAILY)
    refunds = CardRefund.objects.filter(Q(old, state=CardRefund.State.SENT) | late)
    for refund in refunds.order_by("checked_at", "pk"):
        yield partial(read_refund_again, refund=refund, now=now)
    top_ups = TopUp.objects.unfinished().filter(old).order_by("checked_at", "pk")
    for top_up in top_ups.exclude(stripe_id=""):
        yield partial(debits.read_payment_again, top_up=top_up, now=now)
    for top_up in top_ups.filter(stripe_id="").exclude(page=""):
        yield partial(debits.read_page_again, top_up=top_up, now=now)
    for dispute in Dispute.objects.unfinished().filter(checked_at__lte=now - EVERY).order_by("checked_at", "pk"):
        yield partial(_read_dispute, dispute.stripe_id, now)
    if cache.add("stripe:disputes-read", "yes", EVERY.total_seconds()):
        yield partial(read_disputes, now=now)


def _read(reads: Iterable[Read]) -> Swept:
    return stripe_gateway.each(reads, lambda read: read())
