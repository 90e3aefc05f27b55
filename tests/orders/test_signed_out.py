"""A session that ends in the middle of an order: what was typed is there after signing in, and nobody else is given it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from hub.models import Collection, Household, Member
from orders import typed, wishes
from orders.models import Order
from producers.models import Packaging
from tests import make

pytestmark = pytest.mark.django_db


@dataclass
class Shop:
    collection: Collection
    home: Household
    member: Member
    carrots: Packaging
    leeks: Packaging
    client: Client

    @property
    def url(self) -> str:
        return f"/ma-commande/{self.collection.code}/"

    def form(self, **more: str) -> dict[str, str]:
        """The order's form, carrots raised from one to four and leeks as they were."""
        steppers = {
            f"q-{self.carrots.code}": "4", f"s-{self.carrots.code}": "1",
            f"q-{self.leeks.code}": "2", f"s-{self.leeks.code}": "2",
        }  # fmt: skip
        return {"mine": str(self.member.pk), "payment_method": "at-point", "note": "À vélo", **steppers, **more}

    def wanted(self, home: Household | None = None) -> dict[int, int]:
        return wishes.current(home or self.home, self.collection)


@pytest.fixture
def shop(client: Client) -> Shop:
    point = make.point(payment_methods=["at-point"])
    farm, sale, home = make.producer(point), make.collection(point), make.household()
    make.join(home, point)
    carrots, leeks = make.packaging(farm), make.packaging(farm)
    make.offer(carrots, sale, 10)
    make.offer(leeks, sale, 10)
    wanted = {carrots.pk: 1, leeks.pk: 2}
    wishes.save(household=home, collection=sale, quantities=wanted, note="", revision=None, now=make.now())
    return Shop(sale, home, home.members.get(), carrots, leeks, client)


def sign_in(client: Client, member: Member, page: str) -> Any:
    """With the code of the e-mail, as people do; the page one is led to."""
    back = page.partition("next=")[2]
    client.post(page, {"login": member.email, "next": back})
    typed_in = {"code": mail.outbox[-1].subject.split()[0], "next": back}
    return client.post("/sign-in/login/code/confirm/", typed_in, follow=True)


@pytest.mark.parametrize("address", ["/ma-commande/{}/envoi/", "/boutique/{}/souhait/"])
def test_what_is_typed_is_there_after_signing_in(shop: Shop, address: str) -> None:
    asked = shop.client.post(address.format(shop.collection.code), shop.form())
    assert (asked.status_code, asked.headers["Location"]) == (302, f"/sign-in/login/?next={shop.url}")
    assert shop.wanted() == {shop.carrots.pk: 1, shop.leeks.pk: 2}
    page = sign_in(shop.client, shop.member, asked.headers["Location"])
    assert (page.request["PATH_INFO"], page.status_code) == (shop.url, 200)
    words = page.content.decode()
    assert f'name="q-{shop.carrots.code}" value="4"' in words
    assert "À vélo" in words
    assert "Votre session était terminée" in words
    assert shop.wanted() == {shop.carrots.pk: 4, shop.leeks.pk: 2}
    assert not Order.objects.exists()
    assert shop.client.session.get(typed.KEY) is None


def test_somebody_else_is_not_given_it(shop: Shop) -> None:
    other = make.household()
    make.join(other, shop.collection.point)
    asked = shop.client.post(f"{shop.url}envoi/", shop.form())
    page = sign_in(shop.client, other.members.get(), asked.headers["Location"])
    assert "Votre session était terminée" not in page.content.decode()
    assert (shop.wanted(other), shop.wanted()) == ({}, {shop.carrots.pk: 1, shop.leeks.pk: 2})


def test_what_another_phone_changed_meanwhile_stays_and_is_said(shop: Shop) -> None:
    asked = shop.client.post(f"{shop.url}envoi/", shop.form())
    theirs = {shop.carrots.pk: 3, shop.leeks.pk: 2}
    wishes.save(
        household=shop.home, collection=shop.collection, quantities=theirs, note="", revision=None, now=make.now()
    )
    page = sign_in(shop.client, shop.member, asked.headers["Location"])
    assert "3 de son côté, 4 du vôtre" in page.content.decode()
    assert shop.wanted() == theirs


def test_after_the_deadline_or_an_hour_it_is_not_taken_up(shop: Shop) -> None:
    shop.client.post(f"{shop.url}envoi/", shop.form())
    session = shop.client.session
    session[typed.KEY] |= {"at": (timezone.now() - timedelta(minutes=61)).timestamp()}
    session.save()
    sign_in(shop.client, shop.member, f"/sign-in/login/?next={shop.url}")
    assert shop.wanted() == {shop.carrots.pk: 1, shop.leeks.pk: 2}
    shop.client.logout()
    asked = shop.client.post(f"{shop.url}envoi/", shop.form())
    make.passed(shop.collection)
    page = sign_in(shop.client, shop.member, asked.headers["Location"])
    assert "Les commandes sont closes" in page.content.decode()
    assert shop.wanted() == {shop.carrots.pk: 1, shop.leeks.pk: 2}


def test_a_page_that_asks_by_itself_is_told_401(shop: Shop) -> None:
    for address in (f"{shop.url}envoi/", f"/boutique/{shop.collection.code}/souhait/", "/points/x/depart/"):
        answer = shop.client.post(address, shop.form(), headers={"HX-Request": "true"})
        assert (answer.status_code, answer.content.decode()) == (401, "Votre session est terminée. Reconnectez-vous.")
    assert typed.KEY not in shop.client.session


@pytest.mark.parametrize(
    ("page", "back"),
    [
        ("http://testserver/points/x/?q=1#là", "/points/x/%3Fq%3D1"),
        ("https://elsewhere.example/points/x/", "/"),
        ("http://testserver.example/points/x/", "/"),
        ("", "/"),
    ],
)
def test_any_other_form_leads_back_to_its_page(client: Client, page: str, back: str) -> None:
    answer = client.post("/points/x/depart/", headers={"Referer": page})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/sign-in/login/?next={back}")
    assert client.get("/points/x/depart/").headers["Location"] == "/sign-in/login/?next=/points/x/depart/"
