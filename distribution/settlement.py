"""Settling a confirmed collection: final amounts, and the money from households to farms, host and cooperative.

One transaction per collection, a fixed number of statements, and nothing happens the second time. VAT on the
cooperative's fee is told apart per farm here; the farm's statement computes it on its own total and posts the
difference of a cent, if there is one (see statements.py).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext

from distribution import adjusting
from hub import activity, ledger, locks
from hub.ledger import Entry
from hub.models import Collection, Hub
from hub.money import ZERO, line_amount, shares, vat_within

FEE_VAT = Decimal(20)  # the standard French rate, art. 278 of the tax code


@dataclass(frozen=True)
class Line:
    """What settling must know of an order line."""

    pk: int
    order: str
    household: str
    producer: str
    packs: int
    short: int
    weighed: bool
    content: int
    max_content: int | None
    weight_g: int | None
    price: Decimal
    deposit: Decimal
    host_rate: Decimal
    hub_rate: Decimal

    def amount(self) -> Decimal:
        """What is billed, deposits apart: packs × price, or the weight, at most the greatest shown, × price per kg."""
        if not self.weighed:
            return self.price * self.packs
        most = (self.max_content or self.content) * self.packs
        return line_amount(grams=min(self.weight_g or 0, most), price_per_kg=self.price)

    def estimate(self) -> Decimal:
        """What it comes to as far as is known: before the weighing, at the expected weight; deposits included."""
        unknown = self.weighed and self.weight_g is None
        goods = line_amount(grams=self.content * self.packs, price_per_kg=self.price) if unknown else self.amount()
        return goods + self.deposit * self.packs

    @property
    def to_weigh(self) -> bool:
        return self.weighed and self.weight_g is None and self.packs > 0

    def short_value(self) -> Decimal:
        """What the missing packs would have cost, as expected, with their deposits."""
        price = line_amount(grams=self.content, price_per_kg=self.price) if self.weighed else self.price
        return (price + self.deposit) * self.short


@dataclass(frozen=True)
class Settled:
    """A line with its amounts: what the household pays and who receives what of it."""

    line: Line
    final: Decimal
    producer: Decimal
    host: Decimal
    hub: Decimal
    deposit: Decimal


def settle(*, collection: Collection, now: datetime) -> bool:
    """Settle a confirmed collection. True when it did, False when it was settled before or is not confirmed."""
    with transaction.atomic():
        locks.own_collection(collection.pk)
        locked = (
            Collection.objects.select_for_update(no_key=True, of=("self",))
            .select_related("point")
            .get(pk=collection.pk)
        )
        if locked.confirmed_at is None or locked.settled_at is not None:
            return False
        settled = [settled_line(line) for line in lines(locked)]
        _write_lines(settled)
        _write_orders(locked, now)
        ledger.post(entries(locked, settled, vat_registered=Hub.get().vat_registered), now=now)
        _offer_refunds(settled, locked, now)
        adjusting.tell(locked, now=now)
        Collection.objects.filter(pk=locked.pk).update(settled_at=now)
        total = sum((one.final + one.deposit for one in settled), ZERO)
        activity.record(
            verb="collection.settled",
            subject=locked.code,
            by=None,
            now=now,
            collection=locked,
            data={"total": str(total)},
        )
    return True


def settle_due(*, now: datetime) -> int:
    """Settle all that is confirmed: the sweep. Each in its own transaction; returns how many it settled."""
    waiting = Collection.objects.filter(status=Collection.Status.CONFIRMED, settled_at=None).order_by(
        "confirmed_at", "pk"
    )
    return sum(settle(collection=collection, now=now) for collection in waiting)


def lines(collection: Collection) -> list[Line]:
    """The live lines of a collection as they stand: one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT l.id, o.code, h.code, p.code, greatest(l.due - coalesce(s.quantity, 0), 0),
                      least(coalesce(s.quantity, 0), l.due), l.weighed, l.content, l.max_content, l.weight_g,
                      l.unit_price, l.deposit, l.host_rate, l.hub_rate
               FROM orders_orderline l
               JOIN orders_order o ON o.id = l.order_id
               JOIN hub_household h ON h.id = o.household_id
               JOIN producers_producer p ON p.id = l.producer_id
               LEFT JOIN distribution_shortage s ON s.line_id = l.id
               WHERE l.collection_id = %s AND o.cancelled_at IS NULL ORDER BY l.id""",
            [collection.pk],
        )
        return [Line(*row) for row in cursor.fetchall()]


def settled_line(line: Line) -> Settled:
    """What a line comes to, and who receives what of it."""
    final = line.amount()
    producer, host, hub = shares(final, host_rate=line.host_rate, hub_rate=line.hub_rate)
    return Settled(line, final, producer, host, hub, line.deposit * line.packs)


def _write_lines(settled: list[Settled]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE orders_orderline l SET delivered = n.packs, final_amount = n.final, producer_share = n.producer,
                      host_share = n.host, hub_share = n.hub
               FROM unnest(%s::bigint[], %s::int[], %s::numeric[], %s::numeric[], %s::numeric[], %s::numeric[])
                    AS n(id, packs, final, producer, host, hub) WHERE l.id = n.id""",
            [
                [one.line.pk for one in settled],
                [one.line.packs for one in settled],
                [one.final for one in settled],
                [one.producer for one in settled],
                [one.host for one in settled],
                [one.hub for one in settled],
            ],
        )


def _write_orders(collection: Collection, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE orders_order o SET settled_at = %s, final_total = coalesce(
                   (SELECT sum(l.final_amount + l.deposit * l.delivered)
                    FROM orders_orderline l WHERE l.order_id = o.id), 0)
               WHERE o.collection_id = %s AND o.cancelled_at IS NULL""",
            [now, collection.pk],
        )


def entries(collection: Collection, settled: list[Settled], *, vat_registered: bool) -> list[Entry]:
    """Households pay the collection's clearing account, which pays farms, host, cooperative and deposits. `vat_registered`
    says whether the cooperative's fee contains VAT."""
    clearing = f"clearing:{collection.code}"
    paid: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
    farms: dict[str, Decimal] = defaultdict(lambda: ZERO)
    hub: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for one in settled:
        paid[one.line.order, one.line.household] += one.final + one.deposit
        farms[one.line.producer] += one.producer
        hub[one.line.producer] += one.hub
    vat = dict(zip(hub, fee_vats(hub.values(), registered=vat_registered), strict=True))
    host, deposits = sum((one.host for one in settled), ZERO), sum((one.deposit for one in settled), ZERO)
    rows = []
    for (order, home), amount in paid.items():
        rows.append(
            (f"order:{order}", f"household:{home}", clearing, amount, gettext("Order %(code)s") % {"code": order})
        )
    for farm, amount in farms.items():
        memo = gettext("Sales at %(collection)s") % {"collection": collection.code}
        rows.append((f"producer:{farm}", clearing, f"producer:{farm}", amount, memo))
    for farm, fee in hub.items():
        rows.append((f"hub:{farm}", clearing, "hub:income", fee - vat[farm], gettext("Fee of the cooperative")))
        rows.append((f"vat:{farm}", clearing, "hub:vat", vat[farm], gettext("VAT on the fee of the cooperative")))
    rows.append(("host", clearing, f"host:{collection.point.code}", host, gettext("Fee of the point")))
    rows.append(("deposits", clearing, "deposits", deposits, gettext("Deposits")))
    return list(_posted(collection, rows))


def _posted(collection: Collection, rows: Iterable[tuple[str, str, str, Decimal, str]]) -> Iterable[Entry]:
    for fact, debit, credit, amount, memo in rows:
        if amount:
            yield Entry(f"settle:{collection.pk}:{fact}", debit, credit, amount, memo, collection)


def fee_vats(fees: Iterable[Decimal], *, registered: bool) -> list[Decimal]:
    """The VAT contained in each fee of the cooperative; none when the cooperative is not registered for VAT."""
    return [vat_within(fee, FEE_VAT) if registered else ZERO for fee in fees]


def _offer_refunds(settled: list[Settled], collection: Collection, now: datetime) -> None:
    """What was missing and is paid already waits for the household's choice. Paid means: its account is in credit. Of a
    card nothing was taken yet, and what is missing never will be."""
    value: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for one in settled:
        value[one.line.household] += one.line.short_value()
    short = {home: amount for home, amount in value.items() if amount}
    if not short:
        return
    credit = ledger.balances(f"household:{home}" for home in short)
    due = {home: min(amount, credit[f"household:{home}"]) for home, amount in short.items()}
    due = {home: amount for home, amount in due.items() if amount > 0}
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO distribution_refund (household_id, collection_id, amount, currency, choice, send_to,
                                                  created_at)
               SELECT h.id, %s, n.amount, %s, 'waiting', '', %s
               FROM unnest(%s::text[], %s::numeric[]) AS n(code, amount) JOIN hub_household h ON h.code = n.code
               WHERE NOT EXISTS (SELECT 1 FROM orders_order o WHERE o.household_id = h.id AND o.collection_id = %s
                                 AND o.payment_method = 'card')
               ON CONFLICT (household_id, collection_id) DO NOTHING""",
            [collection.pk, settings.CURRENCY, now, list(due), list(due.values()), collection.pk],
        )
