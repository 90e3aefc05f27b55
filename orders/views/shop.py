"""The shop: everything on sale at a collection, one product, and the wish that grows while one looks."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from hub import shares
from hub.access import MemberRequest, member_required
from hub.models import Collection, Household
from hub.refusals import Refusal
from orders import favourites, forms, ordering, shelf, tally, wishes
from orders.views.common import kept_when_signed_out, my_collection, my_household, my_shop, next_collection
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
    """All cards of a collection, filtered by what its address says."""
    collection, household, now = my_shop(request, code), my_household(request), timezone.now()
    wanted = wishes.wanted(household, collection)
    cards = shelf.cards(collection, household, wanted.quantities)
    chosen = forms.filters(request.GET)
    shown = [card for card in cards if chosen.keeps(card)]
    page = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "collection": collection, "now": now, "open": collection.is_open(now), "wanted": wanted, "filters": chosen,
        "total": tally.total(cards), "page": page, "count": len(shown), "shelves": shelf.by_aisle(page.object_list),
        "aisles": shelf.by_aisle(cards), "farms": sorted({(card.farm, card.farm_code) for card in cards}),
        "labels": sorted({label for card in cards for label in card.labels}), "allergens": Allergen.choices,
        "query": request.GET.urlencode(), "base": "",
    }  # fmt: skip
    return render(request, "orders/shop.html", context)


@member_required
@require_safe
def product(request: MemberRequest, code: str, product_code: str) -> HttpResponse:
    """One product with its packagings, where it comes from and where its price goes."""
    collection, household, now = my_shop(request, code), my_household(request), timezone.now()
    wanted = wishes.wanted(household, collection)
    cards = shelf.cards(collection, household, wanted.quantities)
    packs = [card for card in cards if card.product_code == product_code]
    found = get_object_or_404(Product.objects.select_related("producer"), code=product_code if packs else "")
    context = {
        "collection": collection, "now": now, "open": collection.is_open(now), "wanted": wanted, "product": found,
        "cards": packs, "total": tally.total(cards), "base": reverse("orders:shop", args=[collection.code]),
        "share": shares.of_price(packs[0].pack_price, collection.point, now),
        "allergens": [str(Allergen(code).label) for code in found.allergens or []],
    }  # fmt: skip
    return render(request, "orders/product.html", context)


@kept_when_signed_out
@member_required
@require_POST
def wish(request: MemberRequest, code: str) -> HttpResponse:
    """What was touched on a page saves itself together; the answer is the sum, and the steppers that must change.

    Without JavaScript it is the form around all steppers of a page.
    """
    collection, household, now = my_collection(request, code), my_household(request), timezone.now()
    try:
        ordering.check_window(collection, now)
    except Refusal as closed:
        messages.error(request, str(closed))
        return _led_away(request, _back(request, collection), closed)
    touched, refused = forms.touches(request.POST)
    refused |= wishes.touch(household=household, collection=collection, touches=touched, now=now)
    if request.htmx:
        return _wished(request, collection, household, [*touched, *(refused.keys() - touched)], refused)
    found = {card.code: card for card in shelf.wished_cards(collection, household, [*touched, *refused])}
    for packaging, refusal in refused.items():
        name = found[packaging].name if packaging in found else ""
        messages.error(request, f"{name}{pgettext('before a name', ':')} {refusal}" if name else str(refusal))
    saved = [found[packaging] for packaging in touched if packaging in found and packaging not in refused]
    if saved:
        messages.success(request, _saved(saved))
    at = found.get(request.POST.get("add", "") or next(iter([*refused, *touched]), ""))
    return redirect(_back(request, collection) + (_anchor(request, at) if at else ""))


def _led_away(request: MemberRequest, url: str, refusal: Refusal) -> HttpResponse:
    """To a page that says why; a page that asked by itself goes there by itself."""
    if not request.htmx:
        return redirect(url)
    return HttpResponse(str(refusal), status=refusal.status, headers={"HX-Redirect": url})


def _saved(cards: list[shelf.Card]) -> str:
    """What stands now of what was touched, in a few words."""
    if len(cards) > 1:
        return _("Your choices are saved.")
    name, packs = cards[0].name, cards[0].quantity
    if not packs:
        return _("%(name)s: removed.") % {"name": name}
    return _("%(name)s: %(packs)s chosen.") % {"name": name, "packs": packs}


def _anchor(request: MemberRequest, card: shelf.Card) -> str:
    """Where the reader was: a product that is wanted has a place of its own, the others that of their aisle."""
    if request.POST.get("next") == "order":
        return f"#a-{card.code}" if card.quantity else "#removed"
    return f"#p-{card.code}" if card.quantity else f"#a-{card.aisle or shelf.OTHER}"


def _wished(
    request: MemberRequest, collection: Collection, household: Household, asked: list[str], refused: dict[str, Refusal]
) -> HttpResponse:
    cards = shelf.wished_cards(collection, household, also=asked)
    found, on_order = {card.code: card for card in cards}, "on_order" in request.POST
    changed = [code for code in asked if code in refused or _differs(found.get(code), on_order=on_order)]
    context = {
        "total": tally.total(cards), "farms": tally.by_farm(cards), "base": reverse("orders:shop", args=[collection.code]),
        "touched": [found[code] for code in asked if code in found],
        "changed": [(code, found.get(code), refused.get(code)) for code in changed],
        "on_order": on_order, "unchanged": on_order and tally.as_ordered(cards),
        "wanted": wishes.wanted(household, collection) if on_order else None,
    }  # fmt: skip
    return render(request, "orders/_wished.html", context)


def _differs(card: shelf.Card | None, *, on_order: bool) -> bool:
    """Whether the page cannot draw this stepper by itself: the product is gone, or there is not enough of it."""
    return card is None or card.short or (card.sold_out and not on_order)


@member_required
@require_POST
def favourite(request: MemberRequest, code: str, product_code: str) -> HttpResponse:
    """A heart: find this product first, or no longer."""
    collection, household = my_shop(request, code), my_household(request)
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
