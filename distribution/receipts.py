"""Receipts: what each household received and paid at a settled collection, made once and never changed.

Frozen without words (reasons and regimes are codes), so the same receipt reads in French and in English. A step of its
own after settlement, run by the sweep: it can be killed and run again, and makes no receipt twice.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from distribution import documents, sales
from distribution.contents.money import Missing, RateTotal, ReceiptLine, WithoutVat
from distribution.contents.money import Receipt as Content
from distribution.fingerprints import fingerprint
from distribution.models import LineChange, Receipt, Shortage
from distribution.sheets.reading import grouped, rows
from distribution.stating import hub_party, rate_total
from hub import calendar
from hub import format as say
from hub.models import Collection, Hub
from hub.money import ZERO, line_amount, money
from producers.models import Producer

ORDERS = """
    SELECT o.id, o.household_id, o.code, coalesce(o.basket_number, 0) AS basket_number, h.name AS household,
           o.payment_method, o.final_total, o.settled_at, v.collected_at,
           coalesce(v.collected_by, '') AS collected_by, coalesce(p.paid, 0) AS paid, p.paid_at
    FROM orders_order o JOIN hub_household h ON h.id = o.household_id
    LEFT JOIN distribution_handover v ON v.order_id = o.id
    LEFT JOIN (SELECT order_id, sum(amount) AS paid, max(received_at) AS paid_at FROM orders_payment
               WHERE undone_at IS NULL GROUP BY order_id) p ON p.order_id = o.id
    WHERE o.collection_id = %s AND o.settled_at IS NOT NULL AND o.cancelled_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM distribution_receipt r WHERE r.order_id = o.id)
    ORDER BY o.basket_number, o.id
"""
LINES = """
    SELECT l.id, l.order_id, f.name AS producer, l.reference, l.name, l.label, l.kind, l.weighed, l.quantity, l.due,
           l.delivered, least(l.weight_g, l.max_content * l.delivered) AS weight_g, l.unit_price, l.deposit, l.vat_rate,
           l.vat_reason, l.final_amount, l.producer_share, l.host_share, l.hub_share, l.content
    FROM orders_orderline l JOIN producers_producer f ON f.id = l.producer_id
    WHERE l.collection_id = %s AND (l.quantity > 0 OR l.due > 0) ORDER BY f.name, l.name, l.label, l.id
"""
MISSING = """
    SELECT s.line_id, s.quantity, s.reason FROM distribution_shortage s WHERE s.collection_id = %(collection)s
    UNION ALL
    SELECT c.line_id, -sum(c.delta)::int, c.reason FROM distribution_linechange c
    WHERE c.collection_id = %(collection)s GROUP BY c.line_id, c.reason HAVING sum(c.delta) < 0 ORDER BY 1, 3
"""


@dataclass(frozen=True)
class SettledOrder:
    """An order that has no receipt yet."""

    id: int
    household_id: int
    code: str
    basket_number: int
    household: str
    payment_method: str
    final_total: Decimal
    settled_at: datetime
    collected_at: datetime | None
    collected_by: str
    paid: Decimal
    paid_at: datetime | None

    def paid_on(self) -> str | None:
        """The day it was paid in full: from the account when it was settled, at the point with the last payment."""
        if self.payment_method == "account":
            return calendar.local_date(self.settled_at).isoformat()
        if self.paid_at is not None and self.paid >= self.final_total:
            return calendar.local_date(self.paid_at).isoformat()
        return None


@dataclass(frozen=True)
class SettledLine:
    """A line of such an order."""

    id: int
    order_id: int
    producer: str
    reference: str
    name: str
    label: str
    kind: str
    weighed: bool
    quantity: int
    due: int
    delivered: int
    weight_g: int | None
    unit_price: Decimal
    deposit: Decimal
    vat_rate: Decimal
    vat_reason: str
    final_amount: Decimal
    producer_share: Decimal
    host_share: Decimal
    hub_share: Decimal
    content: int

    def estimate(self) -> Decimal:
        """What the order said of it, deposits included."""
        grams = self.content * self.quantity
        goods = (
            line_amount(grams=grams, price_per_kg=self.unit_price) if self.weighed else self.unit_price * self.quantity
        )
        return goods + self.deposit * self.quantity

    def row(self, missing: Sequence[tuple[int, int, str]]) -> ReceiptLine:
        """The line as the receipt freezes it, with what was missing of it."""
        gone: list[Missing] = [{"quantity": quantity, "reason": reason} for _line, quantity, reason in missing]
        return {
            "producer": self.producer,
            "ref": self.reference,
            "product": self.name,
            "packaging": self.label,
            "contract": self.kind == "basket",
            "ordered": self.quantity,
            "delivered": self.delivered,
            "weight_g": self.weight_g if self.weighed else None,
            "missing": gone,
            "unit_price": str(self.unit_price),
            "rate": None if self.vat_reason else sales.rate_text(self.vat_rate),
            "gross": str(self.final_amount),
        }


def issue(*, collection: Collection, now: datetime) -> int:
    """Make the receipts that a settled collection still lacks; how many. Five statements, whatever the orders."""
    with transaction.atomic():
        orders = rows(SettledOrder, ORDERS, [collection.pk])
        if not orders:
            return 0
        lines = grouped(rows(SettledLine, LINES, [collection.pk]), "order_id")
        missing: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
        for line, quantity, reason in sales.fetch(MISSING, {"collection": collection.pk}):
            missing[line].append((line, quantity, reason))
        hub, at = Hub.get(), Collection.objects.select_related("point").get(pk=collection.pk)
        made = [_receipt(hub, at, order, lines.get(order.id, []), missing, now) for order in orders]
        return len(Receipt.objects.bulk_create(made, ignore_conflicts=True))


def issue_due(*, now: datetime) -> int:
    """Make what is missing of all settled collections: the sweep. Each in its own transaction."""
    waiting = (
        Collection.objects.filter(settled_at__isnull=False, orders__receipt=None, orders__settled_at__isnull=False)
        .filter(orders__cancelled_at=None)
        .distinct()
        .order_by("settled_at", "pk")
    )
    return sum(issue(collection=collection, now=now) for collection in waiting)


def in_language(receipt: Receipt, language: str) -> Content:
    """A receipt as it reads in a language: reasons and VAT notes in words, the figures as they were frozen."""
    content: Content = receipt.content
    with translation.override(language):
        reasons = {code: str(words) for code, words in [*LineChange.Reason.choices, *Shortage.Reason.choices]}
        lines = [
            line | {"missing": [{**one, "reason": reasons[one["reason"]]} for one in line["missing"]]}
            for line in content["lines"]
        ]
        notes = [_vat_note(one) for one in content.get("without_vat", [])]
    return content | {"language": language, "lines": lines, "vat_notes": notes}


def as_pdf(receipt: Receipt, language: str) -> bytes:
    """The receipt on paper, drawn anew: who hands it out keeps what was drawn first (papers.py)."""
    return documents.render_receipt(in_language(receipt, language), "pdf")


def _receipt(
    hub: Hub, at: Collection, order: SettledOrder, lines: list[SettledLine],
    missing: dict[int, list[tuple[int, int, str]]], now: datetime,
) -> Receipt:  # fmt: skip
    content: Content = {
        "language": hub.language,
        "currency": settings.CURRENCY,
        "issued_at": say.iso(now),
        "hub": hub_party(hub),
        "household": order.household,
        "order": order.code,
        "basket_number": order.basket_number,
        "point": at.point.name,
        "starts_at": say.iso(at.starts_at),
        "collected_at": say.iso(order.collected_at) if order.collected_at else None,
        "collected_by": order.collected_by,
        "payment": cast(Any, order.payment_method),
        "paid_on": order.paid_on(),
        "total": str(order.final_total),
        "estimated": str(sum((line.estimate() for line in lines), ZERO)),
        "deposits": str(sum((line.deposit * line.delivered for line in lines), ZERO)),
        "lines": [line.row(missing.get(line.id, [])) for line in lines],
        "rates": _rates(lines),
        "without_vat": _without_vat(lines),
        "vat_notes": [],
        "farms": str(sum((line.producer_share for line in lines), ZERO)),
        "host": str(sum((line.host_share for line in lines), ZERO)),
        "hub_share": str(sum((line.hub_share for line in lines), ZERO)),
    }
    return Receipt(
        order_id=order.id, household_id=order.household_id, collection=at, content=content,
        sha256=fingerprint(content), total=money(order.final_total), issued_at=now,
    )  # fmt: skip


def _rates(lines: list[SettledLine]) -> list[RateTotal]:
    totals: dict[Decimal, Decimal] = defaultdict(lambda: ZERO)
    for line in lines:
        if not line.vat_reason and line.final_amount:
            totals[line.vat_rate] += line.final_amount
    return [rate_total(rate, gross) for rate, gross in sorted(totals.items())]


def _without_vat(lines: list[SettledLine]) -> list[WithoutVat]:
    found = {(line.producer, line.vat_reason) for line in lines if line.vat_reason}
    return [{"producer": producer, "regime": regime} for producer, regime in sorted(found)]


def _vat_note(one: WithoutVat) -> str:
    if one["regime"] == Producer.VatRegime.FRANCHISE:
        return _("%(farm)s: VAT not applicable, art. 293 B of the French tax code.") % {"farm": one["producer"]}
    return _("%(farm)s: farm under the flat-rate reimbursement, no VAT is charged.") % {"farm": one["producer"]}
