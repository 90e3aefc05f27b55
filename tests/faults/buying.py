"""Households that keep ordering in a process of their own, through everything that befalls its database.

`python -m tests.faults.buying BUYERS` makes a market and lets every household change its order again and again until
standard input ends. Each says on standard output, a JSON line at a time, what was acknowledged, and after a lost
connection what it finds in the database before it asks again for the same.
"""

import json
import sys
import time
from random import Random
from threading import Event, Lock, Thread

import django
from django.core.management import call_command
from django.db import InterfaceError, OperationalError, connection

PACKS, PRODUCTS, LINES = 100_000, 20, 8

Wish = dict[int, int]


class Shopper:
    """A household with an order that it changes."""

    def __init__(self, home: int, say: Lock) -> None:
        self.home, self.say = home, say
        self.acknowledged: Wish = {}

    def tell(self, word: str, **facts: object) -> None:
        with self.say:
            print(json.dumps({"home": self.home, "word": word} | facts), flush=True)

    def order(self, wish: Wish, place: object) -> None:
        """Ask until it is acknowledged; a database that went away is looked at before asking again."""
        while True:
            try:
                place(wish)  # type: ignore[operator]
            except (OperationalError, InterfaceError):
                self.look(wish)
                continue
            self.acknowledged = wish
            self.tell("ordered")
            return

    def look(self, wish: Wish) -> None:
        """What is there now must be what was acknowledged last, or what was being asked for: nothing lost, nothing half."""
        from orders.models import OrderLine

        while True:
            connection.close()
            try:
                rows = OrderLine.objects.filter(order__household=self.home)
                found = {line.packaging_id: line.quantity for line in rows if line.quantity}
                break
            except (OperationalError, InterfaceError):
                time.sleep(0.05)
        self.tell("looked", right=found in (self.acknowledged, wish), found=found)


def main(buyers: int) -> None:
    django.setup()
    call_command("migrate", verbosity=0)
    from orders import ordering
    from tests import make
    from tests.races.test_ordering_races import market

    sale, homes, crates = market(buyers, PACKS, PRODUCTS)
    over, say = Event(), Lock()

    def keep_ordering(shopper: Shopper, random: Random) -> None:
        home = next(one for one in homes if one.pk == shopper.home)
        while not over.is_set():
            wish = {one.pk: random.randint(1, 9) for one in random.sample(crates, LINES)}
            shopper.order(
                wish,
                lambda wanted: ordering.place(
                    household=home, collection=sale, wish=wanted, by=None, now=make.now()
                ),
            )  # fmt: skip
        connection.close()

    threads = [Thread(target=keep_ordering, args=(Shopper(home.pk, say), Random(home.pk))) for home in homes]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    over.set()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(int(sys.argv[1]))
