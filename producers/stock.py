"""What a farm puts on sale for a week: quantities, prices, on or off sale."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from hub import activity
from hub.calendar import local_date, week_days
from hub.models import Member
from hub.money import money
from hub.refusals import Refusal
from producers.models import Offer, Packaging, Producer, Stock

MOST_PACKS = 100_000


@dataclass(frozen=True, slots=True)
class Row:
    """What is wanted for one packaging in a week. None leaves a thing as it is.

    `packs` counts packs of this packaging, `units` base units; the stock is shared by all packagings of the product.
    `sold_out` sets it to what is already reserved, `unlimited` takes its limit away. `price` is the week's, incl. VAT.
    """

    packaging_id: int
    packs: int | None = None
    units: int | None = None
    unlimited: bool = False
    sold_out: bool = False
    price: Decimal | None = None
    on_sale: bool | None = None

    @property
    def says_stock(self) -> bool:
        return self.packs is not None or self.units is not None or self.unlimited or self.sold_out


class RowsRefused(Refusal):
    """A refusal about some packagings: `data["rows"]` maps their codes to the figure that counts (or None)."""

    @property
    def rows(self) -> dict[str, int | None]:
        """Codes of the packagings concerned, with the packs reserved where that is the reason."""
        return dict(self.data["rows"])


class BelowReserved(RowsRefused):
    """Fewer packs than households have already ordered."""

    code = "below-reserved"


class SiblingsDisagree(RowsRefused):
    """Two packagings of one product give its shared stock two quantities."""

    code = "siblings-stock"


class StockMissing(RowsRefused):
    """On sale without a quantity: never unlimited by accident."""

    code = "not-a-stock-answer"


class TooManyPacks(RowsRefused):
    """More than 100 000 packs is a typing mistake."""

    code = "too-many-packs"


class WeekOver(Refusal):
    """The week lies in the past."""

    code = "week-over"


def reserved_words(packs: int) -> str:
    """24 are already reserved. Enter 24 or more."""
    words = ngettext(
        "%(count)s is already reserved. Enter %(count)s or more.",
        "%(count)s are already reserved. Enter %(count)s or more.",
        packs,
    )
    return words % {"count": packs}


def publish(*, producer: Producer, rows: Sequence[Row], week: str, by: Member | None, now: datetime) -> int:
    """Make the week's stock and offers of a producer what `rows` say; returns how many rows changed something.

    Quantities become base units and are shared by the packagings of a product. Orders already placed keep their prices.
    A fixed number of statements however many rows. Raises BelowReserved, SiblingsDisagree, StockMissing, TooManyPacks
    or WeekOver; then nothing has changed. Raises Packaging.DoesNotExist for a packaging that is not the producer's.
    """
    if week_days(week)[1] < local_date(now):
        raise WeekOver(_("This week is over."), week=week)
    with transaction.atomic():
        # Two phones of one farm take turns; NO KEY leaves room for the order lines that refer to the producer.
        Producer.objects.select_for_update(no_key=True).get(pk=producer.pk)
        packagings = _packagings(producer, rows)
        stocks = _locked_stocks(packagings, week)
        quantities = _quantities(rows, packagings, stocks)
        written = _write_stocks(quantities, packagings, stocks, week)
        changed = _write_offers(rows, packagings, stocks, quantities, week)
        changed |= {
            row.packaging_id for row in rows if packagings[row.packaging_id].product_id in written and row.says_stock
        }
        if changed:
            _record(producer, [row for row in rows if row.packaging_id in changed], packagings, week, by, now)
    return len(changed)


def copy_last_week(*, producer: Producer, week: str, by: Member | None, now: datetime) -> int:
    """Put on sale again what the last published week had, at its prices; returns how many offers were made.

    Rows already saved for the week stay as they are, so nothing typed is lost. Raises WeekOver.
    """
    if week_days(week)[1] < local_date(now):
        raise WeekOver(_("This week is over."), week=week)
    last = Offer.objects.last_week_of(producer, before=week)
    with transaction.atomic():
        Producer.objects.select_for_update(no_key=True).get(pk=producer.pk)
        wanted = list(Offer.objects.to_copy(producer, from_week=last, to_week=week)) if last else []
        if wanted:
            _copy(wanted, week)
            activity.record(
                verb="stock.copied", subject=producer.code, by=by, now=now, producer_code=producer.code,
                data={"week": week, "from": last, "offers": len(wanted)},
            )  # fmt: skip
    return len(wanted)


def _copy(offers: Sequence[Offer], week: str) -> None:
    stocks = {offer.stock.product_id: offer.stock for offer in offers}.values()
    Stock.objects.bulk_create(
        [Stock(product_id=stock.product_id, week=week, quantity=stock.quantity) for stock in stocks],
        ignore_conflicts=True,
    )
    here = {
        stock.product_id: stock for stock in Stock.objects.filter(week=week, product__in=[s.product_id for s in stocks])
    }
    Offer.objects.bulk_create(
        Offer(
            packaging_id=offer.packaging_id, stock=here[offer.stock.product_id], week=week,
            price=offer.price, on_sale=offer.on_sale,
        )
        for offer in offers
    )  # fmt: skip


def _packagings(producer: Producer, rows: Iterable[Row]) -> dict[int, Packaging]:
    wanted = {row.packaging_id for row in rows}
    found = Packaging.objects.active().filter(producer=producer).in_bulk(wanted)
    if missing := wanted - found.keys():
        raise Packaging.DoesNotExist(sorted(missing))
    return found


def _locked_stocks(packagings: Mapping[int, Packaging], week: str) -> dict[int, Stock]:
    products = {packaging.product_id for packaging in packagings.values()}
    stocks = Stock.objects.filter(product__in=products, week=week).order_by("pk").select_for_update()
    return {stock.product_id: stock for stock in stocks}


def _quantities(
    rows: Sequence[Row], packagings: Mapping[int, Packaging], stocks: Mapping[int, Stock]
) -> dict[int, int | None]:
    """Base units wanted per product, for the products whose stock is to change."""
    wanted: dict[int, set[int | None]] = defaultdict(set)
    for row in rows:
        packaging = packagings[row.packaging_id]
        stock = stocks.get(packaging.product_id)
        if row.says_stock and not _is_shown(row, packaging, stock):
            wanted[packaging.product_id].add(_base_units(row, packaging, stock))
    _refuse_wrong(rows, packagings, stocks, wanted)
    return {product: quantities.pop() for product, quantities in wanted.items()}


def _is_shown(row: Row, packaging: Packaging, stock: Stock | None) -> bool:
    """Whether a row only repeats the whole packs that are there: 243 kg in sacks of 5 kg stay 243 kg."""
    return row.packs is not None and stock is not None and stock.packs(packaging) == row.packs


def _base_units(row: Row, packaging: Packaging, stock: Stock | None) -> int | None:
    if row.unlimited:
        return None
    if row.sold_out:
        return stock.reserved if stock else 0
    return row.units if row.packs is None else row.packs * packaging.content


def _refuse_wrong(
    rows: Sequence[Row],
    packagings: Mapping[int, Packaging],
    stocks: Mapping[int, Stock],
    wanted: Mapping[int, set[int | None]],
) -> None:
    """The first rule that some rows break, with all rows that break it."""
    short: dict[str, int | None] = {}
    many: dict[str, int | None] = {}
    disagree: dict[str, int | None] = {}
    missing: dict[str, int | None] = {}
    for row in rows:
        packaging = packagings[row.packaging_id]
        stock, quantities = stocks.get(packaging.product_id), wanted.get(packaging.product_id, set())
        if max(row.packs or 0, (row.units or 0) // packaging.content) > MOST_PACKS:
            many[packaging.code] = None
        elif len(quantities) > 1 and row.says_stock:
            disagree[packaging.code] = None
        elif stock and row.says_stock and any(q is not None and q < stock.reserved for q in quantities):
            short[packaging.code] = stock.reserved_packs(packaging)
        elif row.on_sale and stock is None and not quantities:
            missing[packaging.code] = None
    if many:
        raise TooManyPacks(_("More than 100,000 packs: this looks like a mistake."), rows=many)
    if disagree:
        raise SiblingsDisagree(_("Packagings of one product share its stock: give one quantity."), rows=disagree)
    if short:
        packs = max(packs or 0 for packs in short.values())
        raise BelowReserved(reserved_words(packs), reserved=packs, rows=short)
    if missing:
        raise StockMissing(_("How many are there? Write a number, or “unlimited”."), rows=missing)


def _write_stocks(
    quantities: Mapping[int, int | None], packagings: Mapping[int, Packaging], stocks: dict[int, Stock], week: str
) -> set[int]:
    """Write the quantities that differ, and an empty stock for products that have none; `stocks` gains the new rows.
    Returns the products whose stock changed."""
    products = {packaging.product_id for packaging in packagings.values()}
    new = [Stock(product_id=p, week=week, quantity=quantities.get(p, 0)) for p in sorted(products - stocks.keys())]
    moved = [stocks[p] for p, quantity in quantities.items() if p in stocks and stocks[p].quantity != quantity]
    for stock in moved:
        stock.quantity, stock.version = quantities[stock.product_id], stock.version + 1
    Stock.objects.bulk_create(new)
    Stock.objects.bulk_update(moved, ["quantity", "version"])
    stocks.update({stock.product_id: stock for stock in new})
    return {stock.product_id for stock in moved} | {stock.product_id for stock in new if stock.product_id in quantities}


def _write_offers(
    rows: Sequence[Row],
    packagings: Mapping[int, Packaging],
    stocks: Mapping[int, Stock],
    quantities: Mapping[int, int | None],
    week: str,
) -> set[int]:
    """Make and change the offers; returns the packagings concerned."""
    there = {offer.packaging_id: offer for offer in Offer.objects.filter(week=week, packaging__in=packagings)}
    new, moved = [], []
    for row in rows:
        packaging = packagings[row.packaging_id]
        offer = there.get(packaging.pk)
        if offer is None:
            on_sale = packaging.product_id in quantities if row.on_sale is None else row.on_sale
            price: Any = packaging.price if row.price is None else money(row.price)
            new.append(
                Offer(packaging=packaging, stock=stocks[packaging.product_id], week=week, price=price, on_sale=on_sale)
            )
        elif _apply(row, offer):
            moved.append(offer)
    Offer.objects.bulk_create(new)
    Offer.objects.bulk_update(moved, ["price", "on_sale"])
    return {offer.packaging_id for offer in [*new, *moved]}


def _apply(row: Row, offer: Offer) -> bool:
    """Give the offer what the row wants; whether that changed it."""
    before = offer.price.amount, offer.on_sale
    if row.price is not None:
        offer.price = money(row.price)
    if row.on_sale is not None:
        offer.on_sale = row.on_sale
    return (offer.price.amount, offer.on_sale) != before


def _record(
    producer: Producer,
    rows: Sequence[Row],
    packagings: Mapping[int, Packaging],
    week: str,
    by: Member | None,
    now: datetime,
) -> None:
    data: dict[str, Any] = {"week": week, "rows": {packagings[row.packaging_id].code: _said(row) for row in rows}}
    activity.record(
        verb="stock.published", subject=producer.code, by=by, now=now, producer_code=producer.code, data=data
    )


def _said(row: Row) -> dict[str, Any]:
    """The row for the journal: only what it asks."""
    price = None if row.price is None else str(row.price)
    said = {
        "packs": row.packs,
        "units": row.units,
        "unlimited": row.unlimited or None,
        "sold_out": row.sold_out or None,
        "price": price,
    }
    return {key: value for key, value in {**said, "on_sale": row.on_sale}.items() if value is not None}
