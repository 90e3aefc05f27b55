"""The shop: few statements however many offers, filters that keep people safe, steppers that save themselves."""

from dataclasses import dataclass

import pytest
from django.test import Client
from django.utils.html import escape

from hub.models import Collection, Household
from hub.money import money
from orders import ordering, shelf, wishes
from orders.models import Favourite
from producers.models import Offer, Packaging, Producer, Product
from producers.unit_prices import UnitPrice
from tests import make

pytestmark = pytest.mark.django_db


@dataclass
class Shop:
    collection: Collection
    home: Household
    farm: Producer
    client: Client

    @property
    def url(self) -> str:
        return f"/boutique/{self.collection.code}/"

    def product(self, name: str, packs: int | None = 10, price: str = "2.50", **fields: object) -> Packaging:
        values = {
            "producer": self.farm,
            "name": name,
            "unit": "piece",
            "vat_rate": "5.5",
            "aisle": "vegetables",
        } | fields
        pack = make.packaging(self.farm, price, Product.objects.create(**values))
        make.offer(pack, self.collection, packs)
        return pack

    def cards(self) -> dict[str, shelf.Card]:
        wanted = wishes.current(self.home, self.collection)
        return {card.name: card for card in shelf.cards(self.collection, self.home, wanted)}

    def step(self, pack: Packaging, quantity: object, seen: int, **more: str) -> object:
        return self.touch({pack: (quantity, seen)}, **more)

    def touch(self, touches: dict[Packaging, tuple[object, int]], **more: str) -> object:
        data = {f"q-{pack.code}": packs for pack, (packs, _seen) in touches.items()}
        data |= {f"s-{pack.code}": seen for pack, (_packs, seen) in touches.items()}
        return self.client.post(f"{self.url}souhait/", data | more, headers={"HX-Request": "true"})


@pytest.fixture
def shop(client: Client) -> Shop:
    point = make.point(payment_methods=["at-point"])
    farm, sale, home = make.producer(point, name="Ferme du Pré"), make.collection(point), make.household()
    make.join(home, point)
    make.fees()
    client.force_login(home.members.get())
    return Shop(sale, home, farm, client)


def many(shop: Shop, number: int) -> list[Packaging]:
    return [shop.product(f"Légume {n:03}", labels=["Bio"], allergens=[]) for n in range(number)]


@pytest.mark.parametrize("wished", [0, 40])
def test_two_hundred_offers_take_few_statements(shop: Shop, wished: int, django_assert_max_num_queries: object) -> None:
    packs = many(shop, 200)
    wishes.save(
        household=shop.home, collection=shop.collection, quantities={p.pk: 1 for p in packs[:wished]}, note="",
        revision=None, now=make.now(),
    )  # fmt: skip
    shop.client.get(shop.url)
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        page = shop.client.get(shop.url)
    assert page.status_code == 200
    assert page.content.count(b'<li class="prod card') == 200
    assert page.content.count(b'name="q-') == wished + 1  # and the one to draw from
    assert len(page.content) < 150_000 + wished * 1000


def test_touches_are_saved_together_and_answered_with_the_sum(shop: Shop) -> None:
    packs = many(shop, 3)
    shop.step(packs[0], 1, 0)
    answer = shop.touch({packs[0]: (2, 1), packs[1]: (1, 0), packs[2]: (0, 0)}).content.decode()  # type: ignore[attr-defined]
    assert 'data-packs="3" data-cents="750"' in answer
    assert "7,50" in answer
    assert 'class="ctl"' not in answer  # the browser has drawn them already
    assert wishes.current(shop.home, shop.collection) == {packs[0].pk: 2, packs[1].pk: 1}


def test_what_the_browser_draws_from_is_what_the_server_draws(shop: Shop) -> None:
    """The two templates of a stepper and of "Add", with a code and a name put in, are the shelf's own."""
    chosen, left = shop.product("Choux d'« Été »"), shop.product("Radis")
    shop.step(chosen, 1, 0)
    page = shop.client.get(shop.url).content.decode()
    blank = page[
        page.index('<template id="controls"') : page.index("</template>", page.index('<template id="controls"'))
    ]
    for pack in (chosen, left):
        at = page.index(f'name="{"q-" * (pack == chosen)}{pack.code if pack == chosen else "add"}"')
        control = page[page.rindex('<div class="ctl"', 0, at) : page.index("</div>", at) + 6]
        name = str(escape(pack.product.name))
        drawn = blank.replace(":code:", pack.code).replace(":name:", name).replace('max="1000"', 'max="10"')
        assert control in drawn


def test_more_than_there_is_is_said_in_words_and_kept(shop: Shop) -> None:
    pack = shop.product("Choux", packs=4)
    answer = shop.step(pack, 9, 0).content.decode()  # type: ignore[attr-defined]
    assert 'class="small bad"' in answer
    assert wishes.current(shop.home, shop.collection) == {pack.pk: 9}


@pytest.mark.parametrize("typed", ["-1", "x", "1.5", "1001"])
def test_what_is_no_quantity_is_refused_in_place(shop: Shop, typed: str) -> None:
    pack = shop.product("Choux")
    shop.step(pack, 2, 0)
    answer = shop.step(pack, typed, 2).content.decode()  # type: ignore[attr-defined]
    assert 'role="status"' in answer
    assert f'name="q-{pack.code}" value="2"' in answer
    assert wishes.current(shop.home, shop.collection) == {pack.pk: 2}


def test_another_phone_of_the_household_is_shown_not_overwritten(shop: Shop) -> None:
    pack = shop.product("Choux")
    shop.step(pack, 3, 0)
    answer = shop.step(pack, 1, 0).content.decode()  # type: ignore[attr-defined]
    assert f'name="q-{pack.code}" value="3"' in answer
    assert wishes.current(shop.home, shop.collection) == {pack.pk: 3}


def test_without_javascript_one_form_saves_all_and_keeps_the_rest(shop: Shop) -> None:
    first, second, third = many(shop, 3)
    shop.step(first, 1, 0)
    shop.step(third, 2, 0)
    answer = shop.client.post(
        f"{shop.url}souhait/",
        {f"q-{first.code}": "4", f"s-{first.code}": "1", "add": second.code, "query": "aisle=dairy"},
    )
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{shop.url}?aisle=dairy#p-{second.code}")
    assert wishes.current(shop.home, shop.collection) == {first.pk: 4, second.pk: 1, third.pk: 2}


def test_without_javascript_what_is_refused_is_named_and_the_rest_saved(shop: Shop) -> None:
    first, second, third = many(shop, 3)
    for pack in (first, second, third):
        shop.step(pack, 2, 0)
    page = {f"q-{first.code}": 1, f"s-{first.code}": 5, f"q-{second.code}": "x", f"s-{second.code}": 2}
    untouched = {f"q-{third.code}": 1, f"s-{third.code}": 1}  # changed by another phone since this page was made
    answer = shop.client.post(f"{shop.url}souhait/", page | untouched, follow=True)
    assert [str(message) for message in answer.context["messages"]] == [
        "Légume 001\u202f: Une quantité est un nombre entier entre 0 et 1 000.",
        "Légume 000\u202f: Une personne de votre foyer vient de modifier ce produit\u202f: 2 de son côté, 1 du vôtre.",
    ]
    assert wishes.current(shop.home, shop.collection) == {first.pk: 2, second.pk: 2, third.pk: 2}


def test_without_javascript_one_stays_at_the_product_and_is_told(shop: Shop) -> None:
    pack = many(shop, 62)[60]

    def said(**data: object) -> tuple[str, list[str]]:
        answer = shop.client.post(f"{shop.url}souhait/", {"query": "q=legume", **data}, follow=True)
        [(leads_to, _status)] = answer.redirect_chain
        return leads_to, [str(message) for message in answer.context["messages"]]

    stepper = {f"q-{pack.code}": 0, f"s-{pack.code}": 1}
    assert said(add=pack.code) == (f"{shop.url}?q=legume#p-{pack.code}", ["Légume 060\u202f: 1 au panier."])
    assert f'id="p-{pack.code}"' in shop.client.get(f"{shop.url}?q=legume").content.decode()
    assert said(**stepper) == (f"{shop.url}?q=legume#a-vegetables", ["Légume 060\u202f: retiré."])
    assert 'id="a-vegetables"' in shop.client.get(shop.url).content.decode()


def test_a_search_is_named_and_can_be_cleared(shop: Shop) -> None:
    many(shop, 3)
    page = shop.client.get(f"{shop.url}?q=legume+002&aisle=vegetables").content.decode()
    assert "«\u202flegume 002\u202f»\u202f: 1 produit<" in page
    assert '<a class="link" href="?aisle=vegetables">' in page
    assert "Effacer la recherche" not in shop.client.get(shop.url).content.decode()


def test_unit_prices_and_weighed_pieces(shop: Shop) -> None:
    chicken = make.weighed(shop.farm)
    make.offer(chicken, shop.collection, 5)
    box = shop.product("Œufs", price="2.40", unit="piece")
    Packaging.objects.filter(pk=box.pk).update(content=6)
    bag = shop.product("Farine", price="4.50", unit="g")
    Packaging.objects.filter(pk=bag.pk).update(content=1500)
    cards = shop.cards()
    weighed = cards[chicken.product.name]
    assert (weighed.pack_price, weighed.most_price, weighed.unit_price) == (
        money("19.80"),
        money("25.30"),
        money("11.00"),
    )
    assert (cards["Œufs"].unit_price, cards["Farine"].unit_price) == (money("0.40"), money("3.00"))
    assert (weighed.compared, cards["Œufs"].compared) == (
        UnitPrice(money("11.00"), "g"), UnitPrice(money("0.40"), "piece"),
    )  # fmt: skip


def test_a_piece_is_named_by_its_packaging_and_compared_by_its_weight(shop: Shop) -> None:
    for name, label in (("Ail rose", "tresse 500 g"), ("Radis", "botte")):
        pack = shop.product(name, price="7.50", unit="piece")
        Packaging.objects.filter(pk=pack.pk).update(label=label)
    garlic, radish = shop.cards()["Ail rose"], shop.cards()["Radis"]
    for url in (shop.url, f"{shop.url}{garlic.product_code}/", f"{shop.url}{radish.product_code}/"):
        assert "la pièce" not in shop.client.get(url).content.decode()
    page = shop.client.get(shop.url).content.decode()
    assert ("7,50\u00a0€</b> <small>tresse 500\u00a0g</small>" in page, "15,00\u00a0€/kg" in page) == (True, True)
    assert "7,50\u00a0€</b> <small>botte</small>" in page


def test_my_own_order_counts_as_free_for_me(shop: Shop) -> None:
    pack = shop.product("Choux", packs=4)
    ordering.place(
        household=shop.home, collection=shop.collection, wish={pack.pk: 3}, by=shop.home.members.get(), now=make.now()
    )
    other = make.household()
    assert (shop.cards()["Choux"].packs_left, shop.cards()["Choux"].quantity) == (4, 3)
    assert [card.packs_left for card in shelf.cards(shop.collection, other, {})] == [1]


def test_a_kept_card_follows_price_stock_favourite_and_language(shop: Shop) -> None:
    pack = shop.product("Choux", packs=20)
    other = make.household()

    def page() -> str:
        return str(shop.client.get(shop.url).content.decode())

    assert "2,50" in page()
    assert 'class="tag carrot"' not in page()
    Offer.objects.filter(packaging=pack).update(price=money("3.75"))
    assert "3,75" in page()
    make.join(other, shop.collection.point)
    ordering.place(household=other, collection=shop.collection, wish={pack.pk: 17}, by=None, now=make.now())
    assert 'class="tag carrot"' in page()
    assert 'aria-pressed="false"' in page()
    Favourite.objects.create(household=shop.home, product=pack.product)
    assert 'aria-pressed="true"' in page()
    assert "Ajouter" in page()
    shop.home.members.update(language="en")
    assert "Ajouter" not in page()
    make.passed(shop.collection)
    assert 'name="add"' not in page()


def test_filters(shop: Shop) -> None:
    carrots = shop.product("Pâté végétal", allergens=["celery"], labels=["Bio"])
    shop.product("Fromage", aisle="dairy", allergens=["milk"])
    shop.product("Inconnu", aisle="dairy", allergens=None)
    shop.product("Radis", allergens=[])
    Favourite.objects.create(household=shop.home, product=carrots.product)

    def names(query: str) -> list[str]:
        page = shop.client.get(f"{shop.url}?{query}")
        return [card.name for _code, _name, cards in page.context["shelves"] for card in cards]

    assert names("") == ["Pâté végétal", "Radis", "Fromage", "Inconnu"]
    assert (
        names("q=pate") == names("q=PRE%20vegetal") == names("label=Bio") == names("favourites=1") == ["Pâté végétal"]
    )
    assert names("aisle=dairy") == ["Fromage", "Inconnu"]
    assert names("without=milk") == ["Pâté végétal", "Radis"]
    shop.product("Surprise", aisle="", allergens=["milk"])
    assert names("aisle=other") == ["Surprise"]
    assert '<a class="chip" href="?aisle=other">Autres</a>' in shop.client.get(shop.url).content.decode()
    assert names(f"farm={shop.farm.code}") == names("aisle=nonsense")
    assert names("q=rien") == []


def test_a_heart_is_turned_on_and_off(shop: Shop) -> None:
    pack = shop.product("Choux")
    url = f"{shop.url}favoris/{pack.product.code}/"
    assert b'aria-pressed="true"' in shop.client.post(url, headers={"HX-Request": "true"}).content
    assert shop.cards()["Choux"].favourite is True
    assert shop.client.post(url).status_code == 302
    assert shop.cards()["Choux"].favourite is False


def test_the_product_page_tells_unknown_from_none_and_shares_the_price(shop: Shop) -> None:
    bread = shop.product("Pain", price="5.20", allergens=["gluten"])
    unknown = shop.product("Inconnu", allergens=None)
    page = shop.client.get(f"{shop.url}{bread.product.code}/")
    share = page.context["share"]
    assert (share.producer, share.host, share.hub) == (money("4.16"), money("0.42"), money("0.62"))
    assert page.context["allergens"] == ["gluten"]
    assert unknown.product.allergens is None
    assert shop.client.get(f"{shop.url}{unknown.product.code}/").status_code == 200
    assert shop.client.get(f"{shop.url}NOSUCHCODE/").status_code == 404


def test_strangers_find_nothing_and_change_nothing(shop: Shop) -> None:
    pack = shop.product("Choux")
    shop.client.force_login(make.household().members.get())
    paths = [shop.url, f"{shop.url}{pack.product.code}/", f"/ma-commande/{shop.collection.code}/"]
    assert [shop.client.get(path).status_code for path in paths] == [404, 404, 404]
    assert shop.step(pack, 1, 0).status_code == 404  # type: ignore[attr-defined]
    assert shop.client.post(f"{shop.url}souhait/", {"add": pack.code}).status_code == 404
    shop.client.logout()
    assert shop.client.get(shop.url).status_code == 302
    assert wishes.current(shop.home, shop.collection) == {}


def test_nav_leads_to_the_sale_that_closes_first(shop: Shop) -> None:
    assert shop.client.get("/boutique/").headers["Location"] == shop.url
    make.passed(shop.collection)
    assert shop.client.get("/boutique/").headers["Location"] == "/"


def test_the_page_of_what_is_sold_out_estimates_nothing(shop: Shop) -> None:
    pack = make.weighed(shop.farm, "11.00")
    make.offer(pack, shop.collection, 0)
    page = shop.client.get(f"{shop.url}{pack.product.code}/").content.decode()
    assert "Épuisé" in page
    assert "11,00\xa0€/kg" in page
    assert "19,80" not in page.split('class="facts"')[0]
    assert "25,30" not in page


def test_a_shop_left_open_over_the_deadline_says_that_it_is_closed(shop: Shop) -> None:
    pack = shop.product("Choux")
    shop.step(pack, 1, 0)
    make.passed(shop.collection)
    asked = shop.step(pack, 2, 1)
    assert (asked.status_code, asked.headers["HX-Redirect"]) == (409, shop.url)  # type: ignore[attr-defined]
    page = shop.client.get(shop.url)
    closed = "Les commandes sont closes\u202f: ceci n’est plus pris en compte. Ce qui était commandé avant le reste."
    assert [str(message) for message in page.context["messages"]] == [closed]
    typed = {f"q-{pack.code}": "2", f"s-{pack.code}": "1"}
    answer = shop.client.post(f"{shop.url}souhait/", typed, follow=True)
    assert [str(message) for message in answer.context["messages"]] == [closed]
    assert wishes.current(shop.home, shop.collection) == {pack.pk: 1}
