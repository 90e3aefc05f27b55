"""Settlement of one collection, and the statements of its farms."""

from collections.abc import Iterator

from distribution import settlement, statements
from hub import ledger
from orders.models import OrderLine
from tests import make
from tests.bench import ground, meters, world
from tests.bench.figures import Figure, at_most

WORK = "Settlement of a collection: 60 households × 10 lines, 20 producers"


def run(quick: bool) -> Iterator[Figure]:
    with ground.database("money"):
        counted, measured = (world.confirmed(60, 10) for _time in range(2))
        ground.settle()
        lines = OrderLine.objects.filter(collection=measured.collection)
        asked = meters.statements(lambda: settlement.settle(collection=counted.collection, now=make.now()))
        with meters.spent() as settling:
            settlement.settle(collection=measured.collection, now=make.now())
        with meters.spent() as reading:
            number = len(list(lines))
        against = "reading the same lines once"
        yield Figure(WORK, f"SQL statements, {number} lines", asked, "", at_most(60))
        yield Figure(WORK, "processor time", settling.cpu * 1000, "ms", None, reading.cpu * 1000, against)
        yield Figure(WORK, "trial balance", float(ledger.trial_balance()), "€", at_most(0))
        with meters.spent() as stating:
            issued = len(statements.issue_due(now=make.now()))
        yield Figure(WORK, f"processor time of the statements of {issued} farms", stating.cpu, "s")
