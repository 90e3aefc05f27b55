"""What a packaging holds, in farmers' words: sac 5 kg · 4 x 125 g · pièce (~1,2 kg), prix au kg · boîte de 6."""

import re
from dataclasses import dataclass, replace

from producers.reading.amounts import (
    MEASURE,
    MEASURE_WORD,
    MEASURES,
    NUMBER,
    Measure,
    UnitCode,
    bare_measure,
    decimal,
    measure_of,
)
from producers.reading.problems import Misread
from producers.reading.words import CONTAINERS, COUNTED, ITEMS, fold, squeeze

LARGEST_PACK = 10_000_000
# A portion cut off a cheese when the file gives no weight.
PORTION = 250

_BY_WEIGHT = re.compile(
    r"[,;:(]? ?(?:(?:prix|vendue?s?|facturee?s?|tarif|price) (?:au|du|par|le|/|per) ?(?:kg|kilo)\b|€? ?/ ?(?:kg|kilo)\b"
    r"|(?:vendue?s? )?au poids\b|\bpesee?\b|prix/kg\b|(?<=.) (?:au|per) (?:kg|kilo)\b)\)?"
)
_CUT = re.compile(r"\ba la (?:de)?coupe\b|\bto cut\b|\bcoupe\b")
_APPROXIMATE = re.compile(
    r"(?:~|≈|≃|±|\+/-|\b(?:env|environ|approx|approximativement|moyenne|poids moyen|about)\b\.?)[: ]*(?:de )?"
)
_RANGE = re.compile(
    rf"(?:entre |de |from )?(?P<low>{NUMBER}) ?(?P<unit>{MEASURE_WORD})? ?(?:a|et|-|to|and) ?"
    rf"(?P<high>{NUMBER}) ?(?P<unit2>{MEASURE_WORD})"
)
_TIMES_BEFORE = re.compile(r"(?P<count>\d{1,3}) ?[x*×] ?$")
_TIMES_AFTER = re.compile(r"^ ?[x*×] ?(?P<count>\d{1,3})(?!\d)")
_HOLDERS_BEFORE = re.compile(r"(?P<count>\d{1,3}) (?P<word>[a-z]+)(?: de| of| a)?(?: [a-z']+)? ?(?:de |of |\()?$")
_COUNT = re.compile(
    r"(?:\b(?:de|par|les|des|of|by) |\bx ?)(?P<of>\d{1,3})(?!\d|[.,/]\d)"
    r"|(?<![\d/.,])(?P<first>\d{1,3}) ?"
    r"(?:x|pieces?|pces?|pcs?|unites?|oeufs?|bottes?|tetes?|parts?|tranches?|eggs?|units?)\b"
    r"|\((?P<inside>\d{1,3})\)"
)
_DOZEN = re.compile(r"(?P<half>demi[ -]|1/2 |0,5 )?(?:(?P<count>\d) )?\bdouzaines?\b|\bdozen\b")
_FRACTION_OF_PIECE = re.compile(r"\b\d/\d\b")
_WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True)
class Pack:
    """A packaging as read from its words. `measure` is the weight or volume that a piece is said to have: it is
    information for a fixed price, and what is reserved for a weighed one. `upper` is the top of a range, in grams."""

    label: str
    unit: UnitCode
    content: int
    measure: Measure | None = None
    approximate: bool = False
    upper: int | None = None
    by_weight: bool = False
    cut: bool = False
    guessed: bool = False

    @property
    def is_piece(self) -> bool:
        return self.unit == "piece"


def read_pack(text: str) -> Pack:
    """The pack that a label says. Raises Misread when no content can be made of it."""
    label = squeeze(text)
    words, by_weight = _without(_BY_WEIGHT, fold(label))
    words, cut = _without(_CUT, words)
    if not words and by_weight and not cut:
        whole = bare_measure(fold(label))
        if whole is None:
            raise Misread("missing-weight")
        return Pack(label, whole.unit, whole.amount)
    pack = _read(words)
    # A kilogram priced per kilogram is no piece to weigh.
    weighed = (by_weight or cut) and (pack.is_piece or pack.measure is not None)
    pack = replace(pack, label=label, by_weight=weighed, cut=cut)
    if max(pack.content, pack.measure.amount if pack.measure else 0) > LARGEST_PACK:
        raise Misread("too-much-in-a-pack")
    return pack


def read_content(text: str) -> Measure:
    """An explicit content: 500 g · 6 pièces · 75 cl. Raises Misread."""
    words = fold(text)
    match = re.fullmatch(r"(\d{1,8}) ?(?:pieces?|pces?|unites?)", words)
    if match and 0 < int(match[1]) <= LARGEST_PACK:
        return Measure("piece", int(match[1]))
    measured = MEASURE.fullmatch(words)
    if not measured:
        raise Misread("missing-unit")
    found = measure_of(measured)
    if found.amount > LARGEST_PACK:
        raise Misread("too-much-in-a-pack")
    return found


def is_number(text: str) -> bool:
    """Whether words are a number alone."""
    return re.fullmatch(NUMBER, fold(text)) is not None


def has_measure(text: str) -> bool:
    """Whether words say a weight or volume."""
    return MEASURE.search(fold(text)) is not None


def _without(pattern: re.Pattern[str], words: str) -> tuple[str, bool]:
    left, found = pattern.subn(" ", words)
    return " ".join(left.split()).strip(" ,;:()"), found > 0


def _read(words: str) -> Pack:
    whole = bare_measure(words)
    if whole:
        return Pack("", whole.unit, whole.amount)
    if words in ("vrac", "en vrac", "le vrac"):
        return Pack("", "g", 1000, guessed=True)
    if words in MEASURES:
        raise Misread("missing-unit")
    if not words:
        return Pack("", "piece", 1)
    words, approximate = _without(_APPROXIMATE, words)
    measured = _measured(words)
    said = set(_WORD.findall(words))
    count = _count(words, said, measured is not None)
    if measured is None:
        return _counted(words, said, count)
    total, upper, times = measured
    if "oeufs" in said or "oeuf" in said or "eggs" in said:
        return Pack("", "piece", count or 1, measure=total)
    is_item = bool((said - {"demi", "moitie"}) & ITEMS) and not said & CONTAINERS
    if is_item or upper or (approximate and not said & CONTAINERS):
        return Pack("", "piece", count or 1, measure=total, approximate=approximate or bool(upper), upper=upper)
    if count and count > 1 and times == 1:
        raise Misread("not-a-packaging")  # a box of 4 (125 g): each of them, or all together?
    return Pack("", total.unit, total.amount, measure=total, approximate=approximate)


def _counted(words: str, said: set[str], count: int | None) -> Pack:
    if count == 0:
        raise Misread("not-a-packaging")
    left = re.sub(r"[^0-9]", "", _FRACTION_OF_PIECE.sub("", words))
    if count is None and left:
        raise Misread("missing-unit")
    if not said and count is None and not _FRACTION_OF_PIECE.search(words):
        raise Misread("not-a-packaging")
    known = said & (ITEMS | CONTAINERS | {"douzaine", "douzaines", "dozen", "paire", "oeufs", "oeuf", "eggs", "vrac"})
    return Pack("", "piece", count or 1, guessed=count is None and not known)


def _measured(words: str) -> tuple[Measure, int | None, int] | None:
    """The content said, with multiples counted in, the top of a range, and how many times it counts."""
    span = _RANGE.search(words)
    if span:
        return *_range(span), 1
    match = MEASURE.search(words)
    if not match:
        return None
    if re.match(r" ?\d(?![\dx*× ])", words[match.end() :]) and MEASURE.match(words, match.end()) is None:
        raise Misread("not-a-packaging")  # 1 kg 5: half a kilogram more, or five grams?
    one = measure_of(match)
    times = _multiple(words, match)
    return Measure(one.unit, one.amount * times), None, times


def _range(span: re.Match[str]) -> tuple[Measure, int | None]:
    ends = []
    for number, unit in ((span["low"], span["unit"] or span["unit2"]), (span["high"], span["unit2"])):
        match = MEASURE.fullmatch(f"{number} {unit}")
        if not match:
            raise Misread("not-a-packaging")
        ends.append(measure_of(match))
    low, high = ends
    if low.unit != high.unit or low.amount >= high.amount:
        raise Misread("not-a-packaging")
    return Measure(low.unit, (low.amount + high.amount) // 2), high.amount


def _multiple(words: str, match: re.Match[str]) -> int:
    before, after = words[: match.start()], words[match.end() :]
    times = _TIMES_BEFORE.search(before) or _TIMES_AFTER.match(after)
    if times:
        return int(times["count"]) or 1
    holders = _HOLDERS_BEFORE.search(before)
    return (int(holders["count"]) or 1) if holders else 1


def _count(words: str, said: set[str], measured: bool) -> int | None:
    dozen = _DOZEN.search(words)
    if dozen:
        return 6 if dozen["half"] else 12 * int(dozen["count"] or 1)
    if "paire" in said:
        return 2
    if said & {"botte", "bottes", "bouquet", "tresse", "gerbe", "grappe"} and not re.match(r"(?:lot de )?\d", words):
        return 1
    found = _COUNT.search(MEASURE.sub(" ", words) if measured else words)
    if found:
        return int(found["of"] or found["first"] or found["inside"])
    alone = re.fullmatch(r"[a-z' ]+ (\d{1,2})", words)
    if alone and said & COUNTED and decimal(alone[1]) <= 60:
        return int(alone[1])
    return None
