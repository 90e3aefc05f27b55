"""What all rails share: a payout is posted when its money leaves, and posted back when it did not arrive after all."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from distribution import telling_money
from distribution.bank import using
from distribution.models import Payout, PayoutRun
from hub import activity, ledger, locks
from hub.models import Hub, Member, StripeCall
from hub.refusals import Refusal

State = Payout.State
TICK = 4  # the sweep that asks Stripe (distribution.tasks.payouts); while it is at it nothing is taken out of its hands


class TakenBack(Refusal):
    """This payout cannot be taken back so."""

    code = "not-to-take-back"


def locked(run: PayoutRun, states: Sequence[str], numbers: Sequence[str] | None = None) -> list[Payout]:
    """A run's payouts in these states (of these statements, where given), alone until the transaction ends."""
    rows = Payout.objects.select_for_update(of=("self",)).filter(run=run, state__in=states)
    if numbers is not None:
        rows = rows.of_statements(numbers)
    return list(rows.with_payees().order_by("pk"))


def post(payouts: Sequence[Payout], *, credit: str, now: datetime, by: Member | None) -> None:
    """Book that the money of these payouts left an account (`bank`, `stripe`), and tell those who are paid. In the caller's
    transaction; a fixed number of statements."""
    with translation.override(Hub.get().language):
        entries = [
            ledger.Entry(
                reference=one.reference,
                debit=one.books,
                credit=credit,
                amount=one.amount.amount,
                memo=_("Payout of statement %(number)s") % {"number": one.number},
            )
            for one in payouts
        ]
    ledger.post(entries, now=now, by=by)
    telling_money.paid(payouts, now=now)


def fail(payouts: Sequence[Payout], *, reason: str, by: Member | None, now: datetime) -> None:
    """These payouts did not arrive, or will not be made: booked back where they were booked, and due again. In the caller's
    transaction."""
    Payout.objects.filter(pk__in=[one.pk for one in payouts]).update(
        state=State.FAILED, reason=reason, failed_at=now, failed_by=by
    )
    posted = [one for one in payouts if one.posted_at is not None]
    with translation.override(Hub.get().language):
        for one in posted:
            memo = _("Payout of statement %(number)s taken back") % {"number": one.number}
            ledger.reverse(one.reference, memo=memo, now=now, by=by)
    Payout.objects.bulk_create(one.again(now) for one in payouts)
    telling_money.returned(posted, reason=reason, now=now)


def take_back(*, payout: Payout, reason: str, by: Member, now: datetime) -> None:
    """The bank rejected a transfer or sent it back, or it was noted by mistake. Again, it changes nothing.

    Raises TakenBack for one that has not left, and for what Stripe paid (reversing.ask_and_take_back); SeenAtTheBank while
    a line of the bank's statement tells of it.
    """
    with transaction.atomic():
        every = Payout.objects.select_for_update(of=("self",)).with_payees().select_related("run")
        row = every.get(pk=payout.pk)
        if row.state == State.FAILED:
            return
        if row.state not in {State.SENT, State.PAID} or reason not in {Payout.Reason.REJECTED, Payout.Reason.MISTAKE}:
            raise TakenBack(_("This payout has not left yet: take it out of its run instead."))
        if row.run is not None and row.run.rail == PayoutRun.Rail.CONNECT:
            raise TakenBack(_("Stripe has made this transfer: reverse it there first."))
        using.refuse_if_seen(row.reference)
        fail([row], reason=reason, by=by, now=now)
        record("payout.taken-back", row, by, now, reason)


def withdraw(*, run: PayoutRun, by: Member, now: datetime) -> int:
    """Take everything that has not left out of a run; it is due again. Returns how many, none where nothing was left.
    Raises TakenBack while Stripe is being asked, and where it may have made all that is left."""
    if run.rail != PayoutRun.Rail.CONNECT:
        return _withdraw(run, None, by, now)
    with locks.hold_tick(TICK) as alone:
        if not alone:
            raise TakenBack(_("Stripe is being asked for transfers at this moment: try again in a minute."))
        unasked = _unasked(run)
        if not unasked and run.payouts.filter(state=State.IN_RUN).exists():
            raise TakenBack(_("Stripe has been asked for these transfers: wait for its answer."))
        return _withdraw(run, unasked, by, now)


def _withdraw(run: PayoutRun, numbers: list[str] | None, by: Member, now: datetime) -> int:
    with transaction.atomic():
        rows = locked(run, [State.IN_RUN], numbers)
        if rows:
            fail(rows, reason=Payout.Reason.WITHDRAWN, by=by, now=now)
            activity.record(
                verb="payout-run.withdrawn", subject=run.number, by=by, now=now, data={"payouts": len(rows)}
            )
    return len(rows)


def transfer_key(run: PayoutRun, farm: str) -> str:
    """Names the one transfer of a run to a farm, for Stripe."""
    return f"payout:{run.number}:{farm}"


def _unasked(run: PayoutRun) -> list[str]:
    """The statements of which Stripe was not asked for anything that it may have done. No sweep may be asking."""
    waiting = Payout.objects.filter(run=run, state=State.IN_RUN).values_list("statement__number", "producer__code")
    keys = {number: transfer_key(run, farm) for number, farm in waiting}
    asked = StripeCall.objects.filter(key__in=keys.values()).exclude(state=StripeCall.State.REFUSED)
    under_way = set(asked.values_list("key", flat=True))
    return [number for number, key in keys.items() if key not in under_way]


def record(verb: str, payout: Payout, by: Member | None, now: datetime, reason: str = "") -> None:
    """Write what became of one payout into the journal, for its farm as well, where it is one."""
    data = {"amount": str(payout.amount.amount)} | ({"reason": reason} if reason else {})
    farm = payout.producer.code if payout.producer else ""
    activity.record(verb=verb, subject=payout.number, by=by, now=now, producer_code=farm, data=data)
