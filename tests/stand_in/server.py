"""The server: requests in, answers out, and the network's bad days between the two."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.stand_in import afterwards, connect, contract, keeping, pages, payments, setups
from tests.stand_in.delivery import Delivery, Endpoint
from tests.stand_in.routes import ROUTES, find
from tests.stand_in.world import DAY, Object, Trouble, World

__all__ = ["Call", "Faults", "StandIn", "running"]
_IMPORTED = (afterwards, connect, setups)  # their calls are registered by being imported


@dataclass(frozen=True)
class Call:
    """One request as it came in, for tests that count them."""

    method: str
    path: str
    key: str
    sent: Object


@dataclass
class Faults:
    """How many of the next calls end badly, per address (a regular expression, `""` for all POSTs).

    `cut`: done, then the connection is closed without an answer. `broken`: done, then 500. `refused`: not done, 503.
    `away`: every connection is closed at once, as if nobody were there. `slow`: seconds before each answer.
    `storm`: the share of all changes that end like `cut`.
    """

    cut: dict[str, int] = field(default_factory=dict)
    broken: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    away: bool = False
    slow: float = 0.0
    storm: float = 0.0

    def spend(self, kind: dict[str, int], path: str) -> bool:
        """Use up one of the faults set for this address."""
        for pattern, left in kind.items():
            if left > 0 and re.search(pattern, path):
                kind[pattern] = left - 1
                return True
        return False


@dataclass
class StandIn:
    """A running stand-in: its state, its faults, what it was asked, and the levers of time and of banks."""

    world: World
    delivery: Delivery
    faults: Faults = field(default_factory=Faults)
    calls: list[Call] = field(default_factory=list)
    answered: dict[str, tuple[Any, int, Object, int]] = field(default_factory=dict)
    file: Path | None = None

    @property
    def url(self) -> str:
        """The address to give to the SDK."""
        return self.world.base

    def skip(self, **how_long: float) -> None:
        """Let time pass by the stand-in's clock (days, hours, seconds): debits end, holds expire."""
        with self.world.lock:
            self.world.skipped += int(
                how_long.get("days", 0) * DAY + how_long.get("hours", 0) * 3600 + how_long.get("seconds", 0)
            )
            payments.let_time_pass(self.world)

    def dispute(self, charge: str, amount: int = 0) -> Object:
        """The holder of a card contests a charge, or `amount` of it in cents."""
        with self.world.lock:
            return afterwards.dispute(self.world, charge, amount=amount)

    def decide(self, dispute: str, *, won: bool) -> Object:
        """The bank decides a dispute."""
        with self.world.lock:
            return afterwards.decide(self.world, dispute, won)

    def keep(self) -> None:
        """Write what is known to the file of this stand-in, if it has one."""
        if self.file is not None:
            with self.world.lock:
                keeping.save(self, self.file)

    def listen(self, url: str, secret: str) -> None:
        """Send events to this address from now on."""
        self.delivery.endpoints.append(Endpoint(url, secret))

    def settle_down(self, seconds: float = 10) -> None:
        """Wait until every event was delivered, lost or given up. Raises TimeoutError."""
        until = monotonic() + seconds
        while not self.delivery.is_idle:
            if monotonic() > until:
                raise TimeoutError("events are still on their way")
            sleep(0.02)

    def answer(self, method: str, path: str, sent: Object, key: str, permit: str) -> tuple[int, Object, bool]:
        """Status, body, and whether it is the answer to an earlier request with this key."""
        with self.world.lock:
            self.calls.append(Call(method, path, key, sent))
            try:
                if not re.fullmatch(r"Bearer (sk|rk)_test_\w+", permit):
                    raise Trouble(401, "Invalid API Key provided.", kind="invalid_request_error")
                if key and method == "post":
                    return self._once(method, path, sent, key)
                return 200, self._do(method, path, sent), False
            except Trouble as trouble:
                return trouble.status, trouble.body, False

    def _once(self, method: str, path: str, sent: Object, key: str) -> tuple[int, Object, bool]:
        """The same key and request get the first answer for a day; another request with the key is an error."""
        known = self.answered.get(key)
        if known and known[3] > self.world.now() - DAY:
            if known[0] != (path, sent):
                words = (
                    "Keys for idempotent requests can only be used with the same parameters they were first used with."
                )
                raise Trouble(400, words, kind="idempotency_error")
            return known[1], known[2], True
        try:
            status, body = 200, self._do(method, path, sent)
        except Trouble as trouble:
            status, body = trouble.status, trouble.body
            if status in (400, 401, 404) and not trouble.body["error"].get("code", "").startswith("payment_intent_"):
                return status, body, False  # refused before anything was done: the key is still free
        self.answered[key] = ((path, sent), status, json.loads(json.dumps(body)), self.world.now())
        return status, body, False

    def _do(self, method: str, path: str, sent: Object) -> Object:
        found = find(method, path)
        if found is None:
            raise Trouble(404, f"Unrecognized request URL ({method.upper()}: {path}).")
        route, parts = found
        wrong = contract.problems(method, route, sent)
        if wrong:
            code, parameter, words = wrong[0]
            raise Trouble(400, words, code, param=parameter)
        function = ROUTES.get((method, route))
        if function is None:
            raise Trouble(501, f"The stand-in does not answer {method.upper()} {route}.", kind="api_error")
        payments.let_time_pass(self.world)
        return _expanded(self.world, function(self.world, sent, *parts), sent.get("expand", []))


def _expanded(world: World, answer: Object, fields: list[str]) -> Object:
    """A copy of the answer, with the ids of `fields` replaced by their objects (`latest_charge.balance_transaction`, in a
    list `data.source`)."""
    copy: Object = json.loads(json.dumps(answer))
    for path in fields:
        _expand(world, copy, path.split("."))
    return copy


def _expand(world: World, inner: Object, parts: list[str]) -> None:
    part, *rest = parts
    if isinstance(inner.get(part), str) and inner[part] in world.objects:
        inner[part] = json.loads(json.dumps(world.objects[inner[part]]))
    found = inner.get(part)
    for one in found if isinstance(found, list) else [found]:
        if rest and isinstance(one, dict):
            _expand(world, one, rest)


def nested(text: str) -> Object:
    """`a[b][0]=c` as Stripe's form encoding means it."""
    tree: Object = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        *outer, last = re.findall(r"[^\[\]]+", name)
        level = tree
        for part in outer:
            level = level.setdefault(part, {})
        level[last] = value
    return {key: _listed(value) for key, value in tree.items()}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(key.isdigit() for key in value):
        return [_listed(value[key]) for key in sorted(value, key=int)]
    return {key: _listed(inner) for key, inner in value.items()}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer leaves as one packet: two of them wait 40 ms for each other
    server: "_Server"

    def log_message(self, *words: Any) -> None:
        """The tests look at `calls`."""

    def do_GET(self) -> None:
        self._handle("get")

    def do_POST(self) -> None:
        self._handle("post")

    def do_DELETE(self) -> None:
        self._handle("delete")

    def _handle(self, method: str) -> None:
        stand_in, address = self.server.stand_in, urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        if not address.path.startswith("/v"):
            self._page(method, address.path, body)
            return
        faults = stand_in.faults
        if faults.away:
            self._hang_up()
            return
        sleep(faults.slow)
        if method != "get" and faults.spend(faults.refused, address.path):
            self._send(503, {"error": {"type": "api_error", "message": "Try again."}})
            return
        sent = nested(body if method == "post" else address.query)
        key = self.headers.get("Idempotency-Key") or ""
        status, answer, replayed = stand_in.answer(
            method, address.path, sent, key, self.headers.get("Authorization") or ""
        )
        if method != "get":
            stand_in.keep()
        stormy = faults.storm > 0 and stand_in.world.random.random() < faults.storm
        if method != "get" and (stormy or faults.spend(faults.cut, address.path)):
            self._hang_up()
        elif method != "get" and faults.spend(faults.broken, address.path):
            self._send(500, {"error": {"type": "api_error", "message": "An unknown error occurred."}})
        else:
            self._send(status, answer, **({"Idempotent-Replayed": "true"} if replayed else {}))

    def _page(self, method: str, path: str, body: str) -> None:
        with self.server.stand_in.world.lock:
            shown = pages.show(self.server.stand_in.world, method, path, body)
        if method == "post":
            self.server.stand_in.keep()
        status, target, html = shown or (404, "", "<!doctype html><title>404</title><p>404</p>")
        self._write(status, html.encode(), "text/html; charset=utf-8", **({"Location": target} if target else {}))

    def _send(self, status: int, answer: Object, **headers: str) -> None:
        self._write(status, json.dumps(answer).encode(), "application/json", **headers)

    def _write(self, status: int, content: bytes, kind: str, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Request-Id", f"req_{len(self.server.stand_in.calls):08d}")
        for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    stand_in: StandIn

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller who left, or whom we left: no news."""


@contextmanager
def running(port: int = 0, seed: int = 1, file: Path | None = None) -> Iterator[StandIn]:
    """A stand-in on loopback, on a free port unless one is given; it stops at the end of the block. What it knows is kept
    in `file`, where one is given, and it goes on from there."""
    server = _Server(("127.0.0.1", port), _Handler)
    world = World(seed=seed, base=f"http://localhost:{server.server_address[1]}")
    delivery = Delivery(world)
    server.stand_in = StandIn(world=world, delivery=delivery, file=file)
    if file is not None:
        keeping.load(server.stand_in, file)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    delivery.start()
    try:
        yield server.stand_in
    finally:
        delivery.stop()
        server.shutdown()
        server.stand_in.keep()
        server.server_close()
        thread.join(5)
