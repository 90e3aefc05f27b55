"""Who leaves a point still has what was ordered there: to see, to shrink, to cancel, to collect; not to add to."""

from dataclasses import dataclass

import pytest
from django.test import Client
from django.utils import timezone

from distribution import closing
from hub import joining
from hub.models import Collection, Household, Member, Membership
from orders import ordering
from orders.models import Order
from producers.models import Offer, Packaging, Stock
from tests import make
from tests.program import program

pytestmark = pytest.mark.django_db
SENT = {"payment_method": "at-point"}


@dataclass
class Left:
    """A household that ordered two carrots and then left; another one left without an order."""

    collection: Collection
    home: Household
    member: Member
    carrots: Packaging
    leeks: Packaging
    offer: Offer
    client: Client

    @property
    def url(self) -> str:
        return f"/ma-commande/{self.collection.code}/"

    def ordered(self) -> dict[int, int]:
        return dict(Order.objects.get(household=self.home).lines.values_list("packaging", "quantity"))

    def send(self, **packs: int) -> object:
        return self.client.post(f"{self.url}envoi/", SENT | packs)


@pytest.fixture
def left(client: Client) -> Left:
    point = make.point(payment_methods=["at-point"])
    farm, sale, home = make.producer(point), make.collection(point), make.household()
    carrots, leeks = make.packaging(farm), make.packaging(farm)
    offer = make.offer(carrots, sale, 10)
    make.offer(leeks, sale, 10)
    membership, member = make.join(home, point), home.members.get()
    ordering.place(household=home, collection=sale, wish={carrots.pk: 2}, by=member, now=make.now())
    joining.leave(membership=membership, by=member, now=make.now())
    client.force_login(member)
    return Left(sale, home, member, carrots, leeks, offer, client)


def test_the_order_its_code_and_its_calendar_stay(left: Left) -> None:
    order = Order.objects.get()
    page = left.client.get(left.url).content.decode()
    assert f"{order.code[:3]} {order.code[3:]}" in page
    assert "Vous avez quitté ce point" in page
    assert f'href="/boutique/{left.collection.code}/"' not in page
    assert left.client.get(f"{left.url}agenda.ics").status_code == 200
    assert left.client.get(f"/boutique/{left.collection.code}/").status_code == 404
    home = left.client.get("/")
    assert [(sale.collection, sale.order) for sale in home.context["sales"]] == [(left.collection, order)]
    assert f'href="/boutique/{left.collection.code}/"' not in home.content.decode()
    assert left.client.get("/ma-commande/").headers["Location"] == left.url


def test_after_the_close_the_code_stays(left: Left) -> None:
    make.passed(left.collection)
    closing.close_due(now=timezone.now())
    order = Order.objects.get()
    assert f"{order.code[:3]} {order.code[3:]}" in left.client.get(left.url).content.decode()
    assert left.client.get(f"{left.url}agenda.ics").status_code == 200


def test_less_is_ordered_and_more_is_not(left: Left) -> None:
    assert left.send(**{f"q-{left.carrots.code}": 1}).status_code == 302  # type: ignore[attr-defined]
    assert left.ordered() == {left.carrots.pk: 1}
    for more in ({f"q-{left.carrots.code}": 2}, {f"q-{left.leeks.code}": 1}):
        refused = left.send(**more)
        assert (refused.status_code, refused.context["refusal"].code) == (409, "point-left")  # type: ignore[attr-defined]
        left.client.post(f"{left.url}abandon/")
    assert left.ordered() == {left.carrots.pk: 1}
    assert dict(Stock.objects.values_list("product", "reserved")) == {
        left.carrots.product_id: 1,
        left.leeks.product_id: 0,
    }


def test_it_is_cancelled_and_not_begun_again(left: Left) -> None:
    assert left.client.post(f"{left.url}annulation/").status_code == 302
    order = Order.objects.get()
    assert order.cancelled_at is not None
    page = left.client.get(left.url).content.decode()
    assert "a été annulée" in page
    assert "Nouvelle commande" not in page
    assert left.client.post(f"{left.url}reprise/").status_code == 404
    assert left.send(**{f"q-{left.carrots.code}": 1}).status_code == 404  # type: ignore[attr-defined]
    order.refresh_from_db()
    assert order.cancelled_at is not None
    assert Stock.objects.get(product=left.carrots.product).reserved == 0


def test_programs_see_and_shrink_it_too(left: Left) -> None:
    mine, path = program(left.member), f"collections/{left.collection.code}/order"
    assert [one["id"] for one in mine.get("collections").json()["items"]] == [left.collection.code]
    line = {"offer": left.offer.code, "quantity": 1}
    assert mine.put(path, {"lines": [line]}).json()["lines"][0]["quantity"] == 1
    assert mine.put(path, {"lines": [line | {"quantity": 3}]}).json()["refusal"] == "point-left"
    assert mine.get(path).json()["lines"][0]["quantity"] == 1


def test_who_leaves_without_an_order_finds_nothing(left: Left, client: Client) -> None:
    gone = make.household()
    membership = make.join(gone, left.collection.point)
    joining.leave(membership=membership, by=gone.members.get(), now=make.now())
    assert Membership.objects.filter(status="accepted").count() == 0
    client.force_login(gone.members.get())
    assert [client.get(url).status_code for url in (left.url, f"{left.url}agenda.ics")] == [404, 404]
    assert client.post(f"{left.url}annulation/").status_code == 404
    assert left.ordered() == {left.carrots.pk: 2}
