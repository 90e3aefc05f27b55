"""Transfers taken back at Stripe's own desk: booked back here, and the statements they paid are due again. Stripe's event
says so within the minute; the night's comparison looks for those of which nothing was heard."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from distribution.models import Payout, PayoutRun
from distribution.payouts import moving
from hub import stripe_gateway
from hub.models import Member, StripeEvent, StripeMovement
from hub.money import CENT, money
from hub.stripe_gateway import NEVER, Declined, Swept

State = Payout.State


def take_back_reversed(*, now: datetime, until: float = NEVER) -> Swept:
    """Look at what the movements kept say was reversed, and take back what was so as a whole. Of what came back in part
    the comparison goes on to say how much."""
    back = StripeMovement.objects.filter(subject=OuterRef("stripe_id")).exclude(kind="transfer")
    rows = Payout.objects.filter(Exists(back), state=State.PAID, run__rail=PayoutRun.Rail.CONNECT)
    firsts = {row.stripe_id: row for row in rows.select_related("run").order_by("-pk")}

    return stripe_gateway.each(firsts.values(), partial(_look, now), until=until)


def heard(events: Iterable[StripeEvent], now: datetime) -> Iterator[tuple[str, Callable[[], object]]]:
    """The transfers that events say were reversed, and how each is looked at (cards.apply_events)."""
    subjects = [event.subject for event in events if event.kind == "transfer.reversed"]
    rows = Payout.objects.filter(stripe_id__in=subjects, state=State.PAID, run__rail=PayoutRun.Rail.CONNECT)
    for number, row in {row.stripe_id: row for row in rows.select_related("run").order_by("-pk")}.items():
        yield number, partial(_look, now, row)


def _look(now: datetime, row: Payout) -> bool:
    """Take back what Stripe says was taken back as a whole. Raises stripe_gateway.Away, Declined."""
    found = stripe_gateway.read_transfer(row.stripe_id)
    return found.reversed == found.amount and take_back(payout=row, by=None, now=now) > 0


def ask_and_take_back(*, payout: Payout, by: Member, now: datetime) -> int:
    """Somebody says that Stripe has taken a transfer back: Stripe is asked. Returns how many payouts are due again.

    Raises moving.TakenBack where it has not, or not all of it; stripe_gateway.Away.
    """
    try:
        found = stripe_gateway.read_transfer(payout.stripe_id)
    except Declined as no:
        raise moving.TakenBack(_("Stripe does not know this transfer.")) from no
    if found.reversed == 0:
        raise moving.TakenBack(_("Stripe has made this transfer: reverse it there first."))
    if found.reversed < found.amount:
        words = _("Stripe has taken back %(part)s of %(whole)s. Reverse the rest there as well; it is due again then.")
        raise moving.TakenBack(words % {"part": money(found.reversed * CENT), "whole": money(found.amount * CENT)})
    return take_back(payout=payout, by=by, now=now)


def take_back(*, payout: Payout, by: Member | None, now: datetime) -> int:
    """All that one transfer paid, booked back, once. Returns how many payouts."""
    with transaction.atomic():
        every = Payout.objects.select_for_update(of=("self",)).with_payees()
        rows = list(every.filter(state=State.PAID, run=payout.run, stripe_id=payout.stripe_id).order_by("pk"))
        if rows:
            moving.fail(rows, reason=Payout.Reason.REVERSED, by=by, now=now)
        for one in rows:
            moving.record("payout.taken-back", one, by, now, Payout.Reason.REVERSED)
    return len(rows)
