"""Paying by card. Stripe is never in the path of an order: a card is saved once, amounts are held before the hand-over and
captured after it, by sweeps that may be killed anywhere and run again."""

from orders.cards.holding import place_holds, release_refused
from orders.cards.mending import confirm_again
from orders.cards.reading import apply_events, read_again, reread, store_event
from orders.cards.refunding import TooMuch, refund, send_refunds
from orders.cards.saving import CardInUse, NoCard, begin_saving, consent, finish_saving, forget, usable_card
from orders.cards.taking import take_due

__all__ = [
    "CardInUse",
    "NoCard",
    "TooMuch",
    "apply_events",
    "begin_saving",
    "confirm_again",
    "consent",
    "finish_saving",
    "forget",
    "place_holds",
    "read_again",
    "refund",
    "release_refused",
    "reread",
    "send_refunds",
    "store_event",
    "take_due",
    "usable_card",
]
