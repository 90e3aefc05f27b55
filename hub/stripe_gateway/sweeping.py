"""Going through many rows, each of which asks Stripe something: one that cannot be done stops nobody behind it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from time import monotonic
from typing import TypeVar

from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError

from hub.stripe_gateway.words import Away

SECONDS = 40
"""How long one sweep goes on; the next tick goes on where it ended. All that one task runs end within its time limit."""

T = TypeVar("T")


@dataclass
class Swept:
    """What became of the rows of a sweep."""

    done: int = 0
    away: Away | None = None
    faults: list[Exception] = field(default_factory=list)

    def answered(self) -> int:
        """How many were done. What went wrong with others is raised now that nobody waits behind it."""
        if self.faults:
            raise ExceptionGroup(f"{len(self.faults)} could not be done, {self.done} were", self.faults)
        return self.done


def each(rows: Iterable[T], act: Callable[[T], object], *, seconds: float = SECONDS) -> Swept:
    """Do `act` for each row, until Stripe is away or the time is over. An act that returns False is not counted.

    An error of one row, whatever it is, is kept for the end; only a database that is gone stops at once.
    """
    swept, until = Swept(), monotonic() + seconds
    for row in rows:
        try:
            swept.done += act(row) is not False
        except Away as away:
            swept.away = away
            break
        except (OperationalError, InterfaceError, SoftTimeLimitExceeded):
            raise
        except Exception as fault:  # noqa: BLE001  (raised by `answered`)
            swept.faults.append(fault)
        if monotonic() > until:
            break
    return swept
