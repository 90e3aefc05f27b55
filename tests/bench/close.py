"""What a host waits for: the close, and the lists of the point."""

from collections.abc import Iterator
from functools import partial

from distribution import closing, printing
from distribution.documents import Format
from hub import notices
from hub.models import Collection, Notice
from orders.models import OrderLine
from tests import make
from tests.bench import ground, meters, world
from tests.bench.figures import Figure, at_most

WORK = "Close of one collection: {} households × 8 lines, 20 producers"
LISTS = "All lists of that point"


def run(quick: bool) -> Iterator[Figure]:
    homes = 60 if quick else 200
    work = WORK.format(homes)
    with ground.database("close"):
        counted, measured = (world.build(homes=homes, packs=200, lines=8).collection for _time in range(2))
        for collection in (counted, measured):
            make.passed(collection)
        ground.settle()
        asked = meters.statements(lambda: _close(counted))
        notices.send_due(now=make.now(), limit=10_000)
        yield Figure(work, "SQL statements", asked, "", at_most(60))
        with meters.spent() as close:
            _close(measured)
        queued = Notice.objects.due(make.now()).count()
        with meters.spent() as sending:
            notices.send_due(now=make.now(), limit=10_000)
        with meters.spent() as reading:
            list(OrderLine.objects.filter(collection=measured).select_related("order"))
        against = "reading the same lines once"
        yield Figure(work, "messages queued", queued, "")
        yield Figure(work, "processor time of the close", close.cpu, "s", None, reading.cpu, against)
        yield Figure(work, "processor time with every message rendered", close.cpu + sending.cpu, "s", at_most(5),
                     reading.cpu, against)  # fmt: skip
        yield from _lists(measured)


def _close(collection: Collection) -> None:
    assert closing.close_collection(collection=collection, now=make.now())


def _lists(collection: Collection) -> Iterator[Figure]:
    formats: tuple[Format, ...] = ("csv", "xlsx")
    for format_ in formats:
        name = format_.upper()
        asked = meters.statements(partial(_all, collection, format_))
        with meters.spent() as making:
            files = _all(collection, format_)
        with meters.spent() as reading:
            list(printing.sheets_of(collection))
        yield Figure(LISTS, f"SQL statements, {files} lists as {name}", asked, "", at_most(20))
        yield Figure(LISTS, f"processor time, {files} lists as {name}", making.cpu, "s", at_most(2), reading.cpu,
                     "reading their contents")  # fmt: skip


def _all(collection: Collection, format_: Format) -> int:
    """Every sheet of the collection, the farms' among them, as a file; how many there are."""
    sheets = list(printing.sheets_of(collection).select_related("producer"))
    return len([printing.file_of(sheet, format_) for sheet in sheets])
