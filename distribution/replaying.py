"""What the acts that count say of a line: how many packs are missing, and what those that are left weigh.

An act counts until it is undone; a conflict never does. The line is what the acts that count give in the order in which
they reached us, so that acts may be undone in any order.
"""

from collections.abc import Iterable

from django.db import connection

from distribution.models import Handover, HandoverAction, Shortage
from orders.models import OrderLine

Kind = HandoverAction.Kind


def replay(line: OrderLine, newest: HandoverAction | None = None) -> None:
    """Make the line (locked by the caller) and its shortage what the acts that count say; `newest` is not saved yet."""
    acts = HandoverAction.objects.filter(line=line, kind__in=(Kind.SHORT, Kind.WEIGHED), undone_at=None)
    counting = list(acts.exclude(data__has_key="conflict").order_by("pk"))
    if newest is not None:
        counting.append(newest)
    told = next((act for act in reversed(counting) if act.kind == Kind.SHORT), None)
    _set_shortage(line, told)
    grams = _weight(line, counting, left=line.due - _missing(told, line))
    OrderLine.objects.filter(pk=line.pk).exclude(weight_g=grams).update(weight_g=grams)


def weighed_packs(line: OrderLine) -> dict[str, int]:
    """What a weighing keeps of the packs it is of: how many are left, and how often what is due has changed."""
    missing = Shortage.objects.filter(line=line).values_list("quantity", flat=True).first() or 0
    return {"packs": line.due - missing, "changes": line.changes.count()}


def set_delivered(order_id: int) -> None:
    """Of an order handed over: what is due and not missing was delivered. One statement for all its lines."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE orders_orderline l SET delivered = greatest(l.due - coalesce(
                   (SELECT s.quantity FROM distribution_shortage s WHERE s.line_id = l.id), 0), 0)
               WHERE l.order_id = %s""",
            [order_id],
        )


def _set_shortage(line: OrderLine, told: HandoverAction | None) -> None:
    missing = _missing(told, line)
    if told is not None and missing:
        values = {"quantity": missing, "reason": told.data["reason"], "note": str(told.data.get("note", ""))[:200]}
        Shortage.objects.update_or_create(
            line=line, defaults={**values, "collection_id": told.collection_id, "at": told.at, "by_id": told.by_id}
        )
    else:
        Shortage.objects.filter(line=line).delete()
    if Handover.objects.filter(order_id=line.order_id).exists():
        set_delivered(line.order_id)


def _missing(told: HandoverAction | None, line: OrderLine) -> int:
    """Packs missing as this act tells; fewer packs may be due since."""
    return min(int(told.data["quantity"]), line.due) if told is not None else 0


def _weight(line: OrderLine, counting: Iterable[HandoverAction], *, left: int) -> int | None:
    """Grams of the packs that are `left`, None where nobody weighed just these. A shortage told after a weighing makes
    it void unless it leaves as many packs as were weighed; so does a change of what is due."""
    changes = line.changes.count()
    packs, grams = None, None
    for act in counting:
        if act.kind == Kind.WEIGHED and act.data.get("changes") == changes:
            packs, grams = act.data.get("packs"), int(act.data["grams"])
        elif act.kind == Kind.WEIGHED or line.due - _missing(act, line) != packs:
            packs, grams = None, None
    return grams if packs == left else None
