"""Corrections that an invoice still contradicts: each waits for its credit note, with the invoices it may be about."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from distribution.models import Correction, Invoice

Kind = Invoice.Kind


@dataclass(frozen=True)
class Task:
    """A correction and the invoices from which its amount may be taken back, the latest first."""

    correction: Correction
    invoices: list[Invoice]


def waiting() -> QuerySet[Correction]:
    """Corrections in a household's favour whose farm invoiced it, and fees given back whose invoice stands; the oldest
    first. Those with a credit note are done."""
    open_ones = Correction.objects.filter(credit_note=None)
    return open_ones.filter(
        Q(about_fee=True) & Exists(_of_fee(OuterRef("about"), OuterRef("amount")))
        | Q(amount__lt=0, household__isnull=False, about=None) & Exists(_of_sale())
        | Q(amount__lt=0, household__isnull=False, about__isnull=False)
        & Exists(_of_sale().filter(order__collection__statement_blocks__statement=OuterRef("about")))
    ).order_by("noted_at", "pk")


def tasks() -> list[Task]:
    """What waits, for the treasurer. Three statements at most."""
    found = list(waiting().select_related("producer", "household", "about"))
    fees, sales = _standing(Kind.FEE, found), _standing(Kind.SALE, found)
    return [Task(one, _invoices(one, fees if one.about_fee else sales)) for one in found]


def invoices_of(correction: Correction) -> list[Invoice]:
    """The invoices from which a correction may be taken back."""
    return _invoices(correction, _standing(Kind.FEE if correction.about_fee else Kind.SALE, [correction]))


def _of_fee(statement: OuterRef, amount: OuterRef) -> QuerySet[Invoice]:
    return Invoice.objects.live().filter(kind=Kind.FEE, statement=statement, total__gte=F("credited") + amount)


def _of_sale() -> QuerySet[Invoice]:
    mine = Invoice.objects.live().filter(kind=Kind.SALE, producer=OuterRef("producer"), household=OuterRef("household"))
    return mine.filter(total__gte=F("credited") - OuterRef("amount"))


def _standing(kind: Invoice.Kind, corrections: Sequence[Correction]) -> list[Invoice]:
    """What stands of the farms of some corrections, with the statements that tell of each sale."""
    farms = {one.producer_id for one in corrections if one.about_fee == (kind == Kind.FEE)}
    rows = Invoice.objects.live().filter(kind=kind, producer__in=farms).select_related("order").defer("content")
    return list(rows.order_by("-issued_at", "-pk").prefetch_related("order__collection__statement_blocks"))


def _invoices(correction: Correction, standing: Sequence[Invoice]) -> list[Invoice]:
    return [one for one in standing if _is_about(correction, one)]


def _is_about(correction: Correction, invoice: Invoice) -> bool:
    left = invoice.total.amount - invoice.credited  # type: ignore[attr-defined]  # annotated by live()
    if invoice.producer_id != correction.producer_id or left < abs(correction.amount.amount):
        return False
    if correction.about_fee:
        return invoice.statement_id == correction.about_id
    if invoice.household_id != correction.household_id or invoice.order is None:
        return False
    blocks = invoice.order.collection.statement_blocks.all()
    return correction.about_id is None or any(one.statement_id == correction.about_id for one in blocks)
