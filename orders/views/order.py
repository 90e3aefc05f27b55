"""My order: look at it, send it, change it, give it up, collect it."""

from contextlib import nullcontext, suppress
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hub.access import MemberRequest, member_required
from hub.models import Collection, Household
from hub.refusals import Refusal
from orders import again as ordering_again
from orders import agenda, cards, forms, ordering, paying, progress, shelf, tally, wishes
from orders.links import order_link
from orders.models import CardPayment, Order
from orders.views.common import kept_when_signed_out, latest_collection, my_collection, my_household, my_shop


@member_required
@require_safe
def order_now(request: MemberRequest) -> HttpResponse:
    """The order that matters now: one that can be changed, else the next to collect, else the latest."""
    found = latest_collection(request, timezone.now())
    return redirect("orders:order", found.code) if found else redirect("orders:home")


@member_required
@require_safe
def order(request: MemberRequest, code: str) -> HttpResponse:
    """What the household wants, or has ordered; afterwards where it is and the code to collect it."""
    collection, household = my_collection(request, code), my_household(request)
    return _page(request, collection, household, timezone.now())


@kept_when_signed_out
@member_required
@require_POST
def sending(request: MemberRequest, code: str) -> HttpResponse:
    """Place the order as the page shows it. What is refused stays wished, and the page says why.

    A page that sends it by itself gets the page as it is now in the same answer.
    """
    collection, household, now = my_collection(request, code), my_household(request), timezone.now()
    placed = Order.objects.live().filter(household=household, collection=collection).first()
    form = forms.SendingForm(collection, placed, "", request.POST)
    if not form.is_valid():
        return _page(request, collection, household, now, form=form, status=422)
    try:
        _send(request, household, collection, form.cleaned_data, now)
    except Refusal as refusal:
        return _page(request, collection, household, now, form=form, refusal=refusal, status=refusal.status)
    messages.success(request, _("Your order is placed. You can change it until the deadline."))
    if request.htmx:
        return _page(request, collection, household, now)
    return redirect("orders:order", collection.code)


def _send(
    request: MemberRequest, household: Household, collection: Collection, terms: dict[str, str], now: datetime
) -> None:
    """Order what the page shows. Where that is refused it is kept as the wish: nothing is lost. Raises Refusal.

    That the sale is over goes before what somebody else has changed: nothing can be sent again.
    """
    changes, revision = forms.quantities(request.POST), forms.revision(request.POST)
    try:
        ordering.check_window(collection, now)
        wish = wishes.with_changes(household=household, collection=collection, changes=changes, revision=revision)
        ordering.place(household=household, collection=collection, wish=wish, by=request.user, now=now, **terms)
    except Refusal as refusal:
        over = isinstance(refusal, ordering.OrderingClosed)
        with suppress(wishes.StaleWish) if over else nullcontext():
            wishes.overlay(
                household=household, collection=collection, changes=changes, note=terms["note"], revision=revision,
                now=now,
            )  # fmt: skip
        raise


@member_required
@require_POST
def cancellation(request: MemberRequest, code: str) -> HttpResponse:
    """Cancel the whole order: everything goes back to the farms' stock."""
    collection, household, now = my_collection(request, code), my_household(request), timezone.now()
    try:
        ordering.place(household=household, collection=collection, wish={}, by=request.user, now=now)
    except Refusal as refusal:
        return _page(request, collection, household, now, refusal=refusal, status=refusal.status)
    messages.success(request, _("Your order is cancelled. Nothing is due."))
    return redirect("orders:order", collection.code)


@member_required
@require_POST
def giving_up(request: MemberRequest, code: str) -> HttpResponse:
    """Forget the changes that were not sent."""
    collection, household = my_collection(request, code), my_household(request)
    wishes.drop(household=household, collection=collection, now=timezone.now())
    return redirect("orders:order", collection.code)


@member_required
@require_POST
def again(request: MemberRequest, code: str) -> HttpResponse:
    """Take up the last order as today's wish; nothing is sent."""
    collection, household = my_shop(request, code), my_household(request)
    found = ordering_again.take_up(household=household, collection=collection, now=timezone.now())
    if found and found.missing:
        messages.warning(request, _("Not on sale this week: %(names)s.") % {"names": ", ".join(found.missing)})
    return redirect("orders:order", collection.code)


@member_required
@require_safe
def calendar(request: MemberRequest, code: str) -> HttpResponse:
    """The hand-over for a calendar."""
    collection, household = my_collection(request, code), my_household(request)
    order = Order.objects.live().filter(household=household, collection=collection).first()
    if order is None:
        raise Http404
    response = HttpResponse(agenda.event(order, collection), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{collection.code}.ics"'
    return response


def _page(
    request: MemberRequest, collection: Collection, household: Household, now: datetime,
    *, form: forms.SendingForm | None = None, refusal: Refusal | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    found = Order.objects.filter(household=household, collection=collection).first()
    placed, cancelled = (None, found) if found and not found.is_live else (found, None)
    if placed:
        placed.collection = collection
    if not collection.is_open(now) or isinstance(refusal, ordering.OrderingClosed):
        return _followed(request, collection, placed, cancelled, now, refusal=refusal, status=status)
    wanted = wishes.wanted(household, collection)
    every = shelf.order_cards(collection, household, wanted.quantities)
    context = {
        "collection": collection, "base": reverse("orders:shop", args=[collection.code]), "now": now, "order": placed,
        "cancelled": cancelled, "wanted": wanted, "farms": tally.by_farm(every),
        "unchanged": tally.as_ordered(every) and not refusal and not (wanted.unsent and placed and wanted.note != placed.note),
        "total": tally.total(every), "gone": tally.gone(wanted.quantities, every), "refusal": refusal,
        "removed": [card for card in every if not card.quantity],
        "short": tally.shortages(every, refusal), "open": collection.is_open(now),
        "again": ordering_again.find(household, collection) if cancelled and not every else None,
        "form": form or forms.SendingForm(collection, placed, wanted.note),
        "steps": progress.steps(placed, now) if placed else [], "qr_url": order_link(placed.code) if placed else "",
    }  # fmt: skip
    return render(request, "orders/order.html", context, status=status)


def _followed(
    request: MemberRequest, collection: Collection, placed: Order | None, cancelled: Order | None, now: datetime,
    *, refusal: Refusal | None, status: int,
) -> HttpResponse:  # fmt: skip
    lines = (
        list(placed.lines.select_related("producer", "product").order_by("producer__name", "name")) if placed else []
    )
    context = {
        "collection": collection, "now": now, "order": placed, "cancelled": cancelled, "lines": lines,
        "card": _card_payment(placed), "paid": paying.read(placed) if placed else None, "refusal": refusal,
        "steps": progress.steps(placed, now) if placed else [], "qr_url": order_link(placed.code) if placed else "",
    }  # fmt: skip
    return render(request, "orders/order_followed.html", context, status=status)


def _card_payment(placed: Order | None) -> CardPayment | None:
    """The latest payment of an order that is paid by card; none that was refused once it waits for nobody any more."""
    if placed is None:
        return None
    last = placed.card_payments.select_related("card").order_by("-number").first()
    waits = last is None or last.state != CardPayment.State.REFUSED or cards.is_wanted(placed)
    return last if waits else None
