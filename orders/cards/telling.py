"""What a household is told of its card, each once."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from djmoney.money import Money

from hub import notices
from hub.models import Member, Notice
from orders.models import CardPayment, CardRefund, Order

ASKS = "authentication_required"
"""The refusal that only wants the holder to confirm."""


def tell_refund_failed(refund: CardRefund, now: datetime) -> None:
    """Tell the members of the household that their card did not take its money back."""
    order, card = refund.payment.order, str(refund.payment.card)
    _queue(
        order, "card-refund-failed", refund.key, now,
        lambda member: {"order": order.code, "card": card, "amount": notices.amount(member, refund.amount)},
    )  # fmt: skip


def tell_part(payment: CardPayment, *, charged: Money, left: Money, now: datetime) -> None:
    """Tell the members of the household that the order came to more than could be charged, and what stands on its account."""
    order = payment.order
    _queue(
        order, "card-charged-part", payment.key, now,
        lambda member: {"order": order.code, "charged": notices.amount(member, charged), "left": notices.amount(member, left)},
    )  # fmt: skip


def tell(payment: CardPayment, kind: str, now: datetime) -> None:
    """Tell the members of the household, once for this payment and kind."""
    order = payment.order
    about = {
        "order": order.code,
        "collection_code": order.collection.code,
        "card": str(payment.card),
        "unknown": not payment.stripe_id,
        "declined": payment.refusal not in ("", ASKS),
    }
    _queue(order, kind, payment.key, now, lambda member: about | {"held": notices.amount(member, payment.amount)})


def _queue(order: Order, kind: str, key: str, now: datetime, words: Callable[[Member], dict[str, Any]]) -> None:
    """A message of this kind to each member, in the words of each."""
    notices.queue(
        Notice(
            kind=kind, key=f"{kind}:{key}:{member.pk}", member=member, collection=order.collection, due_at=now,
            data=words(member),
        )
        for member in Member.objects.filter(household=order.household_id, is_active=True)
    )  # fmt: skip
