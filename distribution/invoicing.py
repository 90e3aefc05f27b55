"""Issuing documents the law accepts: the number is given in the transaction of the fact, under a row lock, and stays with it.

Three kinds, each with its module: the cooperative's fee invoices (fee_invoices.py), invoices in a farm's name
(sale_invoices.py), and credit notes (credit_notes.py). One gapless series per issuer, kind and year of the local date.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings

from distribution.billing import Sums
from distribution.contents.invoices import Invoice as Content
from distribution.contents.invoices import Party
from distribution.fingerprints import fingerprint
from distribution.models import Invoice
from hub import activity, calendar
from hub import format as say
from hub.models import Hub
from hub.money import money
from hub.numbering import next_number

SERIES = {Invoice.Kind.FEE: ("fee-invoice", "F"), Invoice.Kind.SALE: ("invoice", "M")}
CREDITS = {Invoice.Kind.FEE: ("fee-credit", "AF"), Invoice.Kind.SALE: ("invoice-credit", "AM")}
"""Kind of the series and prefix of the number; a credit note's by what it takes back. M is for mandate: a farm's own
invoices, which it numbers itself, never meet these."""


def frame(
    made: Sums, *, kind: Any, seller: Party, buyer: Party, hub: Hub, operation: Any, about: str, paid: Decimal, now: datetime,
    **more: Any,
) -> Content:  # fmt: skip
    """The content of a document issued at `now`, without its number; `more` is what its kind has beyond the amounts."""
    day = calendar.local_date(now).isoformat()
    nothing: dict[str, Any] = {
        "on_behalf": "", "order": "", "statement": "", "delivered_on": None, "deliver_to": None, "notes": [], "paid_how": "",
        "paid_on": None, "preceding": None,
    }  # fmt: skip
    content: Any = nothing | {
        "kind": kind, "number": "", "language": hub.language, "currency": settings.CURRENCY, "issued_on": day,
        "issued_at": say.iso(now), "operation": operation, "seller": seller, "buyer": buyer, "about": about,
        "lines": made.lines, "rates": made.rates, "net": str(made.total - made.vat), "vat": str(made.vat),
        "total": str(made.total), "paid": str(paid), "due_on": day if paid < made.total else None, "hub": hub.name,
    } | more  # fmt: skip
    return content  # type: ignore[no-any-return]


def issue(
    content: Content, *, kind: Invoice.Kind, issuer: str, now: datetime, original: Invoice | None = None, **about: Any
) -> Invoice:
    """Give the next number of its series and freeze the content under it, in the caller's transaction."""
    series, prefix = CREDITS[Invoice.Kind(original.kind)] if original else SERIES[kind]
    day = calendar.local_date(now)
    number = f"{prefix}-{day.year}-{next_number(kind=series, issuer=issuer, year=day.year):04d}"
    content["number"] = number
    invoice = Invoice.objects.create(
        kind=kind, issuer=issuer, number=number, original=original, content=content, sha256=fingerprint(content),
        net=money(content["net"]), vat=money(content["vat"]), total=money(content["total"]), issued_on=day, issued_at=now,
        **about,
    )  # fmt: skip
    activity.record(
        verb="invoice.issued", subject=number, by=about["by"], now=now, producer_code=invoice.producer.code,
        household=about.get("household"), data={"kind": kind, "issuer": issuer, "total": content["total"]},
    )  # fmt: skip
    return invoice
