"""How we ask: one client, errors in our words, and changes that happen once however often they are asked for.

Nothing here may run inside a transaction: no lock is held across a network call.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeVar

import stripe
from django.conf import settings
from django.db import transaction
from django.db.models import Q

from hub.models import StripeCall
from hub.stripe_gateway.answering import in_our_words
from hub.stripe_gateway.words import Away, Declined

API_VERSION = "2026-10-28.endive"
KEY_LIFE = timedelta(hours=23)  # Stripe forgets a key after 24 hours; later the object is looked for first
TIMEOUT = 20  # seconds
CLOCKS = timedelta(minutes=10)  # how far Stripe's clock may be from ours
COUNTED = 30_000  # attempts: what is asked every minute for ever is counted so far

T = TypeVar("T")


@cache
def _connection(secret: str, base: str) -> stripe.StripeClient:
    addresses: Any = {"base_addresses": {"api": base}} if base else {}
    return stripe.StripeClient(
        secret,
        stripe_version=API_VERSION,
        max_network_retries=0,
        http_client=stripe.RequestsClient(timeout=TIMEOUT),
        **addresses,
    )


def client() -> stripe.StripeClient:
    return _connection(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE.rstrip("/"))


def once(
    kind: str,
    key: str,
    asked: dict[str, Any],
    now: datetime,
    *,
    send: Callable[[Any], T],
    read: Callable[[str], T],
    find: Callable[[datetime], T | None],
) -> T:
    """Make a change once: sent under its key, read again when it was done before, looked for when the key is too old (`find`
    is given the instant since which it may be there)."""
    fingerprint = _fingerprint(asked)
    with transaction.atomic(durable=True):
        call, made = StripeCall.objects.get_or_create(
            key=key, defaults={"kind": kind, "request_hash": fingerprint, "first_at": now, "last_at": now}
        )
    if call.request_hash != fingerprint:
        raise ValueError(f"the key {key} stands for another request")
    if call.state == StripeCall.State.DONE:
        return read(call.stripe_id)
    if (
        not made
        and now - call.first_at > KEY_LIFE
        and (found := asking(lambda: find(call.first_at - CLOCKS))) is not None
    ):
        return _done(call, found, now)
    unsent = made or call.state == StripeCall.State.REFUSED  # nothing that was asked under this key may have been done
    call.attempts, call.last_at, call.state = min(call.attempts + 1, COUNTED), now, StripeCall.State.SENT
    call.save(update_fields=["attempts", "last_at", "state"])
    try:
        return _done(call, asking(lambda: send({"idempotency_key": key})), now)
    except Away as away:
        undone = unsent and away.undone
        _note(call, StripeCall.State.REFUSED if undone else StripeCall.State.SENT, str(away))
        raise
    except Declined as no:
        _note(call, StripeCall.State.REFUSED, no.code, no.payment)
        raise
    except stripe.InvalidRequestError as fault:
        _note(call, StripeCall.State.REFUSED, str(fault))
        raise


def anew(kind: str, name: str, asked: dict[str, Any], now: datetime, *, send: Callable[[Any], T]) -> T:
    """Make a change that is made again each time somebody wants it (a page to open, a card to try): a lost answer is asked
    for under the same key, an answer that came ends it, and the next one has another key."""
    prefix = f"{name}:{_fingerprint(asked)[:12]}:"
    ended = StripeCall.objects.filter(key__startswith=prefix).exclude(state=StripeCall.State.SENT).count()
    return once(
        kind, f"{prefix}{ended + 1}", asked, now,
        send=send,
        read=lambda _number: anew(kind, name, asked, now, send=send),  # somebody else had that one just now
        find=lambda _since: None,
    )  # fmt: skip


def was_asked(key: str) -> bool:
    """Whether a change was asked for under this key, and may have been made."""
    return StripeCall.objects.filter(key=key).exclude(state=StripeCall.State.REFUSED).exists()


def learned(key: str, stripe_id: str, now: datetime) -> None:
    """Note what a call came to whose answer was lost and whose object was read since: the journal then says so as well. Its
    key may end in the sum that was asked for."""
    waiting = StripeCall.objects.filter(Q(key=key) | Q(key__startswith=f"{key}:"), state=StripeCall.State.SENT)
    waiting.update(state=StripeCall.State.DONE, stripe_id=stripe_id, error="", last_at=now)


def _fingerprint(asked: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def _done(call: StripeCall, answer: T, now: datetime) -> T:
    number = answer if isinstance(answer, str) else str(getattr(answer, "id"))  # noqa: B009  (T is a str or has one)
    call.state, call.stripe_id, call.error, call.last_at = StripeCall.State.DONE, number, "", now
    call.save(update_fields=["state", "stripe_id", "error", "last_at"])
    return answer


def _note(call: StripeCall, state: StripeCall.State, error: str, stripe_id: str = "") -> None:
    call.state, call.error, call.stripe_id = state, error[:300], stripe_id
    call.save(update_fields=["state", "error", "stripe_id"])


def asking(ask: Callable[[], T]) -> T:
    """Stripe's errors in our words. A fault of ours stays what it is. Raises Away, Declined."""
    try:
        return ask()
    except stripe.StripeError as error:
        words = in_our_words(error)
        if words is None:
            raise
        raise words from error


def id_of(thing: Any) -> str:
    """The id of something Stripe tells as an id, as the object itself, or not at all."""
    if thing is None or isinstance(thing, str):
        return thing or ""
    return str(thing["id"])


def made_under(thing: Any, key: str) -> bool:
    """Whether an object was made under a key of ours: it is kept among its metadata."""
    return getattr(thing.metadata, "key", "") == key
