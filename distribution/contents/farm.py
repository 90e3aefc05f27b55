"""The producers' sheets: harvest list, delivery note, members’ slips."""

from typing_extensions import TypedDict

from distribution.contents.shared import Change, ContractTotal, Header, HouseholdChange, Item, Point, Taker, Zone


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
    """One packaging over all points. `pack_g` is the estimated weight of one pack, None when its unit has
    none (a piece without an indicative weight, a volume). `cells` follow the order of `columns`."""

    zone: Zone
    quantity: int
    pack_g: int | None
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


class SlipLine(Item):
    """Packs of one packaging in a household's bag."""

    quantity: int
    change: Change | None


class Slip(TypedDict):
    """`name` is what the producer may see: "Claire M.", no contact. `url` is absolute, in a QR code; "" prints none.
    `change` is that of the lines of this slip."""

    basket_number: int
    order: str
    url: str
    name: str
    change: HouseholdChange | None
    lines: list[SlipLine]


class MemberSlips(TypedDict):
    """Slips by basket number, their lines by zone, product."""

    header: Header
    slips: list[Slip]
