"""What all sheets share: the header, items, changes and totals."""

from typing import Literal

from typing_extensions import TypedDict  # pydantic needs this one before Python 3.12

Kind = Literal[
    "harvest", "delivery-note", "member-slips", "packing", "sign-off", "table-plan", "labels", "duty", "route"
]
Zone = Literal["dry", "chilled", "frozen"]
Mark = Literal["added", "changed", "cancelled"]


class Point(TypedDict):
    """A collection point as headers name it; `short` is for columns and labels, `kind` chooses the vocabulary."""

    code: str
    name: str
    short: str
    kind: Literal["market", "amap", "round"]
    address: str


class Farm(TypedDict):
    """A producer: `name` of the farm or firm."""

    code: str
    name: str


class Header(TypedDict):
    """What stands on every page. `point` is None on the harvest list (all points of the week), `producer` is None on
    the point's sheets, `collection` is the public id the API uses."""

    kind: Kind
    hub: str
    language: str  # "fr": the hub's, that of the document
    currency: str  # "EUR"
    week: str
    version: int
    extracted_at: str
    collection: str | None
    point: Point | None
    starts_at: str | None  # the hand-over window; on the harvest list the first and last moment of the week
    ends_at: str | None
    producer: Farm | None


class Change(TypedDict):
    """How a line differs from version 1. `was` is the quantity frozen at the close (0 for an added line), `since` the
    version that brought the latest change, `reason` the words of the reason, "" where none was given."""

    mark: Mark
    was: int
    since: int
    reason: str


class HouseholdChange(TypedDict):
    """How a household's order differs from version 1: `cancelled` as a whole, `added` after the close, or `changed` in
    some line. `since` is the version of the latest change."""

    mark: Mark
    since: int
    reason: str


class Weighed(TypedDict):
    """Sold by weight: a blank is printed to write the weight of each pack."""

    expected_g: int
    max_g: int


class Item(TypedDict):
    """A packaging, as snapshotted on the order line. `ref` is the short code of the product ("CAR"), `contract` says
    that it is a contract's basket (then `product` is the contract and `packaging` the size)."""

    ref: str
    product: str
    packaging: str
    contract: bool
    weighed: Weighed | None


class Taker(TypedDict):
    """One order line seen from the product: which basket takes how many packs."""

    basket_number: int
    quantity: int
    change: Change | None


class ContractSize(TypedDict):
    """`code` is the letter printed in totals ("P"), `quantity` the baskets of that size."""

    code: str
    quantity: int


class ContractTotal(TypedDict):
    """The total of one contract, printed as "Légumes 3 P · 2 G · 3,5 parts". `shares` "" where sizes have none."""

    contract: str
    sizes: list[ContractSize]
    shares: str
