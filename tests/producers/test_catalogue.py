"""The catalogue: products and packagings come, change and go; what is ordered stays as it was."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from hub.models import Activity
from hub.money import money
from orders import ordering
from orders.models import OrderLine
from producers import catalogue
from producers.models import Packaging, Product
from tests import make

pytestmark = pytest.mark.django_db
NOW = make.now()
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def person(farm):
    return make.farmer(farm)


def new_product(farm, **fields):
    return Product(**{"producer": farm, "name": "Poulet fermier", "unit": "g", "vat_rate": Decimal("5.5")} | fields)


def new_packaging(**fields):
    return Packaging(**{"label": "pièce", "content": 1800, "price": money("11.00")} | fields)


def ordered(pack):
    """A household's order of two packs."""
    point = make.point()
    make.supply(pack.producer, point)
    sale = make.collection(point)
    make.offer(pack, sale)
    home = make.household()
    make.join(home, point)
    ordering.place(household=home, collection=sale, wish={pack.pk: 2}, by=None, now=NOW)
    return OrderLine.objects.filter(packaging=pack)


def test_a_weighed_piece_gets_a_greatest_weight_marked_as_assumed(farm, person):
    made = catalogue.add_product(
        product=new_product(farm), packaging=new_packaging(weighed=True, content=1801), by=person, now=NOW
    )
    pack = made.packagings.get()
    assert (pack.producer, pack.max_content, pack.max_assumed) == (farm, 2252, True)
    assert Activity.objects.get().verb == "product.added"


def test_a_greatest_weight_that_is_given_is_kept(farm, person):
    pack = new_packaging(weighed=True, max_content=1900)
    made = catalogue.add_product(product=new_product(farm), packaging=pack, by=person, now=NOW)
    assert made.packagings.values_list("max_content", "max_assumed").get() == (1900, False)


@pytest.mark.parametrize(
    ("product", "packaging"),
    [
        ({"name": ""}, {}),
        ({"vat_rate": Decimal(31)}, {}),
        ({}, {"content": 0}),
        ({}, {"price": money("10000.01")}),
        ({}, {"weighed": True, "max_content": 1799}),
        ({"unit": "piece"}, {"weighed": True}),
    ],
)
def test_what_the_models_refuse_is_not_written(farm, person, product, packaging):
    with pytest.raises(ValidationError):
        catalogue.add_product(
            product=new_product(farm, **product), packaging=new_packaging(**packaging), by=person, now=NOW
        )
    assert (Product.objects.count(), Packaging.objects.count(), Activity.objects.count()) == (0, 0, 0)


def test_a_new_price_and_label_leave_placed_lines_alone(farm, person):
    pack = make.packaging(farm, "2.50")
    lines = ordered(pack)
    before = lines.values().get()
    pack.price, pack.label = money("4.00"), "grosse botte"
    catalogue.edit_packaging(packaging=pack, by=person, now=NOW)
    assert lines.values().get() == before
    assert Packaging.objects.get().price == money("4.00")


def test_the_content_of_an_ordered_packaging_stays(farm, person):
    pack = make.packaging(farm)
    ordered(pack)
    acts = Activity.objects.count()
    pack.content = 2
    with pytest.raises(catalogue.ContentOrdered):
        catalogue.edit_packaging(packaging=pack, by=person, now=NOW)
    assert (Packaging.objects.get().content, Activity.objects.count()) == (1, acts)


def test_the_unit_stays_once_there_was_a_stock(farm, person):
    pack = make.packaging(farm)
    make.offer(pack, make.collection())
    product = pack.product
    product.unit = "g"
    with pytest.raises(catalogue.UnitFixed):
        catalogue.edit_product(product=product, by=person, now=NOW)
    assert Product.objects.get().unit == "piece"


def test_archiving_twice_is_archiving_once(farm, person):
    pack = make.packaging(farm)
    for _each in range(2):
        catalogue.archive_packaging(packaging=pack, by=person, now=NOW)
        catalogue.archive_product(product=pack.product, by=person, now=NOW)
    assert not Packaging.objects.active().exists()
    assert sorted(Activity.objects.values_list("verb", flat=True)) == ["packaging.archived", "product.archived"]


# The pages


@pytest.fixture
def door(client, farm, person):
    client.force_login(person, backend=BACKEND)
    return client


FACTS = {
    "name": "Poulet fermier", "unit": "g", "aisle": "meat", "vat_rate": "5.5", "zone": "chilled", "labels": "AB, Bleu-Blanc-Cœur",
    "packaging-label": "pièce ≈ 1,8 kg", "packaging-content": "1800", "packaging-price": "11,50", "packaging-weighed": "on",
}  # fmt: skip


def test_a_product_is_added_from_the_page(door, farm):
    answer = door.post(reverse("producers:product-new", args=[farm.code]), FACTS)
    product = Product.objects.get()
    assert answer.url == reverse("producers:product", args=[farm.code, product.code])
    assert (product.labels, product.allergens, product.vat_rate) == (["AB", "Bleu-Blanc-Cœur"], None, Decimal("5.50"))
    pack = product.packagings.get()
    assert (pack.price, pack.deposit, pack.max_content, pack.max_assumed) == (money("11.50"), money(0), 2250, True)


def test_labels_are_shown_with_a_space_and_an_empty_one_is_none(door, farm):
    door.post(reverse("producers:product-new", args=[farm.code]), FACTS | {"labels": " AB ,, Bleu-Blanc-Cœur, "})
    product = Product.objects.get()
    assert product.labels == ["AB", "Bleu-Blanc-Cœur"]
    page = door.get(reverse("producers:product", args=[farm.code, product.code]))
    assert 'value="AB, Bleu-Blanc-Cœur"' in page.text


def test_a_label_that_is_too_long_is_named_and_nothing_typed_is_lost(door, farm):
    typed = "AB," + "x" * 31
    answer = door.post(reverse("producers:product-new", args=[farm.code]), FACTS | {"labels": typed})
    assert (answer.status_code, Product.objects.count()) == (422, 0)
    assert answer.context["form"].errors["labels"][0].startswith("N° 2 : ")
    assert f'value="{typed}"' in answer.text


def test_lists_say_what_no_choice_means(door, farm):
    page = door.get(reverse("producers:product-new", args=[farm.code])).text
    assert '<option value="" selected>Choisissez l’unité</option>' in page
    assert '<option value="" selected>Sans rayon</option>' in page
    assert "-----" not in page


def test_allergens_that_were_checked_are_not_unknown(door, farm):
    door.post(reverse("producers:product-new", args=[farm.code]), FACTS | {"allergens_known": "on"})
    assert Product.objects.get().allergens == []
    door.post(reverse("producers:product-new", args=[farm.code]), FACTS | {"name": "Œufs", "allergens": ["eggs"]})
    assert Product.objects.get(name="Œufs").allergens == ["eggs"]


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"packaging-price": "cher"}, {"packaging-max_content": "10"}, {"unit": "piece"}]
)
def test_a_wrong_form_is_422_with_its_errors(door, farm, wrong):
    answer = door.post(reverse("producers:product-new", args=[farm.code]), FACTS | wrong)
    assert answer.status_code == 422
    errors = answer.context["form"].errors | answer.context["packaging_form"].errors
    assert [str(words[0]) in answer.text for words in errors.values()] == [True]
    assert Product.objects.count() == 0


def test_a_name_that_exists_is_said_in_the_form(door, farm):
    new = reverse("producers:product-new", args=[farm.code])
    door.post(new, FACTS)
    answer = door.post(new, FACTS)
    assert answer.status_code == 422
    assert "Cette ferme a déjà un produit de ce nom." in answer.text
    assert Product.objects.count() == 1


def test_the_pages_of_a_product(door, farm):
    pack = make.packaging(farm, "2.50")
    product = pack.product
    own, its = [farm.code, product.code], [farm.code, product.code, pack.code]
    assert product.name in door.get(reverse("producers:catalogue", args=[farm.code])).text
    assert door.get(reverse("producers:product", args=own)).status_code == 200
    assert 'value="2,50"' in door.get(reverse("producers:packaging", args=its)).text
    more = {"packaging-label": "filet de 3", "packaging-content": "3", "packaging-price": "6"}
    assert door.post(reverse("producers:packaging-new", args=own), more).status_code == 302
    assert door.post(reverse("producers:packaging-new", args=own), more).status_code == 422
    changed = {"packaging-label": "la botte", "packaging-content": "1", "packaging-price": "2.80"}
    assert door.post(reverse("producers:packaging", args=its), changed).status_code == 302
    known = product.packagings.values_list("label", "price", "position").order_by("position")
    assert list(known) == [("la botte", Decimal("2.80"), 0), ("filet de 3", Decimal("6.00"), 1)]
    edited = {"name": "Carottes", "unit": "piece", "vat_rate": "5.5", "zone": "dry", "aisle": "vegetables"}
    assert door.post(reverse("producers:product", args=own), edited).status_code == 302
    assert door.post(reverse("producers:packaging-archive", args=its)).status_code == 302
    assert door.post(reverse("producers:product-archive", args=own)).status_code == 302
    assert not Product.objects.active().exists()
    assert door.get(reverse("producers:product", args=own)).status_code == 404


def test_a_packaging_free_of_charge_is_asked_about(door, farm):
    pack = make.packaging(farm, "2.50")
    its = reverse("producers:packaging", args=[farm.code, pack.product.code, pack.code])
    assert 'name="packaging-free"' not in door.get(its).text
    free = {"packaging-label": "la botte", "packaging-content": "1", "packaging-price": "0,00"}
    asked = door.post(its, free)
    pack.refresh_from_db()
    assert (asked.status_code, pack.price.amount) == (422, Decimal("2.50"))
    assert 'name="packaging-free"' in asked.text
    assert door.post(its, free | {"packaging-free": "on"}).status_code == 302
    pack.refresh_from_db()
    assert pack.price.amount == 0
    assert door.post(its, free | {"packaging-label": "botte"}).status_code == 302


def test_an_ordered_packagings_content_is_refused_in_words(door, farm):
    pack = make.packaging(farm)
    ordered(pack)
    its = [farm.code, pack.product.code, pack.code]
    answer = door.post(
        reverse("producers:packaging", args=its),
        {"packaging-label": "lot", "packaging-content": "6", "packaging-price": "2,50"},
    )
    assert answer.status_code == 422
    assert "son contenu reste" in answer.text


def test_anothers_catalogue_does_not_exist(door):
    pack = make.packaging(make.producer())
    product, farm = pack.product, pack.producer
    assert door.get(reverse("producers:catalogue", args=[farm.code])).status_code == 404
    for name, arguments in (
        ("product", [product.code]), ("product-archive", [product.code]), ("packaging-new", [product.code]),
        ("packaging", [product.code, pack.code]), ("packaging-archive", [product.code, pack.code]),
    ):  # fmt: skip
        assert door.post(reverse(f"producers:{name}", args=[farm.code, *arguments])).status_code == 404
    assert (Product.objects.active().count(), Packaging.objects.active().count()) == (1, 1)


def test_300_products_are_two_queries_more(door, farm, django_assert_max_num_queries):
    for _each in range(300):
        make.packaging(farm)
    with django_assert_max_num_queries(12):
        assert len(door.get(reverse("producers:catalogue", args=[farm.code])).context["products"]) == 300
