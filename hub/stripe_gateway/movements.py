"""What moved on our balance at Stripe, and what is on it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import stripe
from django.conf import settings

from hub.stripe_gateway.asking import asking, client, id_of
from hub.stripe_gateway.words import Movement

PAGE = 100


def movements(since: datetime, before: datetime | None = None) -> Iterator[Movement]:
    """Every balance transaction since an instant (and before another), the newest first, a page at a time. Raises Away."""
    created = {"gte": int(since.timestamp())} | ({"lt": int(before.timestamp())} if before else {})
    last = ""
    while True:
        asked: Any = {"created": created, "limit": PAGE, "expand": ["data.source"]}
        if last:
            asked["starting_after"] = last
        page = asking(lambda asked=asked: client().v1.balance_transactions.list(asked))  # type: ignore[misc]
        yield from (_movement(one) for one in page.data)
        if not page.has_more:
            return
        last = page.data[-1].id


def balance() -> int:
    """All there is in our currency, available or not yet, in cents. Raises Away."""
    found: Any = asking(lambda: client().v1.balance.retrieve())
    ours = settings.CURRENCY.lower()
    return sum(part.amount for part in [*found.available, *found.pending] if part.currency == ours)


def _movement(one: stripe.BalanceTransaction) -> Movement:
    return Movement(
        id=one.id,
        kind=one.type,
        amount=one.amount,
        fee=one.fee,
        subject=_subject(one.source),
        at=datetime.fromtimestamp(one.created, UTC),
    )


def _subject(source: Any) -> str:
    """The object a movement is about, as our rows know it: the payment of a charge or dispute, the transfer of a reversal."""
    for part in ("payment_intent", "transfer"):
        # A refund tells its payment as well, and is an object of its own.
        if getattr(source, "object", "") in ("charge", "dispute", "transfer_reversal") and getattr(source, part, None):
            return id_of(getattr(source, part))
    return id_of(source)
