"""Ordering again: last time's order as today's wish, as far as it is on sale."""

from dataclasses import dataclass
from datetime import datetime

from hub.models import Collection, Household
from orders import shelf, wishes
from orders.models import Order, OrderLine


@dataclass(frozen=True)
class Again:
    """An order that may be taken up again: how much it was, and what of it is missing today."""

    order: Order
    packs: int
    quantities: dict[int, int]
    missing: list[str]


def find(household: Household, collection: Collection) -> Again | None:
    """The household's latest order at the same point before this collection, held against today's shelf."""
    last = (
        Order.objects.live()
        .filter(
            household=household, collection__point=collection.point_id, collection__starts_at__lt=collection.starts_at
        )
        .order_by("-collection__starts_at")
        .first()
    )
    if last is None:
        return None
    lines = list(last.lines.filter(kind=OrderLine.Kind.WEEKLY, quantity__gt=0))
    there = {card.packaging: card.most for card in shelf.cards(collection, household, {})}
    quantities = {line.packaging_id: min(line.quantity, there.get(line.packaging_id, 0)) for line in lines}
    missing = [line.name for line in lines if not quantities[line.packaging_id]]
    return Again(last, sum(line.quantity for line in lines), {p: n for p, n in quantities.items() if n}, missing)


def take_up(*, household: Household, collection: Collection, now: datetime) -> Again | None:
    """Make the wish what was ordered last time, as far as it is there; None when there was nothing."""
    again = find(household, collection)
    if again is not None:
        wanted = wishes.wanted(household, collection)
        wishes.save(
            household=household, collection=collection, quantities=wanted.quantities | again.quantities,
            note=wanted.note, revision=None, now=now,
        )  # fmt: skip
    return again
