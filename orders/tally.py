"""What the cards a household wants come to: totals, in all and by farm, and what cannot be had as wanted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from djmoney.money import Money

from hub.money import ZERO, money
from hub.refusals import Refusal
from orders.shelf import Card, fold
from producers.models import Packaging


@dataclass(frozen=True)
class Total:
    """What cards come to: packs, expected and greatest amount with deposits."""

    packs: int
    expected: Money
    maximum: Money

    @property
    def weighed(self) -> bool:
        """Whether a weighing will settle the amount."""
        return bool(self.maximum != self.expected)

    @property
    def cents(self) -> int:
        """The expected amount for the page to count on with; every currency we know has cents."""
        return int(self.expected.amount * 100)


def total(cards: Iterable[Card]) -> Total:
    """What the packs wanted come to."""
    packs, expected, maximum = 0, ZERO, ZERO
    for card in cards:
        if card.quantity:
            low, high = card.amounts(card.quantity)
            deposits = card.deposit * card.quantity
            packs, expected, maximum = packs + card.quantity, expected + low + deposits, maximum + high + deposits
    return Total(packs, money(expected), money(maximum))


def as_ordered(cards: Iterable[Card]) -> bool:
    """Whether an order stands, of exactly the packs that are wanted."""
    mine = [card for card in cards if card.quantity or card.ordered]
    return bool(mine) and all(card.quantity == card.ordered for card in mine)


def by_farm(cards: Iterable[Card]) -> list[tuple[str, list[Card], Total]]:
    """Wanted cards under their farms, with each farm's total."""
    farms: dict[str, list[Card]] = {}
    for card in cards:
        if card.quantity:
            farms.setdefault(card.farm, []).append(card)
    return [(farm, lines, total(lines)) for farm, lines in sorted(farms.items(), key=lambda item: fold(item[0]))]


@dataclass(frozen=True)
class Short:
    """A line that cannot be had as wanted: packs wanted and packs there are."""

    code: str
    name: str
    label: str
    wanted: int
    available: int


def shortages(cards: Iterable[Card], refusal: Refusal | None = None) -> list[Short]:
    """What cannot be had: as a refusal says, which saw the stock under its lock, else as the cards say."""
    known = {card.packaging: card for card in cards}
    said = refusal.data.get("short", []) if refusal else []
    if said:
        lines = [
            (known[row["packaging"]], row["wanted"], row["available"]) for row in said if row["packaging"] in known
        ]
    else:
        lines = [(card, card.quantity, card.packs_left or 0) for card in known.values() if card.short]
    return [Short(card.code, card.name, card.label, wanted, left) for card, wanted, left in lines]


def gone(wanted: Mapping[int, int], cards: Iterable[Card]) -> list[Short]:
    """What is wanted and no longer on sale at all."""
    missing = set(wanted) - {card.packaging for card in cards}
    packs = Packaging.objects.filter(pk__in=missing).select_related("product") if missing else []
    return [Short(pack.code, pack.product.name, pack.label, wanted[pack.pk], 0) for pack in packs]
