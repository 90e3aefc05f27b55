"""The one-minute tick: finds rows that are due and does them. A lost tick heals at the next one, a doubled one does nothing."""

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from datetime import UTC, datetime

from celery import shared_task

from distribution import closing, printing, purging, settlement, statements
from hub import calendar, locks, notices

TICK = 1
PAPERS = 2


@shared_task(name="distribution.tasks.sweep")
def sweep() -> None:
    """Open and close what is due, plan ahead, send messages. One at a time in the whole installation."""
    now = datetime.now(UTC)
    with locks.hold_tick(TICK) as alone:
        if alone:
            run_all(
                [
                    lambda: closing.open_due(now=now),
                    lambda: closing.close_due(now=now),
                    lambda: settlement.settle_due(now=now),
                    lambda: statements.issue_due(now=now),
                    lambda: calendar.plan_collections(now=now),
                    papers.delay,
                    lambda: purging.purge_due(now=now),
                    lambda: notices.send_due(now=now),
                ]
            )


@shared_task(name="distribution.tasks.papers", queue="pdf", expires=60)
def papers() -> None:
    """Make the PDFs that are missing, apart from the tick: a week of paper must not delay a deadline."""
    with locks.hold_tick(PAPERS) as alone:
        if alone:
            printing.render_missing(now=datetime.now(UTC))


def run_all(acts: Iterable[Callable[[], object]]) -> None:
    """Run all acts in order: one that fails does not keep the others from running, and its error is raised at the end."""
    with ExitStack() as stack:
        for act in reversed(list(acts)):
            stack.callback(act)
