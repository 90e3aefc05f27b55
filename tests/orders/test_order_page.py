"""My order: sent once, changed in place, refused without loss, collected with a code; and the doors to it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from hub import format as say
from hub import joining
from hub.models import Collection, Household, Member, Membership, Notice
from hub.money import money
from orders import ordering, wishes
from orders.models import Order
from producers.models import Offer, Packaging, Stock
from tests import make

pytestmark = pytest.mark.django_db
SENT = {"payment_method": "at-point", "note": "À vélo"}


@dataclass
class Shop:
    collection: Collection
    home: Household
    carrots: Packaging
    chicken: Packaging
    client: Client

    @property
    def url(self) -> str:
        return f"/ma-commande/{self.collection.code}/"

    def wish(self, quantities: dict[int, int]) -> int:
        return wishes.save(
            household=self.home,
            collection=self.collection,
            quantities=quantities,
            note="",
            revision=None,
            now=make.now(),
        )

    def place(self, home: Household, quantities: dict[int, int], collection: Collection | None = None) -> None:
        by = home.members.get()
        ordering.place(household=home, collection=collection or self.collection, wish=quantities, by=by, now=make.now())

    def current(self) -> dict[int, int]:
        return wishes.current(self.home, self.collection)


@pytest.fixture
def shop(client: Client) -> Shop:
    point = make.point(payment_methods=["at-point", "account"], address="4 rue du Lavoir", city="Saint-Aubin")
    farm, sale, home = make.producer(point), make.collection(point), make.household()
    make.join(home, point)
    carrots, chicken = make.packaging(farm), make.weighed(farm)
    make.offer(carrots, sale, 10)
    make.offer(chicken, sale, 5)
    client.force_login(home.members.get())
    return Shop(sale, home, carrots, chicken, client)


def test_sending_places_what_the_page_shows(shop: Shop) -> None:
    shop.wish({shop.carrots.pk: 2})
    page = shop.client.get(shop.url)
    assert page.context["total"].expected == money("5.00")
    revision = page.context["wanted"].revision
    answer = shop.client.post(
        f"{shop.url}envoi/", SENT | {f"q-{shop.carrots.code}": 3, f"q-{shop.chicken.code}": 1, "revision": revision}
    )
    assert (answer.status_code, answer.headers["Location"]) == (302, shop.url)
    order = Order.objects.get()
    assert (order.expected_total, order.maximum_total, order.note) == (money("27.30"), money("32.80"), "À vélo")
    assert wishes.wanted(shop.home, shop.collection).unsent is False


def test_a_sold_out_refusal_keeps_the_wish_and_offers_what_there_is(shop: Shop) -> None:
    shop.wish({shop.carrots.pk: 6, shop.chicken.pk: 1})
    other = make.household()
    make.join(other, shop.collection.point)
    shop.place(other, {shop.carrots.pk: 7})
    refused = shop.client.post(f"{shop.url}envoi/", SENT)
    assert refused.status_code == 409
    assert [(line.wanted, line.available) for line in refused.context["short"]] == [(6, 3)]
    assert shop.current() == {shop.carrots.pk: 6, shop.chicken.pk: 1}
    assert not Order.objects.filter(household=shop.home).exists()
    assert f'name="q-{shop.carrots.code}" value="3"' in refused.content.decode()
    shop.client.post(f"{shop.url}envoi/", SENT | {f"q-{shop.carrots.code}": 3})
    assert dict(Order.objects.get(household=shop.home).lines.values_list("packaging", "quantity")) == {
        shop.carrots.pk: 3,
        shop.chicken.pk: 1,
    }


def test_what_left_the_shelf_is_named_and_can_be_left_out(shop: Shop) -> None:
    shop.wish({shop.carrots.pk: 1, shop.chicken.pk: 1})
    Offer.objects.filter(packaging=shop.chicken).update(on_sale=False)
    refused = shop.client.post(f"{shop.url}envoi/", SENT)
    assert (refused.status_code, [line.code for line in refused.context["gone"]]) == (409, [shop.chicken.code])
    shop.client.post(f"{shop.url}envoi/", SENT | {f"q-{shop.chicken.code}": 0})
    assert list(Order.objects.get().lines.values_list("packaging", flat=True)) == [shop.carrots.pk]


def test_two_members_of_a_household_see_each_other(shop: Shop) -> None:
    revision = shop.wish({shop.carrots.pk: 1})
    shop.wish({shop.carrots.pk: 5})
    refused = shop.client.post(f"{shop.url}envoi/", SENT | {f"q-{shop.carrots.code}": 1, "revision": revision})
    assert refused.status_code == 409
    assert refused.context["refusal"].code == "stale-wish"
    assert shop.current() == {shop.carrots.pk: 5}
    assert not Order.objects.exists()


def test_a_stepper_on_the_order_page_moves_its_revision_along(shop: Shop) -> None:
    shop.wish({shop.carrots.pk: 1})
    answer = shop.client.post(
        f"/boutique/{shop.collection.code}/souhait/",
        {f"q-{shop.carrots.code}": 2, f"s-{shop.carrots.code}": 1, "on_order": 1},
        headers={"HX-Request": "true"},
    )
    sent = SENT | {f"q-{shop.carrots.code}": 2, "revision": answer.context["wanted"].revision}
    assert shop.client.post(f"{shop.url}envoi/", sent).status_code == 302


def test_changes_not_sent_are_said_and_can_be_forgotten(shop: Shop) -> None:
    shop.place(shop.home, {shop.carrots.pk: 2})
    shop.wish({shop.chicken.pk: 1})
    page = shop.client.get(shop.url)
    assert (page.context["wanted"].unsent, [card.code for card in page.context["removed"]]) == (
        True,
        [shop.carrots.code],
    )
    shop.client.post(f"{shop.url}abandon/")
    assert shop.current() == {shop.carrots.pk: 2}


def test_cancelling_gives_everything_back(shop: Shop) -> None:
    shop.place(shop.home, {shop.carrots.pk: 2})
    assert shop.client.post(f"{shop.url}annulation/").status_code == 302
    assert Order.objects.get().cancelled_at is not None
    assert Stock.objects.get(product=shop.carrots.product).reserved == 0
    assert shop.current() == {}


def test_a_cancelled_order_leaves_a_trace_and_a_way_to_begin_again(shop: Shop) -> None:
    shop.place(shop.home, {shop.carrots.pk: 2})
    shop.client.post(f"{shop.url}annulation/")
    order = Order.objects.get()
    assert order.cancelled_at is not None
    page = shop.client.get(shop.url).content.decode()
    assert f"Votre commande {order.code} a été annulée le {say.day_time(order.cancelled_at)}." in page
    assert f'<a class="btn" href="/boutique/{shop.collection.code}/">Nouvelle commande</a>' in page
    assert "Rien de choisi" not in page
    assert "has-bar" not in page
    make.passed(shop.collection)
    after = shop.client.get(shop.url).content.decode()
    assert f"Votre commande {order.code} a été annulée le {say.day_time(order.cancelled_at)}." in after
    assert "Vous n’avez pas commandé cette fois" not in after


def test_an_order_placed_again_is_no_longer_cancelled(shop: Shop) -> None:
    shop.place(shop.home, {shop.carrots.pk: 2})
    shop.client.post(f"{shop.url}annulation/")
    shop.place(shop.home, {shop.carrots.pk: 1})
    assert "a été annulée" not in shop.client.get(shop.url).content.decode()


def test_after_the_deadline_nothing_changes_and_the_code_is_shown(shop: Shop) -> None:
    shop.place(shop.home, {shop.carrots.pk: 2})
    order = Order.objects.get()
    make.passed(shop.collection)
    page = shop.client.get(shop.url).content.decode()
    assert f"{order.code[:3]} {order.code[3:]}" in page
    assert 'class="qr"' in page
    refused = shop.client.post(f"{shop.url}envoi/", SENT | {f"q-{shop.carrots.code}": 5})
    assert (refused.status_code, refused.context["refusal"].code) == (409, "ordering-closed")
    assert list(order.lines.values_list("quantity", flat=True)) == [2]


def test_a_page_left_open_over_the_deadline_is_told_so_and_offers_nothing_more(shop: Shop) -> None:
    shop.place(shop.home, {shop.carrots.pk: 2})
    revision = shop.wish({shop.carrots.pk: 3})
    shop.wish({shop.carrots.pk: 4})  # by somebody else of the household
    make.passed(shop.collection)
    sent = SENT | {f"q-{shop.carrots.code}": 5, "revision": revision}
    for refused in (shop.client.post(f"{shop.url}envoi/", sent), shop.client.post(f"{shop.url}annulation/")):
        page = refused.content.decode()
        assert (refused.status_code, refused.context["refusal"].code) == (409, "ordering-closed")
        assert "Les commandes sont closes" in page
        assert f'action="{shop.url}envoi/"' not in page
        assert f'action="{shop.url}annulation/"' not in page
    assert list(Order.objects.get().lines.values_list("quantity", flat=True)) == [2]
    assert shop.current() == {shop.carrots.pk: 4}


@pytest.mark.parametrize("bad", [{"payment_method": "gold"}, {"payment_method": "at-point", "note": "x" * 301}])
def test_a_bad_form_answers_422_in_place(shop: Shop, bad: dict[str, str]) -> None:
    shop.wish({shop.carrots.pk: 1})
    assert shop.client.post(f"{shop.url}envoi/", bad).status_code == 422
    assert not Order.objects.exists()


def test_the_calendar_file(shop: Shop) -> None:
    assert shop.client.get(f"{shop.url}agenda.ics").status_code == 404
    shop.place(shop.home, {shop.carrots.pk: 2})
    book = shop.client.get(f"{shop.url}agenda.ics").content.decode()
    assert f"UID:{Order.objects.get().code}@" in book
    assert shop.collection.starts_at.strftime("DTSTART:%Y%m%dT%H%M%SZ") in book


def test_last_time_is_taken_up_as_far_as_it_is_there(shop: Shop) -> None:
    shop.place(shop.home, {shop.carrots.pk: 4, shop.chicken.pk: 1})
    later = {name: getattr(shop.collection, name) + timedelta(days=7) for name in ("closes_at", "starts_at", "ends_at")}
    after = make.collection(shop.collection.point, **later)
    make.offer(shop.carrots, after, 3)
    url = f"/ma-commande/{after.code}/reprise/"
    assert shop.client.post(url).status_code == 302
    assert wishes.current(shop.home, after) == {shop.carrots.pk: 3}


def test_home_shows_the_deadline_and_the_order(shop: Shop, django_assert_max_num_queries: object) -> None:
    shop.place(shop.home, {shop.carrots.pk: 2, shop.chicken.pk: 1})
    shop.client.get("/")
    with django_assert_max_num_queries(14):  # type: ignore[operator]
        page = shop.client.get("/")
    first = page.context["first"]
    assert (first.open, first.order.packs, first.order.expected_total) == (True, 3, money("24.80"))
    assert shop.client.get("/ma-commande/").headers["Location"] == shop.url


def test_home_without_a_point_leads_to_the_points(client: Client) -> None:
    client.force_login(make.household().members.get())
    assert 'href="/points/"' in client.get("/").content.decode()


def test_home_leads_those_who_work_here_to_their_space(client: Client) -> None:
    farmer, host = make.farmer(make.producer()), make.host(make.point())
    Member.objects.filter(pk=host.pk).update(household=make.household())
    for person, space in ((farmer, "/ma-semaine/"), (host, "/jour-j/")):
        client.force_login(person)
        assert f'<p class="row"><a class="btn" href="{space}">' in client.get("/").content.decode()
    client.force_login(make.household().members.get())
    assert '<p class="row"><a class="btn"' not in client.get("/").content.decode()


def test_visitors_see_points_farms_and_the_price(shop: Shop) -> None:
    make.fees()
    shop.client.logout()
    page = shop.client.get("/")
    assert [point.name for point in page.context["points"]] == [shop.collection.point.name]
    assert [farm.products_on_sale for farm in page.context["farms"]] == [2]
    assert page.context["share"].producer == money("0.80")
    assert [p.name for p in shop.client.get("/points/?q=nantes").context["points"]] == []
    assert [p.name for p in shop.client.get("/points/?q=saint-AUBIN").context["points"]] == [shop.collection.point.name]


def test_joining_asks_a_host_or_opens_at_once(client: Client) -> None:
    asked, opened = make.point(), make.point(joining="open")
    host, home = make.host(asked), make.household()
    client.force_login(home.members.get())
    client.post(f"/points/{asked.code}/adhesion/", {"message": "Bonjour"})
    client.post(f"/points/{asked.code}/adhesion/", {"message": "Encore"})
    client.post(f"/points/{opened.code}/adhesion/")
    states = dict(Membership.objects.values_list("point__code", "status"))
    assert states == {asked.code: "requested", opened.code: "accepted"}
    assert list(Notice.objects.values_list("kind", "member")) == [("membership-requested", host.pk)]
    membership = Membership.objects.get(point=asked)
    joining.accept(membership=membership, by=host, now=make.now())
    with pytest.raises(joining.AlreadyDecided):
        joining.refuse(membership=membership, by=host, now=make.now())
    membership.refresh_from_db()
    assert (membership.status, membership.decided_by) == ("accepted", host)
    assert Notice.objects.filter(kind="membership-accepted").count() == 1


def test_a_place_is_given_up(client: Client) -> None:
    point, home = make.point(), make.household()
    make.join(home, point)
    client.force_login(home.members.get())
    assert client.post(f"/points/{point.code}/depart/").status_code == 302
    assert Membership.objects.get().status == "ended"
    assert client.post(f"/points/{point.code}/depart/").status_code == 404


def test_enter_in_a_quantity_saves_and_never_places(shop: Shop) -> None:
    """A browser presses the first button of the form: it must not be the one that obliges to pay."""
    shop.wish({shop.carrots.pk: 1})
    page = shop.client.get(shop.url).content.decode()
    first = page.index('form="wish"')
    assert 'name="next" value="order"' in page[first : page.index(">", first)]
    sent = {f"q-{shop.carrots.code}": 2, "next": "order"}
    answer = shop.client.post(f"/boutique/{shop.collection.code}/souhait/", sent)
    at = f"{shop.url}#a-{shop.carrots.code}"
    assert (answer.headers["Location"], shop.current(), Order.objects.count()) == (at, {shop.carrots.pk: 2}, 0)


def test_the_button_is_quiet_while_nothing_has_changed(shop: Shop) -> None:
    def quiet() -> int:
        return shop.client.get(shop.url).content.decode().count("data-same")

    shop.wish({shop.carrots.pk: 2})
    assert quiet() == 0  # nothing is ordered yet
    shop.place(shop.home, {shop.carrots.pk: 2, shop.chicken.pk: 1})
    assert quiet() == 2  # beside the form's button, and beside that of the bar
    step = {f"q-{shop.carrots.code}": 3, f"s-{shop.carrots.code}": 2, "on_order": "1"}
    back = {f"q-{shop.carrots.code}": 2, f"s-{shop.carrots.code}": 3, "on_order": "1"}
    saving, htmx = f"/boutique/{shop.collection.code}/souhait/", {"HX-Request": "true"}
    assert "data-same" not in shop.client.post(saving, step, headers=htmx).content.decode()
    assert quiet() == 0
    assert shop.client.post(saving, back, headers=htmx).content.decode().count("data-same") == 2
    shop.wish({shop.carrots.pk: 2})
    assert quiet() == 0  # the chicken is to be removed


def test_a_point_with_cards_alone_says_that_it_cannot_take_orders(shop: Shop, settings: Any) -> None:
    settings.STRIPE_SECRET_KEY = ""
    shop.place(shop.home, {shop.chicken.pk: 1})
    shop.collection.point.payment_methods = ["card"]
    shop.collection.point.save()
    said = "Ce point de retrait ne peut pas prendre de commandes en ce moment."
    page = shop.client.get(shop.url).content.decode()
    assert said in page
    sent = SENT | {f"q-{shop.chicken.code}": 0, f"q-{shop.carrots.code}": 1}
    assert shop.client.post(f"{shop.url}envoi/", sent).status_code == 302  # no dearer, paid as agreed
    other = make.household()
    make.join(other, shop.collection.point)
    shop.client.force_login(other.members.get())
    wishes.save(
        household=other, collection=shop.collection, quantities={shop.carrots.pk: 1}, note="", revision=None,
        now=make.now(),
    )  # fmt: skip
    page = shop.client.get(shop.url).content.decode()
    assert said in page
    assert "obligation de paiement" not in page
    refused = shop.client.post(f"{shop.url}envoi/", SENT)
    assert (refused.status_code, said in refused.content.decode()) == (422, True)
    assert not Order.objects.filter(household=other).exists()
