"""The cards of the shop, drawn once for everybody who sees the same."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django import template
from django.template.context import Context
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from hub.models import Collection
from orders.shelf import Card
from orders.wishes import MOST_PACKS

register = template.Library()
KEPT = 5000  # some 10 MB in each process


@dataclass(frozen=True)
class Face:
    """A card on the page of somebody who wants nothing of it. `seen` is all that can be seen of it: stock, price, words."""

    seen: tuple[Any, ...]
    language: str
    base: str
    open: bool
    card: Card = field(compare=False)


@register.simple_tag(takes_context=True)
def shop_card(context: Context, card: Card) -> SafeString:
    """One card. Those with a number of the household's own are drawn for it; the others are kept in this process."""
    base, is_open = context["base"], context["open"]
    if card.quantity:
        return _drawn(card, base, is_open=is_open)
    return _kept(Face(card.seen, get_language() or "", base, is_open, card))


@register.inclusion_tag("orders/_controls.html", takes_context=True)
def controls(context: Context, collection: Collection) -> dict[str, Any]:
    """What the browser draws a stepper and a button "Add" from, with the words :code: and :name: in the places of both."""
    blank = {"code": ":code:", "name": ":name:", "most": MOST_PACKS}
    shop = reverse("orders:shop", args=[collection.code])
    return {"shop": shop, "mine": context["request"].user.pk, "blank": [blank | {"quantity": 1}, blank]}


@lru_cache(KEPT)
def _kept(face: Face) -> SafeString:
    return _drawn(face.card, face.base, is_open=face.open)


def _drawn(card: Card, base: str, *, is_open: bool) -> SafeString:
    return render_to_string("orders/_card.html", {"card": card, "base": base, "open": is_open})
