"""What programs see of a farm's week and of its spreadsheets; public ids in place of row ids."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _
from pydantic import Field

from hub.models import Member
from hub.refusals import Refusal
from hub.wire.shapes import Amount, Answer, Asked, AskedAmount, Code, Instant, Truth, Whole, amount, one_of
from producers import stock
from producers.imports import shown, summary
from producers.models import Import, Packaging, Producer, Unit
from producers.week import Line, Week

MOST_UNITS = 2**62


class StockPackagingOut(Answer):
    """A packaging in the week; `packs` and `reserved` count its packs, the last one begun."""

    id: str
    reference: str
    label: str
    content: int = Field(description="base units in a pack, for a weighed piece the expected weight in grams")
    weighed: bool
    price: Amount = Field(description="of the week, per kg where weighed")
    on_sale: bool
    packs: int | None
    reserved: int


class StockProductOut(Answer):
    """A product with its one stock of the week, in base units, shared by its packagings.

    `published` is false where the week has nothing of it yet; then, and where it is unlimited, `quantity` is null.
    """

    id: str
    name: str
    unit: str = one_of(Unit.values)
    published: bool
    unlimited: bool
    quantity: int | None
    reserved: int
    left: int | None
    packagings: list[StockPackagingOut]


class StockOut(Answer):
    """A farm's week."""

    producer: str
    week: str
    closes_at: Instant | None = Field(description="the first deadline of the week that is not past")
    products: list[StockProductOut]


class RowIn(Asked):
    """What is wanted for one packaging; what is left out stays as it is. One of `packs`, `units`, `unlimited`,
    `sold_out` at most."""

    packaging: Code
    packs: Whole | None = Field(None, ge=0, le=1_000_000)
    units: Whole | None = Field(None, ge=0, le=MOST_UNITS, description="base units")
    unlimited: Truth = False
    sold_out: Truth = Field(False, description="nothing more than what is reserved")
    price: AskedAmount | None = Field(None, description="of the week, incl. VAT; per kg where weighed")
    on_sale: Truth | None = None


class StockIn(Asked):
    """Rows to publish, all or none."""

    rows: list[RowIn] = Field(min_length=1, max_length=5000)


class UnknownPackaging(Refusal):
    """Packagings that are not in this farm's catalogue; `data["packagings"]` are those."""

    code = "unknown-packaging"
    status = 422


class RowTwice(Refusal):
    """A packaging stands on two rows, or a row gives its stock in two ways; `data["packagings"]` are those."""

    code = "row-twice"
    status = 422


class BadPrice(Refusal):
    """A price is between 0 and 10,000; `data["packagings"]` are those where it is not."""

    code = "bad-price"
    status = 422


class ImportErrorOut(Answer):
    """A cell that cannot be read: row of the file, heading, what it holds, why not."""

    row: int
    column: str
    value: str
    reason: str


class LeftOut(Answer):
    """A row that undoing left as it is, with why."""

    row: int
    reason: str


class ImportOut(Answer):
    """A spreadsheet: what it would do (`previewed`), did (`confirmed`) or no longer does (`undone`). Counts are of
    packagings."""

    id: str
    producer: str
    week: str
    file: str
    status: str = one_of(Import.Status.values)
    created: int
    changed: int
    unchanged: int
    ignored: int
    errors: list[ImportErrorOut]
    remarks: list[str]
    left: list[LeftOut] = Field(description="after undoing: rows changed or ordered since")


def stock_out(week: Week) -> StockOut:
    """The week in five statements, however many rows."""
    products: dict[int, list[Line]] = {}
    for line in week.lines:
        products.setdefault(line.packaging.product_id, []).append(line)
    return StockOut(
        producer=week.producer.code, week=week.week, closes_at=week.next_close,
        products=[_product_out(lines) for lines in products.values()],
    )  # fmt: skip


def _product_out(lines: Sequence[Line]) -> StockProductOut:
    product, held = lines[0].packaging.product, lines[0].stock
    return StockProductOut(
        id=product.code, name=product.name, unit=product.unit, published=held is not None,
        unlimited=held is not None and held.quantity is None, quantity=held.quantity if held else None,
        reserved=held.reserved if held else 0, left=held.left if held else None,
        packagings=[_packaging_out(line) for line in lines],
    )  # fmt: skip


def _packaging_out(line: Line) -> StockPackagingOut:
    pack, offer = line.packaging, line.offer
    return StockPackagingOut(
        id=pack.code, reference=pack.reference, label=pack.label, content=pack.content, weighed=pack.weighed,
        price=amount(offer.price if offer else pack.price), on_sale=offer is not None and offer.on_sale,
        packs=line.stock.packs(pack) if line.stock else None, reserved=line.reserved,
    )  # fmt: skip


def publish(*, producer: Producer, week: str, asked: StockIn, by: Member, now: datetime) -> None:
    """`stock.publish` with public ids. Raises its refusals, UnknownPackaging, RowTwice, BadPrice."""
    _check(asked.rows)
    codes = [row.packaging for row in asked.rows]
    known = dict(Packaging.objects.active().filter(producer=producer, code__in=codes).values_list("code", "pk"))
    if unknown := sorted(set(codes) - set(known)):
        raise UnknownPackaging(_("Some packagings are not in this catalogue."), packagings=unknown)
    rows = [_row(row, known[row.packaging]) for row in asked.rows]
    stock.publish(producer=producer, rows=rows, week=week, by=by, now=now)


def _check(rows: Iterable[RowIn]) -> None:
    seen: set[str] = set()
    twice, dear = set(), set()
    for row in rows:
        ways = [row.packs is not None, row.units is not None, row.unlimited, row.sold_out]
        if row.packaging in seen or sum(ways) > 1:
            twice.add(row.packaging)
        if row.price is not None and row.price.number > 10_000:
            dear.add(row.packaging)
        seen.add(row.packaging)
    if twice:
        raise RowTwice(_("A packaging stands on one row, with its stock given in one way."), packagings=sorted(twice))
    if dear:
        raise BadPrice(_("A price is between 0 and 10,000."), packagings=sorted(dear))


def _row(row: RowIn, packaging: int) -> stock.Row:
    return stock.Row(
        packaging_id=packaging, packs=row.packs, units=row.units, unlimited=row.unlimited, sold_out=row.sold_out,
        price=row.price.number if row.price else None, on_sale=row.on_sale,
    )  # fmt: skip


def import_out(imp: Import) -> ImportOut:
    """An import as it stands, in the reader's language."""
    told = summary(imp)
    return ImportOut(
        id=imp.code, producer=imp.producer.code, week=imp.week, file=imp.file_name, status=imp.status,
        errors=[ImportErrorOut(**error) for error in told.pop("errors")], **told, remarks=shown.file_remarks(imp),
        left=[LeftOut(row=row, reason=reason) for row, reason in shown.left_rows(imp)],
    )  # fmt: skip
