"""The API's calls about ordering: collections, offers, my order."""

from datetime import datetime
from typing import Annotated

from django.db.models import Q
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja.params.functions import Query
from pydantic import Field

from hub.models import Collection, Household, Member
from hub.wire.calls import SCOPES, Calls, caller
from hub.wire.once import once
from hub.wire.paging import Cursor, Limit, Page, cut, pack, unpack
from hub.wire.shapes import Code, Day
from orders import concerning, programs, shelf
from orders.models import Order
from orders.programs import CollectionOut, CollectionState, OfferOut, OrderIn, OrderOut
from producers.models import Allergen

calls = Calls(tags=["order"])
Search = Annotated[str, Field(max_length=100)]


@calls.get("collections", auth=SCOPES["read"], response=Page[CollectionOut])
def collections(
    request: HttpRequest,
    point: Code | None = None,
    status: CollectionState | None = None,
    from_: Day | None = Query(None, alias="from", description="first day of the hand-over"),
    to: Day | None = Query(None, description="last day of the hand-over"),
    limit: Limit = 100,
    cursor: Cursor | None = None,
) -> Page[CollectionOut]:
    """Distributions of my household, my points and my farms, by time."""
    now = timezone.now()
    found = programs.collections(caller(request)).filter(programs.between(from_, to)).select_related("point")
    if point is not None:
        found = found.filter(point__code=point)
    if status is not None:
        found = found.in_state(status, now)
    if cursor is not None:
        starts_at, code = unpack(cursor, datetime, str)
        found = found.filter(Q(starts_at__gt=starts_at) | Q(starts_at=starts_at, code__gt=code))
    rows, more = cut(found.order_by("starts_at", "code")[: limit + 1], limit)
    after = pack(rows[-1].starts_at, rows[-1].code) if more else None
    return Page(items=[programs.collection_out(one, now) for one in rows], next=after)


@calls.get("collections/{collection}/offers", auth=SCOPES["read"], response=Page[OfferOut])
def offers(
    request: HttpRequest,
    collection: Code,
    q: Search = Query("", description="words in the product, farm or packaging; accents and case do not matter"),
    producer: Code | None = None,
    without_allergen: list[Allergen] = Query([], description="leaves out what has it, and what does not say"),
    limit: Limit = 100,
    cursor: Cursor | None = None,
) -> Page[OfferOut]:
    """What is on sale at a distribution of my household, by aisle and name.

    What I have ordered is among it with the price it was ordered at; `available` counts what I have already.
    """
    place, household = _mine(caller(request), collection)
    wanted = shelf.Filters(farm=producer or "", search=q, without=frozenset(without_allergen))
    cards = [card for card in shelf.cards(place, household, {}) if wanted.keeps(card)]
    ids = programs.offer_ids(place, [card.packaging for card in cards])
    shown = sorted((_rank(card, ids[card.packaging]), card) for card in cards if card.packaging in ids)
    if cursor is not None:
        shown = [one for one in shown if one[0] > unpack(cursor, int, str, str)]
    rows, more = cut(shown, limit)
    after = pack(*rows[-1][0]) if more else None
    return Page(items=[programs.offer_out(card, ids[card.packaging]) for _rank, card in rows], next=after)


@calls.get("collections/{collection}/order", auth=SCOPES["read"], response=OrderOut)
def order(request: HttpRequest, collection: Code) -> OrderOut:
    """My household's order, also after the deadline; 404 where nothing was ever ordered."""
    place, household = _mine(caller(request), collection)
    return programs.order_out(get_object_or_404(Order, household=household, collection=place), place)


@calls.put("collections/{collection}/order", auth=SCOPES["order"], response={200: OrderOut, 204: None})
@once()
def put_order(request: HttpRequest, collection: Code, asked: OrderIn) -> OrderOut | None:
    """Make my household's order equal to this; no lines cancel it.

    All or nothing, until the deadline by the server's clock. A `sold-out` refusal lists each short offer with what is
    available. Answers 204 where there was no order and nothing is asked for.
    """
    member = caller(request)
    place, household = _mine(member, collection)
    placed = programs.place(household=household, collection=place, asked=asked, by=member, now=timezone.now())
    return None if placed is None else programs.order_out(placed, place)


def _mine(member: Member, code: str) -> tuple[Collection, Household]:
    """A collection of a point where the member's household is accepted, or where it has ordered, as the pages find it."""
    if member.household_id is None:
        raise Http404
    found = concerning.of(member).select_related("point")
    return get_object_or_404(found, code=code), Household(pk=member.household_id)


def _rank(card: shelf.Card, offer: str) -> tuple[int, str, str]:
    """By aisle and name, then by something that no two offers share."""
    return shelf.AISLES.get(card.aisle, len(shelf.AISLES)), shelf.fold(card.name), offer
