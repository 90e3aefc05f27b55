"""Invoices and credit notes as they are frozen: everything that is printed and everything that is in the XML.

Amounts are strings with two decimals, unit prices without VAT with four. VAT rates are percentages as decimal strings
("5.5"), None for what carries no VAT. Words are in `language`, the cooperative's; a credit note holds positive amounts.
"""

from typing import Literal, NotRequired

from typing_extensions import TypedDict


class Party(TypedDict):
    """Who sells or buys. `trade_name` is the name people know, where it is not the legal one."""

    name: str
    trade_name: str
    street: list[str]
    postcode: str
    city: str
    country: str
    siret: str
    siren: str
    vat_number: str


class Place(TypedDict):
    """Where goods were handed over."""

    name: str
    street: list[str]
    postcode: str
    city: str


class Line(TypedDict):
    """`unit_net` × `quantity` is `net` up to the rounding of the unit price: `net` is the line's part of the total of its
    rate. `gross` is what was paid for it. `reason` is why a line without a rate has none. `of` is the index of the line that
    a credit note takes back."""

    ref: str
    name: str
    detail: str
    quantity: str
    unit: Literal["piece", "kg", "service"]
    unit_net: str
    rate: str | None
    reason: Literal["", "franchise", "flat-rate", "deposit"]
    net: str
    gross: str
    of: NotRequired[int]


class Rate(TypedDict):
    """The total of one rate; of all that carries no VAT together, with the reasons in words, where `rate` is None."""

    rate: str | None
    net: str
    vat: str
    gross: str
    why: str
    code: str


class Note(TypedDict):
    """A sentence the law asks for, with the code of its subject (UNTDID 4451)."""

    code: str
    text: str


class Preceding(TypedDict):
    """The invoice that a credit note is about."""

    number: str
    issued_on: str


class Invoice(TypedDict):
    """`about` says what it is for in a few words; `order` and `statement` are references, "" for none. `paid_how` says how
    what is `paid` was paid and `paid_on` when; `due_on` is the last day for the rest, None where nothing is left."""

    kind: Literal["fee-invoice", "invoice", "credit-note"]
    number: str
    language: str
    currency: str
    issued_on: str
    issued_at: str
    operation: Literal["goods", "services"]
    seller: Party
    buyer: Party
    on_behalf: str
    about: str
    order: str
    statement: str
    delivered_on: str | None
    period: NotRequired[list[str]]
    deliver_to: Place | None
    lines: list[Line]
    rates: list[Rate]
    net: str
    vat: str
    total: str
    paid: str
    paid_how: str
    paid_on: str | None
    due_on: str | None
    notes: list[Note]
    preceding: Preceding | None
    hub: str
