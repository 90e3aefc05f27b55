"""Farms for everybody: who they are, what they sell at the next collections, where a price goes. No sign-in needed."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from hub import shares
from hub.access import public
from hub.models import Collection, Household, Member
from orders import farms as shown
from orders import overview
from producers.models import Allergen, Producer, Product


@public
@require_safe
def farms(request: HttpRequest) -> HttpResponse:
    """All farms: those that sell something at the next collections first."""
    context = {"farms": overview.all_farms(timezone.now()), "space": _space(request)}
    return render(request, "orders/farms.html", context)


@public
@require_safe
def farm(request: HttpRequest, producer: str) -> HttpResponse:
    """One farm: its story, what it sells this week, where it brings it."""
    now, found = timezone.now(), _farm(producer)
    sale = shown.sale(found, now, _household(request))
    context: dict[str, Any] = {
        "farm": found, "now": now, "collection": sale, "cards": shown.cards(found, sale) if sale else [],
        "places": shown.places(found, now), "share": shares.of_euro(now), "space": _space(request),
        "member": request.user.is_authenticated, "base": "",
    }  # fmt: skip
    context["products"] = len({card.product for card in context["cards"]})
    if sale and _may_order(request, sale, now):
        context["base"] = reverse("orders:shop", args=[sale.code])
    return render(request, "orders/farm.html", context)


@public
@require_safe
def product(request: HttpRequest, producer: str, code: str) -> HttpResponse:
    """One product of a farm for a visitor; who may order it now goes to the shop."""
    now, found = timezone.now(), _farm(producer)
    sale = shown.sale(found, now, _household(request))
    cards = [card for card in shown.cards(found, sale) if card.product_code == code] if sale else []
    if sale is None or not cards:
        raise Http404
    if _may_order(request, sale, now):
        return redirect("orders:product", sale.code, code)
    item = get_object_or_404(Product.objects.select_related("producer"), code=code)
    context = {
        "product": item, "cards": cards, "now": now, "collection": sale, "visitor": True, "open": False,
        "share": shares.of_price(cards[0].pack_price, sale.point, now), "space": _space(request),
        "allergens": [str(Allergen(each).label) for each in item.allergens or []],
    }  # fmt: skip
    return render(request, "orders/product_public.html", context)


def _farm(code: str) -> Producer:
    return get_object_or_404(Producer.objects.active(), code=code)


def _household(request: HttpRequest) -> Household | None:
    mine = request.user.household_id if isinstance(request.user, Member) else None
    return Household(pk=mine) if mine else None


def _may_order(request: HttpRequest, sale: Collection, now: datetime) -> bool:
    """Whether the reader's household orders at this collection now."""
    member = request.user
    mine = isinstance(member, Member) and Collection.objects.ordered_from_by(member).filter(pk=sale.pk).exists()
    return mine and sale.is_open(now)


def _space(request: HttpRequest) -> str:
    return "member" if request.user.is_authenticated else "public"
