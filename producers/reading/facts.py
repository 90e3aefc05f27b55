"""What a row says about the product itself: shelf, labels, allergens, origin, keeping."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from hub.spreadsheets import Cell
from producers.reading.amounts import days, text_of
from producers.reading.problems import LeftOut, Misread
from producers.reading.words import (
    AISLES,
    ALLERGEN_PATTERNS,
    NO,
    NO_ALLERGEN,
    NOT_ALLERGENS,
    ORGANIC,
    YES,
    ZONE_HINTS,
    ZONES,
    fold,
)

AISLE_OF = {word: code for code, words in AISLES.items() for word in words.split("|")} | {code: code for code in AISLES}
ZONE_OF = {word: code for code, words in ZONES.items() for word in words.split("|")} | {code: code for code in ZONES}
# Labels are shown to members as they are kept.
BIO = "Bio"
CONVERSION = "Conversion bio"
LONGEST_LABEL = 30
_SPLIT = re.compile(r"[,;+\n•|]|\s/\s|\bet\b|\band\b|&", re.IGNORECASE)
_LABEL_SPLIT = re.compile(r"[,;+\n•|/]")
_TRACES = re.compile(r"\btraces?\b|peut contenir|may contain")
_DATE = re.compile(r"\d{1,2}[/.-]\d{1,2}(?:[/.-]\d{2,4})?")


def yes_or_no(cell: Cell) -> bool:
    """Whether a cell says yes: oui, x, 1, vrai. Raises Misread where it says neither yes nor no."""
    if isinstance(cell, bool):
        return cell
    words = fold(text_of(cell)).strip(". ")
    if words in YES:
        return True
    if words in NO:
        return False
    raise Misread("not-yes-or-no")


def organic(cell: Cell) -> tuple[bool | None, str]:
    """Whether a product is organic, and the label that says what it is instead: `en conversion` is not organic yet."""
    words = fold(text_of(cell))
    if words in ORGANIC:
        return True, ""
    if "conversion" in words:
        return False, CONVERSION
    return yes_or_no(cell), ""


def labels(cell: Cell) -> tuple[str, ...]:
    """Quality labels in the order given, once each. Raises Misread for one that is too long."""
    found: dict[str, str] = {}
    for part in _LABEL_SPLIT.split(str(cell if isinstance(cell, str) else text_of(cell))):
        words = " ".join(part.split())
        label = BIO if fold(words) in ORGANIC else CONVERSION if "conversion" in fold(words) else words
        if len(label) > LONGEST_LABEL:
            raise Misread("too-long", limit=LONGEST_LABEL)
        if label and fold(label) not in ("aucun", "non", "sans", "none"):
            found.setdefault(fold(label), label)
    return tuple(found.values())


def allergens(cell: Cell) -> tuple[str, ...]:
    """Codes of the allergens a cell names, in the order of the regulation; traces count as present.

    Raises Misread for a word that names none of the fourteen: an allergen must not be lost in silence.
    """
    if isinstance(cell, bool):
        raise Misread("not-an-allergen", word="oui" if cell else "non")
    text = fold(text_of(cell) if not isinstance(cell, str) else cell.replace("\n", ","))
    text = re.sub(r"^(?:contient|contains|presence de|allergenes?)\s*:?\s*", "", text).strip(" .")
    if text in NO_ALLERGEN:
        return ()
    found = {code for word in _allergen_words(text) for code in _codes(word)}
    return tuple(code for code in ALLERGEN_PATTERNS if code in found)


def names_traces(cell: Cell) -> bool:
    """Whether an allergen cell speaks of traces."""
    return isinstance(cell, str) and _TRACES.search(fold(cell)) is not None


def _allergen_words(text: str) -> Iterator[str]:
    for part in _SPLIT.split(text):
        word = part.strip(" .:()*")
        if word:
            yield word


def _codes(word: str) -> list[str]:
    words = NOT_ALLERGENS.sub(" ", word)
    codes = [code for code, pattern in ALLERGEN_PATTERNS.items() if code == words or pattern.search(words)]
    if not codes or words.startswith("sans "):
        raise Misread("not-an-allergen", word=word)
    return codes


def aisle(cell: Cell) -> str:
    """The code of a shelf. A word that names none of ours is left out."""
    code = AISLE_OF.get(fold(text_of(cell)))
    if code is None:
        raise LeftOut("aisle-unknown")
    return code


def zone_and_advice(cell: Cell) -> tuple[str | None, str]:
    """The storage zone that a cell names, and what it says beyond that: a sentence on how to keep the product."""
    text = text_of(cell)
    words = fold(text)
    if words in ZONE_OF:
        return ZONE_OF[words], ""
    return next((zone for zone, hint in ZONE_HINTS if hint.search(words)), None), text


def use_by_days(cell: Cell) -> int:
    """Days a product keeps. A date is left out: it says nothing about next week's batch. Raises Misread."""
    if isinstance(cell, date) or (isinstance(cell, str) and _DATE.fullmatch(cell.strip())):
        raise LeftOut("date-not-kept")
    return days(cell)


def known_rate(rate: Decimal, rates: frozenset[Decimal]) -> Decimal:
    """The rate if it is one in force. Raises Misread with those that are."""
    for known in rates:
        if known == rate:
            return known
    raise Misread("not-a-vat-rate", rates=[f"{known.normalize():f}" for known in sorted(rates)])
