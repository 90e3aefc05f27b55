"""Paying farms: runs of payouts by file, by hand or through Stripe; each payout leaves once, and what fails is due again."""

from distribution.payouts.choosing import Choice, Obstacle, choices, rails
from distribution.payouts.connect import send_due
from distribution.payouts.files import GivenUp, NotSent, executed, file_of, sent
from distribution.payouts.hands import made
from distribution.payouts.moving import TakenBack, take_back, withdraw
from distribution.payouts.reversing import ask_and_take_back, heard, take_back_reversed
from distribution.payouts.starting import NothingChosen, NotPayable, start

__all__ = [
    "Choice",
    "GivenUp",
    "NotPayable",
    "NotSent",
    "NothingChosen",
    "Obstacle",
    "TakenBack",
    "ask_and_take_back",
    "choices",
    "executed",
    "file_of",
    "heard",
    "made",
    "rails",
    "send_due",
    "sent",
    "start",
    "take_back",
    "take_back_reversed",
    "withdraw",
]
