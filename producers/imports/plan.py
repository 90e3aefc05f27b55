"""From rows to what they would do: each is matched with what the catalogue has, judged with its siblings, and compared.

Nothing here writes. The same plan is made twice: for the preview, and under locks when the import is confirmed.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from producers.imports.lines import CELL_OF, Line, changed_facts, changed_packaging, price_now, wanted_facts
from producers.imports.shelf import Names, Shelf
from producers.models import Packaging
from producers.reading.amounts import UnitCode
from producers.reading.results import CatalogueRow
from producers.reading.terms import Contents, Known, Stocked, Terms, Unfit, settle, units_of
from producers.reading.words import fold, squeeze


@dataclass(frozen=True)
class Plan:
    """What a spreadsheet would do to a shelf."""

    shelf: Shelf
    lines: tuple[Line, ...]

    def of_kind(self, kind: str) -> list[Line]:
        """The rows that would do this: created, changed, unchanged, ignored or error."""
        return [line for line in self.lines if line.kind == kind]

    @property
    def to_write(self) -> list[Line]:
        return [line for line in self.lines if line.kind in ("created", "changed")]

    @property
    def is_strange(self) -> bool:
        """Whether a shelf that holds something has nothing of what the rows speak of: another farm's file looks so."""
        return bool(self.to_write and self.shelf.packagings) and not any(line.product for line in self.lines)


def make_plan(rows: Iterable[CatalogueRow], shelf: Shelf) -> Plan:
    """What `rows` would do to `shelf`, row by row."""
    lines = [_matched(row, shelf) for row in rows]
    _refuse_twice(lines)
    _settle(lines, shelf)
    groups = _groups(lines)
    for group in groups.values():
        _rename(group, shelf)
        _agree_on_facts(group)
        _agree_on_stock(group)
    _refuse_taken_words(lines, shelf)
    for group in groups.values():
        _compare(group)
    return Plan(shelf, tuple(lines))


def _matched(row: CatalogueRow, shelf: Shelf) -> Line:
    """The row with the packaging it speaks of: by reference, else by product name and packaging."""
    line = Line(row, errors=list(row.errors), remarks=list(row.remarks))
    line.packaging = shelf.references.get(row.reference)
    line.by_reference = line.packaging is not None
    if line.packaging is None and row.name:
        line.product = shelf.products.get(row.name)
        if line.product is not None:
            line.packaging = _by_label(line, shelf.labels[line.product.pk], shelf.packagings[line.product.pk])
    if line.packaging is not None:
        line.product = line.packaging.product
        line.offer = shelf.offers.get(line.packaging.pk)
    elif not row.name and row.reference:
        line.refuse("name", "missing-name")
    line.stock = shelf.stocks.get(line.product.pk) if line.product else None
    line.group = f"product {line.product.pk}" if line.product else f"new {fold(row.name or '')}"
    return line


def _by_label(line: Line, labels: Names[Packaging], packagings: Sequence[Packaging]) -> Packaging | None:
    if line.row.label:
        return labels.get(line.row.label)
    if len(packagings) > 1:
        line.refuse("packaging", "several-packagings")
    return packagings[0] if len(packagings) == 1 else None


def _refuse_twice(lines: Sequence[Line]) -> None:
    """Two rows for one packaging, one by its reference and one by its name: the second is refused."""
    first: dict[int, Line] = {}
    for line in lines:
        if line.packaging is not None:
            earlier = first.setdefault(line.packaging.pk, line)
            if earlier is not line and not _says_duplicate(line):
                line.refuse("packaging", "duplicate-packaging", row=earlier.row.number)


def _says_duplicate(line: Line) -> bool:
    return any(error.code.startswith("duplicate-") for error in line.errors)


def _settle(lines: Sequence[Line], shelf: Shelf) -> None:
    """Contents, price and stock of each row, in the unit of its product."""
    for group in _groups(lines).values():
        unit = _unit(group)
        for line in group:
            if any(error.name in ("packaging", "name") for error in line.errors):
                continue
            try:
                line.terms = settle(line.row, _known(line.packaging), unit)
            except Unfit as unfit:
                line.errors += unfit.errors
                continue
            line.remarks += line.terms.remarks
            _refuse_incomplete(line, line.terms, shelf)


def _refuse_incomplete(line: Line, terms: Terms, shelf: Shelf) -> None:
    if line.packaging is None:
        if terms.price is None and not any(error.name.startswith("price") for error in line.errors):
            line.refuse("price", "missing-price")
    elif line.packaging.product_id in shelf.ordered:
        had, has = line.packaging, terms.contents
        if (had.content, had.weighed) != (has.content, has.weighed):
            line.refuse("packaging", "content-ordered")


def _known(packaging: Packaging | None) -> Known | None:
    if packaging is None:
        return None
    contents = Contents(
        unit=cast(UnitCode, packaging.product.unit),
        content=packaging.content,
        weighed=packaging.weighed,
        maximum=packaging.max_content,
        assumed=packaging.max_assumed,
    )
    return Known(packaging.label, contents)


def _unit(group: Sequence[Line]) -> UnitCode | None:
    """The base unit of a product: its own, or for a new one a unit that all its rows can be counted by."""
    if group[0].product is not None:
        return cast(UnitCode, group[0].product.unit)
    possible = [units for line in group if (units := list(units_of(line.row)))]
    if not possible:
        return None
    shared = [unit for units in possible for unit in units if all(unit in others for others in possible)]
    return shared[0] if shared else possible[0][0]


def _groups(lines: Iterable[Line]) -> dict[str, list[Line]]:
    groups: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        groups[line.group].append(line)
    return groups


def _rename(group: Sequence[Line], shelf: Shelf) -> None:
    """A new name counts when every packaging of the product comes with it: one alone may be a reference mistyped."""
    product = group[0].product
    named = [line for line in group if line.row.name and line.by_reference and not line.errors]
    if product is None or not named:
        return
    moved = [line for line in named if line.row.name != squeeze(product.name)]
    complete = {line.packaging.pk for line in named if line.packaging} >= {p.pk for p in shelf.packagings[product.pk]}
    together = complete and len(moved) == len(named) and len({line.row.name for line in moved}) == 1
    for line in moved:
        if together and shelf.products.get(line.row.name) in (None, product):
            line.facts["name"] = line.row.name
        elif fold(line.row.name or "") != fold(product.name):
            line.refuse("name", "name-exists" if together else "name-taken", product=product.name)


def _agree_on_facts(group: Sequence[Line]) -> None:
    """Rows of one product must say the same of it; what only one says holds for all."""
    said: dict[str, tuple[int, Any]] = {}
    for line in group:
        if line.errors:
            continue
        found = wanted_facts(line.row, line.product)
        for name, value in found.items():
            row, first = said.setdefault(name, (line.row.number, value))
            if first != value:
                line.refuse(_cell_of(name, line.row), "siblings-disagree", row=row)
        if not line.errors:
            line.facts |= found


def _cell_of(name: str, row: CatalogueRow) -> str:
    cell = CELL_OF.get(name, name)
    return "organic" if cell == "labels" and "labels" not in row.cells else cell


def _agree_on_stock(group: Sequence[Line]) -> None:
    """Packagings of one product share one stock: one may give it, several must agree, none below what is reserved."""
    first: tuple[int, Stocked] | None = None
    stock = group[0].stock
    for line in group:
        if line.errors or line.terms is None or line.terms.stock is None:
            continue
        wanted = line.terms.stock
        if first is not None and first[1] != wanted:
            line.refuse("stock", "siblings-stock", row=first[0])
        elif stock and not wanted.sold_out and wanted.quantity is not None and wanted.quantity < stock.reserved:
            packs = -(-stock.reserved // line.terms.contents.content)
            line.refuse("stock", "below-reserved", reserved=packs)
        else:
            first = first or (line.row.number, wanted)
    if first is not None:
        quantity = stock.reserved if stock and first[1].sold_out else first[1].quantity
        for line in group:
            line.quantity = quantity
    _offer(group, stocked=first is not None)


def _offer(group: Sequence[Line], *, stocked: bool) -> None:
    """Which packagings are on sale afterwards. Without a stock nothing is: unlimited is said in words."""
    has_stock = stocked or group[0].stock is not None
    for line in group:
        if line.errors:
            continue
        if line.row.on_sale and not has_stock:
            line.refuse("on_sale", "not-a-stock-answer")
        elif line.row.on_sale is not None:
            line.offered = line.row.on_sale
        elif line.offer is None and (stocked or (line.packaging is None and has_stock)):
            line.offered = True


def _refuse_taken_words(lines: Sequence[Line], shelf: Shelf) -> None:
    """References, labels and new names that something else has: the database holds each once."""
    references: dict[str, object] = {}
    labels: dict[tuple[str, str], object] = {}
    for packagings in shelf.packagings.values():
        for pack in packagings:
            references[pack.reference] = labels[f"product {pack.product_id}", pack.label] = pack.pk
    renamed = {fold(line.facts["name"]): line.group for line in lines if "name" in line.facts}
    for line in lines:
        me = line.packaging.pk if line.packaging else line
        if line.errors:
            continue
        if renamed.get(fold(line.facts.get("name") or line.row.name or ""), line.group) != line.group:
            line.refuse("name", "name-exists")
        if line.row.reference and _claims(line, "reference") and references.setdefault(line.row.reference, me) != me:
            line.refuse("reference", "reference-exists")
        if line.row.label and _claims(line, "label") and labels.setdefault((line.group, line.row.label), me) != me:
            line.refuse("packaging", "label-exists", label=line.row.label)
    _refuse_alike(lines)


def _refuse_alike(lines: Sequence[Line]) -> None:
    """New packagings that differ by capitals and accents alone are one, written twice."""
    first: dict[tuple[str, str], int] = {}
    for line in lines:
        if line.packaging is None and not line.errors:
            for name, words in (("reference", line.row.reference), ("packaging", line.row.label)):
                key = ("" if name == "reference" else line.group, fold(words or ""))
                if words and first.setdefault(key, line.row.number) != line.row.number and not line.errors:
                    line.refuse(name, f"duplicate-{name}", row=first[key])


def _claims(line: Line, name: str) -> bool:
    """Whether the row would give its packaging a new reference or label."""
    return line.packaging is None or name in changed_packaging(line)


def _compare(group: Sequence[Line]) -> None:
    """What each sound row changes, with old and new values. A fact that one row gives is a change of that row."""
    for line in group:
        if line.terms is not None and not line.errors:
            line.changes = dict(_changes(line, line.terms))


def _changes(line: Line, terms: Terms) -> Iterator[tuple[str, tuple[Any, Any]]]:
    yield from changed_packaging(line).items()
    yield from changed_facts(line).items()
    price = price_now(line)
    if terms.price is not None and terms.price != price:
        yield "price", (price, terms.price)
    if line.says_stock and (line.stock is None or line.stock.quantity != line.quantity):
        yield "stock", (_shown_stock(line), _unlimited(line.quantity))
    on_sale = line.offer.on_sale if line.offer else False
    if line.offered is not None and line.offered != on_sale:
        yield "on_sale", (on_sale, line.offered)


def _shown_stock(line: Line) -> int | str | None:
    return _unlimited(line.stock.quantity) if line.stock else None


def _unlimited(quantity: int | None) -> int | str:
    return "unlimited" if quantity is None else quantity
