"""The content of each printed sheet: what is frozen, hashed, sent through the API and rendered.

A content is plain JSON (dict, list, str, int, bool, None), typed here with TypedDicts, so what the database gives
back *is* the content. The rules, for whoever builds one:

- money is a string with two decimals ("12.50", "-3.40") in the header's currency; shares are decimal strings ("3.5");
- quantities are whole packs (int); weights are whole grams (int);
- moments are ISO 8601 with offset, dates ISO ("2026-11-26"), weeks "2026-W48"; paper shows the header's time zone;
- codes (zones, marks, exceptions, means of payment) are language-neutral and translated on rendering; names, reasons,
  allergens and instructions are words in the hub's language, frozen as they were;
- lists are sorted as they are to be printed (each docstring says how); rendering groups but never sorts;
- every key is always there: what is not known is None, "" or [].

Quantities are those of this version. A line that differs from version 1 carries a `Change`; a cancelled line stays,
with quantity 0, and is printed struck through with the word "annulé".
"""

from typing import Literal

from typing_extensions import TypedDict  # pydantic needs this one before Python 3.12

Kind = Literal[
    "harvest", "delivery-note", "member-slips", "packing", "sign-off", "table-plan", "labels", "duty", "route"
]
Zone = Literal["dry", "chilled", "frozen"]
Mark = Literal["added", "changed", "cancelled"]


# ---------------------------------------------------------------------------------------------- what all sheets share


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
    time_zone: str  # "Europe/Paris"
    week: str
    version: int
    extracted_at: str
    collection: str | None
    point: Point | None
    starts_at: str | None  # the hand-over window
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


# ------------------------------------------------------------------------------------------------------- 1 harvest


class HarvestColumn(TypedDict):
    """One collection of the week. `open` is true while it still takes orders (printed "en cours")."""

    collection: str
    point: Point
    starts_at: str
    households: int
    open: bool


class HarvestCell(TypedDict):
    """The packs of one product for one collection (0 where nobody takes it)."""

    quantity: int
    change: Change | None


class HarvestRow(Item):
    """One packaging over all points. `weight_g` is the estimated weight of `quantity` packs, None when its unit has
    none (a piece without an indicative weight, a volume). `cells` follow the order of `columns`."""

    zone: Zone
    quantity: int
    weight_g: int | None
    change: Change | None
    cells: list[HarvestCell]


class Harvest(TypedDict):
    """Columns by hand-over time then point name; rows by zone (dry, chilled, frozen), baskets first, product name,
    content. `ready_at` is when the produce is fetched or due, None when unknown."""

    header: Header
    ready_at: str | None
    columns: list[HarvestColumn]
    rows: list[HarvestRow]
    contracts: list[ContractTotal]


# ------------------------------------------------------------------------------------------------- 2 delivery note


class DeliveryRow(Item):
    """One packaging for this point. `takers` by basket number; their quantities sum to `quantity`. `lot` is usually ""
    (a blank to fill)."""

    quantity: int
    change: Change | None
    lot: str
    takers: list[Taker]


class DeliveryNote(TypedDict):
    """Rows: baskets first, then product name, content. `number` is the note's reference ("BL-2026-48-VB-03"),
    `due_at` the latest time of arrival at the point."""

    header: Header
    number: str
    due_at: str | None
    rows: list[DeliveryRow]


# -------------------------------------------------------------------------------------------------- 3 members' slips


class SlipLine(Item):
    quantity: int
    change: Change | None


class Slip(TypedDict):
    """`name` is what the producer may see: "Claire M.", no contact."""

    basket_number: int
    name: str
    change: HouseholdChange | None
    lines: list[SlipLine]


class MemberSlips(TypedDict):
    """Slips by basket number, their lines by zone, product."""

    header: Header
    slips: list[Slip]


# ------------------------------------------------------------------------------------------------- 4 packing sheets


class PackingLine(Item):
    """`place` is where the packs stand on site ("A1", "" unknown). `unit_price` and `amount` include VAT, as expected
    at the order; both None for a basket paid through its contract."""

    zone: Zone
    place: str
    producer: Farm
    quantity: int
    change: Change | None
    allergens: list[str]
    unit_price: str | None
    amount: str | None


class PackedHousehold(TypedDict):
    """`due` is what is left to pay at the point, None when nothing is. `payment` says how the order is paid, `remark`
    adds words ("carte refusée"); `note` is what the member wrote. `url` is absolute, in the QR code."""

    basket_number: int
    order: str
    url: str
    family_name: str
    given_name: str
    due: str | None
    payment: Literal["card", "account", "point", "contract", ""]
    remark: str
    note: str
    change: HouseholdChange | None
    lines: list[PackingLine]


class Packing(TypedDict):
    """Households by basket number; their lines by zone, place, producer, baskets first, product."""

    header: Header
    households: list[PackedHousehold]


# -------------------------------------------------------------------------------------------------------- 5 sign-off


class RefCount(TypedDict):
    """A code of the sign-off list and how many packs of it."""

    ref: str
    quantity: int
    weighed: bool


class SignOffRow(TypedDict):
    """`packs` counts the packs to fetch per zone, `weighed` the lines to weigh. `contracts` are the basket codes of
    this week. `products` is filled only where the list names each product (`style` "codes"). `phone` "" unless the
    point prints phones."""

    basket_number: int
    order: str
    family_name: str
    given_name: str
    phone: str
    contracts: list[RefCount]
    products: list[RefCount]
    packs: dict[Zone, int]
    weighed: int
    due: str | None
    change: HouseholdChange | None


class SignOff(TypedDict):
    """Rows by family name without accents, then given name. `due` sums what is to be taken from those not cancelled."""

    header: Header
    style: Literal["packs", "codes"]
    phones: bool
    rows: list[SignOffRow]
    due: str
    contracts: list[ContractTotal]


# ------------------------------------------------------------------------------------------------------ 6 table plan


class TableProduct(Item):
    quantity: int
    change: Change | None
    takers: list[Taker]


class TablePlace(TypedDict):
    """What one producer has standing at one place."""

    place: str
    zone: Zone
    producer: Farm
    products: list[TableProduct]


class TablePlan(TypedDict):
    """Places by zone, place, producer; products: baskets first, then name; takers by basket number."""

    header: Header
    places: list[TablePlace]


# ---------------------------------------------------------------------------------------------------------- 7 labels


class LabelGrid(TypedDict):
    """A sheet of labels, millimetres as decimal strings: cells of `width` × `height`, `columns` × `rows` a page, first
    cell at `left`, `top`, gaps between cells."""

    columns: int
    rows: int
    width: str
    height: str
    left: str
    top: str
    gap_x: str
    gap_y: str


class LabelLine(Item):
    """The labels of one order line: packs `first` … `first + quantity - 1` of the `of` packs of that household on this
    sheet. `use_by` is a date; `lot` "" prints a blank."""

    basket_number: int
    name: str
    zone: Zone
    producer: Farm
    quantity: int
    first: int
    of: int
    use_by: str | None
    allergens: list[str]
    lot: str
    change: Change | None


class Labels(TypedDict):
    """Lines by basket number, then zone, product. `zones` are those printed here."""

    header: Header
    grid: LabelGrid
    zones: list[Zone]
    lines: list[LabelLine]


# ------------------------------------------------------------------------------------------------- 8 duty bundle


class Shift(TypedDict):
    """A slot of those on duty; `name` "" is a slot nobody has taken."""

    starts_at: str
    ends_at: str
    name: str
    phone: str
    task: str


class Contact(TypedDict):
    """Who to call. `role` in words: "Hôte", "Coopérative, jusqu'à 21 h"."""

    role: str
    name: str
    phone: str


class DutyException(TypedDict):
    """What differs for one household today. `todo` is the sentence for those on duty."""

    basket_number: int | None
    family_name: str
    given_name: str
    what: Literal["skipped", "shifted", "turn", "given", "proxy", "absent", "payment", "added", "cancelled", "note"]
    todo: str


class NextTeam(TypedDict):
    """A later collection of this point: `missing` helpers still wanted; `held` false means no collection."""

    date: str
    names: list[str]
    missing: int
    held: bool


class Duty(TypedDict):
    """Shifts by start, exceptions by basket number, teams by date. `instructions` are paragraphs (keys, cold, order of
    things). What follows in the bundle: the sign-off list (or the route sheet of a round) and the table plan."""

    header: Header
    shifts: list[Shift]
    contacts: list[Contact]
    instructions: list[str]
    exceptions: list[DutyException]
    teams: list[NextTeam]
    sign_off: "SignOff | None"
    route: "Route | None"
    table_plan: "TablePlan | None"


# ----------------------------------------------------------------------------------------------------------- 9 route


class RouteLine(Item):
    zone: Zone
    quantity: int
    change: Change | None


class Stop(TypedDict):
    """One door. `at` is the expected moment, `access` the door code and how to get in."""

    stop: int
    at: str | None
    basket_number: int
    order: str
    url: str
    family_name: str
    given_name: str
    address: str
    access: str
    phone: str
    due: str | None
    change: HouseholdChange | None
    lines: list[RouteLine]


class Route(TypedDict):
    """Stops in the order of the round; lines by zone, product."""

    header: Header
    leaves_at: str | None
    driver: Contact | None
    stops: list[Stop]


Content = Harvest | DeliveryNote | MemberSlips | Packing | SignOff | TablePlan | Labels | Duty | Route

A4_3X8: LabelGrid = {
    "columns": 3, "rows": 8, "width": "63.5", "height": "33.9", "left": "7.2", "top": "12.9", "gap_x": "2.5", "gap_y": "0",
}  # fmt: skip
A4_4X10: LabelGrid = {
    "columns": 4, "rows": 10, "width": "48.5", "height": "25.4", "left": "8", "top": "21.5", "gap_x": "0", "gap_y": "0",
}  # fmt: skip
