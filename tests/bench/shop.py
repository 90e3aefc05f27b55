"""What a member waits for: the shop, a stepper, an order."""

import gzip
from collections.abc import Iterator
from functools import partial
from typing import Any

from django.test import Client

from orders import ordering
from tests import make
from tests.bench import ground, meters, world
from tests.bench.figures import Figure, at_most
from tests.bench.world import World

SHOP = "Shop page, signed in, 200 offers on one page"
LARGE = "Shop page, larger"
ORDER = "A complete order of 8 lines, as a browser does it"
PLACE = "Placing an order (`ordering.place`)"
SESSION = "a POST that only reads the session"


def run(quick: bool) -> Iterator[Figure]:
    times = 5 if quick else 20
    with ground.database("shop"):
        village = world.build(homes=4, packs=200)
        ground.settle()
        yield from _page(village, times)
        yield from _order(village)
        yield from _place(village, times)
        yield from _large(village, quick)


def _client(village: World, home: int) -> Client:
    client = Client(SERVER_NAME="localhost")
    client.force_login(village.members[home], backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def _shop(village: World) -> str:
    return f"/boutique/{village.collection.code}/"


def _page(village: World, times: int) -> Iterator[Figure]:
    client, url = _client(village, 0), _shop(village)
    answer = client.get(url)
    assert answer.status_code == 200
    assert answer.content.count(b'<li class="prod card') == 200
    shop = meters.average(lambda: client.get(url), times)
    session = meters.average(lambda: client.post("/bench/session/"), times * 5)
    yield Figure(SHOP, "SQL statements", meters.statements(lambda: client.get(url)), "", at_most(12))
    yield Figure(
        SHOP, "processor time, web and database", shop.cpu * 1000, "ms", at_most(80), session.cpu * 1000, SESSION
    )
    yield Figure(SHOP, "of which the database", shop.database * 1000, "ms")
    yield Figure(SHOP, "size", len(answer.content) / 1000, "kB", at_most(150))
    yield Figure(SHOP, "size compressed", len(gzip.compress(answer.content, 6)) / 1000, "kB", at_most(60))


def _large(village: World, quick: bool) -> Iterator[Figure]:
    village.place(3, 40)
    client, url = _client(village, 3), _shop(village)
    client.get(url)
    yield Figure(
        LARGE, "SQL statements with 40 lines ordered", meters.statements(lambda: client.get(url)), "", at_most(12)
    )
    world.add_packs(village, 4800 if not quick else 800, stock=None)
    ground.settle()
    last = f"{url}?page={len(village.packs) // 200}"
    assert client.get(last).status_code == 200
    asked = meters.statements(lambda: client.get(last))
    yield Figure(LARGE, f"SQL statements of the last page of {len(village.packs)} offers", asked, "", at_most(12))
    whole = meters.average(lambda: client.get(last), 2)
    yield Figure(LARGE, f"processor time of the last page of {len(village.packs)} offers", whole.cpu * 1000, "ms")


class Browser:
    """Somebody who adds 8 products, looks at the order and sends it; counts the requests."""

    def __init__(self, village: World, home: int) -> None:
        self.client, self.village, self.requests = _client(village, home), village, 0
        self.codes = [village.packs[n * 3].code for n in range(8)]
        self.client.get(_shop(village))

    def order(self) -> None:
        """Every touch of "Add" saves itself, then the order is looked at, sent, and looked at again."""
        shop, mine = _shop(self.village), f"/ma-commande/{self.village.collection.code}/"
        for code in self.codes:
            self._seen(self.client.post(f"{shop}souhait/{code}/", headers={"HX-Request": "true"}), 200)
        self._seen(self.client.get(mine), 200)
        sent = {f"q-{code}": "1" for code in self.codes} | {"note": "", "payment_method": "at-point"}
        self._seen(self.client.post(f"{mine}envoi/", sent), 302)
        self._seen(self.client.get(mine), 200)

    def _seen(self, answer: Any, status: int) -> None:
        assert answer.status_code == status, answer.content[:500]
        self.requests += 1


def _order(village: World) -> Iterator[Figure]:
    Browser(village, 0).order()
    browser = Browser(village, 1)
    asked = meters.statements(browser.order)
    with meters.spent() as whole:
        Browser(village, 2).order()
    yield Figure(ORDER, "requests after the shop page", browser.requests, "", at_most(3))
    yield Figure(ORDER, "SQL statements", asked, "", at_most(60))
    yield Figure(ORDER, "processor time, web and database", whole.cpu * 1000, "ms", at_most(120))
    client, code = _client(village, 0), village.packs[0].code
    step = f"{_shop(village)}souhait/{code}/"

    def stepper(number: int) -> None:
        data = {f"q-{code}": number, "seen": number - 1}
        assert client.post(step, data, headers={"HX-Request": "true"}).status_code == 200

    client.post(step, headers={"HX-Request": "true"})
    stepper(2)
    yield Figure(
        ORDER, "SQL statements of one touch of a stepper", meters.statements(lambda: stepper(3)), "", at_most(8)
    )


def _place(village: World, times: int) -> Iterator[Figure]:
    start = len(village.homes)
    world.add_homes(village, 2 + 2 * times)
    for lines in (8, 40):
        home = start + (lines == 40)
        asked = meters.statements(partial(village.place, home, lines))
        yield Figure(PLACE, f"SQL statements, {lines} lines", asked, "", at_most(14))
    with meters.spent() as whole:
        for home in range(start + 2, start + 2 + times):
            village.place(home, 8)
    yield Figure(PLACE, "processor time, 8 lines", whole.cpu / times * 1000, "ms")
    with meters.spent() as whole:
        for home in range(start + 2, start + 2 + times):
            ordering.place(
                household=village.homes[home], collection=village.collection, wish={}, by=None, now=make.now()
            )
    yield Figure(PLACE, "processor time of cancelling it", whole.cpu / times * 1000, "ms")
