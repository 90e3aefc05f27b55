"""Farms for everybody: the list, one farm, one product; where the links lead whom."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from hub.models import Collection, Hub
from hub.money import money
from producers.models import Offer, Producer, Product, Stock
from tests import make

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def point():
    make.fees()
    return make.point(name="Grange des Tilleuls", address="4 rue du Lavoir")


@pytest.fixture
def farm(point):
    return make.producer(
        point, name="Ferme des Ormeaux", story="Trente vaches.\n\nUne baratte.", email="ormeaux@exemple.fr",
        legal_name="GAEC des Ormeaux", certifications=["Nature & Progrès"], city="Treffendel",
        iban="FR7630006000011234567890189", phone="02 99 00 00 00",
    )  # fmt: skip


@pytest.fixture
def sale(point):
    return make.collection(point)


def sold(farm, sale, price="4.40", packs: int | None = 10, **product):
    values = {"producer": farm, "name": "Tomme", "unit": "g", "vat_rate": Decimal("5.5"), "aisle": "dairy"} | product
    pack = make.packaging(farm, price, Product.objects.create(**values), label="portion", content=250)
    make.offer(pack, sale, packs=packs)
    return pack


def member_of(client, point):
    home = make.household()
    make.join(home, point)
    client.force_login(home.members.get(), backend=BACKEND)
    return home


def text(answer) -> str:
    return str(answer.content.decode())


def test_a_visitor_reads_what_the_farm_sells_and_where(client, farm, sale):
    pack = sold(farm, sale)
    answer = client.get(reverse("orders:farm", args=[farm.code]))
    page = text(answer)
    assert answer.status_code == 200
    wanted = (
        "Ferme des Ormeaux", "Trente vaches.", "Une baratte.", "Nature &amp; Progrès", "Treffendel", "Tomme", "4,40",
        "17,60", "Grange des Tilleuls", "4 rue du Lavoir", "GAEC des Ormeaux", "0,80", "0,08", "0,12",
    )  # fmt: skip
    assert [words for words in wanted if words not in page] == []
    assert [words for words in (farm.email, farm.phone, farm.iban, 'name="add"') if words in page] == []
    assert f'href="{pack.product.code}/"' in page
    assert client.get(reverse("orders:farm-product", args=[farm.code, pack.product.code])).status_code == 200


def test_a_visitor_reads_a_product_with_what_is_not_known(client, farm, sale):
    pack = sold(farm, sale)
    address = reverse("orders:farm-product", args=[farm.code, pack.product.code])
    page = text(client.get(address))
    assert "Non renseigné" in page
    assert "3,52" in page  # the farm's part of 4.40
    assert "/souhait/" not in page
    Product.objects.update(allergens=[])
    assert "Aucun des quatorze" in text(client.get(address))
    Product.objects.update(allergens=["milk"])
    assert "<b>lait</b>" in text(client.get(address))


def test_a_member_who_may_order_is_led_to_the_shop(client, farm, sale, point):
    pack = sold(farm, sale)
    member_of(client, point)
    page = text(client.get(reverse("orders:farm", args=[farm.code])))
    shop = reverse("orders:shop", args=[sale.code])
    assert f'href="{shop}?farm={farm.code}"' in page
    assert f'href="{shop}{pack.product.code}/"' in page
    assert "mailto:ormeaux@exemple.fr" in page
    answer = client.get(reverse("orders:farm-product", args=[farm.code, pack.product.code]))
    assert answer["Location"] == reverse("orders:product", args=[sale.code, pack.product.code])


def test_a_members_own_sale_goes_before_one_that_closes_sooner(client, farm, sale, point):
    other = make.point()
    make.supply(farm, other)
    sooner = make.collection(other, closes_at=make.now() + timedelta(hours=1))
    sold(farm, sale)
    sold(farm, sooner, name="Beurre") if sooner.week != sale.week else None
    assert client.get(reverse("orders:farm", args=[farm.code])).context["collection"] == sooner
    member_of(client, point)
    assert client.get(reverse("orders:farm", args=[farm.code])).context["collection"] == sale


def test_what_is_not_on_sale_is_not_shown(client, farm, sale):
    pack, gone = sold(farm, sale), sold(farm, sale, name="Faisselle")
    Offer.objects.filter(packaging=gone).update(on_sale=False)
    page = client.get(reverse("orders:farm", args=[farm.code]))
    assert [card.code for card in page.context["cards"]] == [pack.code]
    assert client.get(reverse("orders:farm-product", args=[farm.code, gone.product.code])).status_code == 404
    Stock.objects.filter(product=pack.product).update(quantity=0)
    assert "Épuisé" in text(client.get(reverse("orders:farm", args=[farm.code])))


def test_a_farm_without_a_sale_says_so(client, farm):
    page = text(client.get(reverse("orders:farm", args=[farm.code])))
    assert "Rien en vente aux prochaines distributions." in page
    assert "Grange des Tilleuls" in page


def test_an_archived_farm_is_not_found(client, farm, sale):
    pack = sold(farm, sale)
    Producer.objects.update(archived_at=make.now())
    for address in (
        reverse("orders:farm", args=[farm.code]),
        reverse("orders:farm-product", args=[farm.code, pack.product.code]),
    ):
        assert client.get(address).status_code == 404
    assert list(client.get(reverse("orders:farms")).context["farms"]) == []


def test_the_list_puts_those_who_sell_first(client, farm, sale):
    idle = make.producer(name="Abeilles du Mont")
    sold(farm, sale)
    sold(farm, sale, name="Beurre")
    answer = client.get(reverse("orders:farms"))
    assert [(each, each.products_on_sale) for each in answer.context["farms"]] == [(farm, 2), (idle, 0)]
    assert "rien en vente cette semaine" in text(answer)


def test_300_products_cost_as_many_statements_as_one(client, farm, sale, django_assert_num_queries):
    sold(farm, sale)
    address = reverse("orders:farm", args=[farm.code])
    Hub.get()
    with django_assert_num_queries(7):
        client.get(address)
    products = Product.objects.bulk_create(
        Product(producer=farm, name=f"Fromage {n}", unit="g", vat_rate=Decimal("5.5"), aisle="dairy")
        for n in range(300)
    )
    for product in products:
        make.offer(make.packaging(farm, "3.00", product, content=200), sale)
    with django_assert_num_queries(7):
        answer = client.get(address)
    assert len(answer.context["cards"]) == 301


def test_the_price_of_a_weighed_piece_is_an_estimate(client, farm, sale):
    pack = make.weighed(farm, price_per_kg="12.00", content=500, max_content=650)
    make.offer(pack, sale)
    card = client.get(reverse("orders:farm", args=[farm.code])).context["cards"][0]
    assert (card.pack_price, card.most_price, card.unit_price) == (money("6.00"), money("7.80"), money("12.00"))


def test_nothing_is_read_of_a_cancelled_collection(client, farm, sale):
    sold(farm, sale)
    Collection.objects.update(cancelled_at=make.now(), status="cancelled")
    assert client.get(reverse("orders:farm", args=[farm.code])).context["collection"] is None
