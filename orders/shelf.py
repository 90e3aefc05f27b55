"""The shelf: everything on sale at a collection as cards, with what the household wants of it. Reads only."""

import unicodedata
from collections.abc import Collection as Some
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import pgettext
from djmoney.money import Money

from hub.models import Collection, Household
from hub.money import cents, money
from orders import wishes
from orders.models import Favourite, OrderLine, WishLine
from orders.ordering.lines import amounts
from producers.models import Aisle, Offer
from producers.unit_prices import UnitPrice, compared

AISLES = {aisle.value: position for position, aisle in enumerate(Aisle)}
# Where a product stands whose farm has named no aisle.
OTHER = "other"
FEW = 6

COLUMNS = {
    "packaging_id": "packaging",
    "packaging__code": "code",
    "packaging__product_id": "product",
    "packaging__product__code": "product_code",
    "packaging__product__name": "name",
    "packaging__label": "label",
    "packaging__producer__name": "farm",
    "packaging__producer__code": "farm_code",
    "packaging__product__aisle": "aisle",
    "packaging__product__labels": "labels",
    "packaging__product__allergens": "allergens",
    "packaging__product__picture": "picture",
    "packaging__product__photo": "photo",
    "packaging__product__unit": "unit",
    "packaging__content": "content",
    "packaging__weighed": "weighed",
    "packaging__max_content": "max_content",
    "packaging__deposit": "deposit",
    "price": "price",
    "left": "left",
}
NAMES = [*COLUMNS.values(), "favourite"]


@dataclass(frozen=True, kw_only=True)
class Card:
    """One packaging as the shop shows it. Contents are base units (g, ml, piece); `price` is per kilogram where weighed.

    `left` is the base units nobody has reserved (None: unlimited), with those of the household's own order added back:
    they are theirs to keep. `quantity` is what the household wants, `ordered` what its order says.
    """

    packaging: int
    code: str
    product: int
    product_code: str
    name: str
    label: str
    farm: str
    farm_code: str
    aisle: str
    labels: Some[str]
    allergens: Some[str] | None
    picture: str
    photo: str
    unit: str
    content: int
    weighed: bool
    max_content: int | None
    deposit: Decimal
    price: Decimal
    left: int | None
    favourite: bool = False
    quantity: int = 0
    ordered: int = 0
    on_sale: bool = True

    @property
    def packs_left(self) -> int | None:
        """How many packs the household may have in all; None when unlimited."""
        if not self.on_sale:
            return self.ordered
        return None if self.left is None else max(self.left, 0) // self.content

    @property
    def most(self) -> int:
        """The greatest number the stepper takes."""
        left = self.packs_left
        return wishes.MOST_PACKS if left is None else min(left, wishes.MOST_PACKS)

    @property
    def sold_out(self) -> bool:
        return self.packs_left == 0

    @property
    def few(self) -> int | None:
        """Packs left when they are few and the household may worry, else None."""
        left = self.packs_left
        return left if left is not None and 0 < left <= FEW else None

    @property
    def short(self) -> bool:
        """Whether more is wanted than there is."""
        left = self.packs_left
        return left is not None and self.quantity > left

    @property
    def seen(self) -> tuple[Any, ...]:
        """What its picture on the shelf depends on while the household wants none of it."""
        return (
            self.code, self.product_code, self.name, self.label, self.farm, *self.labels, self.picture, self.photo, self.unit,
            self.content, self.weighed, self.max_content, self.deposit, self.price, self.few, self.sold_out, self.favourite,
        )  # fmt: skip

    def amounts(self, packs: int) -> tuple[Decimal, Decimal]:
        """Expected and greatest amount of so many packs, deposits apart, as placing computes them."""
        most = self.max_content or self.content
        return amounts(packs, content=self.content, most=most, weighed=self.weighed, price=self.price)

    @property
    def pack_price(self) -> Money:
        """What one pack costs, for a weighed piece as expected."""
        return money(self.amounts(1)[0])

    @property
    def most_price(self) -> Money:
        """The most one pack may cost."""
        return money(self.amounts(1)[1])

    @property
    def unit_price(self) -> Money:
        """Per kilogram, litre or piece, as the stock counts."""
        if self.weighed:
            return money(self.price)
        return money(cents(self.price * (1 if self.unit == "piece" else 1000) / self.content))

    @property
    def compared(self) -> UnitPrice | None:
        """The price to compare by; None where the pack is a piece of unknown weight."""
        if self.weighed:
            return UnitPrice(money(self.price), "g")
        return compared(price=self.price, unit=self.unit, content=self.content, label=self.label)

    @property
    def deposit_price(self) -> Money:
        return money(self.deposit)

    @property
    def expected(self) -> Money:
        """What the packs wanted cost, as expected."""
        return money(self.amounts(self.quantity)[0])

    @property
    def maximum(self) -> Money:
        """The most the packs wanted may cost."""
        return money(self.amounts(self.quantity)[1])

    @property
    def aisle_name(self) -> str:
        return str(Aisle(self.aisle).label) if self.aisle else pgettext("aisle", "others")


@dataclass(frozen=True)
class Filters:
    """What the reader wants to see. Texts are codes; `search` is compared without accents and case."""

    aisle: str = ""
    farm: str = ""
    label: str = ""
    without: frozenset[str] = field(default_factory=frozenset)
    favourites: bool = False
    search: str = ""

    @property
    def narrow(self) -> bool:
        """Whether the panel (not the row of aisles) hides something."""
        return bool(self.farm or self.label or self.without or self.search)

    def keeps(self, card: Card) -> bool:
        """Allergens that are not given are not absent: such a product is left out when one is to be avoided."""
        safe = not self.without or (card.allergens is not None and not self.without.intersection(card.allergens))
        words = fold(f"{card.name} {card.farm} {card.label}") if self.search else ""
        return (
            safe
            and self.aisle in ("", card.aisle or OTHER)
            and self.farm in ("", card.farm_code)
            and (not self.label or self.label in card.labels)
            and (card.favourite or not self.favourites)
            and all(word in words for word in fold(self.search).split())
        )


def fold(text: str) -> str:
    """Lower case, without accents: what "pâté" and "PATE" have in common."""
    spread = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "oe").replace("æ", "ae"))
    return "".join(letter for letter in spread if not unicodedata.combining(letter)).casefold()


def cards(
    collection: Collection, household: Household, wanted: Mapping[int, int], *, only: Q | None = None
) -> list[Card]:
    """Everything on sale at the collection, by aisle and name, with what the household wants (`wanted`: packaging id to
    packs) and has ordered. Two statements, however many offers.

    What it has ordered keeps its price and stays, marked, even when it is no longer on sale. `only` narrows the offers.
    """
    rows = _offers(collection, household).filter(only or Q()).values_list(*COLUMNS, "liked")
    return _sorted(_with_mine({row[0]: _card(row) for row in rows}, list(_lines(collection, household)), wanted))


def order_cards(collection: Collection, household: Household, wanted: Mapping[int, int]) -> list[Card]:
    """The cards of what the household wants or has ordered, and of nothing else. Two statements."""
    ordered = wishes.ordered_lines(household, collection).values("packaging")
    return cards(collection, household, wanted, only=Q(packaging__in=list(wanted)) | Q(packaging__in=ordered))


def public_cards(offers: QuerySet[Offer]) -> list[Card]:
    """Offers as a visitor sees them: nothing wanted, nothing liked. One statement."""
    left = F("stock__quantity") - F("stock__reserved")
    return _sorted(
        {row[0]: _card((*row, False)) for row in offers.annotate(left=left).order_by().values_list(*COLUMNS)}
    )


def wished_cards(collection: Collection, household: Household, also: Iterable[str] = ()) -> list[Card]:
    """The cards of an unsent wish, and those of the packagings with the codes `also`. Two statements."""
    wished = WishLine.objects.filter(wish__household=household, wish__collection=collection, wish__sent_at=None)
    stored = Subquery(wished.filter(packaging=OuterRef("packaging")).values("quantity"))
    asked = Q(packaging__in=wished.values("packaging")) | Q(packaging__code__in=list(also))
    rows = list(
        _offers(collection, household).filter(asked).annotate(stored=stored).values_list(*COLUMNS, "liked", "stored")
    )
    lines = list(_lines(collection, household).annotate(stored=stored))
    quantities = {row[0]: row[-1] for row in rows if row[-1]}
    quantities |= {line.packaging_id: line.stored for line in lines if line.stored}
    return _sorted(_with_mine({row[0]: _card(row[:-1]) for row in rows}, lines, quantities))


def _offers(collection: Collection, household: Household) -> Any:
    liked = Exists(Favourite.objects.filter(household=household, product=OuterRef("packaging__product")))
    left = F("stock__quantity") - F("stock__reserved")
    return Offer.objects.at(collection).annotate(liked=liked, left=left).order_by()


def _card(row: tuple[Any, ...]) -> Card:
    return Card(**dict(zip(NAMES, row, strict=True)))


def _sorted(found: dict[int, Card]) -> list[Card]:
    last = len(AISLES)
    return sorted(found.values(), key=lambda card: (AISLES.get(card.aisle, last), fold(card.name), card.packaging))


def _with_mine(found: dict[int, Card], lines: Iterable[OrderLine], quantities: Mapping[int, int]) -> dict[int, Card]:
    """With what is ordered (its price frozen, its stock given back) and what is wanted."""
    mine: dict[int, int] = {}
    for line in lines:
        mine[line.product_id] = mine.get(line.product_id, 0) + line.content * line.quantity
        card = found.get(line.packaging_id) or _kept(line)
        found[line.packaging_id] = replace(
            card, price=line.unit_price.amount, deposit=line.deposit.amount, ordered=line.quantity
        )
    return {key: _mine(card, quantities.get(key, 0), mine.get(card.product, 0)) for key, card in found.items()}


def _mine(card: Card, quantity: int, held: int) -> Card:
    if not quantity and not held:
        return card
    return replace(card, quantity=quantity, left=None if card.left is None else card.left + held)


def _lines(collection: Collection, household: Household) -> QuerySet[OrderLine]:
    return wishes.ordered_lines(household, collection).select_related("product", "producer", "packaging")


def _kept(line: OrderLine) -> Card:
    """An ordered line that is no longer on sale: it may be kept or reduced."""
    product, farm = line.product, line.producer
    return Card(
        packaging=line.packaging_id, code=line.packaging.code, product=line.product_id, product_code=product.code,
        name=line.name, label=line.label, farm=farm.name, farm_code=farm.code, aisle=product.aisle, labels=product.labels,
        allergens=product.allergens, picture=product.picture, photo=product.photo,
        unit=line.unit, content=line.content, weighed=line.weighed,
        max_content=line.max_content, deposit=line.deposit.amount, price=line.unit_price.amount, left=None, on_sale=False,
    )  # fmt: skip


def by_aisle(cards: Iterable[Card]) -> list[tuple[str, str, list[Card]]]:
    """Code, name and cards of each aisle that has any, in the shop's order; what has none stands last, under OTHER."""
    aisles: dict[str, list[Card]] = {}
    for card in cards:
        aisles.setdefault(card.aisle or OTHER, []).append(card)
    return [(code, shown[0].aisle_name, shown) for code, shown in aisles.items()]
