"""What a household is told of its card, each once."""

from datetime import datetime

from django.utils import translation

from hub import format as say
from hub import notices
from hub.models import Member, Notice
from orders.models import CardPayment


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
                "held": _amount(member, payment),
            },
        )
        for member in members
    )


def _amount(member: Member, payment: CardPayment) -> str:
    with translation.override(member.language):
        return say.money(payment.amount)
