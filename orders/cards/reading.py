"""Hearing from Stripe: events are kept once, and only say which object to read again; unfinished ones are read anyway."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from django.core.cache import cache
from django.db.models import Q

from hub import stripe_gateway
from hub.models import StripeEvent
from hub.stripe_gateway import NEVER, Away, Declined
from orders import debits
from orders.cards.applying import apply
from orders.cards.disputing import apply_dispute
from orders.cards.refunding import apply_refund
from orders.models import CardPayment, CardRefund, Dispute, TopUp

EVERY = timedelta(minutes=10)
DAILY = timedelta(days=1)
DISPUTED = "charge.dispute."
DISPUTES_BACK = timedelta(days=60)  # longer than a server is away, or Stripe goes on sending an event
LOOKED_FOR = "stripe:disputes-read"
REFUND_MAY_FAIL = timedelta(days=35)  # a bank sends a refund back within thirty days

NEVER_ASKED = datetime.min.replace(tzinfo=UTC)

ENDED_BY = {CardPayment.State.CAPTURED.value: "capture", CardPayment.State.RELEASED.value: "release"}

Read = Callable[[], object]
Reader = Callable[[Sequence[StripeEvent], datetime], Iterable[tuple[str, Read]]]
"""Which objects events tell of, by the subject of the event, and how each is read."""


def store_event(*, body: bytes, signature: str, now: datetime) -> bool:
    """Keep an event; False when it is known already, or tells of nothing to read. Raises stripe_gateway.Forged."""
    told = stripe_gateway.event(body, signature, now)
    if not told.subject:
        return False
    _row, made = StripeEvent.objects.get_or_create(
        stripe_id=told.id, defaults={"kind": told.kind, "subject": told.subject, "received_at": now}
    )
    return made


def apply_events(*, now: datetime, limit: int = 500, until: float = NEVER, also: Reader | None = None) -> int:
    """Read again what waiting events tell of, each object once. Returns how many events are done. `also` reads what is
    known higher up.

    Those whose turn has not come, Stripe being away or the time over, go on waiting. An object that cannot be read is not
    waited for: what is unfinished is read again anyway.
    """
    waiting = list(StripeEvent.objects.waiting().order_by("pk")[:limit])
    told = _told(waiting, now, also)
    swept = stripe_gateway.each(told, lambda one: one[1](), until=until)
    left = {subject for subject, _read in told[swept.seen :]}
    read = [event.pk for event in waiting if event.subject not in left]
    done = StripeEvent.objects.filter(pk__in=read, read_at=None).update(read_at=now)
    swept.answered()
    return done


def reread(*, now: datetime, until: float = NEVER) -> bool:
    """Read everything unfinished that was not asked about for ten minutes. False when some of it is left to the next sweep:
    Stripe went away, or the time is over."""
    if not stripe_gateway.is_set_up():
        return True
    swept = stripe_gateway.each(_unfinished(now, until), lambda read: read(), until=until)
    swept.answered()
    return swept.is_whole


def read_again(*, payment: CardPayment, now: datetime) -> CardPayment:
    """The payment as Stripe knows it now. Raises stripe_gateway.Away."""
    if not payment.stripe_id:
        return payment
    row = apply(payment=payment, found=stripe_gateway.read_payment(payment.stripe_id), now=now)
    if row.state != payment.state and (change := ENDED_BY.get(row.state)):
        stripe_gateway.learned(f"{change}:{row.key}", row.stripe_id, now)
    return row


def read_refund_again(*, refund: CardRefund, now: datetime) -> CardRefund:
    """The refund as Stripe knows it now. Raises stripe_gateway.Away."""
    return apply_refund(refund=refund, found=stripe_gateway.read_refund(refund.stripe_id), now=now)


def read_disputes(*, now: datetime, until: float = NEVER) -> bool:
    """Those the events of which may have been lost, unknown ones first; of those that have ended nothing is to be heard.
    False when some are left to the next time. Raises stripe_gateway.Away."""
    told = stripe_gateway.disputes_since(now - DISPUTES_BACK)
    known = Dispute.objects.filter(stripe_id__in=[one.id for one in told])
    going = set(known.unfinished().values_list("stripe_id", flat=True))
    ended = set(known.values_list("stripe_id", flat=True)) - going
    found = sorted((one for one in told if one.id not in ended), key=lambda one: one.id in going)
    swept = stripe_gateway.each(found, lambda one: _apply_dispute(one, now), until=until)
    swept.answered()
    if swept.away is not None:
        raise swept.away
    return swept.is_whole


def _look_for_disputes(now: datetime, until: float) -> None:
    """Every ten minutes, and at once again where it did not come to its end."""
    if not cache.add(LOOKED_FOR, "yes", EVERY.total_seconds()):
        return
    try:
        whole = read_disputes(now=now, until=until)
    except Away:
        cache.delete(LOOKED_FOR)
        raise
    if not whole:
        cache.delete(LOOKED_FOR)


def _read_dispute(number: str, now: datetime) -> None:
    if (found := stripe_gateway.read_dispute(number)) is not None:
        _apply_dispute(found, now)


def _apply_dispute(found: stripe_gateway.Dispute, now: datetime) -> None:
    """A dispute may be heard of before what it is about: that is read first, so that the bank takes back what came in."""
    if found.payment:  # another shop at the same account may charge without one
        for payment in CardPayment.objects.unfinished().filter(stripe_id=found.payment):
            read_again(payment=payment, now=now)
        for top_up in TopUp.objects.unfinished().filter(stripe_id=found.payment):
            debits.read_payment_again(top_up=top_up, now=now)
        if not _is_known(found):
            _recognise(found.payment, now)
    apply_dispute(found=found, now=now)


def _is_known(dispute: stripe_gateway.Dispute) -> bool:
    """Whether we know the dispute already, or the payment it is about."""
    kinds = (CardPayment.objects.filter(stripe_id=dispute.payment), TopUp.objects.filter(stripe_id=dispute.payment))
    return Dispute.objects.filter(stripe_id=dispute.id).exists() or any(rows.exists() for rows in kinds)


def _recognise(number: str, now: datetime) -> None:
    """A payment we do not know by its id may be ours: its own answer was lost, or its page was not read since it was paid.
    The key it was made under names the row it belongs to. Raises stripe_gateway.Away."""
    try:
        found = stripe_gateway.read_payment(number)
    except Declined:
        return
    kind, _colon, name = found.key.partition(":")
    if kind == "hold":
        order, _colon, nth = name.partition(":")
        for payment in CardPayment.objects.filter(order__code=order, number=nth, stripe_id=""):
            apply(payment=payment, found=found, now=now)
    elif kind in ("debit", "page"):
        for top_up in TopUp.objects.filter(code=name, stripe_id=""):
            debits.apply_payment(top_up=top_up, found=found, now=now)
    if kind in ("hold", "debit"):  # a page's own object is another one
        stripe_gateway.learned(found.key, found.id, now)


def _told(events: Sequence[StripeEvent], now: datetime, also: Reader | None) -> list[tuple[str, Read]]:
    """The objects these events tell of and how each is read, in the order we heard of them."""
    heard = {event.subject: event.pk for event in reversed(events)}
    disputes = {event.subject for event in events if event.kind.startswith(DISPUTED)}
    reads = [*_named(list(heard), disputes, now), *(also(events, now) if also else [])]
    return sorted(reads, key=lambda one: heard[one[0]])


def _named(subjects: Sequence[str], disputes: Iterable[str], now: datetime) -> Iterator[tuple[str, Read]]:
    for payment in CardPayment.objects.unfinished().filter(stripe_id__in=subjects).exclude(stripe_id=""):
        yield payment.stripe_id, partial(read_again, payment=payment, now=now)
    refunds = CardRefund.objects.exclude(state=CardRefund.State.FAILED).exclude(stripe_id="")
    for refund in refunds.filter(stripe_id__in=subjects):
        yield refund.stripe_id, partial(read_refund_again, refund=refund, now=now)
    top_ups = TopUp.objects.unfinished()
    for top_up in top_ups.filter(stripe_id__in=subjects).exclude(stripe_id=""):
        yield top_up.stripe_id, partial(debits.read_payment_again, top_up=top_up, now=now)
    for top_up in top_ups.filter(page__in=subjects).exclude(page=""):
        yield top_up.page, partial(debits.read_page_again, top_up=top_up, now=now)
    for number in disputes:
        yield number, partial(_read_dispute, number, now)


def _unfinished(now: datetime, until: float) -> list[Read]:
    """What was not asked about for ten minutes, the longest first, whatever it is: where there is more than one sweep can
    read, no kind waits for all of another."""
    found = sorted(_old(now, until), key=lambda one: one[0] or NEVER_ASKED)
    return [read for _at, read in found]


def _old(now: datetime, until: float) -> Iterator[tuple[datetime | None, Read]]:
    yield None, partial(_look_for_disputes, now, until)
    old = Q(checked_at=None) | Q(checked_at__lte=now - EVERY)
    for payment in CardPayment.objects.unfinished().exclude(stripe_id="").filter(old):
        yield payment.checked_at, partial(read_again, payment=payment, now=now)
    late = Q(state=CardRefund.State.DONE, done_at__gt=now - REFUND_MAY_FAIL, checked_at__lte=now - DAILY)
    for refund in CardRefund.objects.filter(Q(old, state=CardRefund.State.SENT) | late):
        yield refund.checked_at, partial(read_refund_again, refund=refund, now=now)
    top_ups = TopUp.objects.unfinished().filter(old)
    for top_up in top_ups.exclude(stripe_id=""):
        yield top_up.checked_at, partial(debits.read_payment_again, top_up=top_up, now=now)
    for top_up in top_ups.filter(stripe_id="").exclude(page=""):
        yield top_up.checked_at, partial(debits.read_page_again, top_up=top_up, now=now)
    for dispute in Dispute.objects.unfinished().filter(checked_at__lte=now - EVERY):
        yield dispute.checked_at, partial(_read_dispute, dispute.stripe_id, now)
