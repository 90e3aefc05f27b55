"""Numbers, weights, prices and stocks as people write them: 1.234,50 · 3€50 · 2 €/kg · 1 kg 500 · rupture."""

import re
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Literal

from hub.spreadsheets import Cell, Formula
from producers.reading.problems import Misread
from producers.reading.words import CONTAINERS, DASHES, ITEMS, NOTHING, SOLD_OUT, UNLIMITED, fold, squeeze

UnitCode = Literal["g", "ml", "piece"]

# A number in any notation: 1 234,50 · 1.234,50 · 1,234.50 · 1.234.567 · 12,5 · ,5 · 1e9.
NUMBER = (
    r"[-+]?(?:\d{1,3}(?:[ ']\d{3})+(?:[.,]\d+)?(?!\d)"
    r"|\d{1,3}(?:\.\d{3})+,\d+|\d{1,3}(?:,\d{3})+\.\d+|\d{1,3}(?:\.\d{3}){2,}(?!\d)"
    r"|\d{1,3}(?:,\d{3}){2,}(?!\d)|\d+(?:[.,]\d+)?(?:e[-+]?\d{1,3})?|[.,]\d+)"
)
_NUMBER = re.compile(NUMBER)
# Three figures behind a single sign: thousands to some, decimals to others.
_AMBIGUOUS = re.compile(r"[-+]?[1-9]\d{0,2}[.,]\d{3}")

# Measures in base units: (unit, how many base units one holds).
MEASURES: dict[str, tuple[UnitCode, int]] = {
    **dict.fromkeys(("kg", "kgs", "kilo", "kilos", "kilogramme", "kilogrammes", "kilogram", "kilograms"), ("g", 1000)),
    **dict.fromkeys(("g", "gr", "grs", "gramme", "grammes", "gms", "gram", "grams"), ("g", 1)),
    **dict.fromkeys(("t", "tonne", "tonnes"), ("g", 1_000_000)),
    **dict.fromkeys(("livre", "livres"), ("g", 500)),
    **dict.fromkeys(("l", "lt", "ltr", "litre", "litres", "liter", "liters"), ("ml", 1000)),
    **dict.fromkeys(("cl", "centilitre", "centilitres"), ("ml", 10)),
    **dict.fromkeys(("dl", "decilitre", "decilitres"), ("ml", 100)),
    **dict.fromkeys(("ml", "millilitre", "millilitres"), ("ml", 1)),
    **dict.fromkeys(("hl", "hectolitre", "hectolitres"), ("ml", 100_000)),
}
MEASURE_WORD = r"(?:" + "|".join(sorted(MEASURES, key=len, reverse=True)) + r")(?![a-z])\.?"
_AMOUNT = (
    rf"(?:(?P<half>demi[ -]|un demi[ -]|une demi[ -])|(?P<top>\d)/(?P<bottom>\d) ?(?:de )?|(?P<number>{NUMBER}) ?)"
)
MEASURE = re.compile(
    rf"{_AMOUNT}(?P<unit>{MEASURE_WORD})(?: ?(?P<more>\d{{3}})(?!\d)(?: ?gr?\b)?| ?(?P<grams>\d{{1,3}}) ?gr?\b)?"
)
_BARE_MEASURE = re.compile(rf"(?:(?:le|la|l'|au|par|du|un|une|en|vendu au|prix au) ?)*(?P<unit>{MEASURE_WORD})")

_CURRENCY = r"(?:€|eur(?:os?)?\b|e(?![a-z]))"
_CENTS_AFTER_SIGN = re.compile(r"(\d+) ?(?:€|eur(?:os?)?|e) ?(\d{2})(?!\d)")
_PRICE = re.compile(
    rf"{_CURRENCY}? ?(?P<number>{NUMBER}) ?{_CURRENCY}? ?(?P<vat>\(?(?:ttc|ht)\)?)? ?(?P<per>.*)", re.DOTALL
)
_PER = re.compile(
    r"(?:/|par\b|per\b|les\b|le\b|la\b|l'|aux\b|au\b|du\b|pour\b|a la\b|a l'|a\b) ?"
    r"(?P<count>\d{1,4})? ?(?P<word>[a-z]+)?(?P<rest>.*)"
    r"|(?P<bare>[a-z]+)"
)
_STOCK = re.compile(rf"(?:env(?:iron)?\.? |~ ?|≈ ?|\+/- ?|± ?)?(?P<number>{NUMBER}) ?(?P<word>.*)")
_PACKS_OF = re.compile(
    rf"(?P<packs>{NUMBER})(?: ?x ?| ?(?P<word>[a-z]{{2,}}) )(?:de |of )?"
    rf"(?:(?P<pieces>\d{{1,3}})|(?P<each>{NUMBER} ?{MEASURE_WORD}))"
)
_DAYS = re.compile(
    r"(?:dlc|ddm|dluo)? ?(?:j ?\+ ?)?(?P<number>\d{1,5}(?:[.,]0+)?)(?: ?(?:-|a) ?\d{1,5})? ?"
    r"(?P<unit>jours?|j|jrs?|days?|d|semaines?|sem|weeks?|mois|months?|m|ans?|annees?|years?|a)?"
    r"(?: (?:max|maxi|maximum|min))?"
)
_DAYS_IN = {"s": 7, "w": 7, "m": 30, "a": 365, "y": 365}
LONGEST_LIFE = 32_767
_LONGEST_FIGURES = 100


@dataclass(frozen=True, slots=True)
class Measure:
    """A content in base units; `count` pieces of it where a pack holds several."""

    unit: UnitCode
    amount: int


@dataclass(frozen=True, slots=True)
class Price:
    """A price as written. `per` is "" for one packaging, else "g" or "ml" for a kilogram or litre; `pack_word` and
    `count` keep what the cell says it is for: 3 € la botte, 12 € les 6."""

    amount: Decimal
    per: Literal["", "g", "ml"] = ""
    pack_word: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True)
class StockCell:
    """A stock as written: unlimited, sold out (what is reserved stays), a number of packs
    (`unit` empty), or an amount of base units."""

    amount: Decimal = Decimal(0)
    unit: UnitCode | Literal[""] = ""
    word: str = ""
    unlimited: bool = False
    sold_out: bool = False


def text_of(cell: Cell) -> str:
    """A cell as words on one line. A date where words are wanted is the spreadsheet program's doing: Misread."""
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return format(cell.normalize(), "f") if cell == cell.to_integral() else format(cell, "f")
    if isinstance(cell, bool):
        return "oui" if cell else "non"
    if isinstance(cell, date):
        raise Misread("a-date")
    return squeeze(str(cell))


def is_blank(cell: Cell) -> bool:
    """Whether a cell holds nothing."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def is_dash(cell: Cell) -> bool:
    """Whether a cell holds nothing, or one of the signs people put where they have nothing to say."""
    return is_blank(cell) or (isinstance(cell, str) and fold(cell) in DASHES)


def is_nothing(cell: Cell) -> bool:
    """Whether a cell says nothing: empty, a dash, or words for it; a name or a packaging may be such words."""
    return is_blank(cell) or (isinstance(cell, str) and fold(cell) in NOTHING)


def figures(cell: Cell) -> str | Decimal:
    """A cell where figures are wanted: its number, or its words folded for reading."""
    if isinstance(cell, Formula):
        raise Misread("a-formula")
    if isinstance(cell, bool):
        raise Misread("not-a-number")
    if isinstance(cell, date):
        raise Misread("a-date")
    if isinstance(cell, str) and len(cell) > _LONGEST_FIGURES:
        raise Misread("not-a-number")
    return cell if isinstance(cell, Decimal) else fold(cell or "")


def decimal(text: str, *, strict: bool = True) -> Decimal:
    """The number that `text` (folded) is. With `strict`, 1.234 is refused as thousands or decimals; else decimals.

    Raises Misread where it is none.
    """
    if not _NUMBER.fullmatch(text):
        raise Misread("not-a-number")
    if strict and _AMBIGUOUS.fullmatch(text):
        whole, part = re.split(r"[.,]", text)
        raise Misread(
            "ambiguous-number", value=text, thousand=whole + part, decimal=f"{whole},{part.rstrip('0') or '0'}"
        )
    plain = text.replace(" ", "").replace("'", "")
    last = max(plain.rfind("."), plain.rfind(","))
    if last >= 0 and plain.count(plain[last]) == 1:
        plain = re.sub(r"[.,]", "", plain[:last]) + "." + plain[last + 1 :]
    else:
        plain = re.sub(r"[.,]", "", plain)
    try:
        return Decimal(plain)
    except InvalidOperation as trouble:
        raise Misread("not-a-number") from trouble


def measure_of(match: re.Match[str]) -> Measure:
    """The content that a match of MEASURE says, in base units. Raises Misread for parts of a gram and for nothing."""
    unit, size = MEASURES[match["unit"].rstrip(".")]
    if match["half"]:
        amount = Decimal(size) / 2
    elif match["top"]:
        amount = Decimal(size) * int(match["top"]) / (int(match["bottom"]) or 1)
    else:
        amount = decimal(match["number"], strict=False) * size
    if amount != amount.to_integral() and _AMBIGUOUS.fullmatch(match["number"] or ""):
        amount *= 1000  # 1.500 g is no gram and a half
    amount += int(match["more"] or match["grams"] or 0) if size == 1000 else 0
    if amount <= 0:
        raise Misread("negative-weight")
    if amount != amount.to_integral():
        raise Misread("not-a-weight")
    return Measure(unit, int(amount))


def weight(cell: Cell, hint: str = "") -> int:
    """A weight in grams. A number without unit takes the unit of its heading (`hint`), else what it can only mean:
    up to 20 kilograms, from 50 grams. Raises Misread."""
    found = figures(cell)
    if isinstance(found, str):
        stripped = re.sub(r"^(?:~|≈|±|\+/-|env(?:iron)?\.?|max\.?|maxi\.?|moyenne) ?", "", found)
        match = MEASURE.fullmatch(stripped)
        if match:
            measured = measure_of(match)
            if measured.unit != "g":
                raise Misread("not-a-weight")
            return measured.amount
        if not _NUMBER.fullmatch(stripped):
            raise Misread("not-a-weight")
        found = decimal(stripped, strict=False)
    if found <= 0:
        raise Misread("negative-weight")
    if not hint and 20 < found < 50:
        raise Misread("missing-unit")
    grams = found * (MEASURES[hint][1] if hint else 1000 if found <= 20 else 1)
    if grams != grams.to_integral() or grams > 10_000_000:
        raise Misread("not-a-weight")
    return int(grams)


def price(cell: Cell) -> Price:
    """A price including VAT, as written. Raises Misread for words, negatives, dates, and prices without VAT."""
    found = figures(cell)
    if isinstance(found, Decimal):
        return Price(_positive(found, "negative-price"))
    match = _PRICE.fullmatch(_CENTS_AFTER_SIGN.sub(r"\1,\2 €", found))
    if not match:
        raise Misread("not-a-number")
    if "ht" in (match["vat"] or ""):
        raise Misread("price-without-vat")
    amount = _positive(decimal(match["number"]), "negative-price")
    return _price_per(amount, match["per"].strip(" ()."))


def rate(cell: Cell, unit: Literal["g", "ml"]) -> Price:
    """A price per kilogram or litre, from a column that says so in its heading. Raises Misread."""
    found = price(cell)
    return found if found.per else replace(found, per=unit, pack_word="", count=1)


def _price_per(amount: Decimal, words: str) -> Price:
    if not words or words == "ttc":
        return Price(amount)
    if words in ("ht", "hors taxe", "hors taxes"):
        raise Misread("price-without-vat")
    match = _PER.fullmatch(words)
    if not match:
        raise Misread("not-a-number")
    word, count = match["word"] or match["bare"] or "", int(match["count"] or 1)
    if match["rest"] and not re.fullmatch(r"[ a-z'(),.]*", match["rest"]):
        raise Misread("not-a-number")
    if word in MEASURES:
        unit, size = MEASURES[word]
        if count < 1:
            raise Misread("not-a-number")
        return Price(amount * 1000 / (size * count), per="ml" if unit == "ml" else "g")
    if word and word not in CONTAINERS and word not in ITEMS and not match["count"] and not match["word"]:
        raise Misread("not-a-number")
    return Price(amount, pack_word=word, count=count)


def stock(cell: Cell, hint: str = "") -> StockCell:
    """A stock: packs, base units (`200 kg`, or a heading that names the unit), none, or unlimited. Raises Misread."""
    found = figures(cell)
    if isinstance(found, Decimal):
        return _amount(_positive(found, "negative-stock"), hint)
    if found in UNLIMITED:
        return StockCell(unlimited=True)
    if found in SOLD_OUT:
        return StockCell(sold_out=True)
    if found in NOTHING:
        raise Misread("ambiguous-dash")
    if found in ("oui", "ok", "x", "dispo", "disponible", "en stock", "yes", "o", "plein", "beaucoup"):
        raise Misread("not-a-stock-answer")
    match = _STOCK.fullmatch(found)
    if not match:
        raise Misread("not-a-quantity")
    amount = _positive(decimal(match["number"]), "negative-stock")
    return _several(found) or _amount_with_word(amount, match["word"].strip(" ().,"), hint)


def _several(text: str) -> StockCell | None:
    """Stocks said in two figures: 1 kg 500 · 40 sacs de 5 kg · 10 x 500 g · 30 boîtes de 6."""
    whole = MEASURE.fullmatch(text)
    if whole and (whole["more"] or whole["grams"]):
        measured = measure_of(whole)
        return StockCell(Decimal(measured.amount), unit=measured.unit)
    match = _PACKS_OF.fullmatch(text)
    if not match:
        return None
    if match["word"] and match["word"] not in CONTAINERS | ITEMS:
        raise Misread("several-values")
    packs = decimal(match["packs"])
    if match["pieces"]:
        return StockCell(packs * int(match["pieces"]), unit="piece")
    each = MEASURE.fullmatch(match["each"])
    if not each:
        raise Misread("not-a-quantity")
    measured = measure_of(each)
    return StockCell(packs * measured.amount, unit=measured.unit)


def _amount_with_word(amount: Decimal, words: str, hint: str) -> StockCell:
    if not words:
        return _amount(amount, hint)
    if _NUMBER.search(words):
        raise Misread("several-values")
    word = words.split()[0].rstrip(".")
    if words in MEASURES or word in MEASURES:
        return _amount(amount, word)
    if word in ("piece", "pieces", "pce", "pces", "pc", "pcs", "oeuf", "oeufs", "eggs", "egg"):
        return StockCell(amount, unit="piece", word=word)
    if not re.fullmatch(r"[a-z' ().-]+", words):
        raise Misread("not-a-quantity")
    return StockCell(amount, word=word)


def _amount(amount: Decimal, hint: str) -> StockCell:
    if not hint:
        return StockCell(amount)
    if hint in ("piece", "pieces"):
        return StockCell(amount, unit="piece")
    unit, size = MEASURES[hint]
    return StockCell(amount * size, unit=unit)


def _positive(amount: Decimal, code: str) -> Decimal:
    if amount < 0:
        raise Misread(code)
    return amount


def vat_rate(cell: Cell) -> Decimal:
    """A VAT rate in per cent: 5,5 · 5.5 % · 0.055 (a cell formatted as per cent). Raises Misread."""
    found = figures(cell)
    if isinstance(found, str):
        if re.search(r"293 ?b|exonere|non assujetti|franchise|sans tva", found):
            return Decimal(0)
        found = decimal(re.sub(r"tva|vat|taux|%|:", "", found).strip(), strict=False)
    return found * 100 if 0 < found < 1 else found


def days(cell: Cell) -> int:
    """How long something keeps, in days: 10 jours · J+10 · 3 semaines · 6 mois; the shorter of two. Raises Misread."""
    found = figures(cell)
    if isinstance(found, Decimal):
        found = format(found.normalize(), "f")
    match = _DAYS.fullmatch(found)
    if not match:
        raise Misread("not-days")
    kept = int(decimal(match["number"])) * _DAYS_IN.get((match["unit"] or "j")[0], 1)
    if not 0 < kept <= LONGEST_LIFE:
        raise Misread("not-days")
    return kept


def bare_measure(text: str) -> Measure | None:
    """One kilogram or one litre where `text` (folded) is the word alone: kg · le kilo · au litre."""
    match = _BARE_MEASURE.fullmatch(text)
    if not match:
        return None
    unit, size = MEASURES[match["unit"].rstrip(".")]
    return Measure(unit, size) if size >= 100 else None
