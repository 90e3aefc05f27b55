"""Packing sheets: two households on a landscape A4, cut once.

Sheets are printed 1 | 31, 2 | 32 …: after one cut the right pile goes under the left one and the order is kept. The
halves have a fixed size, so what goes on each is measured here; an order too long for one goes on over the next.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from distribution.contents.point import PackedHousehold, Packing, PackingLine
from distribution.contents.shared import Header, Zone
from distribution.typeset import words
from distribution.typeset.measure import lines as broken
from distribution.typeset.qr import qr

# Millimetres, as in print.css (.half): the page less margins; blocks with their margins.
ROOM, WIDTH, FOOT_WIDTH, NAME_WIDTH = 194.0, 125.5, 104.0, 91.5
NAME, WHERE, NUMBER = 6.35, 9.5, 19.7
ZONE, FARM_GAP = 9.1, 1.2
FOOT, FOOT_LINE, CODE = 8.5, 3.85, 19.0


@dataclass(frozen=True)
class Size:
    """A size of type for the lines: points, and the height of one line in millimetres."""

    points: float
    line: float
    css: str


USUAL, DENSE = Size(11, 4.66, ""), Size(10, 4.06, "dense")


@dataclass
class Group:
    """What one producer has at one place of one zone."""

    place: str
    farm: str
    lines: list[SafeString] = field(default_factory=list)


@dataclass
class Block:
    """One zone on one half."""

    zone: str
    packs: str
    groups: list[Group] = field(default_factory=list)


@dataclass
class Half:
    """Half a page. `part` of `parts` where an order goes on over several; only the last closes with the totals."""

    number: SafeString
    name: str
    tag: SafeString
    qr: str
    css: str
    blocks: list[Block] = field(default_factory=list)
    due: str = ""
    foot: list[str] = field(default_factory=list)
    part: int = 1
    parts: int = 1
    place: int = 0


def packing(content: Packing, *, changed_only: bool = False) -> dict[str, Any]:
    """All households, or only those that this version changed."""
    header, households = content["header"], content["households"]
    if changed_only:
        households = [one for one in households if one["change"] and one["change"]["since"] == header["version"]]
    halves = [half for household in households for half in _halves(household, header)]
    for place, half in enumerate(halves, 1):
        half.place = place
    left = (len(halves) + 1) // 2
    return {
        "head": words.heading(
            header, pgettext("paper", "Packing sheets"), aside=words.counted_households(len(households))
        ),
        "pairs": [(halves[i], halves[i + left] if i + left < len(halves) else None) for i in range(left)],
        "count": len(halves),
        "stamp": words.stamp(header),
    }


def _halves(household: PackedHousehold, header: Header) -> list[Half]:
    change = household["change"]
    name = f"{household['family_name'].upper()} {household['given_name']}".strip()
    foot = _foot(household, header)
    foot_height = FOOT + FOOT_LINE * sum(len(broken(line, FOOT_WIDTH, 9)) for line in foot)
    top = max(NAME * len(broken(name, NAME_WIDTH, 15, bold=True)) + WHERE, NUMBER)
    room = ROOM - top - max(foot_height, CODE)
    size = USUAL if _height(household, USUAL) <= room else DENSE
    if _height(household, size) > room:
        size = USUAL
    parts = list(_parts(household, size, room))
    number = words.struck(str(household["basket_number"]), change)
    code = qr(household["url"]) if household["url"] else ""
    halves = [
        Half(number, name, words.tag(change), code, size.css, blocks, part=part, parts=len(parts))
        for part, blocks in enumerate(parts, 1)
    ]
    halves[-1].due, halves[-1].foot = _due(household, header["currency"]), foot
    return halves


def _parts(household: PackedHousehold, size: Size, room: float) -> Iterator[list[Block]]:
    """The blocks of each half, filled from the top; a zone or a farm that goes on is named again."""
    packs = _packs(household)
    blocks: list[Block] = []
    left, zone, farm = room, None, None
    for line in household["lines"]:
        here = (line["zone"], line["place"], line["producer"]["code"])
        need = _line_height(line, size)
        new = need + (ZONE if line["zone"] != zone else 0) + (FARM_GAP + size.line if here != farm else 0)
        if new > left and blocks:
            yield blocks
            blocks, left, zone, farm = [], room, None, None
        if line["zone"] != zone:
            zone, farm = line["zone"], None
            blocks.append(Block(words.zone(line["zone"]), words.counted_packs(packs[line["zone"]])))
            left -= ZONE
        if here != farm:
            farm = here
            blocks[-1].groups.append(Group(line["place"], line["producer"]["name"]))
            left -= FARM_GAP + size.line
        blocks[-1].groups[-1].lines.append(_line(line, _reason(line, household)))
        left -= need
    yield blocks


def _packs(household: PackedHousehold) -> Counter[Zone]:
    count: Counter[Zone] = Counter()
    for line in household["lines"]:
        count[line["zone"]] += line["quantity"]
    return count


def _height(household: PackedHousehold, size: Size) -> float:
    lines = household["lines"]
    farms = len(list(groupby(lines, key=lambda line: (line["zone"], line["place"], line["producer"]["code"]))))
    zones = len(list(groupby(lines, key=lambda line: line["zone"])))
    return ZONE * zones + (FARM_GAP + size.line) * farms + sum(_line_height(line, size) for line in lines)


def _line_height(line: PackingLine, size: Size) -> float:
    change = line["change"]
    text = f"☐ {line['quantity']} {_what(line)}"
    if change:
        text += f" {words.tag_words(change)} {_was(line)} {change['reason']}"
    if line["weighed"]:
        text += " kg" + "_" * 10 * line["quantity"]
    return size.line * len(broken(text, WIDTH, size.points, bold=line["contract"]))


def _what(line: PackingLine) -> str:
    return words.item(line["product"], line["packaging"])


def _was(line: PackingLine) -> str:
    change = line["change"]
    return _("instead of %(quantity)s") % {"quantity": change["was"]} if change and change["was"] else ""


def _reason(line: PackingLine, household: PackedHousehold) -> str:
    """Why the line changed; a cancelled order says it once, at the foot."""
    return line["change"]["reason"] if line["change"] and not _cancelled(household) else ""


def _line(line: PackingLine, reason: str) -> SafeString:
    """☐ 2 Carottes, 1 kg: a quantity above one stands out, a cancelled line says why."""
    change, quantity = line["change"], line["quantity"]
    what = format_html("<b>{}</b> ({})" if line["contract"] else "{}", _what(line), pgettext("paper", "contract"))
    if change and change["mark"] == "cancelled":
        struck = format_html("<del>{}  {}</del>", change["was"], what)
        return format_html("✕  {} {}{}", struck, words.tag(change), reason)
    count = format_html("<b>{}</b>", quantity) if quantity > 1 or change else format_html("{}", quantity)
    blanks = SafeString(" <u></u> kg" * quantity if line["weighed"] else "")
    mark = format_html(" {}{} {}", words.tag(change), _was(line), reason) if change else ""
    return format_html("☐  {}  {}{}{}", count, what, blanks, mark)


def _due(household: PackedHousehold, currency: str) -> str:
    if _cancelled(household):
        return pgettext("paper", "Cancelled")
    if household["due"] is None:
        return pgettext("paper", "Paid")
    return _("To pay: %(amount)s") % {"amount": words.amount(household["due"], currency)}


def _cancelled(household: PackedHousehold) -> bool:
    return household["change"] is not None and household["change"]["mark"] == "cancelled"


def _foot(household: PackedHousehold, header: Header) -> list[str]:
    lines = household["lines"]
    packs = words.counted_packs(sum(line["quantity"] for line in lines))
    note = _("Note: %(note)s") % {"note": household["note"]} if household["note"] else ""
    return [line for line in (f"{packs} · {_allergens(lines)}", _payment(household), note, words.stamp(header)) if line]


def _allergens(lines: list[PackingLine]) -> str:
    """The allergens of everything in the basket; how many products say nothing about theirs."""
    kept = [line for line in lines if line["quantity"]]
    codes = sorted({code for line in kept for code in line["allergens"] or ()})
    text = _("allergens: %(names)s") % {"names": words.allergens(codes)}
    silent = sum(1 for line in kept if line["allergens"] is None)
    if not silent:
        return text
    missing = ngettext("not stated for %(count)s product", "not stated for %(count)s products", silent) % {
        "count": silent
    }
    return f"{text}, {missing}" if codes else _("allergens: %(names)s") % {"names": missing}


def _payment(household: PackedHousehold) -> str:
    if _cancelled(household):
        return household["change"]["reason"] if household["change"] else ""
    means = {
        "card": _("Paid by card"),
        "account": _("Paid from the account"),
        "at-point": _("To pay at the hand-over"),
        "contract": _("Paid with the contract"),
        "": "",
    }[household["payment"]]
    weighed = any(line["weighed"] and line["quantity"] for line in household["lines"])
    later = _("the final amount is known after weighing") if weighed else ""
    return ", ".join(filter(None, [means, household["remark"], later]))
