"""What is touched in the shop is gathered in the browser: one request, nothing lost, nobody overwritten."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Locator, Page, expect

from hub.models import Collection, Household
from orders import ordering, wishes
from orders.models import Favourite, Order
from producers.models import Packaging
from tests import make

pytestmark = pytest.mark.browser


@dataclass
class Shop:
    collection: Collection
    home: Household
    packs: list[Packaging]

    @property
    def url(self) -> str:
        return f"/boutique/{self.collection.code}/"

    @property
    def order_url(self) -> str:
        return f"/ma-commande/{self.collection.code}/"

    def wanted(self) -> dict[int, int]:
        return wishes.current(self.home, self.collection)


@pytest.fixture
def shop(committed: str) -> Shop:
    point = make.point(payment_methods=["at-point"])
    farm, sale, home = make.producer(point), make.collection(point), make.household()
    make.join(home, point)
    make.fees()
    packs = [make.packaging(farm, "2.50") for _ in range(9)]
    for pack in packs[:8]:
        make.offer(pack, sale, 10)
    make.offer(packs[8], sale, 2)
    return Shop(sale, home, packs)


def requests_of(page: Page) -> list[str]:
    """What the page asks of the server from now on, files apart: "POST /boutique/…/souhait/"."""
    asked: list[str] = []
    page.on(
        "request",
        lambda request: (
            asked.append(f"{request.method} /{request.url.split('/', 3)[3]}") if "/static/" not in request.url else None
        ),
    )
    return asked


def add(page: Page, pack: Packaging) -> None:
    page.locator(f'button[name="add"][value="{pack.code}"]').click()


def stepper(page: Page, pack: Packaging) -> Locator:
    return page.locator(f'input[name="q-{pack.code}"]')


def step(page: Page, pack: Packaging, by: int) -> None:
    control(page, pack).locator(f'[data-add="{by}"]').click()


def control(page: Page, pack: Packaging) -> Locator:
    return page.locator(".ctl", has=stepper(page, pack))


def saved(page: Page) -> None:
    expect(page.locator('#total[aria-busy="false"]')).to_be_visible()


def test_eight_products_are_ordered_with_three_requests(open_as: Callable[..., Page], shop: Shop) -> None:
    page = open_as(shop.home.members.get())
    page.goto(shop.url)
    asked = requests_of(page)
    for pack in shop.packs[:8]:
        add(page, pack)
    step(page, shop.packs[0], 1)
    # Drawn at once, before anything was asked.
    expect(page.locator("#total")).to_contain_text("9 articles")
    expect(page.locator("#total .num")).to_have_text("22,50\u00a0€")
    assert [stepper(page, pack).input_value() for pack in shop.packs[:3]] == ["2", "1", "1"]
    assert asked == []
    page.locator(f'aside.bar a[href="{shop.order_url}"]').click()
    expect(page.locator("h1")).to_have_text("Ma commande")
    expect(page.locator("#sums .big")).to_have_text("22,50\u00a0€")
    page.locator("aside.bar button.btn").click()
    expect(page.locator(".toast")).to_contain_text("Votre commande est enregistrée")
    assert asked == [f"POST {shop.url}souhait/", f"GET {shop.order_url}", f"POST {shop.order_url}envoi/"]
    ordered = Order.objects.get().lines.order_by("packaging").values_list("packaging", "quantity")
    assert list(ordered) == [(pack.pk, 2 if pack == shop.packs[0] else 1) for pack in shop.packs[:8]]
    assert page.evaluate("localStorage.length") == 0


def test_after_a_pause_what_was_touched_saves_itself(open_as: Callable[..., Page], shop: Shop) -> None:
    page = open_as(shop.home.members.get())
    page.goto(shop.url)
    asked = requests_of(page)
    first, second, third = shop.packs[:3]
    for pack in (first, second, third):
        add(page, pack)
    stepper(page, second).fill("4")
    stepper(page, second).press("Tab")
    step(page, first, -1)
    expect(page.locator(f'button[name="add"][value="{first.code}"]')).to_be_focused()
    saved(page)
    assert shop.wanted() == {second.pk: 4, third.pk: 1}
    assert asked == [f"POST {shop.url}souhait/"]
    page.reload()
    assert (stepper(page, second).input_value(), stepper(page, third).input_value()) == ("4", "1")


def test_a_session_that_ends_keeps_what_was_touched(open_as: Callable[..., Page], shop: Shop, site: str) -> None:
    page, member, pack = open_as(shop.home.members.get()), shop.home.members.get(), shop.packs[0]
    page.goto(shop.url)
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    add(page, pack)
    link = page.locator("#sign-in-again a")
    expect(link).to_be_visible(timeout=15_000)
    assert link.get_attribute("href") == f"/sign-in/login/?next={quote(shop.url, safe='')}"
    expect(page.locator('#total[aria-busy="true"]')).to_be_visible()
    assert (stepper(page, pack).input_value(), shop.wanted()) == ("1", {})
    client = Client()
    client.force_login(member, backend="allauth.account.auth_backends.AuthenticationBackend")
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": site}])
    page.goto(shop.url)
    saved(page)
    assert shop.wanted() == {pack.pk: 1}


def test_without_a_network_nothing_is_lost(open_as: Callable[..., Page], shop: Shop) -> None:
    page = open_as(shop.home.members.get())
    page.goto(shop.url)
    first, second = shop.packs[:2]
    page.context.set_offline(True)
    add(page, first)
    page.locator(f'aside.bar a[href="{shop.order_url}"]').click()
    # Nobody is led to an error page: the shop stays, and says what it has not saved.
    expect(page.locator("#unsaved")).to_contain_text("pas encore enregistrés")
    assert (stepper(page, first).input_value(), shop.wanted()) == ("1", {})
    page.context.set_offline(False)
    expect(page.locator("#unsaved")).to_have_count(0)
    assert shop.wanted() == {first.pk: 1}

    # The network goes and the page is closed: the next one saves it.
    page.context.set_offline(True)
    add(page, second)
    other = page.context.new_page()
    page.close()
    assert shop.wanted() == {first.pk: 1}
    other.context.set_offline(False)
    other.goto(shop.order_url)
    saved(other)
    assert shop.wanted() == {first.pk: 1, second.pk: 1}


def test_two_phones_of_one_household(open_as: Callable[..., Page], shop: Shop) -> None:
    first, second, scarce = shop.packs[0], shop.packs[1], shop.packs[8]
    page, other = open_as(shop.home.members.get()), open_as(shop.home.members.get())
    page.goto(shop.url)
    other.goto(shop.url)
    add(page, first)
    step(page, first, 1)
    step(page, first, 1)
    saved(page)
    add(other, first)
    add(other, second)
    saved(other)
    # The other's number is shown with the words; what they did not both touch is saved.
    expect(control(other, first).locator("[role=status]")).to_contain_text("3 de son côté, 1 du vôtre")
    expect(stepper(other, first)).to_have_value("3")
    expect(other.locator("#total")).to_contain_text("4 articles")
    assert shop.wanted() == {first.pk: 3, second.pk: 1}

    # More than there is: kept, and said.
    stepper(other, second).fill("12")
    stepper(other, second).press("Tab")
    expect(control(other, second)).to_contain_text("Il n’en reste que 10.")
    assert shop.wanted() == {first.pk: 3, second.pk: 12}
    # Few: the buttons go no further.
    add(other, scarce)
    step(other, scarce, 1)
    step(other, scarce, 1)
    expect(stepper(other, scarce)).to_have_value("2")


def test_an_order_that_is_refused_stays_on_its_page(open_as: Callable[..., Page], shop: Shop) -> None:
    page = open_as(shop.home.members.get())
    page.goto(shop.url)
    add(page, shop.packs[8])
    page.locator(f'aside.bar a[href="{shop.order_url}"]').click()
    rival = make.household()
    make.join(rival, shop.collection.point)
    ordering.place(household=rival, collection=shop.collection, wish={shop.packs[8].pk: 2}, by=None, now=make.now())
    page.locator("aside.bar button.btn").click()
    expect(page.locator(".note[data-focus]")).to_be_focused()
    expect(page.locator(".note[data-focus] li")).to_contain_text("vous en voulez 1")
    assert not Order.objects.filter(household=shop.home).exists()

    # Sent while a touch is under way: the touch goes first, and the order has it.
    page.locator(f'a[href="{shop.url}"]').first.click()
    add(page, shop.packs[0])
    page.locator(f'aside.bar a[href="{shop.order_url}"]').click()
    step(page, shop.packs[0], 1)
    step(page, shop.packs[8], -1)
    page.locator("aside.bar button.btn").click()
    expect(page.locator(".toast")).to_contain_text("Votre commande est enregistrée")
    order = Order.objects.get(household=shop.home)
    assert list(order.lines.values_list("packaging", "quantity")) == [(shop.packs[0].pk, 2)]


def test_a_heart_turns_in_place_and_says_what_failed(open_as: Callable[..., Page], shop: Shop) -> None:
    page, liked = open_as(shop.home.members.get()), Favourite.objects.filter(household=shop.home)
    page.goto(shop.url)
    asked = requests_of(page)
    name = shop.packs[0].product.name
    heart = page.get_by_label(f"Favori : {name}", exact=True)
    heart.focus()
    page.keyboard.press("Enter")
    expect(page.locator('.fav[aria-pressed="true"]')).to_have_count(1)
    expect(heart).to_be_focused()
    assert [one.product for one in liked] == [shop.packs[0].product]
    assert asked == [f"POST {shop.url}favoris/{shop.packs[0].product.code}/"]

    page.context.set_offline(True)
    heart.click()
    expect(page.locator(".toast").last).to_contain_text("Pas de réseau")
    page.context.set_offline(False)
    page.route("**/favoris/**", lambda route: route.fulfill(status=500, headers={"X-Request-ID": "abc-123"}))
    heart.click()
    expect(page.locator(".toast").last).to_contain_text("(abc-123)")
    page.unroute("**/favoris/**")
    # Signed out meanwhile: the page to sign in is not put into the heart.
    page.context.clear_cookies()
    heart.click()
    expect(page.locator(".toast").last).to_contain_text("Rechargez")
    expect(heart).to_have_attribute("aria-pressed", "true")
    assert liked.count() == 1


def test_an_order_that_cannot_be_sent_says_so_and_stays(open_as: Callable[..., Page], shop: Shop) -> None:
    page = open_as(shop.home.members.get())
    page.goto(shop.url)
    add(page, shop.packs[0])
    page.locator(f'aside.bar a[href="{shop.order_url}"]').click()
    page.locator("textarea[name=note]").fill("Sans sac")
    button = page.locator("aside.bar button.btn")
    page.context.set_offline(True)
    button.click()
    expect(page.locator(".toast").last).to_contain_text("Pas de réseau")
    page.context.set_offline(False)
    assert not Order.objects.exists()
    button.click()
    expect(page.locator(".toast").last).to_contain_text("Votre commande est enregistrée")
    expect(page.locator("textarea[name=note]")).to_have_value("Sans sac")
    assert page.evaluate("window.scrollY") == 0
    assert Order.objects.get().note == "Sans sac"
