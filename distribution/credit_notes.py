"""Credit notes: what takes an invoice back, whole or in part, and names it. Never more than was invoiced.

A fee invoice is taken back whole and the corrected one follows in the same transaction: its amounts are the statement's and
cannot be wrong, who it is made out to can; a part of it, where a correction gave back a part of the fee. An invoice in a
farm's name may be taken back line by line. A credit note moves no money: what a household gets back is noted on its account;
only the VAT in a fee that was given back is no longer owed to the state.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from distribution import billing, fee_invoices, invoicing, rectifying
from distribution.billing import Item
from distribution.contents.invoices import Invoice as Content
from distribution.contents.invoices import Line
from distribution.models import Correction, Invoice
from hub import format as say
from hub import ledger
from hub.models import Hub, Member
from hub.money import ZERO, money, split, vat_within
from hub.refusals import Refusal
from producers.models import Producer


class NotCreditable(Refusal):
    """A credit note is not about a credit note, about nothing, without a reason, or about part of a fee invoice."""

    code = "not-creditable"
    status = 422


class CreditTooHigh(Refusal):
    """More than is left of a line; `data["left"]` is what is left."""

    code = "credit-too-high"
    status = 422


def whole(invoice: Invoice) -> dict[int, Decimal]:
    """All that is left of an invoice, by the index of its lines."""
    return {at: amount for at, amount in enumerate(left(invoice)) if amount}


def left(invoice: Invoice) -> list[Decimal]:
    """What credit notes have not taken back yet of each line, VAT included."""
    amounts = [Decimal(line["gross"]) for line in invoice.content["lines"]]
    for content in invoice.credit_notes.values_list("content", flat=True):
        for line in content["lines"]:
            amounts[line["of"]] -= Decimal(line["gross"])
    return amounts


def issue(
    *, invoice: Invoice, amounts: Mapping[int, Decimal], reason: str, by: Member | None, now: datetime,
    correction: Correction | None = None, seen: str | None = None,
) -> Invoice:  # fmt: skip
    """Take back these amounts, VAT included, of the lines of an invoice; `correction` is what they document, and the note
    for it is issued once. `seen` is what was left of the invoice on the page that asks. Raises NotCreditable, CreditTooHigh.

    For a fee invoice the corrected one is issued at once, unless a part of the fee was given back.
    """
    with transaction.atomic():
        Producer.objects.select_for_update(no_key=True).get(pk=invoice.producer_id)
        known = Invoice.objects.filter(correction=correction).first() if correction else None
        if known is not None:
            return known
        if seen is not None and seen != str(sum(left(invoice), ZERO)):
            raise NotCreditable(
                _("Something of this invoice was taken back since you opened this page: look at what is left.")
            )
        _check(invoice, amounts, reason, correction)
        with translation.override(Hub.get().language):
            content = _frame(invoice, dict(amounts), reason, now)
        note = invoicing.issue(
            content, kind=Invoice.Kind.CREDIT, issuer=invoice.issuer, original=invoice, producer=invoice.producer,
            statement=invoice.statement, household=invoice.household, order=invoice.order, mandate=invoice.mandate,
            correction=correction, by=by, now=now,
        )  # fmt: skip
        if invoice.kind == Invoice.Kind.FEE and invoice.statement:
            if correction is None:
                fee_invoices.issue(statement=invoice.statement, now=now)
            elif note.vat.amount:
                _owe_less_vat(note, by, now)
    return note


def spread(invoice: Invoice, amount: Decimal) -> dict[int, Decimal]:
    """An amount over what is left of an invoice's lines, by their share in it; to the cent."""
    rest = left(invoice)
    parts = split(min(amount, sum(rest, ZERO)), rest)
    return {at: part for at, part in enumerate(parts) if part}


def _owe_less_vat(note: Invoice, by: Member | None, now: datetime) -> None:
    """The correction took all of what was given back from the cooperative's income: the VAT in it was the state's."""
    with translation.override(Hub.get().language):
        memo = _("VAT on the fee given back, %(number)s") % {"number": note.number}
    entry = ledger.Entry(f"invoice:{note.number}:vat", "hub:vat", "hub:income", note.vat.amount, memo)
    ledger.post([entry], now=now, by=by)


def _check_correction(invoice: Invoice, amounts: Mapping[int, Decimal], correction: Correction) -> None:
    if invoice not in rectifying.invoices_of(correction):
        raise NotCreditable(gettext_lazy("This correction does not wait for a credit note on this invoice."))
    if sum(amounts.values(), ZERO) != abs(correction.amount.amount):
        words = {"amount": say.money(abs(correction.amount))}
        raise NotCreditable(gettext_lazy("The correction is of %(amount)s: the credit note is of as much.") % words)


def _check(invoice: Invoice, amounts: Mapping[int, Decimal], reason: str, correction: Correction | None = None) -> None:
    if invoice.kind == Invoice.Kind.CREDIT:
        raise NotCreditable(gettext_lazy("A credit note is not taken back: issue the invoice again."))
    if not reason.strip():
        raise NotCreditable(gettext_lazy("Say why: the reason is printed on the credit note."))
    rest = left(invoice)
    if not amounts or any(amount <= 0 or at not in range(len(rest)) for at, amount in amounts.items()):
        raise NotCreditable(gettext_lazy("Give an amount above zero for at least one line."))
    for at, amount in amounts.items():
        if amount > rest[at]:
            words = {"amount": say.money(money(rest[at])), "line": invoice.content["lines"][at]["name"]}
            raise CreditTooHigh(
                gettext_lazy("Of “%(line)s” there is %(amount)s left at most.") % words, left=str(rest[at])
            )
    if correction is not None:
        _check_correction(invoice, amounts, correction)
    elif invoice.kind == Invoice.Kind.FEE and invoice.credit_notes.exists():
        raise NotCreditable(gettext_lazy("A part of this fee was given back: its invoice is not made again."))
    elif invoice.kind == Invoice.Kind.FEE and dict(amounts) != whole(invoice):
        raise NotCreditable(gettext_lazy("A fee invoice is taken back whole: the corrected one follows at once."))


def _frame(invoice: Invoice, amounts: dict[int, Decimal], reason: str, now: datetime) -> Content:
    first: Content = invoice.content
    made = billing.sums([_item(first["lines"][at], amounts[at]) for at in sorted(amounts)], vat=_vat(invoice, amounts))
    for line, at in zip(made.lines, sorted(amounts), strict=True):
        line["of"] = at
    day = say.full_date(date.fromisoformat(first["issued_on"]))
    words = {"number": invoice.number, "day": day, "reason": reason.strip()}
    about = _("Takes back invoice %(number)s of %(day)s: %(reason)s") % words
    return invoicing.frame(
        made, kind="credit-note", seller=first["seller"], buyer=first["buyer"], hub=Hub.get(), now=now,
        operation=first["operation"], about=about, on_behalf=first["on_behalf"], order=first["order"],
        statement=first["statement"], paid=ZERO, notes=first["notes"],
        delivered_on=first["delivered_on"], deliver_to=first["deliver_to"],
        preceding={"number": invoice.number, "issued_on": first["issued_on"]},
    )  # fmt: skip


def _item(line: Line, amount: Decimal) -> Item:
    """A line taken back; in part, as one piece of what is taken back."""
    all_of_it = amount == Decimal(line["gross"])
    quantity = Decimal(line["quantity"]) if all_of_it else Decimal(1)
    return Item(
        name=line["name"],
        detail=line["detail"],
        ref=line["ref"],
        gross=amount,
        rate=None if line["rate"] is None else Decimal(line["rate"]),
        reason=line["reason"],
        quantity=quantity,
        unit=line["unit"] if all_of_it else "piece",
        price=amount / quantity if all_of_it else amount,
    )


def _vat(invoice: Invoice, amounts: Mapping[int, Decimal]) -> dict[Decimal, Decimal]:
    """The VAT of each rate taken back: on all that is taken back of it so far, less what former credit notes have told.
    So the credit notes of a whole invoice never hold more VAT than it."""
    now: dict[Decimal, Decimal] = {}
    for at, amount in amounts.items():
        if (rate := invoice.content["lines"][at]["rate"]) is not None:
            now[Decimal(rate)] = now.get(Decimal(rate), ZERO) + amount
    told = {rate: _told(invoice, rate) for rate in now}
    return {rate: vat_within(told[rate][0] + gross, rate) - told[rate][1] for rate, gross in now.items()}


def _told(invoice: Invoice, rate: Decimal) -> tuple[Decimal, Decimal]:
    """What former credit notes have taken back of a rate: with VAT, and the VAT in it."""
    gross = vat = ZERO
    for content in invoice.credit_notes.values_list("content", flat=True):
        for one in content["rates"]:
            if one["rate"] is not None and Decimal(one["rate"]) == rate:
                gross, vat = gross + Decimal(one["gross"]), vat + Decimal(one["vat"])
    return gross, vat
