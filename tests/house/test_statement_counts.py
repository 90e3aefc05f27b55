"""How many SQL statements pages and acts send, at two sizes each: a number that grows with households, lines, offers or
farms is a fault, whatever the machine. The bounds are those of docs/performance.md."""

import pytest
from django.test import Client

from distribution import closing, printing, settlement
from distribution.documents import Format
from distribution.models import Sheet
from hub import ledger
from hub.models import Notice
from orders.models import Order, WishLine
from producers.models import Packaging
from tests import make
from tests.bench import meters, world
from tests.bench.shop import Browser

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


def saving(wished: int, touched: int) -> int:
    """So many steppers touched and saved together, beside others that are wished already."""
    village = world.build(homes=1, packs=80, farms=4)
    browser, url = client(village, 0), f"/boutique/{village.collection.code}/souhait/"

    def save(packs: list[Packaging]) -> None:
        touches = {f"q-{pack.code}": 1 for pack in packs} | {f"s-{pack.code}": 0 for pack in packs}
        assert browser.post(url, touches, headers={"HX-Request": "true"}).status_code == 200

    save(village.packs[:wished])
    asked = meters.statements(lambda: save(village.packs[40 : 40 + touched]))
    assert WishLine.objects.filter(wish__household=village.homes[0]).count() == wished + touched
    return asked


def test_saving_what_was_touched() -> None:
    assert saving(1, 1) == saving(40, 1) == saving(1, 8) == saving(40, 40) <= 8


def test_placing_an_order() -> None:
    village = world.build(homes=3, packs=100, farms=4)
    few = meters.statements(lambda: village.place(0, 8))
    many = meters.statements(lambda: village.place(1, 40))
    assert few == many <= 14
    assert [order.lines.count() for order in Order.objects.order_by("pk")] == [8, 40]


def ordering(lines: int) -> int:
    """What a browser asks after the shop page: everything touched, the order page, and the order."""
    village = world.build(homes=1, packs=100, farms=4)
    browser = Browser(client(village, 0), village.collection.code)
    codes = [pack.code for pack in village.packs[:lines]]
    browser.look()
    asked = meters.statements(lambda: browser.order(codes))
    assert browser.requests == 3
    assert Order.objects.get(household=village.homes[0]).lines.count() == lines
    return asked


def test_a_complete_order() -> None:
    assert ordering(8) == ordering(40) <= 60


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
