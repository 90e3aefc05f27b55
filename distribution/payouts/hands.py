"""By hand: a person types the transfers at the bank and notes each here, or all at once."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from distribution.models import Payout, PayoutRun
from distribution.payouts import moving
from hub import activity
from hub.models import Member

State = Payout.State


def made(*, run: PayoutRun, by: Member, now: datetime, numbers: Sequence[str] | None = None) -> int:
    """The treasurer's word that transfers have left the bank: all that wait in the run, or those of some statements.

    Posts each once; again, it changes nothing. Returns how many. A fixed number of statements.
    """
    if run.rail != PayoutRun.Rail.HAND:
        raise ValueError(f"{run} is not paid by hand")
    with transaction.atomic():
        rows = moving.locked(run, [State.IN_RUN], numbers)
        if not rows:
            return 0
        Payout.objects.filter(pk__in=[one.pk for one in rows]).update(
            state=State.PAID, paid_at=now, paid_by=by, posted_at=now
        )
        moving.post(rows, credit="bank", now=now, by=by)
        if numbers is None:
            activity.record(verb="payout-run.made", subject=run.number, by=by, now=now, data={"payouts": len(rows)})
        else:
            for one in rows:
                moving.record("payout.paid", one, by, now)
    return len(rows)
