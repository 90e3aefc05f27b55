"""A whole sale at once: many buyers, many products, little of each, for seconds."""

import time
from random import Random

import pytest
from django.db.models import F, Sum
from django.db.models.functions import Coalesce

from hub.models import Collection, Household
from hub.refusals import Refusal
from orders import ordering
from orders.models import OrderLine
from producers.models import Packaging, Stock
from tests import make
from tests.races.test_ordering_races import all_at_once, market

pytestmark = [pytest.mark.usefixtures("committed"), pytest.mark.full]

BUYERS, PRODUCTS, UNITS, LINES, SECONDS = 64, 200, 60, 8, 10


def test_a_rush_oversells_nothing_and_blocks_nobody() -> None:
    """Anything but an order or a refusal, such as a deadlock, fails the test by itself."""
    sale, homes, crates = market(BUYERS, UNITS, PRODUCTS)
    end = time.monotonic() + SECONDS
    answers = all_at_once([_keep_buying(home, sale, crates, end, Random(at)) for at, home in enumerate(homes)])
    accepted = sum(done for done, _refused in answers)
    assert accepted > BUYERS
    held = Stock.objects.annotate(ordered=Coalesce(Sum("lines__quantity"), 0))
    assert list(held.exclude(reserved=F("ordered"))) == []
    assert list(Stock.objects.filter(reserved__gt=UNITS)) == []
    assert OrderLine.objects.values("order").distinct().count() <= BUYERS
    print(f"{accepted} orders and {sum(refused for _done, refused in answers)} refusals in {SECONDS} s")


def _keep_buying(home: Household, sale: Collection, crates: list[Packaging], end: float, random: Random):
    """As often as there is time: eight lines of one to nine packs, half of them from the ten products all want."""

    def act() -> tuple[int, int]:
        done = refused = 0
        while time.monotonic() < end:
            wanted = {*random.sample(crates[:10], LINES // 2), *random.sample(crates[10:], LINES // 2)}
            try:
                ordering.place(
                    household=home, collection=sale, wish={one.pk: random.randint(1, 9) for one in wanted}, by=None,
                    now=make.now(),
                )  # fmt: skip
                done += 1
            except Refusal:
                refused += 1
        return done, refused

    return act
