"""Going through many rows, each of which asks Stripe something: one that cannot be done stops nobody behind it.

A sweep ends by its own time, and by that of the task it is a part of: the task sets one instant (`until`, of the monotonic
clock) and hands it down to all its sweeps, so that however many there are it ends before it is killed.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import inf
from time import monotonic
from typing import TypeVar

from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError

from hub.stripe_gateway.words import Away

SECONDS = 40
"""How long one sweep goes on; the next tick goes on where it ended."""
NEVER = inf
"""The end of a sweep that is part of no task."""

T = TypeVar("T")


@dataclass
class Swept:
    """What became of the rows of a sweep: how many were `done`, how many it came to the end of, well or not (`seen`), and
    why it left the others: Stripe is `away`, or it was `cut` short, its time being over."""

    done: int = 0
    seen: int = 0
    away: Away | None = None
    cut: bool = False
    faults: list[Exception] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether it came to the end of all rows."""
        return self.away is None and not self.cut

    def answered(self) -> int:
        """How many were done. What went wrong with others is raised now that nobody waits behind it."""
        if self.faults:
            raise ExceptionGroup(f"{len(self.faults)} could not be done, {self.done} were", self.faults)
        return self.done


def each(rows: Iterable[T], act: Callable[[T], object], *, seconds: float = SECONDS, until: float = NEVER) -> Swept:
    """Do `act` for each row, until Stripe is away or the time is over. An act that returns False is not counted.

    However few `seconds` there are, one row is done at each sweep; after `until` none is. An error of one row, whatever it
    is, is kept for the end; only a database that is gone stops at once.
    """
    swept, end = Swept(), monotonic() + seconds
    for row in rows:
        if monotonic() >= (min(end, until) if swept.seen else until):
            swept.cut = True
            break
        try:
            swept.done += act(row) is not False
        except Away as away:
            swept.away = away
            break
        except (OperationalError, InterfaceError, SoftTimeLimitExceeded):
            raise
        except Exception as fault:  # noqa: BLE001  (raised by `answered`)
            swept.faults.append(fault)
        swept.seen += 1
    return swept
