"""After the orders: prolong a sale, change what a household gets after the close, give up a distribution."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from distribution import amending, closing, effects
from distribution.cancelling import may_cancel
from distribution.forms import ProlongingForm, read_changes
from distribution.models import LineChange
from distribution.views.day import collection_or_404
from hub.access import MemberRequest, coordinator_required, host_required
from hub.models import Collection
from hub.refusals import Refusal
from orders.models import Order, OrderLine
from producers.models import Offer, Packaging

REASONS = [(reason.value, reason.label) for reason in amending.REASONS]


@host_required
@require_http_methods(["GET", "HEAD", "POST"])
def amendment(request: MemberRequest, collection: str, order: str) -> HttpResponse:
    """Change an order after the close: what is to change, then (`?see=`) what that does, then the word that it shall be."""
    place = collection_or_404(request, collection)
    changed = get_object_or_404(Order.objects.select_related("household"), collection=place, code=order)
    changed.collection = place
    typed, form = request.POST or request.GET, _amendment(changed)
    if "see" not in typed:
        return _amend_page(request, changed, form)
    try:
        changes = read_changes(typed, form["by_code"], _added(place, typed.get("add", "")))
        reason, note = typed.get("reason", ""), typed.get("note", "").strip()[:200]
        if request.method != "POST":
            effect = effects.amendment(changed, changes, reason=reason)
            return _amend_page(request, changed, form, effect=effect, reason_said=LineChange.Reason(reason).label)
        closing.amend_order(
            order=changed, changes=changes, reason=reason, by=request.user, now=timezone.now(), note=note,
            key=_key(typed.get("key", "")),
        )  # fmt: skip
    except Refusal as refusal:
        return _amend_page(request, changed, form, refusal=refusal)
    messages.success(request, _("Order %(code)s is changed. Those concerned are told.") % {"code": changed.code})
    return redirect("distribution:counter", place.code)


def _amendment(order: Order) -> dict[str, Any]:
    lines = list(order.lines.select_related("producer", "packaging", "stock").order_by("producer__name", "name", "pk"))
    by_code = {_code(line): line for line in lines}
    return {"by_code": by_code, "offers": effects.to_add(order) if order.collection.is_counted else []}


def _added(collection: Collection, code: str) -> dict[str, Packaging]:
    """The packaging to add, where it is on sale; it may be on the order by now when the form comes twice."""
    return {one.code: one for one in Packaging.objects.filter(offers__in=Offer.objects.at(collection), code=code)}


def _code(line: OrderLine) -> str:
    door = "" if line.kind == OrderLine.Kind.WEEKLY else f".{line.kind}"
    return f"{line.packaging.code}{door}"


def _key(typed: str) -> str:
    """The id the page gave its form, so that a form sent twice changes the order once."""
    try:
        return str(UUID(typed))
    except ValueError:
        return str(uuid4())


def _amend_page(request: MemberRequest, order: Order, form: dict[str, Any], **more: Any) -> HttpResponse:
    typed = request.POST or request.GET
    rows = [
        (code, line, typed.get(f"q-{code}", line.due), typed.get(f"seen-{code}", line.due))
        for code, line in form["by_code"].items()
    ]
    kept = [(name, value) for name, value in typed.items() if name not in ("csrfmiddlewaretoken", "key")]
    context = {
        "order": order, "collection": order.collection, "rows": rows, "offers": form["offers"], "reasons": REASONS,
        "typed": typed, "kept": kept, "key": typed.get("key") or uuid4(), "space": "host", "now": timezone.now(), **more,
    }  # fmt: skip
    refusal: Refusal | None = more.get("refusal")
    return render(request, "distribution/amendment.html", context, status=refusal.status if refusal else 200)


@coordinator_required
@require_http_methods(["GET", "HEAD", "POST"])
def cancellation(request: MemberRequest, collection: str) -> HttpResponse:
    """Give up a distribution: everything that it undoes, then the word that it shall be."""
    place = get_object_or_404(Collection.objects.select_related("point", "cancelled_by"), code=collection)
    refusal, reason = None, request.POST.get("reason", "").strip()
    if request.method == "POST":
        try:
            closing.cancel(collection=place, reason=reason, by=request.user, now=timezone.now())
            messages.success(request, _("The distribution is cancelled. Everybody concerned is told."))
            return redirect("distribution:cancellation", place.code)
        except Refusal as said:
            refusal = said
    context = {
        "collection": place, "effect": None if place.cancelled_at else effects.cancellation(place), "refusal": refusal,
        "reason": reason, "may": may_cancel(place, timezone.now()), "space": "coordinator", "now": timezone.now(),
    }  # fmt: skip
    return render(request, "distribution/cancellation.html", context, status=refusal.status if refusal else 200)


@host_required
@require_http_methods(["GET", "HEAD", "POST"])
def prolongation(request: MemberRequest, collection: str) -> HttpResponse:
    """Leave orders open for longer, until a moment before the hand-over."""
    place, now = collection_or_404(request, collection), timezone.now()
    form, refusal = ProlongingForm(place, request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            closing.prolong(collection=place, closes_at=form.cleaned_data["closes_at"], by=request.user, now=now)
            messages.success(request, _("Orders stay open. Farms and hosts are told."))
            if request.user.is_coordinator:
                return redirect("distribution:board", place.week)
            return redirect("distribution:sheets", place.code)
        except Refusal as said:
            refusal = said
    context = {
        "collection": place, "form": form, "refusal": refusal, "space": "host", "now": now,
        "may": not place.is_counted and not place.cancelled_at and now < place.starts_at,
    }  # fmt: skip
    status = refusal.status if refusal else 422 if form.errors else 200
    return render(request, "distribution/prolongation.html", context, status=status)
