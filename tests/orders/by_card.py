"""A point that takes cards, for tests: what is on sale, an order by card, a hold, the settlement, an event from Stripe."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from hub import ledger
from orders import cards, ordering
from orders.models import CardPayment, Order
from tests import make
from tests.paying import save
from tests.stand_in import StandIn

D = Decimal
CARD, ASKS, POOR = "4242 4242 4242 4242", "4000 0027 6000 3184", "4000 0000 0000 0341"


@pytest.fixture
def sale(stripe_server: StandIn) -> SimpleNamespace:
    """A point that takes cards, a chicken to weigh (1.8 kg, 2.3 at most, 11 €/kg) and a bread (4.20)."""
    point = make.point(payment_methods=["card", "at-point"])
    farm = make.producer(point)
    chicken, bread = make.weighed(farm), make.packaging(farm, "4.20")
    at = make.collection(point)
    make.offer(chicken, at)
    make.offer(bread, at)
    home = make.household("Morel")
    make.join(home, point)
    return SimpleNamespace(at=at, home=home, chicken=chicken, bread=bread, stripe=stripe_server)


def place(sale: SimpleNamespace, wish: dict[Any, int] | None = None, method: str = "card") -> Order:
    lines = {sale.chicken: 1, sale.bread: 2} if wish is None else wish
    order = ordering.place(
        household=sale.home, collection=sale.at, wish={pack.pk: packs for pack, packs in lines.items()}, by=None,
        now=make.now(), payment_method=method,
    )  # fmt: skip
    assert order is not None
    return order


def held(sale: SimpleNamespace, number: str = CARD, **wish: Any) -> CardPayment:
    save(sale.home, number)
    order = place(sale, **wish)
    make.counted(sale.at)
    assert cards.place_holds(now=make.now()) == 1
    return CardPayment.objects.get(order=order)


def settle(sale: SimpleNamespace, final: str) -> None:
    """As the settlement leaves an order: its final total, debited from the household."""
    order = Order.objects.get()
    Order.objects.update(settled_at=make.now(), final_total=D(final))
    entry = ledger.Entry(f"order:{order.code}", ledger.household_account(sale.home), "clearing:x", D(final), "Commande")
    if D(final):
        ledger.post([entry], now=make.now())


def post_event(client: Any, server: StandIn, body: bytes, **more: Any) -> int:
    signature = server.delivery.sign(body, "whsec_stand_in", int(make.now().timestamp()))
    headers = {"Stripe-Signature": signature} | more
    return int(client.post("/stripe/evenements/", body, content_type="application/json", headers=headers).status_code)


def event(number: int, subject: str) -> bytes:
    return b'{"id": "evt_%d", "type": "payment_intent.canceled", "data": {"object": {"id": "%s"}}}' % (
        number,
        subject.encode(),
    )
