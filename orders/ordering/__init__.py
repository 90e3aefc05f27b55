"""Placing: the only way an order changes before the close.

`place` makes a household's order equal to a wish. First placing, change and cancellation are the same act, with the
differences reserved or released. Locks are taken in the house's order: collection (shared, so that a close waits for us
and we for it), household, stock by id. The number of statements does not grow with the lines.
"""

from orders.ordering.placing import MOST_PACKS, late_lines, place
from orders.ordering.refusals import (
    AccountTooLow,
    BadQuantity,
    CardNeeded,
    MinimumNotMet,
    NoSuchPayment,
    NotAMember,
    NotOnSale,
    NotOpenYet,
    OrderingClosed,
    PointLeft,
    SoldOut,
)
from orders.ordering.sale import check_window

__all__ = [
    "MOST_PACKS",
    "AccountTooLow",
    "BadQuantity",
    "CardNeeded",
    "MinimumNotMet",
    "NoSuchPayment",
    "NotAMember",
    "NotOnSale",
    "NotOpenYet",
    "OrderingClosed",
    "PointLeft",
    "SoldOut",
    "check_window",
    "late_lines",
    "place",
]
