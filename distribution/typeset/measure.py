"""How wide words are on paper, so that a block of fixed size (a label, half a page) is filled knowingly.

Widths are those of DejaVu Sans as WeasyPrint sets it, without kerning: right to half a per cent, so callers leave a
millimetre.
"""

from functools import cache

from fontTools.ttLib import TTFont

from hub.pdf import FACES, FONTS

MM_PER_POINT = 25.4 / 72
ELLIPSIS = "…"


@cache
def _advances(bold: bool) -> tuple[dict[int, int], int]:
    """Advance width of each character in font units, and the units per em."""
    font = TTFont(FONTS / dict(FACES)["bold" if bold else "normal"], lazy=True)
    widths = font["hmtx"].metrics
    return {code: widths[glyph][0] for code, glyph in font.getBestCmap().items()}, font["head"].unitsPerEm


@cache
def _unknown() -> int:
    """What is missing from the font comes from another one; its characters are counted one em wide."""
    return _advances(False)[1]


def width(text: str, points: float, *, bold: bool = False) -> float:
    """Width of one line of `text` in millimetres."""
    advances, em = _advances(bold)
    return sum(advances.get(ord(sign), _unknown()) for sign in text) / em * points * MM_PER_POINT


def lines(text: str, room: float, points: float, *, bold: bool = False) -> list[str]:
    """`text` broken at its spaces into lines of at most `room` millimetres; a longer word is cut."""
    done, line = [], ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if width(longer, points, bold=bold) <= room:
            line = longer
            continue
        if line:
            done.append(line)
        *whole, line = _cut(word, room, points, bold)
        done += whole
    return [*done, line] if line or not done else done


def _cut(word: str, room: float, points: float, bold: bool) -> list[str]:
    pieces = [""]
    for sign in word:
        if pieces[-1] and width(pieces[-1] + sign, points, bold=bold) > room:
            pieces.append("")
        pieces[-1] += sign
    return pieces


def fit(text: str, room: float, points: float, *, bold: bool = False, at_most: int = 1) -> list[str]:
    """At most `at_most` lines of `text`, the last with an ellipsis where words are left out."""
    whole = lines(text, room, points, bold=bold)
    if len(whole) <= at_most:
        return whole
    last = whole[at_most - 1]
    while last and width(last.rstrip() + ELLIPSIS, points, bold=bold) > room:
        last = last[:-1]
    return [*whole[: at_most - 1], last.rstrip() + ELLIPSIS]
