"""What holders of cards and accounts contest at their banks."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Literal

import stripe

from hub.stripe_gateway.asking import asking, client, id_of
from hub.stripe_gateway.words import Declined, Dispute

_STATES: dict[str, Literal["won", "lost"]] = {"won": "won", "warning_closed": "won", "prevented": "won", "lost": "lost"}


def read_dispute(number: str) -> Dispute | None:
    """A dispute as it is now; None where there is none of that id. Raises Away."""
    try:
        return _dispute(asking(lambda: client().v1.disputes.retrieve(number)))
    except Declined:
        return None


def disputes_since(when: datetime) -> list[Dispute]:
    """Those opened since an instant, newest first. Raises Away."""
    wanted: Any = {"created": {"gte": int(when.timestamp())}, "limit": 100}
    return asking(lambda: list(map(_dispute, _every(wanted))))


def _every(wanted: Any) -> Iterator[stripe.Dispute]:
    return client().v1.disputes.list(wanted).auto_paging_iter()


def _dispute(found: stripe.Dispute) -> Dispute:
    moves = found.balance_transactions
    due = getattr(found.evidence_details, "due_by", None)
    return Dispute(
        id=found.id,
        payment=id_of(found.payment_intent),
        state=_STATES.get(found.status, "open"),
        amount=found.amount,
        taken=-sum(one.amount for one in moves),
        fee=sum(one.fee for one in moves),
        reason=found.reason,
        opened_at=datetime.fromtimestamp(found.created, UTC),
        due_by=datetime.fromtimestamp(due, UTC) if due else None,
    )
