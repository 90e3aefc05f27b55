"""The sheets of the day: the bundle of those on duty and the route of a round."""

from typing import Literal

from typing_extensions import TypedDict

from distribution.contents.point import SignOff, TablePlan
from distribution.contents.shared import Change, Header, HouseholdChange, Item, Zone


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


class RouteLine(Item):
    """Packs to leave at one door."""

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
