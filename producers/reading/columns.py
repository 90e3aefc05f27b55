"""Which row holds the headings and which column holds what, whatever order and words a farmer uses."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hub.spreadsheets import Row, Sheet
from producers.reading.amounts import MEASURES
from producers.reading.problems import Remark
from producers.reading.words import SYNONYMS, heading, squeeze

# Headings stand near the top, below a name and a date at most.
_HEADINGS_WITHIN = 40
_WEEK = re.compile(
    r"(?:\b(?:de|du|pour|en|la|de la|pour la) )*\b(?:(?P<year>20\d\d)[ /]?)?"
    r"(?:semaine|sem|week|s|w) ?(?:n )?(?P<week>\d{1,2})\b"
    r"(?: ?/? ?(?P<year2>20\d\d))?"
)
_DATE = re.compile(r"\b(?:du |au |le )?\d{1,2}[/ ]\d{1,2}(?:[/ ]\d{2,4})?\b")
_IN_BRACKETS = re.compile(r"[(\[][^)\]]*[)\]]")
_UNIT = re.compile(r"(?:\b(?:en|au|par)\b )?\b(kg|g|l|cl|ml|pieces?|grammes?|kilos?|litres?)$")
_NOISE = re.compile(
    r"\b(?:en|euros?|eur|obligatoire|facultatif|optionnel|oui/non|oui non|estimee?s?|actuel|restant|\d{4})\b|€"
)
_WITH_UNIT = frozenset(["stock", "weight", "expected", "maximum"])
_NAMES = frozenset(["reference", "name", "variety"])


@dataclass(frozen=True, slots=True)
class Heading:
    """A recognised heading: the field it means, the unit and the week it names."""

    field: str
    rank: int
    unit: str = ""
    week: int | None = None
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a page. `fields` gives the column of each field, `headers` the heading as people wrote it."""

    sheet: Sheet
    row: Row
    fields: dict[str, int]
    headers: dict[str, str]
    units: dict[str, str]
    remarks: tuple[Remark, ...]

    @property
    def read_as(self) -> list[tuple[str, str]]:
        """Each heading of the file with the field it was taken for, in the order of the file."""
        return [(self.headers[field], field) for field, _ in sorted(self.fields.items(), key=lambda item: item[1])]


def understand(text: str) -> Heading | None:
    """The field that a heading means, or None."""
    words = heading(text)
    for candidate, unit in _candidates(text, words):
        if candidate in SYNONYMS:
            field, rank = SYNONYMS[candidate]
            return Heading(field, rank, unit=unit if field in _WITH_UNIT else "")
    return _of_week(words)


def find(sheets: Iterable[Sheet], week: str) -> Layout | None:
    """The layout of the first page that has usable headings: a product or reference, and something about it."""
    sheets = tuple(sheets)
    for sheet in sheets:
        found = max(_candidates_of(sheet), key=lambda pair: len({h.field for h in pair[1].values()}), default=None)
        if found:
            others = [other.name for other in sheets if other is not sheet]
            return _layout(sheet, *found, week=week, others=others)
    return None


def _candidates(text: str, words: str) -> Iterator[tuple[str, str]]:
    """A heading with less and less of what people add to it, and the unit it names."""
    yield words, ""
    yield heading(_IN_BRACKETS.sub(" ", text)), _unit_in_brackets(text)
    plain = " ".join(_NOISE.sub(" ", words).split())
    yield plain, ""
    unit = _UNIT.search(plain)
    if unit:
        yield plain[: unit.start()].strip(), _base_word(unit[1])
    bracketed = heading(_IN_BRACKETS.sub(" ", text))
    yield " ".join(_NOISE.sub(" ", bracketed).split()), _unit_in_brackets(text)


def _unit_in_brackets(text: str) -> str:
    inside = _IN_BRACKETS.search(text)
    unit = _UNIT.search(heading(inside[0])) if inside else None
    return _base_word(unit[1]) if unit else ""


def _base_word(word: str) -> str:
    return word if word in MEASURES else "piece"


def _of_week(words: str) -> Heading | None:
    """Dispo semaine 48 · S48 · stock 2026 W48 · dispo 26/11."""
    found = _WEEK.search(words)
    left = (words[: found.start()] + words[found.end() :]).strip() if found else _DATE.sub("", words).strip()
    if not found and left == words:
        return None
    meant = Heading("stock", 0) if found and not left else understand(left) if left else None
    if meant is None or meant.field != "stock":
        return meant
    year = (found["year"] or found["year2"]) if found else None
    return Heading(
        "stock",
        meant.rank,
        unit=meant.unit,
        week=int(found["week"]) if found else None,
        year=int(year) if year else None,
    )


def _candidates_of(sheet: Sheet) -> Iterator[tuple[Row, dict[int, Heading]]]:
    for row in sheet.rows[:_HEADINGS_WITHIN]:
        found = {index: understand(str(cell)) for index, cell in enumerate(row.cells) if cell is not None}
        known = {index: meant for index, meant in found.items() if meant}
        fields = {meant.field for meant in known.values()}
        if fields & {"reference", "name"} and fields - _NAMES - {"price_net"}:
            yield row, known


def _layout(sheet: Sheet, row: Row, known: dict[int, Heading], *, week: str, others: list[str]) -> Layout:
    chosen: dict[str, int] = {}
    for index, meant in sorted(known.items(), key=lambda item: (item[1].rank, item[0])):
        if meant.field != "stock":
            chosen.setdefault(meant.field, index)
    remarks = list(_choose_stock(known, chosen, week))
    texts = {
        index: squeeze(str(cell)) for index, cell in enumerate(row.cells) if cell is not None and str(cell).strip()
    }
    net = chosen.pop("price_net", None)
    if net is not None and not {"price", "price_per_kg", "price_per_l"} & set(chosen):
        remarks.append(Remark("", "price-without-vat", {"header": texts[net]}))
    unread = [text for index, text in texts.items() if index not in chosen.values()]
    if unread:
        remarks.append(Remark("", "columns-not-read", {"headers": ", ".join(unread)}))
    if others:
        remarks.append(Remark("", "sheets-not-read", {"sheet": sheet.name, "others": ", ".join(others)}))
    units = {field: known[index].unit for field, index in chosen.items() if known[index].unit}
    return Layout(sheet, row, chosen, {field: texts[i] for field, i in chosen.items()}, units, tuple(remarks))


def _choose_stock(known: dict[int, Heading], chosen: dict[str, int], week: str) -> Iterator[Remark]:
    """Take the stock of the week asked for. One column that names another week is taken, with a word about it;
    of several weeks none is taken for another."""
    stocks = {index: meant for index, meant in known.items() if meant.field == "stock"}
    of_week = [index for index, meant in stocks.items() if meant.week is not None and _names(meant, week)]
    plain = sorted((meant.rank, index) for index, meant in stocks.items() if meant.week is None)
    named = {index: meant for index, meant in stocks.items() if meant.week is not None}
    if of_week:
        chosen["stock"] = of_week[0]
    elif plain:
        chosen["stock"] = plain[0][1]
    elif len(named) == 1:
        ((index, meant),) = named.items()
        chosen["stock"] = index
        yield Remark("stock", "other-week", {"named": meant.week, "week": week})
    elif named:
        weeks = ", ".join(str(meant.week) for meant in named.values())
        yield Remark("stock", "no-week-column", {"week": week, "named": weeks})


def _names(meant: Heading, week: str) -> bool:
    year, number = week.split("-W")
    return meant.week == int(number) and (meant.year is None or meant.year == int(year))
