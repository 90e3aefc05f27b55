"""A day at a point for the tests: orders placed for real, then counted."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from distribution import confirming, handover
from distribution.handover import Act, Outcome
from distribution.models import HandoverAction
from hub.models import Collection, Household, Member
from orders import ordering
from orders.models import Order, OrderLine
from producers.models import Packaging, Producer
from tests import make


@dataclass
class Day:
    """A collection with what its tests need."""

    collection: Collection
    host: Member
    farms: list[Producer] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)

    def line(self, order: Order, pack: Packaging) -> OrderLine:
        return OrderLine.objects.get(order=order, packaging=pack)

    def act(self, kind: str, order: Order | None = None, pack: Packaging | None = None, **data: Any) -> HandoverAction:
        """One act now; the stored action. Refusals come through."""
        action = self.made(kind, order, pack, **data)
        handover.act(collection=self.collection, action=action, by=self.host, now=make.now())
        return HandoverAction.objects.get(uid=action.uid)

    def made(self, kind: str, order: Order | None = None, pack: Packaging | None = None, **data: Any) -> Act:
        at = data.pop("at", make.now())
        return Act(uuid4(), kind, at, order.code if order else "", pack.code if pack else "", data)

    def send(self, *acts: Act) -> list[Outcome]:
        return handover.apply(collection=self.collection, actions=acts, by=self.host, now=make.now())

    def arrive(self) -> None:
        for farm in self.farms:
            handover.arrive(collection=self.collection, producer=farm, by=self.host, now=make.now())

    def confirm(self, **fates: str) -> None:
        told = {order.code: "kept" for order in self.orders} | fates
        confirming.confirm(collection=self.collection, uncollected=told, by=self.host, now=make.now())
        self.collection.refresh_from_db()


def a_day(*baskets: dict[Packaging, int], farms: list[Producer], at: Collection, **more: Any) -> Day:
    """One household per basket, each packaging on sale without limit, counted."""
    for pack in {pack: None for basket in baskets for pack in basket}:
        make.offer(pack, at, packs=None)
    orders = [order(basket, at, **more) for basket in baskets]
    person = make.host(at.point)
    make.counted(at)
    for one in orders:
        one.refresh_from_db()
    return Day(at, person, farms, orders)


def order(basket: dict[Packaging, int], at: Collection, home: Household | None = None, **more: Any) -> Order:
    home = home or make.household()
    make.join(home, at.point)
    placed = ordering.place(
        household=home, collection=at, wish={pack.pk: n for pack, n in basket.items()}, by=None, now=make.now(), **more
    )
    assert placed is not None
    return placed
