"""Money for the balance: by card on a hosted page, or by direct debit under a mandate, at once or in instalments. It counts
once it is there; sweeps ask, hear and post, may be killed anywhere and run again."""

from orders.debits.announcing import announce_due
from orders.debits.applying import apply_page, apply_payment, give_back, take_back, take_part_back
from orders.debits.asking import ask_due, pay_by_card, read_page_again, read_payment_again
from orders.debits.files import NothingToWrite, ReasonMissing, hold, mark, receive, to_write, write_file, written_with
from orders.debits.mandates import (
    NoMandate,
    begin_signing,
    consent,
    finish_signing,
    rail,
    revoke,
    sign_at_bank,
    usable_mandate,
)
from orders.debits.planning import BadTopUp, cancel, top_up

__all__ = [
    "BadTopUp",
    "NoMandate",
    "NothingToWrite",
    "ReasonMissing",
    "announce_due",
    "apply_page",
    "apply_payment",
    "ask_due",
    "begin_signing",
    "cancel",
    "consent",
    "finish_signing",
    "give_back",
    "hold",
    "mark",
    "pay_by_card",
    "rail",
    "read_page_again",
    "read_payment_again",
    "receive",
    "revoke",
    "sign_at_bank",
    "take_back",
    "take_part_back",
    "to_write",
    "top_up",
    "usable_mandate",
    "write_file",
    "written_with",
]
