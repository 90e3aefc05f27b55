"""Paying by card. Stripe is never in the path of an order: a card is saved once, amounts are held before the hand-over and
captured after it, by sweeps that may be killed anywhere and run again."""

from orders.cards.disputing import NotLost, apply_dispute, settle_dispute
from orders.cards.forgetting import forget_erased, forget_removed
from orders.cards.holding import pay_at_point, pay_refused_at_point, place_holds, release_refused
from orders.cards.mending import confirm_again
from orders.cards.owing import is_wanted
from orders.cards.reading import DAILY, EVERY, apply_events, read_again, read_disputes, reread, store_event
from orders.cards.refunding import TooMuch, apply_refund, left_to_give, refund, send_refunds
from orders.cards.saving import CardInUse, NoCard, begin_saving, consent, finish_saving, forget, usable_card
from orders.cards.taking import take_due
from orders.cards.uncharged import tell_uncharged

__all__ = [
    "DAILY",
    "EVERY",
    "CardInUse",
    "NoCard",
    "NotLost",
    "TooMuch",
    "apply_dispute",
    "apply_events",
    "apply_refund",
    "begin_saving",
    "confirm_again",
    "consent",
    "finish_saving",
    "forget",
    "forget_erased",
    "forget_removed",
    "is_wanted",
    "left_to_give",
    "pay_at_point",
    "pay_refused_at_point",
    "place_holds",
    "read_again",
    "read_disputes",
    "refund",
    "release_refused",
    "reread",
    "send_refunds",
    "settle_dispute",
    "store_event",
    "take_due",
    "tell_uncharged",
    "usable_card",
]
