"""After the count: the only ways left to change what shall be delivered, or to give up a whole collection."""

from datetime import datetime
from uuid import uuid4

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from distribution import due, sheets, telling
from distribution.models import Closing, LineChange
from hub import activity, locks
from hub.models import Collection, Member
from hub.refusals import Refusal
from orders import ordering
from orders.models import Order, OrderLine
from producers.models import Packaging

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


class AlreadyHandedOver(Refusal):
    """What was handed over is corrected at the hand-over, not here."""

    code = "already-handed-over"


class HandoverBegun(Refusal):
    """A collection is cancelled until its hand-over begins, not later."""

    code = "handover-begun"


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
    """Change what is due of a line by `delta` packs, or add packs of a packaging to an order at the week's price.

    Appends a LineChange, reserves or releases stock, writes the next version of the sheets concerned and tells those
    concerned once. The same `key` again gives the first change. Raises NotCounted, CollectionOver, BadChange,
    AlreadyHandedOver, and ordering's SoldOut and NotOnSale.
    """
    if reason not in REASONS or delta == 0:
        raise BadChange(_("Say how many packs more or fewer, and why."))
    order = order or (line.order if line else None)
    if order is None:
        raise BadChange(_("Say which order changes."))
    key = f"amend:{key or uuid4()}"
    with transaction.atomic():
        locks.own_collection(order.collection_id)
        if known := LineChange.objects.filter(key=key).first():
            return known
        order = Order.objects.select_related("collection__point", "household").get(pk=order.pk)
        closing = _amendable(order.collection)
        line = _line(order, line, packaging, delta, now)
        if not due.move_stock([(line.stock_id, line.content * delta)] if line.stock_id else []):
            raise ordering.SoldOut(
                _("There is not enough left of %(product)s.") % {"product": line.name},
                short=[{"packaging": line.packaging_id, "name": line.name, "label": line.label, "wanted": delta}],
            )
        change = LineChange.objects.create(
            line=line, collection=order.collection, key=key, delta=delta, reason=reason, note=note, by=by, at=now
        )
        _settle_order(order, now=now)
        activity.record(
            verb="line.amended",
            subject=order.code,
            by=by,
            now=now,
            household=order.household,
            collection=order.collection,
            data={
                "line": line.pk,
                "name": line.name,
                "label": line.label,
                "delta": delta,
                "reason": reason,
                "note": note,
            },
        )
        if closing.frozen_at is not None:
            sheets.write(order.collection, now=now, producers=[line.producer_id])
        telling.amended(order, line, change, frozen=closing.frozen_at is not None, now=now)
    return change


def _amendable(collection: Collection) -> Closing:
    if collection.confirmed_at is not None or collection.cancelled_at is not None:
        raise CollectionOver(_("This collection is over."))
    closing = Closing.objects.filter(collection=collection).first()
    if closing is None:
        raise NotCounted(_("Orders are still open: the household changes its order itself."))
    return closing


def _line(order: Order, line: OrderLine | None, packaging: Packaging | None, delta: int, now: datetime) -> OrderLine:
    """The line to change, read again under the lock; a new one with nothing ordered for a packaging it has not."""
    lines = OrderLine.objects.filter(order=order)
    found = (
        lines.filter(pk=line.pk).first()
        if line is not None
        else lines.filter(packaging=packaging, kind=OrderLine.Kind.WEEKLY).first()
    )
    if found is None:
        if packaging is None or delta < 0:
            raise BadChange(_("This order has no such line."), due=0)
        found = ordering.late_line(order=order, packaging=packaging, now=now)
        found.save()
    if found.delivered is not None:
        raise AlreadyHandedOver(_("This was handed over already."))
    if found.due + delta < 0:
        raise BadChange(_("No more can be taken away than is due."), due=found.due)
    return found


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


def cancel(*, collection: Collection, reason: str, by: Member, now: datetime) -> Collection:
    """Give up a collection until its hand-over begins: nothing is due, the stock is free again, everybody is told once.

    Before the count the orders are cancelled as they stand; afterwards each line gets a change and the sheets a next
    version on which everything is struck. Again, nothing happens. Raises CollectionOver, HandoverBegun.
    """
    with transaction.atomic():
        locks.own_collection(collection.pk)
        row = Collection.objects.select_related("point").get(pk=collection.pk)
        if row.cancelled_at is not None:
            return row
        if row.confirmed_at is not None:
            raise CollectionOver(_("This collection is over."))
        if row.begun_at is not None or not _may_still_be_cancelled(row):
            raise HandoverBegun(_("The hand-over has begun: say what happened to each order instead."))
        closing = Closing.objects.filter(collection=row).first()
        telling.cancelled(row, reason=reason, now=now)
        if row.is_counted:
            due.take_away(row, reason=LineChange.Reason.CANCELLED, note=reason[:200], by=by, now=now)
            due.cancel_empty(row, now=now)
        else:
            _drop_orders(row, now=now)
        row.cancelled_by, row.cancel_reason = by, reason[:300]
        row.save(update_fields=["cancelled_by", "cancel_reason"])
        row.move_to(Collection.Status.CANCELLED, now)
        if closing is not None and closing.frozen_at is not None:
            sheets.write(row, now=now)
        activity.record(
            verb="collection.cancelled", subject=row.code, by=by, now=now, collection=row, data={"reason": reason}
        )
    return row


def _may_still_be_cancelled(collection: Collection) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp() < starts_at FROM hub_collection WHERE id = %s", [collection.pk])
        return bool(cursor.fetchone()[0])


def _drop_orders(collection: Collection, *, now: datetime) -> None:
    """Cancel all orders before the count. Their lines stay to be read; a line of a cancelled order reserves nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT l.stock_id, -sum(l.content::bigint * l.quantity)::bigint
               FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
               WHERE l.collection_id = %s AND o.cancelled_at IS NULL AND l.stock_id IS NOT NULL GROUP BY l.stock_id""",
            [collection.pk],
        )
        due.move_stock(cursor.fetchall())
        cursor.execute(
            "UPDATE orders_order SET cancelled_at = %s WHERE collection_id = %s AND cancelled_at IS NULL",
            [now, collection.pk],
        )
