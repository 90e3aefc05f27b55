"""How many SQL statements pages and acts send, at two sizes each: a number that grows with households, lines, offers or
farms is a fault, whatever the machine. The bounds are those of docs/performance.md."""

import pytest
from django.test import Client

from distribution import closing, printing, settlement
from distribution.documents import Format
from distribution.models import Sheet
from hub import ledger
from hub.models import Notice
from orders.models import Order
from tests import make
from tests.bench import meters, world

pytestmark = pytest.mark.django_db


def client(village: world.World, home: int) -> Client:
    browser = Client()
    browser.force_login(village.members[home], backend="allauth.account.auth_backends.AuthenticationBackend")
    return browser


def shop_page(offers: int, ordered: int) -> int:
    village = world.build(homes=1, packs=offers, farms=4)
    if ordered:
        village.place(0, ordered)
    browser, url = client(village, 0), f"/boutique/{village.collection.code}/"
    browser.get(url)
    shown = []
    asked = meters.statements(lambda: shown.append(browser.get(url)))
    assert shown[0].context["page"].paginator.count == offers
    return asked


def test_the_shop_page() -> None:
    assert shop_page(10, 0) == shop_page(120, 0) <= 12


def test_the_shop_page_with_an_order() -> None:
    assert shop_page(60, 2) == shop_page(60, 40) <= 12


def stepper(wished: int) -> int:
    village = world.build(homes=1, packs=60, farms=4)
    browser, shop = client(village, 0), f"/boutique/{village.collection.code}/souhait/"
    for pack in village.packs[:wished]:
        browser.post(f"{shop}{pack.code}/", headers={"HX-Request": "true"})
    code = village.packs[0].code
    return meters.statements(
        lambda: browser.post(f"{shop}{code}/", {f"q-{code}": 2, "seen": 1}, headers={"HX-Request": "true"})
    )


def test_a_stepper() -> None:
    assert stepper(1) == stepper(40) <= 8


def test_placing_an_order() -> None:
    village = world.build(homes=3, packs=100, farms=4)
    few = meters.statements(lambda: village.place(0, 8))
    many = meters.statements(lambda: village.place(1, 40))
    assert few == many <= 14
    assert [order.lines.count() for order in Order.objects.order_by("pk")] == [8, 40]


def sending(lines: int) -> int:
    """The order page as a form, sent, and looked at again."""
    village = world.build(homes=1, packs=100, farms=4)
    browser, url = client(village, 0), f"/ma-commande/{village.collection.code}/"
    wish = {f"q-{pack.code}": 1 for pack in village.packs[:lines]} | {"note": "", "payment_method": "at-point"}

    def send() -> None:
        assert browser.get(url).status_code == 200
        assert browser.post(f"{url}envoi/", wish).status_code == 302
        assert browser.get(url).status_code == 200

    asked = meters.statements(send)
    assert Order.objects.get(household=village.homes[0]).lines.count() == lines
    return asked


def test_looking_at_an_order_and_sending_it() -> None:
    assert sending(8) == sending(40) <= 60


def close(homes: int, lines: int, farms: int) -> int:
    village = world.build(homes=homes, packs=40, farms=farms, lines=lines)
    collection = make.passed(village.collection)
    done = []
    asked = meters.statements(lambda: done.append(closing.close_collection(collection=collection, now=make.now())))
    assert done == [True]
    assert Notice.objects.filter(collection=collection).count() == homes + farms + 1
    assert Sheet.objects.filter(collection=collection).count() == 5 + 2 * farms
    return asked


def test_closing_a_collection() -> None:
    assert close(3, 4, 2) == close(20, 12, 8) <= 60


def lists(homes: int, farms: int, format_: Format) -> int:
    village = world.build(homes=homes, packs=40, farms=farms, lines=12)
    collection = make.passed(village.collection)
    closing.close_collection(collection=collection, now=make.now())
    files: list[bytes] = []

    def make_all() -> None:
        found = printing.sheets_of(collection).select_related("producer")
        files.extend(printing.file_of(sheet, format_) for sheet in found)

    asked = meters.statements(make_all)
    assert len(files) == 5 + 3 * farms
    return asked


@pytest.mark.parametrize("format_", ["csv", "xlsx"])
def test_all_lists_of_a_point(format_: Format) -> None:
    assert lists(3, 2, format_) == lists(12, 8, format_) <= 20


def settle(homes: int, lines: int) -> int:
    village = world.confirmed(homes, lines)
    done = []
    asked = meters.statements(lambda: done.append(settlement.settle(collection=village.collection, now=make.now())))
    assert done == [True]
    assert ledger.trial_balance() == 0
    return asked


def test_settling_a_collection() -> None:
    assert settle(3, 4) == settle(15, 20) <= 60
