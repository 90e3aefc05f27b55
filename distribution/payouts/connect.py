"""Through Stripe: a sweep asks for one transfer per farm and run, under a key that makes it one however often it is asked."""

from collections import defaultdict
from datetime import datetime
from functools import partial

from django.db import transaction

from distribution.models import Payout, PayoutRun
from distribution.models.payout import PayoutQuerySet
from distribution.payouts import moving
from hub import stripe_gateway
from hub.money import ZERO
from hub.stripe_gateway import NEVER, Declined, Swept
from producers.models import ConnectAccount, Producer

State = Payout.State
FAULT = "fault"  # trouble of a run: some of it could not even be asked
# The account cannot receive, or there is none of that name any more.
NOT_READY = {"insufficient_capabilities_for_transfer", "transfers_not_allowed", "account_invalid", "resource_missing"}
REASONS = {
    "balance_insufficient": Payout.Reason.NO_FUNDS,
    **dict.fromkeys(NOT_READY, Payout.Reason.NOT_READY),
}


def send_due(*, now: datetime, until: float = NEVER) -> int:
    """Ask Stripe for what runs under way still have to pay. Returns how many farms were answered.

    What is asked under a key is the same each time: a farm leaves a run of this rail by Stripe's answer, or as long as
    nothing that was asked for it may have been done (moving.withdraw). When Stripe is away the sweep ends, the run says so,
    and the next one goes on. What cannot be asked at all stops nobody behind it.
    """
    if not stripe_gateway.is_set_up():
        return 0
    waiting = Payout.objects.filter(state=State.IN_RUN, run__rail=PayoutRun.Rail.CONNECT)
    whole = Swept()
    for run in PayoutRun.objects.filter(pk__in=waiting.values("run")).order_by("pk"):
        swept = stripe_gateway.each(_by_farm(waiting.filter(run=run)), partial(_pay, run, now), until=until)
        if swept.seen or swept.away is not None:
            _note(run, str(swept.away or "") or (FAULT if swept.faults else ""), now)
        whole.done += swept.done
        whole.faults += swept.faults
        if not swept.is_whole:
            break
    return whole.answered()


def _by_farm(waiting: PayoutQuerySet) -> list[tuple[Producer, list[Payout]]]:
    farms: dict[Producer, list[Payout]] = defaultdict(list)
    for one in waiting.with_payees().order_by("producer", "pk"):
        if one.producer is not None:
            farms[one.producer].append(one)
    return list(farms.items())


def _pay(run: PayoutRun, now: datetime, farm: tuple[Producer, list[Payout]]) -> None:
    """One farm: asked outside of any transaction, then written down in one."""
    producer, rows = farm
    numbers = [one.number for one in rows]
    try:
        transfer = stripe_gateway.transfer(
            key=moving.transfer_key(run, producer.code),
            account=rows[0].destination,
            amount=int(sum((one.amount.amount for one in rows), ZERO) * 100),
            group=run.number,
            description=" ".join(numbers)[:500],
            now=now,
        )
    except Declined as no:
        reason = REASONS.get(no.code, Payout.Reason.REFUSED)
        with transaction.atomic():
            if reason == Payout.Reason.NOT_READY:  # until it is read again, and is
                ConnectAccount.objects.filter(producer=producer, account=rows[0].destination).update(ready=False)
            moving.fail(moving.locked(run, [State.IN_RUN], numbers), reason=reason, by=None, now=now)
        return
    with transaction.atomic():
        paid = moving.locked(run, [State.IN_RUN], numbers)
        Payout.objects.filter(pk__in=[one.pk for one in paid]).update(
            state=State.PAID, paid_at=now, posted_at=now, stripe_id=transfer
        )
        moving.post(paid, credit="stripe", now=now, by=run.started_by)
        for one in paid:
            moving.record("payout.paid", one, run.started_by, now)


def _note(run: PayoutRun, trouble: str, now: datetime) -> None:
    PayoutRun.objects.filter(pk=run.pk).update(trouble=trouble[:60], tried_at=now)
