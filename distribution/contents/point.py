"""The point's sheets about packs: packing sheets, sign-off list, table plan, labels."""

from typing import Literal

from typing_extensions import TypedDict

from distribution.contents.shared import Change, ContractTotal, Farm, Header, HouseholdChange, Item, Taker, Zone


class PackingLine(Item):
    """`place` is where the packs stand on site ("A1", "" unknown). `unit_price` and `amount` include VAT, as expected
    at the order; both None for a basket paid through its contract. `allergens` are the codes of Product.allergens, None
    where the producer gave none (which is not "no allergen")."""

    zone: Zone
    place: str
    producer: Farm
    quantity: int
    change: Change | None
    allergens: list[str] | None
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
    payment: Literal["card", "account", "at-point", "contract", ""]
    remark: str
    note: str
    change: HouseholdChange | None
    lines: list[PackingLine]


class Packing(TypedDict):
    """Households by basket number; their lines by zone, place, producer, baskets first, product."""

    header: Header
    households: list[PackedHousehold]


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


class TableProduct(Item):
    """A packaging on the table, and who takes how many of it."""

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
    allergens: list[str] | None
    lot: str
    change: Change | None


class Labels(TypedDict):
    """Lines by basket number, then zone, product. `zones` are those printed here."""

    header: Header
    grid: LabelGrid
    zones: list[Zone]
    lines: list[LabelLine]


# By the codes of CollectionPoint.LabelGrid; a point with sheets of its own sends a grid in its content.
LABEL_GRIDS: dict[str, LabelGrid] = {
    "3x8": {
        "columns": 3, "rows": 8, "width": "63.5", "height": "33.9", "left": "7.2", "top": "12.9",
        "gap_x": "2.5", "gap_y": "0",
    },
    "4x10": {
        "columns": 4, "rows": 10, "width": "48.5", "height": "25.4", "left": "8", "top": "21.5",
        "gap_x": "0", "gap_y": "0",
    },
}  # fmt: skip
