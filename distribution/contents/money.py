"""The papers about money: a producer's and a point's statement, a household's receipt.

Amounts are strings with two decimals, taken from settlement and only printed here. VAT rates are percentages as
decimal strings ("5.5"), None for a seller without VAT.
"""

from typing import Literal, NotRequired

from typing_extensions import TypedDict


class Party(TypedDict):
    """Who issues or receives a paper: `lines` are address and legal identity, each printed on a line of its own."""

    name: str
    lines: list[str]


class RateTotal(TypedDict):
    """Amounts of one VAT rate: `net` + `vat` = `gross`."""

    rate: str
    net: str
    vat: str
    gross: str


class StatementEntry(TypedDict):
    """A step from gross to net. `percent` is a fee's rate ("12"); `note` adds words (the statement corrected, the
    number of bottles, why a fee has no VAT). `net` and `vat` are None where the entry is outside VAT."""

    what: Literal["sales", "host-fee", "hub-fee", "deposits", "returned", "correction", "carried"]
    percent: str | None
    note: str
    net: str | None
    vat: str | None
    gross: str


class Missing(TypedDict):
    """Packs ordered and not delivered, with the words of the reason."""

    quantity: int
    reason: str


class StatementRow(TypedDict):
    """One packaging sold at one collection. `weight_g` is the weight billed, None unless weighed; `unit_price` is per
    kg then, per pack otherwise."""

    ref: str
    product: str
    packaging: str
    ordered: int
    delivered: int
    weight_g: int | None
    missing: list[Missing]
    unit_price: str
    rate: str | None
    gross: str


class StatementCollection(TypedDict):
    """One collection: its rows by product, what was kept in fees, what is left."""

    collection: str
    point: str
    date: str
    rows: list[StatementRow]
    gross: str
    host_fee: str
    hub_fee: str
    net: str


class MeansTotal(TypedDict):
    """What households paid by one means."""

    means: Literal["card", "account", "at-point"]
    amount: str


class OfWeek(TypedDict):
    """What a statement says whoever it is for: `net` is what is owed for the week."""

    number: str
    language: str
    currency: str
    issued_at: str
    week: str
    hub: Party
    net: str


class Statement(OfWeek):
    """What a producer is owed for a week. Collections by date, then point. `due_on` is the day of the transfer, None
    until a payout is planned; `account_end` the last digits of the account. `vat_note` stands in place of the VAT
    table for a seller without VAT ("TVA non applicable, art. 293 B du CGI"). `rates` sums sales at each rate.
    `undelivered` is the value of what was ordered and not delivered."""

    producer_code: str
    producer: Party
    due_on: str | None
    account_end: str
    vat_note: str
    entries: list[StatementEntry]
    rates: list[RateTotal]
    undelivered: str
    means: list[MeansTotal]
    collections: list[StatementCollection]


class PointPart(TypedDict):
    """A point's part of one collection: `orders` were handed over, `sold` is what they came to without deposits, `rates` the
    percentages of it that were kept for the point ("8"), `part` what that makes."""

    date: str
    orders: int
    sold: str
    rates: list[str]
    part: str


class PointStatement(OfWeek):
    """What a point is owed for a week. Collections by date; `net` is the sum of their parts."""

    point: Party
    collections: list[PointPart]


class WithoutVat(TypedDict):
    """A seller without VAT and why: its VAT regime."""

    producer: str
    regime: str


class ReceiptLine(TypedDict):
    """One line as it was settled. `delivered` packs are billed, `missing` are not; `rate` is None for a seller without
    VAT; `gross` is None for a basket paid through its contract."""

    producer: str
    ref: str
    product: str
    packaging: str
    contract: bool
    ordered: int
    delivered: int
    weight_g: int | None
    missing: list[Missing]
    unit_price: str | None
    rate: str | None
    gross: str | None


class Receipt(TypedDict):
    """A household's receipt for one collection; not an invoice. It is frozen without words: reasons are codes, and
    `language` is the hub's; receipts.in_language puts the reader's in. Lines by producer, then product. `deposits` is the sum
    of deposits, "0.00" for none; `total` includes it. `estimated` is what the order said. `farms`, `host`, `hub_share`
    tell where the money goes and sum to the total without deposits. `vat_notes` tell of the sellers `without_vat` in words."""

    language: str
    currency: str
    issued_at: str
    hub: Party
    household: str
    order: str
    basket_number: int
    point: str
    starts_at: str
    collected_at: str | None
    collected_by: str
    payment: Literal["card", "account", "at-point", ""]
    paid_on: str | None
    total: str
    estimated: str
    deposits: str
    lines: list[ReceiptLine]
    rates: list[RateTotal]
    without_vat: NotRequired[list[WithoutVat]]
    vat_notes: list[str]
    farms: str
    host: str
    hub_share: str


class SlipLine(TypedDict):
    """A cheque: `note` its number and bank, as they were noted."""

    household: str
    note: str
    received_on: str
    amount: str


class ChequeSlip(TypedDict):
    """The slip that is handed in at the bank with cheques."""

    language: str
    currency: str
    issued_at: str
    hub: Party
    iban: str
    number: str
    lines: list[SlipLine]
    total: str
