"""Boxes of cash and local currency: for coordinators all, for hosts their own; cheques and their slips for the treasurer."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from distribution.box_forms import BounceForm, CountForm, DepositForm, LocalCountForm
from distribution.boxes import counting, depositing, slip
from distribution.models import BankDeposit, BouncedCheque, CashCount, DepositedCheque
from hub.access import MemberRequest, coordinator_required, host_required, proof_required
from hub.models import CollectionPoint
from hub.money import ZERO, money
from hub.refusals import Refusal
from hub.views.common import told
from orders.models import Payment

SHOWN = 30
Form = CountForm | LocalCountForm


@host_required
@require_safe
def boxes(request: MemberRequest) -> HttpResponse:
    """What lies in each box by the books, and when somebody last looked."""
    found = counting.boxes(request.user)
    if not request.user.is_coordinator and len(found) == 1:
        return redirect("distribution:box", found[0].point.code)
    context: dict[str, Any] = {
        "boxes": found,
        "cash": _sum(one.cash for one in found),
        "local": _sum(one.local for one in found),
    }
    if request.user.is_coordinator:
        cheques = depositing.in_hand()
        context |= {"cheques": cheques.count(), "cheques_sum": _sum(one.amount.amount for one in cheques)}
    return render(request, "distribution/boxes.html", context | _space(request))


@host_required
@require_safe
def box(request: MemberRequest, point: str) -> HttpResponse:
    """One box: count it, carry it to the bank, what was done."""
    return _box(request, _point(request, point))


@host_required
@require_POST
def count(request: MemberRequest, point: str, means: str) -> HttpResponse:
    """Somebody has counted."""
    place, means = _point(request, point), _means(means)
    form: Form = LocalCountForm(request.POST) if means == "local" else CountForm(request.POST)
    if not form.is_valid():
        return _box(request, place, count_form=form, means=means, status=422)
    values = form.cleaned_data
    try:
        made = counting.count(
            point=place, means=means, counted=form.counted() if isinstance(form, CountForm) else values["counted"],
            sheet=form.sheet() if isinstance(form, CountForm) else None, seen=values["seen"], note=values["note"],
            key=values["key"], by=request.user, now=timezone.now(),
        )  # fmt: skip
    except Refusal as refusal:
        # What the box should hold now is what the person has in sight when the form comes back.
        form.data = {**request.POST.dict(), "seen": refusal.data.get("expected", values["seen"])}
        form.refuse(refusal, "note" if refusal.code == "unexplained-difference" else None)
        return _box(request, place, count_form=form, means=means, status=422)
    words = (
        _("Counted: %(amount)s.") if not made.difference.amount else _("Counted: %(amount)s. The difference is noted.")
    )
    messages.success(request, words % {"amount": made.counted})
    return redirect("distribution:box", place.code)


@host_required
@require_POST
def count_undo(request: MemberRequest, point: str, key: str) -> HttpResponse:
    """The count was wrong."""
    found = get_object_or_404(CashCount, point=_point(request, point), key=key)
    counting.undo(count=found, by=request.user, now=timezone.now())
    messages.success(request, _("Taken back."))
    return redirect("distribution:box", point)


@host_required
@require_POST
def deposit(request: MemberRequest, point: str, means: str) -> HttpResponse:
    """Money of the box was carried to the bank."""
    place, means, form = _point(request, point), _means(means), DepositForm(request.POST)
    if form.is_valid():
        try:
            made = depositing.deposit(
                point=place, means=means, by=request.user, now=timezone.now(), **form.cleaned_data
            )
        except Refusal as refusal:
            form.refuse(refusal, "amount")
        else:
            messages.success(
                request, _("Noted: %(number)s, %(amount)s.") % {"number": made.number, "amount": made.amount}
            )
            return redirect("distribution:box", place.code)
    return _box(request, place, deposit_form=form, means=means, status=422)


@host_required
@require_POST
def deposit_undo(request: MemberRequest, number: str) -> HttpResponse:
    """It was not carried to the bank after all."""
    found = get_object_or_404(BankDeposit.objects.visible_to(request.user).select_related("point"), number=number)
    told(request, lambda: depositing.undo(deposit=found, by=request.user, now=timezone.now()), _("Taken back."))
    return redirect("distribution:box", found.point.code) if found.point else redirect("distribution:cheques")


@coordinator_required
@require_http_methods(["GET", "HEAD", "POST"])
def cheques(request: MemberRequest) -> HttpResponse:
    """Cheques in hand, to be chosen for a slip; slips and what bounced."""
    if request.method == "POST":
        try:
            made = depositing.hand_in(
                cheques=request.POST.getlist("cheque"), key=request.POST.get("key", "")[:80], by=request.user,
                now=timezone.now(),
            )  # fmt: skip
        except Refusal as refusal:
            return _cheques(request, refusal=refusal, status=refusal.status)
        messages.success(request, _("Slip %(number)s: print it and hand it in.") % {"number": made.number})
        return redirect("distribution:cheques")
    return _cheques(request)


@coordinator_required
@require_safe
def slip_file(request: MemberRequest, number: str) -> HttpResponse:
    """The slip on paper."""
    found = get_object_or_404(BankDeposit, number=number, kind=BankDeposit.Kind.CHEQUES)
    return HttpResponse(
        slip.as_pdf(found),
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{number}.pdf"'},
    )


@coordinator_required
@require_POST
@proof_required
def bounce(request: MemberRequest, key: str) -> HttpResponse:
    """The bank has sent a cheque back."""
    found, form = get_object_or_404(Payment, key=key, means=Payment.Means.CHEQUE), BounceForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Open the page again and type it once more."))
        return redirect("distribution:cheques")
    told(
        request,
        lambda: depositing.bounce(payment=found, by=request.user, now=timezone.now(), **form.cleaned_data),
        _("The household owes it again and is told."),
    )
    return redirect("distribution:cheques")


@coordinator_required
@require_POST
@proof_required
def bounce_undo(request: MemberRequest, key: str) -> HttpResponse:
    """The bank has paid it after all."""
    found = get_object_or_404(BouncedCheque, key=key)
    told(request, lambda: depositing.undo_bounce(bounced=found, by=request.user, now=timezone.now()), _("Taken back."))
    return redirect("distribution:cheques")


def _box(
    request: MemberRequest, place: CollectionPoint, *, count_form: Form | None = None,
    deposit_form: DepositForm | None = None, means: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    held = next(one for one in counting.boxes(request.user) if one.point == place)
    chosen = means or ("local" if request.GET.get("means") == "local" else "cash")
    expected = held.held(chosen)
    new_form = LocalCountForm if chosen == "local" else CountForm
    counts = CashCount.objects.filter(point=place, means=chosen).select_related("by")
    deposits = BankDeposit.objects.filter(point=place, kind=chosen).select_related("by")
    context = {
        "box": held, "point": place, "means": chosen, "expected": money(expected),
        "has_local": bool(held.local) or chosen == "local" or CashCount.objects.filter(point=place, means="local").exists(),
        "form": count_form or new_form(initial={"seen": expected}),
        "deposit_form": deposit_form or DepositForm(initial={"amount": expected if expected > 0 else None}),
        "counts": counts[:SHOWN], "deposits": deposits[:SHOWN],
    }  # fmt: skip
    return render(request, "distribution/box.html", context | _space(request), status=status)


def _cheques(request: MemberRequest, *, refusal: Refusal | None = None, status: int = 200) -> HttpResponse:
    live = BouncedCheque.objects.filter(undone_at=None)
    rows = DepositedCheque.objects.select_related("payment__household").prefetch_related(
        Prefetch("payment__bounced", live, to_attr="bounces")
    )
    slips = BankDeposit.objects.filter(kind=BankDeposit.Kind.CHEQUES).select_related("by")
    in_hand = list(depositing.in_hand())
    context = {
        "cheques": in_hand,
        "total": _sum(one.amount.amount for one in in_hand),
        "slips": slips.prefetch_related(Prefetch("cheques", rows, to_attr="rows"))[:SHOWN],
        "key": f"box:{uuid4()}",
        "chosen": request.POST.getlist("cheque"),
        "refusal": refusal,
    }
    return render(request, "distribution/cheques.html", context | _space(request), status=status)


def _point(request: MemberRequest, code: str) -> CollectionPoint:
    return get_object_or_404(CollectionPoint.objects.visible_to(request.user).filter(archived_at=None), code=code)


def _means(text: str) -> str:
    if text not in CashCount.Means.values:
        raise Http404
    return text


def _sum(amounts: Any) -> Any:
    return money(sum(amounts, ZERO))


def _space(request: MemberRequest) -> dict[str, str]:
    return {"space": "coordinator" if request.user.is_coordinator else "host", "tab": "boxes"}
