"""A cooperative of the size asked for, made through plain rows; orders are placed for real."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from itertools import count

from distribution import closing, confirming, handover
from distribution.demo_time import move_window
from hub.models import Collection, CollectionPoint, FeeRule, Household, Hub, Member, Membership
from hub.money import money
from orders import ordering
from orders.models import Order
from producers.models import Aisle, Offer, Packaging, Producer, Product, Stock
from tests import make

THINGS = [
    ("Carottes fanes", "carotte"), ("Poireaux", "poireau"), ("Pommes Reine des reinettes", "pomme"),
    ("Chou-fleur", "chou-fleur"), ("Pain de campagne au levain", "pain"), ("Crottin de chèvre frais", "fromage-crottin"),
    ("Œufs plein air", "oeufs"), ("Miel de châtaignier", "miel"), ("Lentilles vertes", "lentilles"), ("Lait entier", "lait"),
]  # fmt: skip
AISLES = [Aisle.VEGETABLES, Aisle.FRUIT, Aisle.DAIRY, Aisle.EGGS, Aisle.BAKERY, Aisle.GROCERY, Aisle.DRINKS, Aisle.MEAT]
WEIGHED_EVERY = 12
FAMILIES = ["Aubert", "Benali", "Delaunay", "Fernandes", "Guérin", "Hamon", "Le-Gall", "Morvan", "Prigent", "Rivière"]
HOURS = timedelta(hours=2)
serial = count(1)


@dataclass
class World:
    """One point with a sale that is open; everything on sale there and everybody who may order."""

    point: CollectionPoint
    collection: Collection
    host: Member
    farms: list[Producer]
    packs: list[Packaging] = field(default_factory=list)
    homes: list[Household] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)

    def basket(self, home: int, lines: int) -> dict[int, int]:
        """The wish of the household with that position: different for each, the same in every run."""
        size = len(self.packs)
        return {self.packs[(home * 7 + line * 13) % size].pk: 1 + (home + line) % 2 for line in range(lines)}

    def place(self, home: int, lines: int) -> Order:
        order = ordering.place(
            household=self.homes[home], collection=self.collection, wish=self.basket(home, lines),
            by=self.members[home], now=make.now(),
        )  # fmt: skip
        assert order is not None
        return order


def build(
    *, homes: int, packs: int, farms: int = 20, lines: int = 0, stock: int | None = None, weighed: bool = True
) -> World:
    """A point with so many households, packagings on sale and farms, and an order of `lines` lines of each household.

    `stock` is how many packs there are of each packaging; None is unlimited.
    """
    point = make.point(payment_methods=["at-point"], at_point_ceiling=money(9000))
    Hub.get()
    if not FeeRule.objects.exists():
        make.fees()
    world = World(point, make.collection(point), make.host(point), [])
    for n in range(farms):
        farm = make.producer(name=f"Ferme des {THINGS[n % len(THINGS)][0]} {n}")
        make.supply(farm, point, spot=f"{'ABCD'[n % 4]}{n // 4 + 1}")
        make.farmer(farm)
        world.farms.append(farm)
    add_packs(world, packs, stock=stock, weighed=weighed)
    add_homes(world, homes)
    if lines:
        for home in range(homes):
            world.place(home, lines)
    return world


def add_packs(world: World, number: int, *, stock: int | None, weighed: bool = True) -> None:
    """So many products with one packaging each, on sale in the week of the collection; every twelfth is weighed."""
    products, packs = [], []
    for n in range(number):
        kilos = weighed and n % WEIGHED_EVERY == WEIGHED_EVERY - 1
        product, pack = _product(world.farms[n % len(world.farms)], next(serial), n, kilos=kilos)
        products.append(product)
        packs.append(pack)
    Product.objects.bulk_create(products)
    Packaging.objects.bulk_create(packs)
    week = world.collection.week
    quantity = [None if stock is None else stock * pack.content for pack in packs]
    stocks = Stock.objects.bulk_create(
        Stock(product=pack.product, week=week, quantity=most) for pack, most in zip(packs, quantity, strict=True)
    )
    Offer.objects.bulk_create(
        Offer(packaging=pack, stock=row, week=week, price=pack.price) for pack, row in zip(packs, stocks, strict=True)
    )
    world.packs += packs


def _product(farm: Producer, number: int, n: int, *, kilos: bool) -> tuple[Product, Packaging]:
    name, picture = THINGS[n % len(THINGS)]
    product = Product(
        producer=farm, name=f"{name} n° {number}", unit="g" if kilos else "piece", vat_rate=Decimal("5.5"),
        aisle=AISLES[n % len(AISLES)], picture=picture,
        labels=["Agriculture biologique"] if n % 2 else [], allergens=["milk"] if n % 5 == 0 else [],
        zone="chilled" if kilos else "dry",
    )  # fmt: skip
    terms = {"content": 1800, "weighed": True, "max_content": 2300} if kilos else {"content": 1}
    price = "11.00" if kilos else f"{2 + n % 7}.{n % 10}0"
    return product, Packaging(
        producer=farm, product=product, label="pièce ≈ 1,8 kg" if kilos else "botte", price=money(price), **terms
    )


def add_homes(world: World, number: int) -> None:
    """So many households of one member, accepted at the point."""
    first = next(serial)
    homes = [Household(name=f"{FAMILIES[n % len(FAMILIES)]} {first}-{n:04}") for n in range(number)]
    Household.objects.bulk_create(homes)
    members = [
        Member(
            email=f"m{first}-{n}@exemple.fr", first_name="Camille", last_name=home.name, household=home, password="!"
        )
        for n, home in enumerate(homes)
    ]
    Member.objects.bulk_create(members)
    join(world.point, homes)
    world.homes += homes
    world.members += members


def join(point: CollectionPoint, homes: Sequence[Household]) -> None:
    now = make.now()
    accepted = Membership.Status.ACCEPTED
    Membership.objects.bulk_create(
        Membership(household=home, point=point, status=accepted, requested_at=now - timedelta(days=9), accepted_at=now)
        for home in homes
    )


def confirmed(homes: int, lines: int) -> World:
    """A collection over by the host's word: closed, every farm arrived, nobody came, everything kept for them."""
    village = build(homes=homes, packs=200, lines=lines, weighed=False)
    collection, now = village.collection, make.now()
    move_window(collection, opens_at=now - 9 * HOURS, closes_at=now - HOURS, starts_at=now - HOURS, ends_at=now + HOURS)
    closing.close_collection(collection=collection, now=now)
    for farm in Producer.objects.filter(lines__collection=collection).distinct():
        handover.arrive(collection=collection, producer=farm, by=village.host, now=now)
    codes = Order.objects.filter(collection=collection).values_list("code", flat=True)
    confirming.confirm(collection=collection, uncollected=dict.fromkeys(codes, "kept"), by=village.host, now=now)
    return village
