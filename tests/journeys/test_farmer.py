"""A farmer's week in a browser: at a desk with a keyboard, and in a field with a thumb."""

import io
import re
from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Locator, Page, Route, expect

from hub import calendar
from hub.money import money
from orders import ordering
from producers.models import Offer, Packaging, Product, Stock
from tests import make
from tests.journeys.conftest import TABLET

pytestmark = pytest.mark.browser

NAMES = ("Ail", "Betteraves", "Carottes", "Épinards")


@pytest.fixture
def farm(committed: str) -> SimpleNamespace:
    """Four products, sold last week at 2 €, and the sale that is open now."""
    point = make.point()
    producer = make.producer(point)
    sale = make.collection(point)
    last = calendar.shift_week(sale.week, -1)
    packs = {}
    for name in NAMES:
        product = Product.objects.create(producer=producer, name=name, unit="piece", vat_rate=Decimal("5.5"))
        packs[name] = make.packaging(producer, "2.00", product, label="botte")
        stock = Stock.objects.create(product=product, week=last, quantity=30, reserved=12)
        Offer.objects.create(packaging=packs[name], stock=stock, week=last, price=money("2.00"))
    home = make.household()
    make.join(home, point)
    return SimpleNamespace(producer=producer, farmer=make.farmer(producer), sale=sale, packs=packs, home=home)


def row(page: Page, pack: Packaging) -> Locator:
    return page.locator(f"#row-{pack.code}")


def cell(page: Page, pack: Packaging, column: str = "quantity") -> Locator:
    return row(page, pack).locator(f'input[data-column="{column}"]')


def published(farm: SimpleNamespace) -> list[tuple[str, int | None, Decimal, bool]]:
    """Product, quantity, price and whether it is on sale in the open week."""
    offers = Offer.objects.filter(week=farm.sale.week).order_by("packaging__product__name")
    return [
        (o.packaging.product.name, o.stock.quantity, o.price.amount, o.on_sale)
        for o in offers.select_related("packaging__product", "stock")
    ]


def paste(page: Page, into: Locator, text: str) -> None:
    """What a copied column of a spreadsheet does."""
    into.focus()
    page.evaluate(
        """(text) => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            document.activeElement.dispatchEvent(
                new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        text,
    )


def test_two_presses_from_the_front_door_to_a_week_on_sale(open_as: Callable[..., Page], farm: SimpleNamespace) -> None:
    page = open_as(farm.farmer, viewport=TABLET)
    page.goto("/ma-semaine/")
    expect(page.locator("h1")).to_contain_text("Ma semaine")
    expect(row(page, farm.packs["Ail"])).to_contain_text("12 / 30")
    expect(row(page, farm.packs["Ail"])).to_contain_text("à confirmer")
    assert cell(page, farm.packs["Ail"]).input_value() == "30"
    assert published(farm) == []
    page.get_by_role("button", name="Comme la semaine dernière").click()
    expect(row(page, farm.packs["Épinards"])).to_contain_text("enregistré")
    assert published(farm) == [
        (name, 30, Decimal("2.00"), True) for name in ("Ail", "Betteraves", "Carottes", "Épinards")
    ]


def test_with_the_keyboard_down_a_column_and_back(open_as: Callable[..., Page], farm: SimpleNamespace) -> None:
    page = open_as(farm.farmer, viewport=TABLET)
    page.goto(f"/ma-semaine/{farm.producer.code}/{farm.sale.week}/")
    ail, betteraves, carottes, epinards = (farm.packs[name] for name in NAMES)
    cell(page, ail).fill("25")
    cell(page, ail).press("Enter")
    expect(cell(page, betteraves)).to_be_focused()
    page.keyboard.type("18")
    page.keyboard.press("Enter")
    expect(row(page, ail)).to_contain_text("enregistré")
    expect(row(page, betteraves)).to_contain_text("enregistré")
    expect(cell(page, carottes)).to_be_focused()
    page.keyboard.press("Shift+Enter")
    expect(cell(page, betteraves)).to_be_focused()
    assert published(farm) == [("Ail", 25, Decimal("2.00"), True), ("Betteraves", 18, Decimal("2.00"), True)]

    paste(page, cell(page, ail, "price"), "2,10\n2,20\n2,30 €\n2,40\n")
    expect(row(page, epinards)).to_contain_text("enregistré")
    expect(row(page, carottes)).to_contain_text("enregistré")
    expect(row(page, ail)).to_contain_text("enregistré")
    expect(cell(page, carottes, "price")).to_have_value("2,30")
    assert [price for _name, _packs, price, _on in published(farm)] == [
        Decimal(p) for p in ("2.10", "2.20", "2.30", "2.40")
    ]

    row(page, ail).get_by_role("button", name="Annuler").click()
    expect(cell(page, ail, "price")).to_have_value("2,00")
    assert Offer.objects.get(packaging=ail, week=farm.sale.week).price == money("2.00")


def test_what_is_typed_while_the_row_is_saved_is_saved_too(open_as: Callable[..., Page], farm: SimpleNamespace) -> None:
    page = open_as(farm.farmer, viewport=TABLET)
    page.goto(f"/ma-semaine/{farm.producer.code}/{farm.sale.week}/")
    ail = farm.packs["Ail"]
    held: list[Route] = []
    page.route("**/lignes/**", lambda route: route.continue_() if held else held.append(route))
    cell(page, ail).fill("25")
    cell(page, ail).press("Tab")
    price = cell(page, ail, "price")
    price.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("2,60")
    held[0].continue_()
    expect(row(page, ail)).to_contain_text("enregistré")
    expect(price).to_have_value("2,60")
    price.blur()
    page.wait_for_load_state("networkidle")
    expect(row(page, ail)).to_contain_text("enregistré")
    assert published(farm) == [("Ail", 25, Decimal("2.60"), True)]


def test_less_than_is_reserved_is_refused_with_the_figure(open_as: Callable[..., Page], farm: SimpleNamespace) -> None:
    ail = farm.packs["Ail"]
    make.offer(ail, farm.sale, packs=30)
    ordering.place(household=farm.home, collection=farm.sale, wish={ail.pk: 7}, by=None, now=make.now())
    page = open_as(farm.farmer, viewport=TABLET)
    page.goto(f"/ma-semaine/{farm.producer.code}/{farm.sale.week}/")
    cell(page, ail).fill("6")
    cell(page, ail).press("Enter")
    expect(row(page, ail).get_by_role("alert")).to_contain_text("7 sont déjà réservé")
    expect(cell(page, ail)).to_have_value("6")
    expect(cell(page, ail)).to_have_attribute("aria-invalid", "true")
    assert Stock.objects.get(product=ail.product, week=farm.sale.week).quantity == 30
    cell(page, ail).fill("7")
    cell(page, ail).press("Enter")
    expect(row(page, ail)).to_contain_text("rupture")
    assert Stock.objects.get(product=ail.product, week=farm.sale.week).quantity == 7


def test_with_a_thumb_one_more_and_none_left(open_as: Callable[..., Page], farm: SimpleNamespace) -> None:
    page = open_as(farm.farmer)
    page.goto(f"/ma-semaine/{farm.producer.code}/{farm.sale.week}/")
    ail, carottes = farm.packs["Ail"], farm.packs["Carottes"]
    more = row(page, ail).get_by_role("button", name="un de plus")
    for _each in range(5):
        more.click()
    expect(row(page, ail)).to_contain_text("enregistré")
    page.wait_for_load_state("networkidle")
    expect(row(page, ail)).to_contain_text("enregistré")
    expect(cell(page, ail)).to_have_value("35")
    assert published(farm) == [("Ail", 35, Decimal("2.00"), True)]
    row(page, carottes).get_by_role("button", name="Rupture").click()
    expect(row(page, carottes).locator(".state")).to_contain_text("rupture")
    assert published(farm)[1] == ("Carottes", 0, Decimal("2.00"), True)
    assert page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("wide", [320, 390])
def test_a_thousand_can_be_read_on_a_small_phone(
    open_as: Callable[..., Page], farm: SimpleNamespace, wide: int
) -> None:
    page = open_as(farm.farmer, viewport={"width": wide, "height": 844})
    page.goto(f"/ma-semaine/{farm.producer.code}/{farm.sale.week}/")
    field = cell(page, farm.packs["Ail"])
    field.fill("1000")
    assert field.evaluate("(input) => input.scrollWidth <= input.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth") == wide


def test_a_thumb_does_not_limit_what_is_unlimited(open_as: Callable[..., Page], farm: SimpleNamespace) -> None:
    ail = farm.packs["Ail"]
    make.offer(ail, farm.sale, packs=None)
    page = open_as(farm.farmer)
    page.goto(f"/ma-semaine/{farm.producer.code}/{farm.sale.week}/")
    row(page, ail).get_by_role("button", name="un de plus").click()
    expect(cell(page, ail)).to_be_focused()
    expect(cell(page, ail)).to_have_value("illimité")
    assert Stock.objects.get(product=ail.product, week=farm.sale.week).quantity is None


def test_a_row_is_found_among_many(open_as: Callable[..., Page], farm: SimpleNamespace) -> None:
    for _each in range(20):
        make.packaging(farm.producer)
    page = open_as(farm.farmer)
    page.goto(f"/ma-semaine/{farm.producer.code}/{farm.sale.week}/")
    page.get_by_label("Chercher un produit").fill("epi")
    expect(page.locator("[data-grid] tbody tr:visible")).to_have_count(1)
    expect(row(page, farm.packs["Épinards"])).to_be_visible()
    page.get_by_label("Chercher un produit").fill("")
    expect(page.locator("[data-grid] tbody tr:visible")).to_have_count(24)


def test_a_photo_from_the_phone_is_on_the_product_at_once(
    open_as: Callable[..., Page], farm: SimpleNamespace, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    photo = io.BytesIO()
    Image.new("RGB", (4000, 3000), "orange").save(photo, "JPEG")
    product = farm.packs["Carottes"].product
    page = open_as(farm.farmer)
    page.goto(f"/catalogue/{farm.producer.code}/{product.code}/")
    chooser = page.get_by_label("Ajouter une photo")
    chooser.set_input_files({"name": "IMG_0001.jpg", "mimeType": "image/jpeg", "buffer": photo.getvalue()})
    shown = page.locator("#photo img")
    expect(shown).to_have_attribute("alt", "Carottes")
    expect(shown).to_have_attribute("src", re.compile(r"/photos/[0-9a-f]{32}-480\.webp"))
    page.wait_for_function("document.querySelector('#photo img').naturalWidth > 0")
    other: FilePayload = {
        "name": "IMG_0002.jpg",
        "mimeType": "image/jpeg",
        "buffer": b"<!doctype html><script>alert(1)</script>",
    }
    page.get_by_label("Une autre photo").set_input_files(other)
    expect(page.locator("#photo").get_by_role("alert")).to_contain_text("n’est pas une photo lisible")
    assert len(Product.objects.get(pk=product.pk).photo) == 32
    page.get_by_role("button", name="Retirer la photo").click()
    expect(page.locator("#photo img")).to_have_count(0)
    assert Product.objects.get(pk=product.pk).photo == ""
