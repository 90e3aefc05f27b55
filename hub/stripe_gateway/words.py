"""What Stripe tells us, in words of ours: payments, saved methods, events, and the ways it says no. Amounts are in cents."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

State = Literal["waiting", "asks", "held", "processing", "paid", "failed", "released"]


class Away(Exception):
    """Stripe did not answer, or could not say: nothing is known to have happened. The same call is made again later.
    `undone` where this call has certainly done nothing: it was not let in."""

    def __init__(self, why: str, *, undone: bool = False) -> None:
        super().__init__(why)
        self.undone = undone


class Declined(Exception):
    """The bank or Stripe said no, for good. `code` is Stripe's (`card_declined`, `authentication_required`,
    `resource_missing` …), `payment` the id it failed on, "" where Stripe made none."""

    def __init__(self, code: str, payment: str) -> None:
        super().__init__(code)
        self.code, self.payment = code, payment

    @property
    def is_gone(self) -> bool:
        """Whether Stripe knows nothing of that name: there is nothing to change, now or later."""
        return self.code == "resource_missing"


class Forged(Exception):
    """A webhook that is not Stripe's, or not of now."""


@dataclass(frozen=True)
class SetupPage:
    """A hosted page on which a card or bank account is saved."""

    session: str
    url: str


@dataclass(frozen=True)
class Method:
    """A saved card or bank account. `expires` is the last day of a card's month as 2031-12."""

    id: str
    customer: str
    kind: str
    brand: str
    last4: str
    expires: str


@dataclass(frozen=True)
class Payment:
    """One payment as Stripe knows it now, in cents. `confirm_url` is where its holder confirms it, `refusal` why it failed,
    `fee` what Stripe keeps of what was received, `key` what we made it under ("" for one that is not ours)."""

    id: str
    state: State
    amount: int
    held: int
    received: int
    fee: int
    refusal: str
    confirm_url: str
    charge: str
    capture_before: datetime | None
    key: str = ""

    @classmethod
    def unmade(cls, state: State, refusal: str) -> "Payment":
        """A payment there is none of at Stripe, and why not."""
        return cls("", state, 0, 0, 0, 0, refusal, "", "", None)


@dataclass(frozen=True)
class Account:
    """A farm's account at Stripe: whether it can receive transfers, and what Stripe still asks for, in its own words."""

    id: str
    ready: bool
    wants: list[str]


@dataclass(frozen=True)
class Transferred:
    """A transfer to a farm as Stripe knows it now, and how much of it was taken back there."""

    id: str
    amount: int
    reversed: int


@dataclass(frozen=True)
class Page:
    """A hosted page on which a sum is paid: `url` while it may be, `payment` once it was tried."""

    id: str
    url: str
    expired: bool
    payment: Payment | None


@dataclass(frozen=True)
class GivenBack:
    """A refund as Stripe knows it now: `waiting` while the bank has not answered; `refusal` is why it failed."""

    id: str
    state: Literal["waiting", "done", "failed"]
    refusal: str


@dataclass(frozen=True)
class Dispute:
    """A holder contests a payment. `taken` is what has left the balance because of it and not come back, `fee` what Stripe
    keeps for it whatever becomes of it."""

    id: str
    payment: str
    state: Literal["open", "won", "lost"]
    amount: int
    taken: int
    fee: int
    reason: str
    opened_at: datetime
    due_by: datetime | None


@dataclass(frozen=True)
class Event:
    """Which object an event tells of; `subject` is "" for what has no id, as a balance."""

    id: str
    kind: str
    subject: str


@dataclass(frozen=True)
class Movement:
    """One movement of our balance at Stripe, in cents: `amount` before its `fee`. `subject` is the object it is about."""

    id: str
    kind: str
    amount: int
    fee: int
    subject: str
    at: datetime
