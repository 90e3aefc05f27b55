"""What may be wrong with a cell, as a code with its figures and, when shown, as a sentence.

Codes are kept with an import and are told in the reader's language, so nothing here is translated early.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from hub import format as say
from hub.refusals import Words

ERRORS: dict[str, Words] = {
    "missing-name": _("The product has no name."),
    "missing-packaging": _("A new product needs a packaging, such as “500 g”, “bunch” or “kg”."),
    "missing-price": _("A new packaging needs a price."),
    "missing-weight": _("A price per kilogram needs the expected weight of a piece, such as “piece (~1.2 kg)”."),
    "missing-unit": _("Is it grams, kilograms or pieces? Write the unit, such as “500 g”."),
    "not-a-number": _("This is not a number. Write, for example, 2.20."),
    "not-a-quantity": _("This is not a quantity. Write, for example, 12, 200 kg, “sold out” or “unlimited”."),
    "not-a-weight": _("This is not a weight. Write, for example, 1.2 kg or 800 g."),
    "not-a-packaging": _("This packaging is not understood. Write, for example, “500 g”, “bunch”, “box of 6” or “kg”."),
    "not-days": _("This is not a number of days. Write, for example, “10 days”."),
    "not-yes-or-no": _("Answer with yes or no."),
    "not-a-vat-rate": _("This is no VAT rate in force. Those known are %(rates)s."),
    "not-an-allergen": _("“%(word)s” is not one of the fourteen allergens. Write “none” if there is none."),
    "several-values": _("Two quantities in one cell. Keep one."),
    "ambiguous-number": _("Does %(value)s mean a thousand or a decimal? Write %(thousand)s or %(decimal)s."),
    "ambiguous-dash": _("Does the dash mean none? Write 0, or leave the cell empty to change nothing."),
    "not-a-stock-answer": _("How many are there? Write a number, or “unlimited”."),
    "a-date": _("The spreadsheet program made a date of this cell. Set the cell to text and type it again."),
    "a-formula": _(
        "This formula has no result in the file. Type the value, or save the file from the spreadsheet program."
    ),
    "unseen-characters": _("This cell holds characters that cannot be seen. Type it again."),
    "too-long": _("At most %(limit)s characters fit here."),
    "negative-price": _("A price cannot be negative."),
    "negative-stock": _("A stock cannot be negative."),
    "negative-weight": _("A weight is more than zero."),
    "price-too-high": _("A price is at most 10,000."),
    "too-many-packs": _("More than 100,000 packs: this looks like a mistake."),
    "too-much-in-a-pack": _("So much does not fit in one pack."),
    "not-whole": _("%(value)s is not a whole number of packs."),
    "wrong-unit": _("The stock is given in %(given)s, but this product is counted in %(counted)s."),
    "other-pack": _("The stock speaks of “%(word)s”, but the packaging is “%(label)s”."),
    "price-for-several": _(
        "This price is for %(count)s, but the packaging is “%(label)s”. Give the price of one packaging."
    ),
    "price-per-other-unit": _("A price per %(per)s does not fit a product counted in %(counted)s."),
    "price-without-vat": _("Give the price including VAT."),
    "maximum-below-expected": _("The greatest weight is below the expected weight of %(expected)s g."),
    "duplicate-reference": _("This reference is already used on row %(row)s."),
    "duplicate-packaging": _("The same product and packaging are already on row %(row)s."),
    "siblings-disagree": _("Row %(row)s gives another value for the same product."),
    "siblings-stock": _("Row %(row)s gives another stock for the same product; its packagings share one."),
    "several-packagings": _("This product has several packagings. Say which one, or give its reference."),
    "unit-changed": _(
        "“%(product)s” is counted in %(counted)s; a packaging counted in %(given)s needs a product of its own."
    ),
    "content-ordered": _(
        "This packaging is already ordered: its content stays. Make a new packaging with a new reference."
    ),
    "name-taken": _(
        "This reference belongs to “%(product)s”, which has other packagings. Give the new name on each of their rows."
    ),
    "name-exists": _("Another product already has this name."),
    "label-exists": _("This product already has a packaging “%(label)s”."),
    "reference-exists": _("Another packaging already has this reference."),
    "below-reserved": _("%(reserved)s are already ordered: the stock cannot be lower."),
}
# Our fields as people know them, for a cell whose column the file does not have.
FIELDS: dict[str, Words] = {
    "reference": _("Reference"),
    "name": _("Product"),
    "variety": _("Variety"),
    "packaging": _("Packaging"),
    "sold_by": _("Packaging"),
    "weight": _("Packaging"),
    "content": _("Content"),
    "expected": _("Expected weight"),
    "maximum": _("Greatest weight"),
    "weighed": _("Weighed"),
    "price": _("Price incl. VAT"),
    "price_per_kg": _("Price per kg"),
    "price_per_l": _("Price per litre"),
    "stock": _("Available"),
    "on_sale": _("On sale"),
    "vat": _("VAT"),
    "aisle": _("Aisle"),
    "organic": _("Organic"),
    "labels": _("Labels"),
    "allergens": _("Allergens"),
    "origin": _("Origin"),
    "zone": _("Storage"),
    "advice": _("Storage advice"),
    "use_by": _("Keeps for (days)"),
    "ingredients": _("Ingredients"),
    "description": _("Description"),
    "deposit": _("Deposit"),
}
UNITS: dict[str, Words] = {"g": _("kilograms"), "ml": _("litres"), "piece": _("pieces")}
CHANGED_SINCE: dict[str, Words] = {
    "changed-since": _("Changed since the import."),
    "ordered-since": _("Ordered or chosen by a household since the import."),
}
REMARKS: dict[str, Words] = {
    "maximum-assumed": _("Greatest weight assumed: %(maximum)s g, a quarter above the expected weight."),
    "portion-assumed": _("Sold in portions of %(portion)s g, as the file gives no weight."),
    "read-as-piece": _("Read as one piece."),
    "read-as-kilogram": _("Read as one kilogram."),
    "price-computed": _("Price computed: %(rate)s per %(per)s for this packaging."),
    "price-rounded": _("Rounded to the cent."),
    "price-of-zero": _("This is free of charge."),
    "range-maximum": _("Greatest weight taken from the range."),
    "aisle-unknown": _("This aisle is not known; it is left as it is."),
    "date-not-kept": _("A date is not kept: give how many days the product keeps."),
    "traces-counted": _("Traces are counted as present."),
    "floored": _("Rounded down to whole packs."),
}
FILE_REMARKS: dict[str, Words] = {
    "columns-not-read": _("Columns not read: %(headers)s."),
    "sheets-not-read": _("Only the page “%(sheet)s” is read; not read: %(others)s."),
    "other-week": _("A heading names week %(named)s; the stock is read for %(week)s."),
    "no-week-column": _("No column is for %(week)s: no stock is read (the file has week %(named)s)."),
    "price-without-vat": _("“%(header)s” is not read: prices are given including VAT."),
    "nothing-known": _(
        "Nothing in this file is in your catalogue yet: every row would become a new product. Is it the file of another farm?"
    ),
}
IGNORED: dict[str, Words] = {
    "blank": _("empty row"),
    "total": _("row of totals"),
    "title": _("title"),
    "header": _("headings again"),
    "no-product": _("no product on this row"),
}


class Misread(Exception):
    """A cell that cannot be understood; the row reader turns it into a CellError."""

    def __init__(self, code: str, **data: Any) -> None:
        super().__init__(code)
        self.code = code
        self.data = data


class LeftOut(Exception):
    """A cell that is understood and deliberately not kept; the row reader tells it and goes on."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class CellError:
    """A cell that keeps its row from being imported: where it is, what it holds and why."""

    row: int
    name: str
    column: str
    value: str
    code: str
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def heading(self) -> str:
        """The column as the file names it, or our name for the one that is missing."""
        return self.column or str(FIELDS[self.name])

    @property
    def reason(self) -> str:
        """Why, in a sentence of the active language."""
        return _say(ERRORS[self.code], self.data)


@dataclass(frozen=True, slots=True)
class Remark:
    """Something worth a look that stops nothing: an assumption made, a value left out."""

    name: str
    code: str
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """The remark in the active language, whether it is about a cell or the whole file."""
        return _say(REMARKS.get(self.code) or FILE_REMARKS[self.code], self.data)


def _say(words: Words, data: dict[str, Any]) -> str:
    return str(words) % {name: _figure(name, value) for name, value in data.items()} if data else str(words)


def _figure(name: str, value: Any) -> Any:
    """A figure as it stands in a sentence: units and weeks by their name, rates with the reader's comma."""
    if name in ("given", "counted"):
        return UNITS.get(value, value)
    if name == "week":
        return f"{say.week_label(value)} ({say.week_days(value)})"
    return ", ".join(f"{say.number(Decimal(rate))} %" for rate in value) if name == "rates" else value
