"""An import as people and programs are told of it: counts, rows, cells in the reader's language."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, overload

from django.utils.translation import gettext

from hub import format as say
from hub.money import money
from producers.imports import storing
from producers.models import Aisle, Allergen, Import, Zone
from producers.reading.problems import CHANGED_SINCE, FIELDS, IGNORED

# Changes that have a column of their own; the others are listed beside them.
_COLUMNS = ("label", "price", "stock")
_FIELD_OF = {
    "label": "packaging",
    "vat_rate": "vat",
    "max_content": "maximum",
    "storage_advice": "advice",
    "use_by_days": "use_by",
}
_CHOICES = {"aisle": Aisle, "zone": Zone}
# A consequence of another change, said with it.
_UNSAID = frozenset(["max_assumed"])
ORDER = {"error": 0, "created": 1, "changed": 2, "unchanged": 3, "ignored": 4}


def plan_of(imp: Import) -> dict[str, Any]:
    """The rows as they were written, or before that as the preview has them."""
    plan: dict[str, Any] = imp.applied if imp.applied.get("counts") else imp.preview
    return plan


def summary(imp: Import) -> dict[str, Any]:
    """Counts of packagings and the rows with errors, as the API and the command answer.

    One entry a bad row: its first wrong cell, further ones named in the reason.
    """
    plan = plan_of(imp)
    counts = plan["counts"]
    errors = [_error(line) for line in plan["lines"] if line["errors"]]
    return {name: counts[name] for name in ("created", "changed", "ignored", "unchanged")} | {"errors": errors}


def file_remarks(imp: Import) -> list[str]:
    """What is to be said of the file as a whole, in sentences of the active language. What the rows would do is said only
    before they have done it."""
    remarks = storing.remarks_of(imp.preview["remarks"])
    return [r.sentence for r in remarks if r.code != "nothing-known" or imp.status == Import.Status.PREVIEWED]


def read_as(imp: Import) -> list[tuple[str, str]]:
    """Each heading of the file with what it was taken for."""
    return [(header, str(FIELDS[name])) for header, name in imp.preview["columns"]]


def left_rows(imp: Import) -> list[tuple[int, str]]:
    """Rows that undoing left as they are, with why."""
    return [(left["row"], str(CHANGED_SINCE[left["code"]])) for left in imp.applied.get("left", [])]


@dataclass
class ShownCell:
    """What a cell holds, what it held, and what is wrong with it."""

    text: str = ""
    old: str = ""
    why: str = ""
    changed: bool = False


@dataclass
class ShownLine:
    """A row of the file for people."""

    number: int
    kind: str
    name: str = ""
    reference: str = ""
    label: ShownCell = field(default_factory=ShownCell)
    price: ShownCell = field(default_factory=ShownCell)
    stock: ShownCell = field(default_factory=ShownCell)
    others: list[tuple[str, str, str]] = field(default_factory=list)
    problems: list[tuple[str, str, str]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    reason: str = ""


class Lines(Sequence[ShownLine]):
    """The rows for people, those to correct first; with `show`, those of one kind. A row is put into words when it is
    asked for: a page shows some of thousands."""

    def __init__(self, imp: Import, show: str = "") -> None:
        kept = [line for line in plan_of(imp)["lines"] if show in ("", line["kind"])]
        if show in ("", "ignored"):
            kept += [{**row, "kind": "ignored"} for row in imp.preview["ignored"]]
        self._kept = sorted(kept, key=lambda line: (ORDER[line["kind"]], line["row"]))

    def __len__(self) -> int:
        return len(self._kept)

    @overload
    def __getitem__(self, place: int) -> ShownLine: ...
    @overload
    def __getitem__(self, place: slice) -> list[ShownLine]: ...
    def __getitem__(self, place: int | slice) -> ShownLine | list[ShownLine]:
        if isinstance(place, slice):
            return [_shown(line) for line in self._kept[place]]
        return _shown(self._kept[place])


def _shown(line: dict[str, Any]) -> ShownLine:
    return _ignored(line) if line["kind"] == "ignored" else _line(line)


def _error(line: dict[str, Any]) -> dict[str, Any]:
    first, *others = storing.errors_of(line)
    reason = " ".join([first.reason, *(f"{other.heading}: {other.reason}" for other in others)])
    return {"row": first.row, "column": first.heading, "value": first.value, "reason": reason}


def _ignored(row: dict[str, Any]) -> ShownLine:
    return ShownLine(row["row"], "ignored", name=row["words"], reason=str(IGNORED[row["reason"]]))


def _line(line: dict[str, Any]) -> ShownLine:
    changes = line["changes"]
    shown = ShownLine(line["row"], line["kind"], line["name"], line["reference"])
    shown.label = ShownCell(line["label"], *_was(changes, "label", str))
    shown.price = ShownCell(_price(line["price"], line), *_was(changes, "price", lambda price: _price(price, line)))
    shown.stock = ShownCell(_stock(line["stock"], line), *_was(changes, "stock", lambda stock: _stock(stock, line)))
    shown.others = list(_others(changes))
    for error in storing.errors_of(line):
        cell = {"packaging": shown.label, "price": shown.price, "stock": shown.stock}.get(error.name)
        if cell is not None and not cell.why:
            cell.text, cell.why = error.value, error.reason
        else:
            shown.problems.append((error.heading, error.value, error.reason))
    shown.remarks = [remark.sentence for remark in storing.remarks_of(line["remarks"])]
    return shown


def _was(changes: dict[str, Any], name: str, say_it: Any) -> tuple[str, str, bool]:
    """The old value where there was one, no complaint, and whether it changes."""
    if name not in changes:
        return "", "", False
    old = changes[name][0]
    return "" if old is None else say_it(old), "", True


def _price(price: str | None, line: dict[str, Any]) -> str:
    if price is None:
        return ""
    return say.money(money(price)) + ("/kg" if line["weighed"] else "")


def _stock(stock: int | str | None, line: dict[str, Any]) -> str:
    """Packs, with what they come to where that is not the same."""
    if stock is None:
        return ""
    if isinstance(stock, str):
        return gettext("unlimited")
    if stock == 0:
        return gettext("sold out")
    packs, over = divmod(stock, line["content"])
    whole = say.quantity(stock, line["unit"])
    if over or (line["unit"], line["content"]) in (("g", 1000), ("ml", 1000)):
        return whole
    return say.number(packs) if line["content"] == 1 else f"{say.number(packs)} ({whole})"


def _others(changes: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name, (old, new) in changes.items():
        if name not in _COLUMNS and name not in _UNSAID:
            header = str(FIELDS[_FIELD_OF.get(name, name)])
            yield header, _value(name, old), _value(name, new)


def _value(name: str, value: Any) -> str:
    if value is None:
        return gettext("not given")
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if name in _CHOICES:
        return str(_CHOICES[name](value).label) if value else gettext("none")
    if isinstance(value, list):
        words = [str(Allergen(word).label) if name == "allergens" else word for word in value]
        return say.listing(words) if words else gettext("none")
    return _figure(name, value)


def _figure(name: str, value: Any) -> str:
    if name == "vat_rate":
        return say.percentage(Decimal(value) / 100)
    if name == "deposit":
        return say.money(money(value))
    if name == "max_content":
        return say.quantity(value, "g")
    return str(value) or gettext("none")
