"""The shop: everything on sale at a collection, one product, and the wish that grows while one looks."""

from datetime import datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import reswap

from hub import shares
from hub.access import MemberRequest, member_required
from hub.models import Collection, Household
from hub.refusals import Refusal
from orders import favourites, forms, shelf, wishes
from orders.views.common import my_collection, my_household, next_collection
from producers.models import Allergen, Product

PER_PAGE = 200


@member_required
@require_safe
def shop_now(request: MemberRequest) -> HttpResponse:
    """The shop that is open now and closes first, else home, which says when the next one opens."""
    found = next_collection(request, timezone.now())
    return redirect("orders:shop", found.code) if found else redirect("orders:home")


@member_required
@require_safe
def shop(request: MemberRequest, code: str) -> HttpResponse:
    """All cards of a collection, filtered; a filter that changes asks for the shelf alone."""
    collection, household, now = my_collection(request, code), my_household(request), timezone.now()
    wanted = wishes.wanted(household, collection)
    cards = shelf.cards(collection, household, wanted.quantities)
    chosen = forms.filters(request.GET)
    shown = [card for card in cards if chosen.keeps(card)]
    page = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "collection": collection, "now": now, "open": collection.is_open(now), "wanted": wanted, "filters": chosen,
        "total": shelf.total(cards), "page": page, "count": len(shown), "shelves": shelf.by_aisle(page.object_list),
        "aisles": shelf.by_aisle(cards), "farms": sorted({(card.farm, card.farm_code) for card in cards}),
        "labels": sorted({label for card in cards for label in card.labels}), "allergens": Allergen.choices,
        "query": request.GET.urlencode(), "base": "",
    }  # fmt: skip
    return render(request, "orders/shop.html", context)


@member_required
@require_safe
def product(request: MemberRequest, code: str, product_code: str) -> HttpResponse:
    """One product with its packagings, where it comes from and where its price goes."""
    collection, household, now = my_collection(request, code), my_household(request), timezone.now()
    wanted = wishes.wanted(household, collection)
    cards = shelf.cards(collection, household, wanted.quantities)
    packs = [card for card in cards if card.product_code == product_code]
    found = get_object_or_404(Product.objects.select_related("producer"), code=product_code if packs else "")
    context = {
        "collection": collection, "now": now, "open": collection.is_open(now), "wanted": wanted, "product": found,
        "cards": packs, "total": shelf.total(cards), "base": reverse("orders:shop", args=[collection.code]),
        "share": shares.of_price(packs[0].pack_price, collection.point, now),
        "allergens": [str(Allergen(code).label) for code in found.allergens or []],
    }  # fmt: skip
    return render(request, "orders/product.html", context)


@member_required
@require_POST
def wished(request: MemberRequest, code: str, packaging: str) -> HttpResponse:
    """One stepper saves itself; the answer is the bar, and the stepper where its shape or number must change."""
    collection, household, now = my_collection(request, code), my_household(request), timezone.now()
    refusal = _set(request, household, collection, packaging, now)
    if not request.htmx:
        return redirect(_back(request, collection))
    cards = shelf.wished_cards(collection, household, also=packaging)
    card = next((card for card in cards if card.code == packaging), None)
    context = {
        "collection": collection, "now": now, "card": card, "code": packaging, "total": shelf.total(cards),
        "farms": shelf.by_farm(cards), "refusal": refusal, "base": reverse("orders:shop", args=[collection.code]),
    }  # fmt: skip
    if "on_order" in request.POST:
        context |= {"on_order": True, "wanted": wishes.wanted(household, collection)}
    context["kept"] = refusal is None and _same_shape(card, request.POST.get("seen", ""))
    response = render(request, "orders/_wished.html", context)
    return reswap(response, "none") if context["kept"] else response


def _same_shape(card: shelf.Card | None, seen: str) -> bool:
    """Whether the stepper on the page is right as it stands: then the number stays the reader's, who may be typing on."""
    most = card.most if card else 0
    return card is not None and 0 < card.quantity <= most and seen.isdecimal() and 0 < int(seen) <= most


def _set(
    request: MemberRequest, household: Household, collection: Collection, packaging: str, now: datetime
) -> Refusal | None:
    # The button "Add" sends no number: it means one of what was not wanted before.
    seen = request.POST.get("seen", "0")
    try:
        wishes.set_quantity(
            household=household, collection=collection, packaging=packaging, now=now,
            quantity=forms.quantity(request.POST.get(forms.FIELD + packaging, "1")),
            seen=int(seen) if seen.isdecimal() else None,
        )  # fmt: skip
    except Refusal as refusal:
        return refusal
    return None


@member_required
@require_POST
def wish(request: MemberRequest, code: str) -> HttpResponse:
    """All steppers of a page in one form, for browsers without JavaScript."""
    collection, household = my_collection(request, code), my_household(request)
    try:
        wishes.overlay(
            household=household, collection=collection, changes=forms.quantities(request.POST), now=timezone.now()
        )
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect(_back(request, collection))


@member_required
@require_POST
def favourite(request: MemberRequest, code: str, product_code: str) -> HttpResponse:
    """A heart: find this product first, or no longer."""
    collection, household = my_collection(request, code), my_household(request)
    product = get_object_or_404(Product.objects.active(), code=product_code)
    liked = favourites.turn(household=household, product=product)
    if not request.htmx:
        return redirect(_back(request, collection))
    context = {"collection": collection, "name": product.name, "product_code": product.code, "favourite": liked}
    context["base"] = reverse("orders:shop", args=[collection.code])
    return render(request, "orders/_favourite.html", context)


def _back(request: MemberRequest, collection: Collection) -> str:
    if request.POST.get("next") == "order":
        return reverse("orders:order", args=[collection.code])
    query = request.POST.get("query", "")
    return reverse("orders:shop", args=[collection.code]) + (f"?{query}" if query else "")
