"""A sale for a program to order from."""

from typing import Any

from tests import make


class Sale:
    """One household at one point with two farms: carrots on sale without limit, two chickens left."""

    def __init__(self) -> None:
        make.fees()
        self.point = make.point(code="grange", name="La Grange")
        self.sale = make.collection(self.point)
        self.garden = make.producer(self.point, code="jardin", name="Le Jardin")
        self.yard = make.producer(self.point, code="bocage", name="Le Bocage")
        self.carrots = make.packaging(self.garden, "2.50")
        self.chicken = make.weighed(self.yard)
        self.home = make.household("Morel")
        make.join(self.home, self.point)
        self.member = self.home.members.get()
        self.carrot_offer = make.offer(self.carrots, self.sale, None)
        self.chicken_offer = make.offer(self.chicken, self.sale, 2)
        self.path = f"collections/{self.sale.code}"

    def lines(self, carrots: int = 0, chicken: int = 0) -> list[dict[str, Any]]:
        every = [(self.carrot_offer, carrots), (self.chicken_offer, chicken)]
        return [{"offer": offer.code, "quantity": packs} for offer, packs in every if packs]
