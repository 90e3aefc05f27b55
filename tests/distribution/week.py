"""A small week at one point, placed through the public operation: two farms, three households, one weighed chicken."""

from dataclasses import dataclass

from hub.models import Collection, CollectionPoint, Household, Member
from orders import ordering
from orders.models import Order
from producers.models import Packaging, Producer
from tests import make


@dataclass
class Week:
    point: CollectionPoint
    collection: Collection
    host: Member
    garden: Producer
    yard: Producer
    gardener: Member
    homes: dict[str, Household]
    carrots: Packaging
    leeks: Packaging
    chicken: Packaging

    def order(self, name: str) -> Order:
        return Order.objects.get(household=self.homes[name], collection=self.collection)


ORDERS = {
    "Zoé": {"carrots": 2, "chicken": 1},
    "Éloi": {"carrots": 3, "leeks": 1},
    "Bahri": {"leeks": 2, "chicken": 2},
}


def build(yard_minimum: str = "0", kind: str = "market") -> Week:
    point = make.point(kind=kind, payment_methods=["at-point"])
    host = make.host(point)
    garden = make.producer(point, name="Les Quatre Saisons")
    yard = make.producer(name="Volailles du Bocage")
    make.supply(yard, point, minimum=yard_minimum, spot="F1")
    make.fees()
    collection = make.collection(point)
    week = Week(
        point, collection, host, garden, yard, make.farmer(garden), {},
        make.packaging(garden, "2.50"), make.packaging(garden, "3.10"), make.weighed(yard),
    )  # fmt: skip
    make.farmer(yard)
    for pack in (week.carrots, week.leeks, week.chicken):
        make.offer(pack, collection, 20)
    for name, wish in ORDERS.items():
        home = week.homes[name] = make.household(name)
        make.join(home, point)
        packs = {getattr(week, product).pk: quantity for product, quantity in wish.items()}
        ordering.place(household=home, collection=collection, wish=packs, by=home.members.get(), now=make.now())
    return week
