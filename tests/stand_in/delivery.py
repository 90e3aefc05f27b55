"""Webhooks: events signed as Stripe signs them and sent again until they are answered 2xx; or doubled, shuffled, lost."""

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from threading import Event, Thread
from time import time
from urllib.error import URLError
from urllib.request import Request, urlopen

from tests.stand_in.world import Object, World

MAX_TRIES = 6
_EVERY = 0.02


@dataclass
class Endpoint:
    """Where events go. `secret` signs them."""

    url: str
    secret: str


@dataclass
class Weather:
    """What may go wrong on the way: copies sent of each event, share lost for good, order mixed, all held back."""

    copies: int = 1
    lost: float = 0.0
    shuffled: bool = False
    held: bool = False


@dataclass
class Delivery:
    """Sends what the world tells, in a thread of its own."""

    world: World
    weather: Weather = field(default_factory=Weather)
    endpoints: list[Endpoint] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stopped = Event()
        self._busy = False
        self._thread = Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join(5)

    @property
    def is_idle(self) -> bool:
        """Whether everything told so far was sent, lost or given up."""
        with self.world.lock:
            return self._busy is False and not self.world.pending

    def sign(self, body: bytes, secret: str, at: int | None = None) -> str:
        """The Stripe-Signature header of a body, at an instant: now by everybody's clock, which `skip` does not move."""
        at = int(time()) if at is None else at
        digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        return f"t={at},v1={digest}"

    def _run(self) -> None:
        tries: dict[str, int] = {}
        while not self._stopped.wait(_EVERY):
            for event in self._take():
                if not self._send(event):
                    tries[event["id"]] = tries.get(event["id"], 0) + 1
                    if tries[event["id"]] < MAX_TRIES:
                        with self.world.lock:
                            self.world.pending.append(event)
            self._busy = False

    def _take(self) -> list[Object]:
        with self.world.lock:
            if self.weather.held or not self.world.pending:
                return []
            self._busy = True
            waiting = self.world.pending[:]
            self.world.pending.clear()
            kept = [event for event in waiting if self.world.random.random() >= self.weather.lost]
            kept = [event for event in kept for _copy in range(self.weather.copies)]
            if self.weather.shuffled:
                self.world.random.shuffle(kept)
            return kept

    def _send(self, event: Object) -> bool:
        body = json.dumps(event).encode()
        answers = [self._post(endpoint, body) for endpoint in self.endpoints]
        return all(answers)

    def _post(self, endpoint: Endpoint, body: bytes) -> bool:
        headers = {
            "Stripe-Signature": self.sign(body, endpoint.secret),
            "Content-Type": "application/json; charset=utf-8",
        }
        try:
            with urlopen(Request(endpoint.url, body, headers), timeout=5) as answer:
                return 200 <= int(answer.status) < 300
        except (URLError, OSError):
            return False
