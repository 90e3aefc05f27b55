"""CSV as people really save it: any usual separator, any usual encoding, quotes where they please."""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterable
from io import StringIO

from django.utils.translation import gettext_lazy as _

from hub.spreadsheets.cells import (
    MAX_COLUMNS,
    MAX_ROWS,
    Row,
    Sheet,
    Spreadsheet,
    Unreadable,
    unguarded,
    visible,
    without_trailing_blanks,
)

SEPARATORS = ";\t,|"
# Excel's own hint, which it takes for no row.
_HINT = re.compile(r'"?sep=(.)"?\r?\n', re.IGNORECASE)
_SAMPLE_ROWS = 60
_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
# What French writing is made of beyond ASCII: of several readings of the same bytes, the one with most of it is right.
_FRENCH_SMALL = frozenset("àâäçéèêëîïôöùûüÿœæ€°’«»–…·½¼")
_FRENCH_CAPITALS = frozenset("ÀÂÇÉÈÊËÎÏÔÙÛÜŒ\u00a0\u202f×")
# A small letter among capitals, a capital after a small one, an accented letter alone: read in the wrong encoding.
_MISPLACED = re.compile(
    "(?<=[A-Z])[àâäçéèêëîïôöùûü](?=[A-Z])|(?<=[a-z])[ÀÂÇÉÈÊËÎÏÔÙÛÜ]|(?<![A-Za-zÀ-ÿ])[âäçéèêëîïôöùûüÂÇÉÈÊËÎÏÔÙÛÜ](?![A-Za-zÀ-ÿ])"
)


def read(content: bytes, file_name: str) -> Spreadsheet:
    """The rows of a CSV file; raises Unreadable when the bytes are no text or no table of a size we take."""
    text, encoding = decode(content)
    hint = _HINT.match(text)
    if hint:
        text = text[hint.end() :]
    separator = hint[1] if hint else _separator(text)
    rows = without_trailing_lines(_rows(text, separator))
    sheet = Sheet(visible(file_name), rows)
    return Spreadsheet("csv", (sheet,), separator=separator, encoding=encoding)


def decode(content: bytes) -> tuple[str, str]:
    """Text and the encoding it was in: UTF-8 or UTF-16 where the bytes say so, else the likeliest of what French
    programs have written: Windows, Macintosh, DOS."""
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            return _strictly(content[len(mark) :], encoding), encoding
    if content[:400].count(b"\x00") > len(content[:400]) // 4:
        return _strictly(content, "utf-16-le" if content[1:2] == b"\x00" else "utf-16-be"), "utf-16"
    _refuse_binary(content)
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        readings = [(content.decode(name, "replace"), name) for name in ("cp1252", "mac_roman", "cp850")]
        return max(readings, key=lambda reading: _frenchness(reading[0]))


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as damage:
        raise Unreadable(_("The text of this file is damaged. Save it again as “CSV UTF-8”.")) from damage


def _refuse_binary(content: bytes) -> None:
    """A few stray control characters are errors of their cells; many are no text at all."""
    sample = content[:20_000]
    controls = sum(byte < 9 or 13 < byte < 32 for byte in sample)
    if controls > 8 and controls * 20 > len(sample):
        raise Unreadable(_("This is not a spreadsheet. Send an .xlsx or .csv file."))


def _frenchness(text: str) -> int:
    counted = Counter(sign for sign in text if ord(sign) > 127)
    weight = sum(count * _weight(sign) for sign, count in counted.items())
    return weight - 3 * sum(1 for _misplaced in _MISPLACED.finditer(text))


def _weight(sign: str) -> int:
    if sign in _FRENCH_SMALL:
        return 2
    return 1 if sign in _FRENCH_CAPITALS else -2


def _separator(text: str) -> str:
    """The separator that gives most rows one same width; of equals, the one that gives more columns."""
    return max(SEPARATORS, key=lambda separator: _regularity(text, separator))


def _regularity(text: str, separator: str) -> tuple[float, int, int]:
    widths: Counter[int] = Counter()
    try:
        for row in csv.reader(StringIO(text, newline=""), delimiter=separator):
            if any(cell.strip() for cell in row):
                widths[len(row)] += 1
            if widths.total() >= _SAMPLE_ROWS:
                break
    except csv.Error:
        return 0.0, 0, 0
    wide = {width: count for width, count in widths.items() if width > 1}
    if not wide:
        return 0.0, 0, -SEPARATORS.index(separator)
    width = max(wide, key=lambda w: (wide[w], w))
    return round(wide[width] / widths.total(), 1), width, -SEPARATORS.index(separator)


def _rows(text: str, separator: str) -> Iterable[Row]:
    # Old Macintosh files end their lines with CR alone; an opened quote that never closes swallows the rest.
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=_closes(text, separator))
    begun = 1
    try:
        for number, cells in enumerate(reader, start=1):
            _refuse_size(number, cells)
            yield Row(number, tuple(visible(unguarded(cell)) for cell in cells))
            begun = number + 1
    except csv.Error as trouble:
        if "field larger" in str(trouble) and text.count('"') % 2 == 0:
            raise Unreadable(
                _("A cell of row %(row)s is too long to be read.") % {"row": begun}, row=begun
            ) from trouble
        raise Unreadable(
            _("A quotation mark opened on row %(row)s is never closed.") % {"row": begun}, row=begun
        ) from trouble


def _closes(text: str, separator: str) -> bool:
    """Whether the file must be read strictly: only then is a quote that never closes told from the end of the file.
    Words such as 5" in the middle of a quoted cell are read leniently."""
    try:
        for _row in csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True):
            pass
    except csv.Error as trouble:
        return "unexpected end of data" in str(trouble) or "field larger" in str(trouble)
    return True


def _refuse_size(number: int, cells: list[str]) -> None:
    if number > MAX_ROWS and any(cells):
        raise Unreadable(_("This file has more than 20,000 rows. Split it."), limit=MAX_ROWS)
    if len(cells) > MAX_COLUMNS and any(cells[MAX_COLUMNS:]):
        raise Unreadable(_("This file has more than 100 columns. Keep those of the catalogue."), limit=MAX_COLUMNS)


def without_trailing_lines(rows: Iterable[Row]) -> tuple[Row, ...]:
    """The rows up to the last line that holds at least a separator: a blank row is a row, an empty line is none."""
    kept = list(rows)
    if all(row.is_blank for row in kept):
        return without_trailing_blanks(kept)
    while kept and not kept[-1].cells:
        kept.pop()
    return tuple(kept)
