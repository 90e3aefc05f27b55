"""After the count: the only way left to change what shall be delivered to a household."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from distribution import due, sheets, telling
from distribution.models import Closing, Handover, LineChange, MinimumDecision, Shortage
from hub import activity, locks
from hub.models import Member
from hub.refusals import Refusal
from orders import ordering
from orders.models import Order, OrderLine
from orders.ordering.reserving import reserve
from producers.models import Packaging

# What people say; UNPAID is a sweep's.
REASONS = (LineChange.Reason.PRODUCER, LineChange.Reason.MEMBER, LineChange.Reason.MISTAKE)


class NotCounted(Refusal):
    """Before the close the household changes its order itself."""

    code = "not-counted"


class CollectionOver(Refusal):
    """A confirmed or cancelled collection does not change any more."""

    code = "collection-over"


class BadChange(Refusal):
    """No change, more taken away than is due (`data["due"]`), or a reason that is not on the list."""

    code = "bad-change"
    status = 422


class StaleChange(Refusal):
    """Somebody changed a line meanwhile; `data["due"]` is what is due of it now."""

    code = "stale-change"


class AlreadyHandedOver(Refusal):
    """What was handed over is corrected at the hand-over, not here."""

    code = "already-handed-over"


class FarmNotComing(Refusal):
    """The farm stayed below its minimum and does not deliver: nothing of it can be added."""

    code = "farm-not-coming"


@dataclass(frozen=True)
class Change:
    """`delta` packs more (above zero) or fewer of a line, or of a packaging of which the order has no line yet. `seen`
    is what was due when somebody decided: where another number is due by now, nothing changes."""

    delta: int
    line: OrderLine | None = None
    packaging: Packaging | None = None
    seen: int | None = None


def amend(
    *,
    delta: int,
    reason: str,
    by: Member,
    now: datetime,
    line: OrderLine | None = None,
    order: Order | None = None,
    packaging: Packaging | None = None,
    note: str = "",
    key: str = "",
) -> LineChange:
    """Change one line, or add one packaging: `amend_order` with a single change. Returns it."""
    order = order or (line.order if line else None)
    if order is None:
        raise BadChange(_("Say which order changes."))
    change = Change(delta, line, packaging)
    return amend_order(order=order, changes=[change], reason=reason, by=by, now=now, note=note, key=key)[0]


def amend_order(
    *,
    order: Order,
    changes: Sequence[Change],
    reason: str,
    by: Member | None,
    now: datetime,
    note: str = "",
    key: str = "",
) -> list[LineChange]:
    """Change what is due of an order after the count, or add packs of a packaging at the week's price.

    Appends a LineChange per line, reserves or releases stock, writes the next version of the sheets concerned and tells
    those concerned once. The same `key` again gives the first changes. The number of statements does not grow with
    the lines. Raises NotCounted, CollectionOver, BadChange, StaleChange, AlreadyHandedOver, FarmNotComing, and
    ordering's SoldOut and NotOnSale.
    """
    check_sense(changes, reason, among=REASONS if by else [LineChange.Reason.UNPAID])
    key = f"amend:{key or uuid4()}"
    with transaction.atomic():
        locks.own_collection(order.collection_id)
        if known := list(LineChange.objects.filter(key__in=_keys(key, len(changes))).order_by("pk")):
            return known
        order = Order.objects.select_related("collection__point", "household").get(pk=order.pk)
        frozen = check_amendable(order).frozen_at is not None
        lines = _lines(order, changes, now)
        check_changes(order, lines, changes)
        if not reserve(_units(lines, changes)):
            raise sold_out([(line, change.delta) for line, change in zip(lines, changes, strict=True)])
        rows = LineChange.objects.bulk_create(
            LineChange(
                line=line,
                collection=order.collection,
                key=one,
                delta=change.delta,
                reason=reason,
                note=note,
                by=by,
                at=now,
            )
            for line, change, one in zip(lines, changes, _keys(key, len(changes)), strict=True)
        )
        _settle_order(order, now=now)
        _record(order, lines, rows, now=now)
        if frozen:
            sheets.write(order.collection, now=now, producers={line.producer_id for line in lines})
        telling.amended(order, list(zip(lines, rows, strict=True)), frozen=frozen, now=now)
    return rows


def check_sense(changes: Sequence[Change], reason: str, among: Sequence[str] = REASONS) -> None:
    """Refuse what changes nothing or says no reason. Raises BadChange."""
    if reason not in among or not changes or any(change.delta == 0 for change in changes):
        raise BadChange(_("Say how many packs more or fewer, and why."))


def check_amendable(order: Order) -> Closing:
    """The order's close, where the order may still change. Raises CollectionOver, NotCounted, AlreadyHandedOver."""
    collection = order.collection
    if collection.confirmed_at is not None or collection.cancelled_at is not None:
        raise CollectionOver(_("This collection is over."))
    closing = Closing.objects.filter(collection=collection).first()
    if closing is None:
        raise NotCounted(_("Orders are still open: the household changes its order itself."))
    if Handover.objects.filter(order=order).exists():
        raise AlreadyHandedOver(_("This was handed over already."))
    return closing


def check_changes(order: Order, lines: Sequence[OrderLine], changes: Sequence[Change]) -> None:
    """Refuse a change that does not fit its line as it is now. Raises StaleChange, BadChange, FarmNotComing."""
    missing = dict(Shortage.objects.filter(line__order=order).values_list("line", "quantity"))
    for line, change in zip(lines, changes, strict=True):
        if change.seen is not None and change.seen != line.due:
            raise StaleChange(_("Somebody has changed this order meanwhile. Look at it again."), due=line.due)
        if line.due + change.delta < missing.get(line.pk, 0):
            raise BadChange(_("No more can be taken away than is due."), due=line.due)
    added = {line.producer_id for line, change in zip(lines, changes, strict=True) if change.delta > 0}
    refused = MinimumDecision.objects.filter(collection=order.collection, decision="cancel", producer__in=added)
    if farm := refused.values_list("producer__name", flat=True).first():
        raise FarmNotComing(_("%(farm)s does not come to this distribution.") % {"farm": farm})


def sold_out(wanted: Sequence[tuple[OrderLine, int]]) -> ordering.SoldOut:
    """The refusal of more than is left of the products wanted: each line with the packs to add."""
    more = [(line, delta) for line, delta in wanted if delta > 0]
    names = ", ".join(dict.fromkeys(line.name for line, _delta in more))
    return ordering.SoldOut(
        _("There is not enough left of %(product)s.") % {"product": names},
        short=[
            {"packaging": line.packaging_id, "name": line.name, "label": line.label, "wanted": delta}
            for line, delta in more
        ],
    )


def _keys(key: str, many: int) -> list[str]:
    return [key, *(f"{key}:{number}" for number in range(2, many + 1))]


def _units(lines: Sequence[OrderLine], changes: Sequence[Change]) -> list[tuple[int, int]]:
    pairs = [(line.stock_id, line.content * change.delta) for line, change in zip(lines, changes, strict=True)]
    return [(stock, units) for stock, units in pairs if stock is not None]


def _lines(order: Order, changes: Sequence[Change], now: datetime) -> list[OrderLine]:
    """The line of each change, read again under the lock; new ones with nothing ordered for packagings it has not."""
    mine = list(OrderLine.objects.filter(order=order))
    by_pk = {line.pk: line for line in mine}
    weekly = {line.packaging_id: line for line in mine if line.kind == OrderLine.Kind.WEEKLY}
    missing = [
        change.packaging.pk
        for change in changes
        if change.packaging is not None and change.line is None and change.packaging.pk not in weekly
    ]
    if any(change.delta < 0 for change in changes if change.packaging and change.packaging.pk in missing):
        raise BadChange(_("This order has no such line."), due=0)
    if missing:
        made = OrderLine.objects.bulk_create(ordering.late_lines(order=order, packagings=missing, now=now))
        weekly |= {line.packaging_id: line for line in made}
    found = [
        by_pk.get(change.line.pk) if change.line else weekly.get(change.packaging.pk) if change.packaging else None
        for change in changes
    ]
    if None in found or len({line.pk for line in found if line}) < len(changes):
        raise BadChange(_("This order has no such line."), due=0)
    return [line for line in found if line]


def _settle_order(order: Order, *, now: datetime) -> None:
    """The order's amounts and state follow its lines; one taken up again after the numbers were given gets the next."""
    due.reprice([order.pk])
    due.cancel_empty(order.collection, now=now)
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE orders_order o SET cancelled_at = NULL, changed_at = %(now)s,
                      basket_number = coalesce(o.basket_number, CASE WHEN g.numbered_at IS NOT NULL THEN
                          (SELECT coalesce(max(x.basket_number), 0) + 1 FROM orders_order x WHERE x.collection_id = o.collection_id)
                      END)
               FROM distribution_closing g
               WHERE o.id = %(order)s AND g.collection_id = o.collection_id
                 AND EXISTS (SELECT 1 FROM orders_orderline l WHERE l.order_id = o.id AND l.due > 0)""",
            {"order": order.pk, "now": now},
        )


def _record(order: Order, lines: Sequence[OrderLine], rows: Sequence[LineChange], *, now: datetime) -> None:
    first = rows[0]
    activity.record(
        verb="order.amended",
        subject=order.code,
        by=first.by,
        now=now,
        household=order.household,
        collection=order.collection,
        data={
            "lines": [
                {"line": line.pk, "name": line.name, "label": line.label, "delta": row.delta}
                for line, row in zip(lines, rows, strict=True)
            ],
            "reason": first.reason,
            "note": first.note,
        },
    )
