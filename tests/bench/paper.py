"""Paper: each kind of sheet beside WeasyPrint on the same HTML alone, the packet of a point, long and many documents."""

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from io import BytesIO
from multiprocessing import get_context

from pypdf import PdfReader
from weasyprint import HTML

from distribution import documents
from distribution.contents.shared import Kind
from hub import pdf
from tests.bench import meters
from tests.bench.figures import Figure, Goal, at_most, ratio_at_most
from tests.distribution.paper_week import PaperWeek

KINDS: dict[Kind, Goal | None] = {
    "sign-off": at_most(0.8), "packing": at_most(3), "member-slips": None, "delivery-note": None, "harvest": None,
    "table-plan": None, "labels": None, "duty": None, "route": None,
}  # fmt: skip
ALONE = "WeasyPrint on the same HTML alone"
WORK = "PDF of a point: 60 households × 10 lines"
GROWTH = "PDF, growth and numbers: packing sheets"


def run(quick: bool) -> Iterator[Figure]:
    times = 1 if quick else 3
    week = PaperWeek(60)
    contents = {kind: getattr(week, kind.replace("-", "_"))() for kind in KINDS}
    for kind, goal in KINDS.items():
        yield from _kind(kind, contents[kind], goal, times)
    with meters.spent_alone() as packet:
        files = [
            documents.render_sheet(kind, contents[kind], "pdf")
            for kind in ("sign-off", "packing", "table-plan", "duty")
        ]
        files += [_pdf("delivery-note", week.delivery_note(farm)) for farm in range(10)]
        whole = pdf.merge(files)
    yield Figure(WORK, f"whole packet, {_pages(whole)} pages: sign-off, packing, plan, duty, 10 delivery notes",
                 packet.python, "s", at_most(6))  # fmt: skip
    yield from _growth(quick)
    yield from _many(quick)


def _pdf(kind: Kind, content: object) -> bytes:
    return documents.render_sheet(kind, content, "pdf")  # type: ignore[arg-type]


def _kind(kind: Kind, content: object, goal: Goal | None, times: int) -> Iterator[Figure]:
    """The quicker of several turns of each, one after the other: what else the machine does falls on both."""
    html = documents.render_sheet(kind, content, "html").decode()  # type: ignore[arg-type]
    ours, alone = [], []
    made = _pdf(kind, content)
    HTML(string=html).write_pdf()
    for _time in range(times):
        ours.append(_seconds(lambda: _pdf(kind, content)))
        alone.append(_seconds(lambda: HTML(string=html).write_pdf()))
    pages = f"{kind}, {_pages(made)} pages"
    yield Figure(WORK, f"processor time, {pages}", min(ours), "s", ratio_at_most(1.15), min(alone), ALONE)
    if goal is not None:
        yield Figure(WORK, f"processor time, {pages}", min(ours), "s", goal)


def _seconds(act: Callable[[], object]) -> float:
    with meters.spent_alone() as turn:
        act()
    return turn.python


def _pages(file: bytes) -> int:
    return len(PdfReader(BytesIO(file)).pages)


def _growth(quick: bool) -> Iterator[Figure]:
    """Ten pages and twenty times as many, in a process of its own each."""
    few_seconds, few_pages, few_memory = _apart(20)
    seconds, pages, memory = _apart(100 if quick else 400)
    against = f"{few_pages} pages"
    yield Figure(GROWTH, f"processor time of {pages} pages", seconds, "s",
                 ratio_at_most(1.25 * pages / few_pages), few_seconds, against)  # fmt: skip
    yield Figure(GROWTH, f"memory for {pages} pages", memory, "MB", None, few_memory, against)


def _apart(households: int) -> tuple[float, int, float]:
    with ProcessPoolExecutor(1, mp_context=get_context("fork")) as pool:
        return pool.submit(_packing, households).result()


def _packing(households: int) -> tuple[float, int, float]:
    """Processor seconds, pages, and by how much memory grew (MB) for one document."""
    content = PaperWeek(households).packing()
    before = meters.memory()
    with meters.spent_alone() as turn:
        made = documents.render_sheet("packing", content, "pdf")  # type: ignore[arg-type]
    return turn.python, _pages(made), meters.greatest_memory() - before


def _many(quick: bool) -> Iterator[Figure]:
    """The packing sheets of many points over two processes that imported WeasyPrint before they were forked."""
    points = 4 if quick else 30
    shares = [range(first, points, 2) for first in range(2)]
    with ProcessPoolExecutor(2, mp_context=get_context("fork")) as pool, meters.spent_alone() as turn:
        busy = max(pool.map(_points, shares))
    goal = at_most(45 * points / 30)
    yield Figure(GROWTH, f"{points} points × 60 households on 2 processes", turn.seconds, "s", goal)
    yield Figure(GROWTH, "of which processor time of the busier one", busy, "s", goal)


def _points(share: range) -> float:
    with meters.spent_alone() as turn:
        for _point in share:
            _pdf("packing", PaperWeek(60).packing())
    return turn.python
