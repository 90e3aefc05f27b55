"""What a household is told of its card, each once."""

from datetime import datetime

from django.utils import translation
from djmoney.money import Money

from hub import format as say
from hub import notices
from hub.models import Member, Notice
from orders.models import CardPayment, CardRefund

ASKS = "authentication_required"
"""The refusal that only wants the holder to confirm."""


def tell_refund_failed(refund: CardRefund, now: datetime) -> None:
    """Tell the members of the household that their card did not take its money back."""
    order = refund.payment.order
    notices.queue(
        Notice(
            kind="card-refund-failed",
            key=f"card-refund-failed:{refund.key}:{member.pk}",
            member=member,
            collection=order.collection,
            due_at=now,
            data={"order": order.code, "card": str(refund.payment.card), "amount": _amount(member, refund.amount)},
        )
        for member in Member.objects.filter(household=order.household_id, is_active=True)
    )


def tell_part(payment: CardPayment, *, charged: Money, left: Money, now: datetime) -> None:
    """Tell the members of the household that the order came to more than could be charged, and what stands on its account."""
    order = payment.order
    notices.queue(
        Notice(
            kind="card-charged-part",
            key=f"card-charged-part:{payment.key}:{member.pk}",
            member=member,
            collection=order.collection,
            due_at=now,
            data={"order": order.code, "charged": _amount(member, charged), "left": _amount(member, left)},
        )
        for member in Member.objects.filter(household=order.household_id, is_active=True)
    )


def tell(payment: CardPayment, kind: str, now: datetime) -> None:
    """Tell the members of the household, once for this payment and kind."""
    order = payment.order
    members = Member.objects.filter(household=order.household_id, is_active=True)
    notices.queue(
        Notice(
            kind=kind,
            key=f"{kind}:{payment.key}:{member.pk}",
            member=member,
            collection=order.collection,
            due_at=now,
            data={
                "order": order.code,
                "collection_code": order.collection.code,
                "card": str(payment.card),
                "held": _amount(member, payment.amount),
                "unknown": not payment.stripe_id,
                "declined": payment.refusal not in ("", ASKS),
            },
        )
        for member in members
    )


def _amount(member: Member, amount: Money) -> str:
    with translation.override(member.language):
        return say.money(amount)
