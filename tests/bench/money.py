"""Settlement of one collection, and the statements of its farms."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from distribution import settlement, statements
from hub import ledger
from orders.models import OrderLine
from tests import make
from tests.bench import apart, ground, meters, world
from tests.bench.figures import Figure, at_most, ratio_at_most

WORK = "Settlement of a collection: 60 households × 10 lines, 20 producers"
PROGRAM = Path(__file__).with_name("one_settlement.py")


def run(quick: bool) -> Iterator[Figure]:
    with ground.database("money"):
        counted, measured, apart_from_all = (world.confirmed(60, 10) for _time in range(3))
        least = world.confirmed(1, 1)
        ground.settle()
        lines = OrderLine.objects.filter(collection=measured.collection)
        asked = meters.statements(lambda: settlement.settle(collection=counted.collection, now=make.now()))
        with meters.spent() as settling:
            settlement.settle(collection=measured.collection, now=make.now())
        with tempfile.TemporaryDirectory() as folder:
            lean, full = (
                apart.run(Path(folder), PROGRAM, one.collection.code).memory for one in (least, apart_from_all)
            )
        with meters.spent() as reading:
            number = len(list(lines))
        against = "reading the same lines once"
        yield Figure(WORK, f"SQL statements, {number} lines", asked, "", at_most(60))
        yield Figure(WORK, "processor time", settling.cpu * 1000, "ms", ratio_at_most(10), reading.cpu * 1000, against)
        yield Figure(WORK, f"greatest memory of a program that settles {number} lines", full, "MB",
                     at_most(lean + 20), lean, "one line")  # fmt: skip
        yield Figure(WORK, "trial balance", float(ledger.trial_balance()), "€", at_most(0))
        with meters.spent() as stating:
            issued = len(statements.issue_due(now=make.now()))
        yield Figure(WORK, f"processor time of the statements of {issued} farms", stating.cpu, "s")
