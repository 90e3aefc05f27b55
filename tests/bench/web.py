"""The rush as people make it: 64 shoppers post their orders to the web server, beside a POST that only reads the session."""

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from statistics import quantiles
from urllib.parse import urlencode

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from hub.models import Member
from tests.bench import ground, meters
from tests.bench.figures import Figure, at_least, at_most, ratio_at_least
from tests.bench.rush import SCARCE, oversold, scarce_world
from tests.bench.world import World

WORK = "Rush over HTTP: 64 shoppers, 2 gunicorn workers, session, form, order"
SHOPPERS = 64
TOKEN = "b" * 32  # the same in cookie and form: what Django compares
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class Load:
    """What the server answered, and what that took."""

    statuses: list[int]
    seconds: list[float]
    done: int
    elapsed: float
    cpu: float

    def share(self, percent: int) -> float:
        return quantiles(self.seconds, n=100)[percent - 1] * 1000


def run(quick: bool) -> Iterator[Figure]:
    orders = 400 if quick else 5000
    with ground.database("web"):
        village = scarce_world(orders)
        keys = _sessions(village.members)
        ground.settle()
        with _server() as (port, pid):
            _load(port, pid, keys[:SHOPPERS], _read)
            reads = _load(port, pid, keys, _read)
            sent = _load(port, pid, keys, _order(village))
        yield from _figures(reads, sent)
        yield Figure(WORK, "packs sold that there were not", oversold(), "", at_most(0))


def _figures(reads: Load, sent: Load) -> Iterator[Figure]:
    faults = sum(status >= 500 for status in sent.statuses)
    against = "POSTs that only read the session"
    yield Figure(WORK, "orders per processor second, web and database", sent.done / sent.cpu, "orders/s", ratio_at_least(0.6),
                 reads.done / reads.cpu, against)  # fmt: skip
    yield Figure(WORK, "orders placed", sent.done, "")
    yield Figure(WORK, "orders a second, shoppers on the same cores", sent.done / sent.elapsed, "orders/s", at_least(250),
                 reads.done / reads.elapsed, against)  # fmt: skip
    yield Figure(WORK, "answer to half of them", sent.share(50), "ms", None, reads.share(50), against)
    yield Figure(WORK, "answer to 99 of 100", sent.share(99), "ms", at_most(500), reads.share(99), against)
    yield Figure(WORK, "told that something is sold out (409)", sent.statuses.count(409), "")
    yield Figure(WORK, "faults of ours (5xx)", faults, "", at_most(0))


def _sessions(members: list[Member]) -> list[str]:
    """A session for each member, as signing in makes it."""
    store, until = SessionStore(), timezone.now() + timedelta(hours=2)
    rows = []
    for n, member in enumerate(members):
        data = {
            SESSION_KEY: str(member.pk),
            BACKEND_SESSION_KEY: BACKEND,
            HASH_SESSION_KEY: member.get_session_auth_hash(),
        }
        rows.append(Session(session_key=f"bench{n:027}", session_data=store.encode(data), expire_date=until))
    Session.objects.bulk_create(rows)
    return [row.session_key for row in rows]


@contextmanager
def _server() -> Iterator[tuple[int, int]]:
    """Gunicorn as it serves a small installation, on a free port; gives the port and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [sys.executable, "-m", "gunicorn", "-c", "hub/gunicorn_conf.py", "tests.bench.wsgi"]
    server = subprocess.Popen(words, env=ground.environment() | {"PORT": str(port)})
    try:
        _await(port)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait(30)


def _await(port: int, seconds: float = 30) -> None:
    """Wait until the server listens. Raises TimeoutError."""
    until = time.monotonic() + seconds
    while True:
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", port)) == 0:
                return
        if time.monotonic() > until:
            raise TimeoutError("the web server did not start")
        time.sleep(0.05)


@dataclass
class Shopper:
    """Somebody signed in, on a connection that stays open."""

    line: http.client.HTTPConnection
    key: str
    load: Load

    def post(self, path: str, form: dict[str, str]) -> int:
        cookies = {"Cookie": f"sessionid={self.key}; csrftoken={TOKEN}"}
        asked = time.perf_counter()
        self.line.request("POST", path, urlencode(form | {"csrfmiddlewaretoken": TOKEN}), FORM | cookies)
        answer = self.line.getresponse()
        answer.read()
        self.load.seconds.append(time.perf_counter() - asked)
        self.load.statuses.append(answer.status)
        return answer.status


def _load(port: int, pid: int, keys: list[str], act: Callable[[Shopper, int], int]) -> Load:
    """64 at once, each with its share of the households, one after the other. `act` answers the last status."""
    load = Load([], [], 0, 0.0, 0.0)

    def share(first: int) -> int:
        line, done = http.client.HTTPConnection("localhost", port, timeout=60), 0
        for home in range(first, len(keys), SHOPPERS):
            done += act(Shopper(line, keys[home], load), home) < 400
        line.close()
        return done

    database = meters.postmaster()
    before, clock = meters.family_cpu(pid) + meters.family_cpu(database), time.perf_counter()
    with ThreadPoolExecutor(SHOPPERS) as pool:
        load.done = sum(pool.map(share, range(SHOPPERS)))
    load.elapsed = time.perf_counter() - clock
    load.cpu = meters.family_cpu(pid) + meters.family_cpu(database) - before
    return load


def _read(shopper: Shopper, home: int) -> int:
    return shopper.post("/bench/session/", {})


def _order(village: World) -> Callable[[Shopper, int], int]:
    """Sends the order; told that something is sold out, sends it again without what is scarce."""
    codes = {pack.pk: pack.code for pack in village.packs}
    scarce = {pack.pk for pack in village.packs[:SCARCE]}
    path = f"/ma-commande/{village.collection.code}/envoi/"

    def order(shopper: Shopper, home: int) -> int:
        wish = village.basket(home, 8)
        status = _send(shopper, path, {codes[pack]: packs for pack, packs in wish.items()})
        if status != 409:
            return status
        return _send(shopper, path, {codes[pack]: 0 if pack in scarce else packs for pack, packs in wish.items()})

    return order


def _send(shopper: Shopper, path: str, wish: dict[str, int]) -> int:
    quantities = {f"q-{code}": str(packs) for code, packs in wish.items()}
    return shopper.post(path, quantities | {"note": "", "payment_method": "at-point"})
