"""Labels: a grid in millimetres, each cell filled line by line.

A label has a fixed size, so its lines are measured and cut here. What may never be cut are the allergens: where they do
not fit, the label sends to the packing sheet, which has them all.
"""

from decimal import Decimal
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from distribution.contents.point import LabelGrid, LabelLine, Labels
from distribution.contents.shared import Header
from distribution.typeset import words
from distribution.typeset.measure import fit, width
from distribution.typeset.measure import lines as broken

PAD = 2.5  # millimetres left free on each side of a label
NUMBER_SIZE, NUMBER_HEIGHT = 28, 9.9  # the basket number: points, and the height of its line
SMALL, LARGE = 9, 11  # points of the text and, where there is room, of the product
LEADING = 1.1
A4_HEIGHT, SLACK, STRIP = Decimal(297), Decimal("0.2"), Decimal(11)


def labels(content: Labels) -> dict[str, Any]:
    """One label per pack, in the order of the lines; cancelled packs have none."""
    header, grid = content["header"], content["grid"]
    cells = [
        _label(line, line["first"] + nth, grid, header) for line in content["lines"] for nth in range(line["quantity"])
    ]
    columns = grid["columns"]
    rows = [cells[first : first + columns] for first in range(0, len(cells), columns)]
    zones = ", ".join(words.zone(zone).lower() for zone in content["zones"])
    count = ngettext("%(count)s label", "%(count)s labels", len(cells)) % {"count": len(cells)}
    return {
        "head": words.heading(header, pgettext("paper", "Labels"), aside=", ".join(filter(None, [zones, count]))),
        "pages": [rows[first : first + grid["rows"]] for first in range(0, len(rows), grid["rows"])],
        "columns": range(columns),
    }


def grid_css(grid: LabelGrid) -> str:
    """The style rules of a grid. A gap belongs to the cell before it, so that every row stays where the sheet is cut.

    The heading and the foot stand in the waste strips above and below the labels, where those are wide enough.
    """
    width_, height, left, top, gap_x, gap_y = (
        Decimal(grid[name]) for name in ("width", "height", "left", "top", "gap_x", "gap_y")
    )
    across, down = width_ + gap_x, height + gap_y
    bottom = max(Decimal(0), A4_HEIGHT - top - down * grid["rows"] - SLACK)
    strips = "" if top >= STRIP else "@top-left{content:none}"
    strips += "" if bottom >= STRIP else "@bottom-left{content:none}@bottom-right{content:none}"
    return (
        f"@page labels{{margin:{top}mm 0 {bottom}mm {left}mm;{strips}}}"
        f".labels table{{width:{across * grid['columns']}mm}}"
        f".labels tr{{height:{down}mm}}"
        f".labels td{{padding:{PAD - 1}mm {PAD}mm 0}}"
    )


def _label(line: LabelLine, nth: int, grid: LabelGrid, header: Header) -> SafeString:
    room = float(Decimal(grid["width"])) - 2 * PAD
    number = str(line["basket_number"])
    beside = room - width(number, NUMBER_SIZE, bold=True) - 2
    left = float(Decimal(grid["height"])) - 2 * (PAD - 1) - NUMBER_HEIGHT
    name = fit(line["name"], beside, SMALL)[0]
    of = _("%(nth)s of %(of)s") % {"nth": nth, "of": line["of"]}
    day = f"· {words.day_month(header['starts_at'])}"
    mark = f"  {words.tag_words(line['change'])} " if line["change"] else ""
    above = width(f"{of} {mark}", SMALL, bold=True) + width(day, SMALL) <= beside
    head = format_html(
        '<b class="no">{}</b><span>{}\n<b>{}</b> {} {}</span>', number, name, of, day if above else "",
        words.tag(line["change"]),
    )  # fmt: skip
    where = [header["point"]["short"] if header["point"] else "", "" if above else words.day_month(header["starts_at"])]
    return format_html("{}<p>{}</p>", head, _body(line, room, left, where))


def _body(line: LabelLine, room: float, left: float, where: list[str]) -> SafeString:
    """The lines under the number, the most important first as long as there is room."""
    row = SMALL * LEADING * 25.4 / 72
    product_lines, size = fit(line["product"], room, LARGE, bold=True), LARGE
    if product_lines[0] != line["product"]:
        size, product_lines = SMALL, fit(line["product"], room, SMALL, bold=True, at_most=2 if left > 6 * row else 1)
    used = len(product_lines) * size * LEADING * 25.4 / 72
    spare = int((left - used) / row + 0.05)
    use_by = _use_by(line, room)
    must = [format_html("<b>{}</b>", text) for text in [use_by] if text]
    must += [format_html("{}", text) for text in _allergens(line, room, spare - len(must))]
    free = max(0, spare - len(must))
    may = _less(line, room, where, free)
    body = [*may[: min(free, 1)], *must, *may[1:free]]
    product = format_html('<b class="{}">{}</b>', "big" if size == LARGE else "", "\n".join(product_lines))
    return format_html_join("\n", "{}", ((text,) for text in [product, *body]))


def _allergens(line: LabelLine, room: float, spare: int) -> list[str]:
    text = _("allergens: %(names)s") % {"names": words.allergens(line["allergens"])}
    whole = broken(text, room, SMALL)
    return whole if len(whole) <= spare else fit(_("allergens: see sheet"), room, SMALL)


def _use_by(line: LabelLine, room: float) -> str:
    if not line["use_by"]:
        return ""
    date = {"date": words.day_month(line["use_by"])}
    whole = _("to be eaten before %(date)s") % date
    return whole if width(whole, SMALL, bold=True) <= room else pgettext("short", "use by %(date)s") % date


def _less(line: LabelLine, room: float, where: list[str], free: int) -> list[str]:
    """Packaging and batch (or blanks for them), then the point and the day, where that had no room above: beside the batch,
    or on lines of their own. Only where a label is too small for the point's name is it cut, never the day."""
    weight = " · ____ kg" if line["weighed"] else ""
    packaging = fit(line["packaging"], room - width(weight, SMALL), SMALL)[0] + weight
    lot = _("lot %(lot)s") % {"lot": line["lot"] or "________"}
    point, day = where
    end = f", {day}" if day else ""
    beside, own = " · ".join(filter(None, [lot, point + end])), broken(point + end, room, SMALL)
    if width(beside, SMALL) <= room:
        return [packaging, beside]
    if 2 + len(own) <= free:
        return [packaging, lot, *own]
    together = f"{packaging} · {lot}"
    if width(together, SMALL) <= room:
        return [together, *_cut(point, end, room, max(free - 1, 1))]
    return [packaging, f"{lot} · {_cut(point, end, room - width(f'{lot} · ', SMALL), 1)[0]}"]


def _cut(point: str, end: str, room: float, at_most: int) -> list[str]:
    *whole, last = fit(point, room - width(end, SMALL), SMALL, at_most=at_most)
    return [*whole, last + end]
