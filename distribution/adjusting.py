"""What households are told once a distribution is settled: what was missing or weighed otherwise, what comes back to them."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from django.db.models import F, Q
from django.utils import translation

from distribution.models import Refund
from hub import format as say
from hub import notices
from hub.models import Collection, Member, Notice
from orders.models import Order, OrderLine


def tell(collection: Collection, *, now: datetime) -> None:
    """Queue a message to each household whose final amounts differ from its order, in the caller's transaction.

    A member may have muted it: what comes back to the household is asked apart (telling_money). A fixed number of statements.
    """
    changed = _changed(collection)
    refunds = dict(
        Refund.objects.filter(collection=collection, paid_at=None).values_list("household", "amount").order_by("pk")
    )
    orders = {
        order.household_id: order
        for order in Order.objects.filter(collection=collection, pk__in=changed).select_related("household")
    }
    members = Member.objects.filter(household__in=orders, is_active=True).order_by("pk")
    notices.queue(
        _notice(member, orders[member.household_id], changed, refunds, collection, now)
        for member in members
        if member.household_id and "adjusted" not in member.muted
    )


def _changed(collection: Collection) -> dict[int, list[OrderLine]]:
    """The lines of each order that were short, or weigh otherwise than expected."""
    weighed = Q(weighed=True, final_amount__isnull=False) & ~Q(final_amount=F("expected_amount"))
    lines = OrderLine.objects.filter(
        Q(shortage__isnull=False) | weighed, collection=collection, order__cancelled_at=None
    )
    found: dict[int, list[OrderLine]] = defaultdict(list)
    for line in lines.select_related("shortage").order_by("name", "pk"):
        found[line.order_id].append(line)
    return found


def _notice(
    member: Member, order: Order, changed: dict[int, list[OrderLine]], refunds: dict[int, Any],
    collection: Collection, now: datetime,
) -> Notice:  # fmt: skip
    back = refunds.get(order.household_id)
    with translation.override(member.language):
        data = {
            "order": order.code,
            "lines": [_line(line) for line in changed[order.pk]],
            "expected": say.money(order.expected_total),
            "total": say.money(order.final_total),
            "refund": say.money(back) if back else "",
        }
    return Notice(
        kind="adjusted", key=f"adjusted:{collection.code}:{member.pk}", member=member,
        collection=collection, due_at=now, data=data,
    )  # fmt: skip


def _line(line: OrderLine) -> dict[str, Any]:
    shortage = getattr(line, "shortage", None)
    weighs = line.weighed and line.weight_g is not None and line.delivered
    return {
        "name": line.name,
        "label": line.label,
        "missing": shortage.quantity if shortage else 0,
        "reason": str(shortage.get_reason_display()) if shortage else "",
        "weight": say.quantity(line.weight_g, "g") if weighs and line.weight_g else "",
        "amount": say.money(line.final_amount),
    }
