"""Invoices: the coordinator's list and credit notes, a household's request, the files."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from distribution import credit_notes, invoice_files, invoice_lists, rectifying, sale_invoices
from distribution.invoice_forms import BuyerForm, CreditForm
from distribution.models import Correction, Invoice
from distribution.typeset.invoices import invoice as typeset
from hub import calendar
from hub.access import MemberRequest, coordinator_required, member_required, proof_required
from hub.models import Hub
from hub.money import ZERO
from hub.refusals import Refusal
from orders.models import Order

SPACE = {"space": "coordinator"}
METHODS = ["GET", "HEAD", "POST"]


@coordinator_required
@require_safe
def invoices(request: MemberRequest) -> HttpResponse:
    """The documents of a month, or those that a search finds."""
    search, kind = " ".join(request.GET.get("q", "").replace("\0", "").split())[:60], request.GET.get("kind", "")
    today = calendar.local_date(timezone.now())
    month = invoice_lists.Month.read(request.GET.get("month", ""), otherwise=today)
    found = invoice_lists.found(month, kind=kind, search=search)
    context: dict[str, Any] = {
        "found": found[: invoice_lists.MOST], "totals": invoice_lists.totals(found), "search": search, "kind": kind,
        "kinds": Invoice.Kind.choices, "month": month, "before": month.shifted(-1).text,
        "after": month.shifted(1).text if month.first < today.replace(day=1) else "",
        "wanting": invoice_lists.wanting(Hub.get()), "most": invoice_lists.MOST, "tasks": rectifying.tasks(),
    }  # fmt: skip
    return render(request, "distribution/invoices.html", context | SPACE)


@coordinator_required
@require_safe
def invoice(request: MemberRequest, issuer: str, number: str) -> HttpResponse:
    """One document, and the form that takes it back."""
    first = _found(issuer, number)
    return _page(request, first, _correction(request.GET.get("correction", ""), first))


@coordinator_required
@proof_required
@require_POST
def credit(request: MemberRequest, issuer: str, number: str) -> HttpResponse:
    """Take an invoice back, whole or in part."""
    first, key = _found(issuer, number), request.POST.get("correction", "")
    correction = get_object_or_404(Correction, key=key) if key else None
    form = CreditForm(request.POST, invoice=first, correction=correction)
    if form.is_valid():
        try:
            note = credit_notes.issue(
                invoice=first,
                amounts=form.amounts,
                reason=form.cleaned_data["reason"],
                correction=correction,
                seen=request.POST.get("left"),
                by=request.user,
                now=timezone.now(),
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Credit note %(number)s is issued.") % {"number": note.number})
            return redirect("distribution:invoice", issuer, number)
    return _page(request, first, correction, form, status=422)


@coordinator_required
@require_POST
@proof_required
def correction_aside(request: MemberRequest) -> HttpResponse:
    """A correction is settled without a credit note."""
    found = Correction.objects.filter(key=request.POST.get("correction", "")[:80].replace("\0", "")).first()
    if found is None:
        messages.error(request, _("This correction is not on the list any more."))
        return redirect("distribution:invoices")
    try:
        why = request.POST.get("why", "").replace("\0", "")
        rectifying.set_aside(correction=found, why=why, by=request.user, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Noted: this correction is off the list."))
    return redirect("distribution:invoices")


@member_required
@require_safe
def file(request: MemberRequest, issuer: str, number: str, suffix: str) -> HttpResponse:
    """A document as the PDF that was kept, or the XML in it."""
    mine = Invoice.objects.visible_to(request.user).select_related("producer").distinct()
    found = get_object_or_404(mine, issuer=issuer, number=number)
    if suffix not in ("pdf", "xml"):
        raise Http404
    body = (invoice_files.pdf_of if suffix == "pdf" else invoice_files.xml_of)(found, now=timezone.now())
    name = invoice_files.file_name(found, suffix)
    return HttpResponse(
        body,
        content_type="application/pdf" if suffix == "pdf" else "application/xml; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@member_required
@require_http_methods(METHODS)
def request_invoice(request: MemberRequest, order: str) -> HttpResponse:
    """Ask for the invoices of an order: one per farm that lets the cooperative write them."""
    mine = Order.objects.filter(household=request.user.household_id, settled_at__isnull=False, cancelled_at=None)
    found = get_object_or_404(mine.select_related("household", "collection__point"), code=order)
    form = BuyerForm(request.POST or None, home=found.household)
    if request.method == "POST" and form.is_valid():
        try:
            made = sale_invoices.ask(order=found, buyer=form.buyer, by=request.user, now=timezone.now())
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            words = ngettext("Your invoice is ready.", "Your %(count)s invoices are ready.", len(made))
            messages.success(request, words % {"count": len(made)})
            return redirect("distribution:invoice-request", order)
    sellers = sale_invoices.sellers(found)
    context: dict[str, Any] = {
        "order": found, "form": form, "space": "member", "ready": [one for one in sellers if one.invoice],
        "possible": [one for one in sellers if one.may and not one.invoice],
        "elsewhere": [one for one in sellers if not one.may and not one.invoice],
        "credits": Invoice.objects.filter(order=found, kind=Invoice.Kind.CREDIT).select_related("producer", "original"),
    }  # fmt: skip
    status = 422 if request.method == "POST" else 200
    return render(request, "distribution/invoice_request.html", context, status=status)


def _found(issuer: str, number: str) -> Invoice:
    rows = Invoice.objects.select_related("producer", "household", "order", "statement", "original", "by")
    return get_object_or_404(rows, issuer=issuer, number=number)


def _correction(key: str, invoice: Invoice) -> Correction | None:
    """The correction that a credit note is asked for, where it may be about this invoice and has none yet."""
    found = Correction.objects.filter(key=key, credit_note=None).first() if key else None
    return found if found is not None and invoice in rectifying.invoices_of(found) else None


def _page(
    request: MemberRequest,
    shown: Invoice,
    correction: Correction | None,
    form: CreditForm | None = None,
    status: int = 200,
) -> HttpResponse:
    left = credit_notes.left(shown) if shown.kind != Invoice.Kind.CREDIT else []
    form = form or CreditForm(invoice=shown, correction=correction)
    context: dict[str, Any] = {
        "invoice": shown, "paper": typeset(shown.content), "notes": shown.credit_notes.order_by("pk"),
        "left": sum(left, ZERO), "form": form, "correction": correction,
        "lines": [field for field in form if field.name.startswith("line-")],
    }  # fmt: skip
    return render(request, "distribution/invoice.html", context | SPACE, status=status)
