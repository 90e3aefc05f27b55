"""Giving up a whole collection, until its hand-over begins."""

from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from distribution import due, sheets, telling
from distribution.amending import CollectionOver
from distribution.models import Closing, LineChange
from hub import activity, locks, notices
from hub.models import Collection, Member
from hub.refusals import Refusal
from orders.ordering.reserving import reserve


class HandoverBegun(Refusal):
    """A collection is cancelled until its hand-over begins, not later."""

    code = "handover-begun"


class NoReason(Refusal):
    """Everybody is told why."""

    code = "no-reason"
    status = 422


def may_cancel(collection: Collection, now: datetime) -> bool:
    """Whether a page may offer it; `cancel` asks the database's clock."""
    over = collection.cancelled_at or collection.confirmed_at or collection.begun_at
    return not over and now < collection.starts_at


def cancel(*, collection: Collection, reason: str, by: Member, now: datetime) -> Collection:
    """Give up a collection until its hand-over begins: nothing is due, the stock is free again, everybody is told once.

    Before the count the orders are cancelled as they stand; afterwards each line gets a change and the sheets a next
    version on which everything is struck. Again, nothing happens. Raises NoReason, CollectionOver, HandoverBegun.
    """
    if not reason.strip():
        raise NoReason(_("Say why: everybody concerned will read it."))
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
        notices.withdraw(collection=row, now=now)
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
        reserve(cursor.fetchall())
        cursor.execute(
            "UPDATE orders_order SET cancelled_at = %s WHERE collection_id = %s AND cancelled_at IS NULL",
            [now, collection.pk],
        )
