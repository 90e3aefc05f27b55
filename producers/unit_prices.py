"""The price to compare by, which a French shelf shows beside the other (arrêté du 16 novembre 1999)."""

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from djmoney.money import Money

from hub.money import cents, money
from producers.models import Unit
from producers.reading.amounts import Measure
from producers.reading.packs import read_pack
from producers.reading.problems import Misread


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """The price of one kilogram, litre or piece, by its base unit (g, ml, piece)."""

    price: Money
    unit: str


def compared(*, price: Decimal, unit: str, content: int, label: str) -> UnitPrice | None:
    """The unit price of a pack of a fixed price; a braid of 500 g is compared by the kilogram, whatever its stock counts.

    None where the pack is a piece of unknown weight: its price says it all, and its label what it is.
    """
    if unit != Unit.PIECE:
        return UnitPrice(money(cents(price * 1000 / content)), unit)
    if known := weight_of(label):
        return UnitPrice(money(cents(price * 1000 / known.amount)), known.unit)
    return UnitPrice(money(cents(price / content)), unit) if content > 1 else None


@lru_cache(maxsize=4096)
def weight_of(label: str) -> Measure | None:
    """The weight or volume that the words of one pack give exactly: 500 g for "tresse 500 g", None for "pièce (~ 800 g)"."""
    try:
        pack = read_pack(label)
    except Misread:
        return None
    if pack.approximate or pack.upper or pack.guessed or pack.by_weight or pack.cut:
        return None
    if not pack.is_piece:
        return Measure(pack.unit, pack.content)
    return pack.measure if pack.content == 1 else None
