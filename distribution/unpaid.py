"""Orders whose card stays refused, at points that then release the lines; and holds that end before anybody confirmed."""

from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import translation

from distribution import amending
from distribution.models import LineChange
from hub import format as say
from hub import in_charge, notices
from hub.models import Collection, CollectionPoint, Member, Notice
from hub.money import ZERO, money
from hub.refusals import Refusal
from orders import cards
from orders.models import CardPayment, OrderLine

BEFORE_THE_END = timedelta(hours=24)


def release_lines(*, now: datetime) -> int:
    """Take orders whose card stayed refused off their sheets, by changes that are told once; stock is free again. Where the
    hand-over has begun the food is there already: it is paid on the spot. Returns how many orders."""
    waiting = CardPayment.objects.given_up().filter(
        order__collection__point__refused_card=CollectionPoint.RefusedCard.RELEASE
    )
    return sum(
        _release(payment, now) for payment in waiting.select_related("order__collection__point", "card").order_by("pk")
    )


def _release(payment: CardPayment, now: datetime) -> bool:
    order = payment.order
    lines = OrderLine.objects.filter(order=order, due__gt=0).order_by("pk")
    changes = [amending.Change(-line.due, line, seen=line.due) for line in lines]
    key = f"unpaid:{payment.key}"
    # What a host has added since they were released is wanted: it is paid on the spot.
    released = LineChange.objects.filter(key=f"amend:{key}").exists()
    if now >= order.collection.starts_at or not changes or released:
        return cards.pay_at_point(payment=payment, now=now)
    try:
        amending.amend_order(order=order, changes=changes, reason=LineChange.Reason.UNPAID, by=None, now=now, key=key)
    except amending.StaleChange:
        return False  # somebody changes it this minute; the next sweep looks again
    except Refusal:
        return cards.pay_at_point(payment=payment, now=now)
    return True


def warn_due(*, now: datetime) -> int:
    """Tell the coordination of holds that end within a day while nobody has confirmed the distribution: once per
    distribution. Returns how many distributions."""
    ending = CardPayment.objects.filter(
        state=CardPayment.State.HELD, capture_before__lte=now + BEFORE_THE_END, capture_before__gt=now,
        order__settled_at=None, order__cancelled_at=None, order__collection__confirmed_at=None,
        order__collection__cancelled_at=None,
    )  # fmt: skip
    by_collection: dict[Collection, list[CardPayment]] = defaultdict(list)
    for payment in ending.select_related("order__collection__point").order_by("capture_before", "pk"):
        by_collection[payment.order.collection].append(payment)
    told = list(in_charge.coordinators()) if by_collection else []
    notices.queue(
        _warning(member, collection, payments, now) for collection, payments in by_collection.items() for member in told
    )
    return len(by_collection)


def _warning(member: Member, collection: Collection, payments: list[CardPayment], now: datetime) -> Notice:
    total: Decimal = sum((payment.amount.amount for payment in payments), ZERO)
    first = payments[0].capture_before
    with translation.override(member.language):
        data = {"orders": len(payments), "held": say.money(money(total)), "until": first.isoformat() if first else ""}
    return Notice(
        kind="hold-ends", key=f"hold-ends:{collection.code}:{member.pk}", member=member, collection=collection, due_at=now,
        data=data,
    )  # fmt: skip
