"""What the machine has sent, could not send, or should have done by now: read for the board, nothing is written."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from distribution import printing
from distribution.models import Closing
from hub.models import Collection, Notice
from hub.refusals import Words

LATE = timedelta(minutes=5)  # a tick a minute, and some ticks are busy
SHOWN = 12
LATELY = timedelta(days=7)


@dataclass(frozen=True)
class Failure:
    """A message that could not be sent. `uid` names the button, so that a double tap sends once."""

    notice: Notice
    uid: UUID = field(default_factory=uuid4)


@dataclass(frozen=True)
class Upkeep:
    """`jobs` are those later than they should be, with how many of each."""

    sent: int
    failing: int
    failures: list[Failure]
    jobs: list[tuple[Words, int]]


def read(*, now: datetime) -> Upkeep:
    """Messages of the last days, and work that waits: a fixed number of statements."""
    failing = Notice.objects.failing().filter(Q(expires_at=None) | Q(expires_at__gt=now))
    shown = failing.select_related("member", "collection__point").order_by("-given_up_at", "-attempts", "pk")[:SHOWN]
    return Upkeep(
        sent=Notice.objects.filter(sent_at__gt=now - LATELY).count(),
        failing=failing.count(),
        failures=[Failure(notice) for notice in shown],
        jobs=[(words, many) for words, many in _waiting(now) if many],
    )


def _waiting(now: datetime) -> list[tuple[Words, int]]:
    since = now - LATE
    uncounted = Collection.objects.due_to_close(since)
    # A close that waits for a farm's or coordinator's answer is not late.
    closing = Closing.objects.filter(counted_at__lte=since, announced_at=None, collection__cancelled_at=None)
    closing = closing.exclude(collection__minimum_decisions__decision="")
    unsettled = Collection.objects.filter(status="confirmed", settled_at=None, confirmed_at__lte=since)
    unsent = Notice.objects.due(now).filter(due_at__lte=since, attempts=0)
    return [
        (_("sales to close"), uncounted.count() + closing.count()),
        (_("distributions to settle"), unsettled.count()),
        (_("PDFs to make"), printing.missing(now=now, older_than=LATE)),
        (_("messages to send"), unsent.count()),
    ]
