"""The lines of an order: what they cost at least and at most, and how they are written."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import connection

from hub.money import ZERO, line_amount, money
from orders.models import Order, OrderLine
from orders.ordering.sale import Pack, Sale


def rows_of(
    wanted: Mapping[int, int], lines: Mapping[int, OrderLine], packs: Mapping[int, Pack], sale: Sale, now: datetime
) -> list[OrderLine]:
    """The lines as they shall be, not saved: kept ones with their frozen price, new ones with today's."""
    rows = []
    for packaging, quantity in wanted.items():
        line = lines.get(packaging) or new_line(packs[packaging], sale, now)
        line.quantity = line.due = quantity
        expected, maximum = amounts(
            quantity, content=line.content, most=line.max_content or line.content, weighed=line.weighed,
            price=line.unit_price.amount,
        )  # fmt: skip
        line.expected_amount, line.maximum_amount = money(expected), money(maximum)
        rows.append(line)
    return rows


def new_line(pack: Pack, sale: Sale, now: datetime) -> OrderLine:
    """A line as the shelf says today, not saved: price, fees and VAT are frozen in it, quantity and order are not given."""
    return OrderLine(
        producer_id=pack.producer,
        product_id=pack.product,
        packaging_id=pack.packaging,
        stock_id=pack.stock,
        name=pack.name,
        label=pack.label,
        reference=pack.reference,
        unit=pack.unit,
        zone=pack.zone,
        content=pack.content,
        weighed=pack.weighed,
        max_content=pack.max_content,
        unit_price=money(pack.price),
        deposit=money(pack.deposit),
        vat_rate=pack.vat_rate,
        vat_reason=pack.vat_reason,
        host_rate=sale.host_rate,
        hub_rate=sale.hub_rate,
        placed_at=now,
    )


def amounts(packs: int, *, content: int, most: int, weighed: bool, price: Decimal) -> tuple[Decimal, Decimal]:
    """What so many packs are expected to cost, and at most, deposits apart; the same for what is not weighed. `content`
    and `most` are grams per pack where weighed."""
    if not weighed:
        return price * packs, price * packs
    return line_amount(grams=content * packs, price_per_kg=price), line_amount(grams=most * packs, price_per_kg=price)


def totals_of(rows: list[OrderLine]) -> tuple[Decimal, Decimal]:
    """Expected and greatest amount of an order in euros, deposits included."""
    deposits = sum((row.deposit.amount * row.quantity for row in rows), ZERO)
    expected = sum((row.expected_amount.amount for row in rows), deposits)
    return expected, sum((row.maximum_amount.amount for row in rows), deposits)


def write_lines(order: Order, rows: list[OrderLine], removed: list[OrderLine], changed: Mapping[int, int]) -> None:
    """Write what `rows_of` made: one statement each for what is removed, changed and added."""
    if removed:
        OrderLine.objects.filter(pk__in=[line.pk for line in removed]).delete()
    kept = [row for row in rows if row.pk and row.packaging_id in changed]
    if kept:
        with connection.cursor() as cursor:
            cursor.execute(
                """UPDATE orders_orderline l SET quantity = n.quantity, due = n.quantity,
                          expected_amount = n.expected, maximum_amount = n.maximum
                   FROM unnest(%s::bigint[], %s::int[], %s::numeric[], %s::numeric[]) AS n(id, quantity, expected, maximum)
                   WHERE l.id = n.id""",
                [
                    [row.pk for row in kept],
                    [row.quantity for row in kept],
                    [row.expected_amount.amount for row in kept],
                    [row.maximum_amount.amount for row in kept],
                ],
            )
    added = [row for row in rows if not row.pk]
    for row in added:
        row.order, row.collection_id = order, order.collection_id
    if added:
        OrderLine.objects.bulk_create(added)
