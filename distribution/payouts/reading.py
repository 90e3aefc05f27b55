"""What the pages show of runs: where each stands, at a glance and payout by payout."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Q, Sum

from distribution.models import Payout, PayoutRun
from hub.models import Member
from hub.money import ZERO

State = Payout.State
SHOWN = 12  # runs that are over


@dataclass(frozen=True)
class Progress:
    """A run, how many payouts are in each state and what they come to."""

    run: PayoutRun
    waiting: int
    sent: int
    paid: int
    failed: int
    total: Decimal
    left: Decimal

    @property
    def number(self) -> int:
        return self.waiting + self.sent + self.paid + self.failed

    @property
    def done(self) -> int:
        """Those nobody has to do anything about in this run any more."""
        return self.paid + self.failed

    @property
    def is_over(self) -> bool:
        return self.waiting + self.sent == 0

    @property
    def is_moving(self) -> bool:
        """Whether it goes on by itself: Stripe is being asked."""
        return self.run.rail == PayoutRun.Rail.CONNECT and self.waiting > 0


def runs(*, live: bool) -> list[Progress]:
    """Runs that go on, the latest first; or the last of those that are over."""
    going = Q(payouts__state__in=[State.IN_RUN, State.SENT])
    every = PayoutRun.objects.annotate(going=Count("pk", filter=going)).select_related("started_by")
    found = every.filter(going__gt=0) if live else every.filter(going=0)
    return _progress(list(found if live else found[:SHOWN]))


def begun(*, rail: str, numbers: set[str], by: Member) -> PayoutRun | None:
    """The run that somebody has begun already of exactly these statements: a button pressed twice leads there."""
    live = list(Payout.objects.live().of_statements(numbers).select_related("run").with_payees())
    runs = {one.run for one in live}
    run = runs.pop() if len(runs) == 1 else None
    if run is None or (run.rail, run.started_by_id) != (rail, by.pk) or {one.number for one in live} != numbers:
        return None
    return run if run.payouts.live().count() == len(numbers) else None


def progress(run: PayoutRun) -> Progress:
    """How far one run is."""
    return _progress([run])[0]


def payouts(run: PayoutRun) -> list[Payout]:
    """What a run pays, in the order of its file."""
    rows = run.payouts.with_payees().select_related("paid_by", "failed_by")
    return list(rows.order_by("pk"))


def paid_since(since: datetime) -> list[Payout]:
    """What farms and points were paid lately, the latest first."""
    rows = Payout.objects.filter(state=State.PAID, paid_at__gte=since)
    return list(rows.with_payees().select_related("paid_by", "run").order_by("-paid_at", "-pk"))


def _progress(found: list[PayoutRun]) -> list[Progress]:
    states = Payout.objects.filter(run__in=found).order_by().values_list("run", "state")
    tally: dict[tuple[int, str], tuple[int, Decimal]] = {
        (run, state): (number, total)
        for run, state, number, total in states.annotate(count=Count("pk"), total=Sum("amount"))
    }

    def of(run: PayoutRun, *wanted: str) -> tuple[int, Decimal]:
        rows = [tally.get((run.pk, state), (0, ZERO)) for state in wanted]
        return sum(number for number, _total in rows), sum((total for _number, total in rows), ZERO)

    return [
        Progress(
            run=run,
            waiting=of(run, State.IN_RUN)[0],
            sent=of(run, State.SENT)[0],
            paid=of(run, State.PAID)[0],
            failed=of(run, State.FAILED)[0],
            total=of(run, *State)[1],
            left=of(run, State.IN_RUN, State.SENT)[1],
        )
        for run in found
    ]
