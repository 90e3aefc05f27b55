"""What a spreadsheet is made of once it has been read, whatever program wrote it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar

from hub.refusals import Refusal

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 20_000
MAX_COLUMNS = 100

# What a spreadsheet program would run as a formula if it began a cell of a CSV file. Words that begin so behind
# apostrophes are guarded too, so that taking one apostrophe off always gives the words back.
_DANGEROUS = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")

# Control characters (but tab and the ends of lines), lone surrogates and non-characters: none is writing, and the
# database takes no NUL. Each becomes a visible sign, so that a cell can be shown and refused by name.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
UNSEEN_SIGNS = re.compile("[\u2400-\u2421\ufffd]")


class Unreadable(Refusal):
    """A file that is no spreadsheet we can read; the sentence says why and what to do instead."""

    code: ClassVar[str] = "unreadable-file"
    status: ClassVar[int] = 422


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula whose result the file does not hold: words where words are wanted, an error where a number is."""

    text: str

    def __str__(self) -> str:
        return self.text


Cell = str | Decimal | date | bool | Formula | None


@dataclass(frozen=True, slots=True)
class Row:
    """One row, with the number people see at its left."""

    number: int
    cells: tuple[Cell, ...]

    @property
    def is_blank(self) -> bool:
        return all(cell is None or cell == "" for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page of a spreadsheet."""

    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Spreadsheet:
    """A file as read: its pages that hold something, and how it was understood (for people to check)."""

    kind: str
    sheets: tuple[Sheet, ...]
    separator: str = ""
    encoding: str = ""


def guarded(text: str) -> str:
    """Text as it goes into a CSV file: an apostrophe before what a spreadsheet program would run as a formula."""
    return f"'{text}" if _DANGEROUS.match(text) else text


def unguarded(text: str) -> str:
    """The text that `guarded` was given."""
    return text[1:] if _GUARDED.match(text) else text


def visible(text: str) -> str:
    """Text with every character that cannot be seen or stored replaced by a sign."""
    return _UNSEEN.sub(_sign, text)


def without_trailing_blanks(rows: Iterable[Row]) -> tuple[Row, ...]:
    """The rows up to the last that holds something."""
    kept = list(rows)
    while kept and kept[-1].is_blank:
        kept.pop()
    return tuple(kept)


def _sign(match: re.Match[str]) -> str:
    point = ord(match[0])
    if point == 0x7F:
        return "\u2421"
    return chr(0x2400 + point) if point < 0x20 else "\ufffd"
