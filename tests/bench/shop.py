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
    """Somebody who touches "Ajouter", looks at the order and sends it; counts the requests after the shop page.

    They are those that `wish.js` makes: what is touched with less than three seconds between travels together, at the latest
    before the order page opens; the order goes from that page and is answered with it. tests/journeys/test_wish.py holds a real
    browser to the same.
    """

    def __init__(self, client: Client, collection: str) -> None:
        self.client, self.requests = client, 0
        self.shop, self.mine = f"/boutique/{collection}/", f"/ma-commande/{collection}/"

    def look(self) -> None:
        assert self.client.get(self.shop).status_code == 200

    def touch(self, packs: dict[str, tuple[int, int]]) -> None:
        """Packaging codes with the packs wanted now and those seen before."""
        data = {f"q-{code}": wanted for code, (wanted, _seen) in packs.items()}
        self._post(f"{self.shop}souhait/", data | {f"s-{code}": seen for code, (_wanted, seen) in packs.items()})

    def order(self, codes: list[str]) -> None:
        self.touch(dict.fromkeys(codes, (1, 0)))
        page = self._seen(self.client.get(self.mine)).content.decode()
        sent: dict[str, Any] = {f"q-{code}": 1 for code in codes} | {f"s-{code}": 1 for code in codes}
        revision = page.split('name="revision" value="')[1].split('"')[0]
        sent |= {"revision": revision, "note": "", "payment_method": "at-point"}
        self._post(f"{self.mine}envoi/", sent)

    def _post(self, url: str, data: dict[str, Any]) -> None:
        self._seen(self.client.post(url, data, headers={"HX-Request": "true"}))

    def _seen(self, answer: Any) -> Any:
        assert answer.status_code == 200, answer.content[:500]
        self.requests += 1
        return answer


def _order(village: World) -> Iterator[Figure]:
    codes = [village.packs[n * 3].code for n in range(8)]
    first, second, third = (Browser(_client(village, home), village.collection.code) for home in range(3))
    for browser in (first, second, third):
        browser.look()
    first.order(codes)
    asked = meters.statements(lambda: second.order(codes))
    with meters.spent() as whole:
        third.order(codes)
    yield Figure(ORDER, "requests after the shop page", second.requests, "", at_most(3))
    yield Figure(ORDER, "SQL statements", asked, "", at_most(60))
    yield Figure(ORDER, "processor time, web and database", whole.cpu * 1000, "ms", at_most(120))
    first.touch({codes[0]: (2, 1)})
    one = meters.statements(lambda: first.touch({codes[0]: (3, 2)}))
    eight = meters.statements(lambda: first.touch({code: (5, 3 if code == codes[0] else 1) for code in codes}))
    yield Figure(ORDER, "SQL statements of saving one stepper", one, "", at_most(8))
    yield Figure(ORDER, "SQL statements of saving eight", eight, "", at_most(8))


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
