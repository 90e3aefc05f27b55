"""A life whose worker asks the stand-in for Stripe, and dies at one point after the other."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection, connections
from django.test import override_settings

from tests import stand_in
from tests.faults.databases import Point, cloned, reached, stopping, working_in
from tests.faults.lives import a_life, finish
from tests.faults.workers import Place, Worker
from tests.stand_in import StandIn

Check = Callable[[StandIn], None]


@dataclass
class Shop(Place):
    """A place whose worker asks the stand-in."""

    stripe: str = ""

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {"STRIPE_SECRET_KEY": "sk_test_stand_in", "STRIPE_API_BASE": self.stripe,
                                      "STRIPE_WEBHOOK_SECRET": "whsec_stand_in", "STRIPE_PUBLISHABLE_KEY": "pk_test"}  # fmt: skip


@contextmanager
def begun_with(prepare: Check, name: str) -> Iterator[tuple[str, StandIn]]:
    """A database of this name in which `prepare` has left things to do, and the stand-in that knows them."""
    with stand_in.running() as server:
        original = str(connection.settings_dict["NAME"])
        connections.close_all()
        keys = {"STRIPE_SECRET_KEY": "sk_test_stand_in", "STRIPE_API_BASE": server.url}
        with cloned(original, f"{original}_{name}") as database, override_settings(**keys):
            with working_in(database):
                prepare(server)
            yield database, server


def live_through(begun: tuple[str, StandIn], home: Path, points: list[Point], check: Check) -> None:
    """A worker dies at each of the points; another one finishes, and `check` says what must have come of it."""
    database, server = begun
    with a_life(database, home) as (place, _mailbox):
        shop = Shop(place.database, place.home, place.mail, server.url)
        for point in points:
            with stopping(shop.database, point) as session, Worker(shop) as worker:
                worker.tick()
                reached(session)
                worker.kill()
        finish(shop)
        with working_in(shop.database):
            check(server)
