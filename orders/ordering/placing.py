"""The one transaction in which an order becomes equal to a wish."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from hub import activity, stripe_gateway
from hub.models import Collection, Household, Member, PaymentMethod
from hub.money import money
from orders.models import Order, OrderLine
from orders.ordering.affording import check_minimum, check_money
from orders.ordering.lines import new_line, rows_of, totals_of, write_lines
from orders.ordering.refusals import BadQuantity, NoSuchPayment, NotOnSale
from orders.ordering.reserving import move_stock
from orders.ordering.sale import Sale, check_belongs, check_on_sale, check_open, lock_and_read, on_sale

MOST_PACKS = 1000


def place(
    *,
    household: Household,
    collection: Collection,
    wish: Mapping[int, int],
    by: Member | None,
    now: datetime,
    note: str = "",
    payment_method: str = "",
) -> Order | None:
    """Make the household's order equal to `wish` (packaging id → packs; 0 or absent removes; empty cancels).

    Returns the order, or None when nothing was ordered and nothing is. All or nothing: when a Refusal is raised neither
    order nor stock nor wish has changed. A line placed before keeps its price however the catalogue moves, also for packs
    added to it. An order that grows no dearer is not asked again whether it can be paid, and a household that left the point
    may still order less. Raises NotOpenYet, OrderingClosed, NotAMember, PointLeft, BadQuantity, NotOnSale, SoldOut, MinimumNotMet,
    AccountTooLow, CardNeeded, NoSuchPayment. The deadline is decided by the database's clock.
    """
    wanted = _whole_packs(wish)
    with transaction.atomic():
        sale = lock_and_read(collection, household)
        check_open(sale)
        order, lines = _current(household, collection)
        method = _method(sale, payment_method, order)
        changed = {p: n for p, n in wanted.items() if p not in lines or lines[p].quantity != n}
        removed = [line for p, line in lines.items() if p not in wanted]
        check_belongs(sale, changed, lines)
        packs = on_sale(collection, sale, list(changed)) if changed else {}
        check_on_sale(changed, lines, packs)
        move_stock(changed, removed, lines, packs)
        if order is None and not wanted:
            return None
        rows = rows_of(wanted, lines, packs, sale, now)
        totals = totals_of(rows)
        if changed or removed:
            check_minimum(sale, totals)
        if wanted and _asks_more(order, totals[1], method):
            check_money(household, sale, method, totals)
        order = _write_order(order, household, collection, rows, totals, note, method, now, bool(changed or removed))
        write_lines(order, rows, removed, changed)
        _forget_wish(household, collection)
        if changed or removed:
            activity.record(
                verb="order.placed" if wanted else "order.cancelled",
                subject=order.code,
                by=by,
                now=now,
                household=household,
                collection=collection,
                data={
                    "packs": {str(p): n for p, n in sorted(changed.items())},
                    "removed": [r.packaging_id for r in removed],
                },
            )
    return order


def late_lines(*, order: Order, packagings: list[int], now: datetime) -> list[OrderLine]:
    """The lines (not saved, nothing ordered) for packs a host adds to an order after the count, at the week's price.

    In the caller's transaction, which owns the collection. Raises NotOnSale.
    """
    sale = lock_and_read(order.collection, order.household)
    packs = on_sale(order.collection, sale, packagings)
    if gone := [packaging for packaging in packagings if packaging not in packs]:
        raise NotOnSale(_("Some products are no longer on sale here."), packagings=gone)
    lines = [new_line(packs[packaging], sale, now) for packaging in packagings]
    for line in lines:
        line.order, line.collection_id, line.quantity, line.due = order, order.collection_id, 0, 0
        line.expected_amount = line.maximum_amount = money(0)
    return lines


def _whole_packs(wish: Mapping[int, int]) -> dict[int, int]:
    bad = [packaging for packaging, packs in wish.items() if not 0 <= packs <= MOST_PACKS]
    if bad:
        raise BadQuantity(_("A quantity is a whole number between 0 and 1,000."), packagings=bad)
    return {packaging: packs for packaging, packs in wish.items() if packs}


def _current(household: Household, collection: Collection) -> tuple[Order | None, dict[int, OrderLine]]:
    order = Order.objects.filter(household=household, collection=collection).first()
    if order is None:
        return None, {}
    lines = order.lines.filter(kind=OrderLine.Kind.WEEKLY)
    return order, {line.packaging_id: line for line in lines}


def _method(sale: Sale, asked: str, order: Order | None) -> str:
    method = asked or (order.payment_method if order else "") or sale.methods[0]
    if order is not None and order.is_live and method == order.payment_method:
        return method  # as agreed, whatever the point offers by now
    if method not in sale.methods or (method == PaymentMethod.CARD and not stripe_gateway.is_set_up()):
        raise NoSuchPayment(_("This collection point does not offer this way to pay."), offered=sale.methods)
    return method


def _asks_more(order: Order | None, maximum: Decimal, method: str) -> bool:
    """Whether it must be asked anew if this can be paid: what grows no dearer and is paid as before was affordable once."""
    if order is None or not order.is_live:
        return True
    return maximum > order.maximum_total.amount or method != order.payment_method


def _write_order(
    order: Order | None,
    household: Household,
    collection: Collection,
    rows: list[OrderLine],
    totals: tuple[Decimal, Decimal],
    note: str,
    method: str,
    now: datetime,
    changed: bool,
) -> Order:
    if order is None:
        order = Order(household=household, collection=collection, placed_at=now, changed_at=now)
    elif not changed and (order.note, order.payment_method) == (note, method):
        return order
    if order.cancelled_at is not None and rows:
        order.placed_at = now  # a new one under the old code
    order.note, order.payment_method, order.changed_at = note, method, now
    order.expected_total, order.maximum_total = money(totals[0]), money(totals[1])
    order.cancelled_at = None if rows else now
    order.save()
    return order


def _forget_wish(household: Household, collection: Collection) -> None:
    """What was wished is ordered now: nothing is left unsent."""
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH sent AS (DELETE FROM orders_wishline l USING orders_wish w
                             WHERE w.id = l.wish_id AND w.household_id = %(h)s AND w.collection_id = %(c)s)
               UPDATE orders_wish SET revision = revision + 1, note = '', sent_at = clock_timestamp()
               WHERE household_id = %(h)s AND collection_id = %(c)s""",
            {"h": household.pk, "c": collection.pk},
        )
