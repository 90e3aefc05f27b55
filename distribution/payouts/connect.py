"""Through Stripe: a sweep asks for one transfer per farm and run, under a key that makes it one however often it is asked."""

from collections import defaultdict
from datetime import datetime

from django.db import transaction

from distribution.models import Payout, PayoutRun
from distribution.models.payout import PayoutQuerySet
from distribution.payouts import moving
from hub import stripe_gateway
from hub.money import ZERO
from hub.stripe_gateway import Away, Declined
from producers.models import Producer

State = Payout.State
REASONS = {
    "balance_insufficient": Payout.Reason.NO_FUNDS,
    "insufficient_capabilities_for_transfer": Payout.Reason.NOT_READY,
}


def send_due(*, now: datetime) -> int:
    """Ask Stripe for what runs under way still have to pay. Returns how many farms were answered.

    Nothing leaves a run of this rail but by Stripe's answer, so what is asked under a key is the same each time. When
    Stripe is away the sweep ends, the run says so, and the next one goes on.
    """
    if not stripe_gateway.is_set_up():
        return 0
    waiting = Payout.objects.filter(state=State.IN_RUN, run__rail=PayoutRun.Rail.CONNECT)
    answered = 0
    for run in PayoutRun.objects.filter(pk__in=waiting.values("run")).order_by("pk"):
        for producer, rows in _by_farm(waiting.filter(run=run)):
            try:
                _pay(run, producer, rows, now)
            except Away as away:
                _note(run, str(away), now)
                return answered
            answered += 1
        _note(run, "", now)
    return answered


def _by_farm(waiting: PayoutQuerySet) -> list[tuple[Producer, list[Payout]]]:
    farms: dict[Producer, list[Payout]] = defaultdict(list)
    for one in waiting.with_payees().order_by("producer", "pk"):
        if one.producer is not None:
            farms[one.producer].append(one)
    return list(farms.items())


def _pay(run: PayoutRun, producer: Producer, rows: list[Payout], now: datetime) -> None:
    """One farm: asked outside of any transaction, then written down in one."""
    numbers = [one.number for one in rows]
    try:
        transfer = stripe_gateway.transfer(
            key=f"payout:{run.number}:{producer.code}",
            account=rows[0].destination,
            amount=int(sum((one.amount.amount for one in rows), ZERO) * 100),
            group=run.number,
            description=" ".join(numbers)[:500],
            now=now,
        )
    except Declined as no:
        with transaction.atomic():
            reason = REASONS.get(no.code, Payout.Reason.REFUSED)
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
