"""My week, the grid: one row at a time with htmx, the whole as one form without."""

import json
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from hub.calendar import shift_week
from producers import stock
from producers.models import Offer, Product, Stock
from producers.stock import Row
from tests import make

pytestmark = pytest.mark.django_db
NOW = make.now()


class Farm:
    """A farm with one person, two products sold last week, and an open sale."""

    def __init__(self, client):
        point = make.point()
        self.producer = make.producer(point)
        self.sale = make.collection(point)
        self.week = self.sale.week
        self.last = shift_week(self.week, -1)
        self.person = make.farmer(self.producer)
        self.carrot, self.leek = make.packaging(self.producer, "2.50"), make.packaging(self.producer, "2.80")
        before = NOW - timedelta(days=7)
        rows = [Row(self.carrot.pk, packs=120), Row(self.leek.pk, packs=90)]
        stock.publish(producer=self.producer, rows=rows, week=self.last, by=None, now=before)
        Stock.objects.filter(product=self.carrot.product).update(reserved=96)
        self.client = client
        client.force_login(self.person, backend="allauth.account.auth_backends.AuthenticationBackend")

    @property
    def page(self):
        return reverse("producers:week", args=[self.producer.code, self.week])

    def save(self, packaging, quantity=None, price="2,50", on_sale="on"):
        typed = {"quantity": quantity, "price": price, "on_sale": on_sale}
        data = {f"{packaging.code}-{name}": value for name, value in typed.items() if value is not None}
        url = reverse("producers:week-row", args=[self.producer.code, self.week, packaging.code])
        return self.client.post(url, data, headers={"HX-Request": "true"})

    def everything(self, **changes):
        typed: dict[str, str] = {}
        for packaging, quantity, price in ((self.carrot, "120", "2,50"), (self.leek, "90", "2,80")):
            typed |= {
                f"{packaging.code}-quantity": quantity,
                f"{packaging.code}-price": price,
                f"{packaging.code}-on_sale": "on",
            }
        return self.client.post(self.page, typed | changes)


@pytest.fixture
def farm(client):
    return Farm(client)


def saved(farm):
    offers = Offer.objects.filter(week=farm.week).order_by("pk")
    return [(offer.packaging_id, offer.stock.quantity, str(offer.price.amount), offer.on_sale) for offer in offers]


def test_what_is_ordered_is_told_exactly_where_packagings_share_a_stock(farm):
    """Eleven packs of a kilogram would be more than the 10.5 kg that are ordered."""
    roots = Product.objects.create(producer=farm.producer, name="Panais", unit="g", vat_rate="5.5")
    kilo, half = (make.packaging(farm.producer, price, roots, content=g) for price, g in (("3", 1000), ("1.60", 500)))
    rows = [Row(kilo.pk, packs=20), Row(half.pk)]
    for week, ordered, now in ((farm.last, 7500, NOW - timedelta(days=7)), (farm.week, 10500, NOW)):
        stock.publish(producer=farm.producer, rows=rows, week=week, by=None, now=now)
        Stock.objects.filter(product=roots, week=week).update(reserved=ordered)
    page = farm.client.get(farm.page).content.decode().replace("\u202f", " ").replace("\xa0", " ")
    assert '<b>10,5 kg</b> <span class="soft">réservés</span>' in page
    assert '<b>7,5 kg</b> <span class="soft">/ 20 kg</span>' in page
    assert '<b>96</b> <span class="soft">/ 120</span>' in page


def test_the_grid_is_filled_in_from_last_week_with_what_was_sold(farm):
    page = farm.client.get(farm.page)
    carrot, leek = (form.line for form in page.context["forms"])
    assert (carrot.packs, carrot.sold, carrot.sold_of, carrot.is_prefilled) == (120, 96, 120, True)
    assert (leek.packs, leek.sold, leek.is_saved) == (90, 0, False)
    assert saved(farm) == []


def test_one_row_saves_itself_and_answers_with_the_row(farm):
    answer = farm.save(farm.carrot, "80", "2,60")
    assert answer.status_code == 200
    assert answer.templates[0].name == "producers/_week_row.html"
    assert f'id="row-{farm.carrot.code}"' in answer.text
    assert "<html" not in answer.text
    assert saved(farm) == [(farm.carrot.pk, 80, "2.60", True)]


def test_a_row_below_what_is_reserved_is_422_with_the_figure_in_place(farm):
    farm.save(farm.carrot, "80")
    Stock.objects.filter(week=farm.week).update(reserved=24)
    answer = farm.save(farm.carrot, "20")
    assert answer.status_code == 422
    assert "24 sont déjà réservés. Mettez 24 ou plus." in answer.text
    assert 'value="20"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert saved(farm) == [(farm.carrot.pk, 80, "2.50", True)]


def test_a_saved_row_can_be_had_again_as_it_was(farm):
    assert farm.save(farm.carrot, "80").context["undo"] == ""
    answer = farm.save(farm.carrot, "60", "2,90", on_sale=None)
    was = json.loads(answer.context["undo"])
    code = farm.carrot.code
    assert was == {f"{code}-quantity": "80", f"{code}-price": "2,50", f"{code}-on_sale": "on"}
    assert saved(farm) == [(farm.carrot.pk, 60, "2.90", False)]
    farm.client.post(reverse("producers:week-row", args=[farm.producer.code, farm.week, code]), was)
    assert saved(farm) == [(farm.carrot.pk, 80, "2.50", True)]


def test_a_price_of_zero_counts_only_when_it_is_said_to_be_meant(farm):
    asked = farm.save(farm.leek, "90", price="0,00")
    assert (asked.status_code, Offer.objects.filter(week=farm.week).count()) == (422, 0)
    box = f'name="{farm.leek.code}-free"'
    assert "personne ne le paie" in asked.content.decode()
    assert box in asked.content.decode()
    whole = farm.everything(**{f"{farm.leek.code}-price": "0"})
    assert (whole.status_code, Offer.objects.filter(week=farm.week).count()) == (422, 0)
    assert whole.content.decode().count(box) == 1
    told = farm.everything(**{f"{farm.leek.code}-price": "0", f"{farm.leek.code}-free": "on"})
    assert told.status_code == 302
    assert Offer.objects.get(week=farm.week, packaging=farm.leek).price.amount == 0
    again = farm.save(farm.leek, "80", price="0,00")
    assert again.status_code == 200, "what is free already is not asked about again"
    assert box not in again.content.decode()


def test_a_price_that_was_zero_can_be_had_again(farm):
    farm.everything(**{f"{farm.leek.code}-price": "0", f"{farm.leek.code}-free": "on"})
    paid = farm.save(farm.leek, "90", price="1,00")
    undo = json.loads(paid.context["undo"])
    url = reverse("producers:week-row", args=[farm.producer.code, farm.week, farm.leek.code])
    assert farm.client.post(url, undo, headers={"HX-Request": "true"}).status_code == 200
    assert Offer.objects.get(week=farm.week, packaging=farm.leek).price.amount == 0


@pytest.mark.parametrize(
    ("quantity", "price"),
    [("douze", "2,50"), ("1,5", "2,50"), ("-3", "2,50"), ("3", "cher"), ("3", "10001"), ("3", "-1")],
)
def test_what_cannot_be_read_is_422_and_changes_nothing(farm, quantity, price):
    assert farm.save(farm.carrot, quantity, price).status_code == 422
    assert saved(farm) == []


@pytest.mark.parametrize(
    ("typed", "quantity"),
    [("1 200", 1200), ("12,0", 12), ("illimité", None), ("Unlimited", None), ("rupture", 0), ("0", 0)],
)
def test_quantities_as_people_write_them(farm, typed, quantity):
    assert farm.save(farm.carrot, typed).status_code == 200
    assert saved(farm) == [(farm.carrot.pk, quantity, "2.50", True)]


def test_on_sale_without_a_quantity_is_asked_for(farm):
    new = make.packaging(farm.producer)
    assert farm.save(new, "", "3,00").status_code == 422
    assert saved(farm) == []


def test_a_sibling_saved_first_brings_last_weeks_stock_to_the_base_unit(farm):
    product = Product.objects.create(producer=farm.producer, name="Pommes de terre", unit="g", vat_rate="5.5")
    sack = make.packaging(farm.producer, "6.50", product, content=5000)
    kilo = make.packaging(farm.producer, "1.60", product, content=1000, position=1)
    rows = [Row(sack.pk, units=243_000), Row(kilo.pk)]
    stock.publish(producer=farm.producer, rows=rows, week=farm.last, by=None, now=NOW - timedelta(days=7))
    assert farm.save(kilo, price="1,70").status_code == 200
    assert saved(farm) == [(kilo.pk, 243_000, "1.70", True)]


def test_without_javascript_one_form_saves_all_rows(farm):
    answer = farm.everything(**{f"{farm.leek.code}-quantity": "60"})
    assert (answer.status_code, answer.url) == (302, farm.page)
    assert saved(farm) == [(farm.carrot.pk, 120, "2.50", True), (farm.leek.pk, 60, "2.80", True)]


def test_one_wrong_row_saves_none_and_keeps_what_was_typed(farm):
    answer = farm.everything(**{f"{farm.leek.code}-price": "deux", f"{farm.carrot.code}-quantity": "77"})
    assert answer.status_code == 422
    assert 'value="77"' in answer.text
    assert 'value="deux"' in answer.text
    assert answer.context["problems"] == 1
    assert saved(farm) == []


def test_rows_left_alone_stay_out_of_the_sale(farm):
    new = make.packaging(farm.producer, "3.00")
    untouched = {f"{new.code}-quantity": "", f"{new.code}-price": "3,00", f"{new.code}-on_sale": "on"}
    assert farm.everything(**untouched).status_code == 302
    assert not Offer.objects.filter(packaging=new).exists()


def test_the_same_as_last_week_in_one_press(farm):
    answer = farm.client.post(reverse("producers:week-copy", args=[farm.producer.code, farm.week]))
    assert answer.url == farm.page
    assert [str(said) for said in get_messages(answer.wsgi_request)] == ["2 produits comme la semaine dernière."]
    assert saved(farm) == [(farm.carrot.pk, 120, "2.50", True), (farm.leek.pk, 90, "2.80", True)]


def test_my_week_goes_to_the_week_of_the_next_deadline(farm):
    assert farm.client.get(reverse("producers:week")).url == farm.page


def test_a_week_that_is_over_is_said_and_not_written(farm):
    old = shift_week(farm.week, -5)
    url = reverse("producers:week-row", args=[farm.producer.code, old, farm.carrot.code])
    answer = farm.client.post(url, {f"{farm.carrot.code}-quantity": "5", f"{farm.carrot.code}-price": "2,50"})
    assert (answer.status_code, Stock.objects.filter(week=old).count()) == (422, 0)
    assert "Cette semaine est passée." in answer.text


def test_anothers_farm_does_not_exist(farm, client):
    neighbour = make.producer()
    theirs = make.packaging(neighbour)
    assert client.get(reverse("producers:week", args=[neighbour.code, farm.week])).status_code == 404
    assert client.post(reverse("producers:week-copy", args=[neighbour.code, farm.week])).status_code == 404
    for code in (neighbour.code, farm.producer.code):
        url = reverse("producers:week-row", args=[code, farm.week, theirs.code])
        assert client.post(url, {f"{theirs.code}-quantity": "1"}).status_code == 404
    assert not Stock.objects.filter(product=theirs.product).exists()
    client.force_login(make.household().members.get(), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(farm.page).status_code == 404
    client.logout()
    assert client.get(farm.page).status_code == 302


def test_getting_a_page_writes_nothing(farm):
    for name, arguments in (("week-copy", []), ("week-row", [farm.carrot.code])):
        assert (
            farm.client.get(reverse(f"producers:{name}", args=[farm.producer.code, farm.week, *arguments])).status_code
            == 405
        )
    assert saved(farm) == []


def test_300_rows_take_as_many_queries_as_three(farm, django_assert_max_num_queries):
    for number in range(298):
        make.packaging(farm.producer, label=f"un nom de conditionnement assez long pour la colonne {number}")
    with django_assert_max_num_queries(20):
        page = farm.client.get(farm.page)
    assert len(page.context["forms"]) == 300


def test_a_farm_without_products_is_told_how_to_begin(client):
    producer = make.producer()
    person = make.farmer(producer)
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = client.get(reverse("producers:week", args=[producer.code, "2026-W48"]))
    assert "Aucun produit pour l’instant" in page.text
