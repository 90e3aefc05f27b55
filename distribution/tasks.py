"""The one-minute tick: finds rows that are due and does them. A lost tick heals at the next one, a doubled one does nothing."""

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from datetime import UTC, datetime
from time import monotonic

from celery import shared_task
from django.db.models import Q

from distribution import (
    closing,
    fee_invoices,
    inactive,
    invoice_files,
    mailing,
    point_statements,
    printing,
    purging,
    receipts,
    refunds,
    reminding,
    settlement,
    statements,
    telling_money,
    unpaid,
)
from distribution import payouts as paying_farms
from distribution.bank import importing
from distribution.books import stripe
from distribution.payouts import moving
from hub import calendar, closings, erasures, locks, notices
from hub.celery import TASK_SECONDS
from hub.wire import once
from orders import cards as paying
from orders import debits
from producers import connect

TICK = 1
PAPERS = 2
CARDS = 3
PAYOUTS = moving.TICK
ASKING = TASK_SECONDS - 140
"""How long one task asks Stripe for, in seconds, all its sweeps together: the last question may go unanswered for a while,
and what asks nothing has its turn before the task is told to end."""
MANY = 10  # collections to close, from which a second worker is worth its message
PAPER_MAIL = Q(kind__in=mailing.CARRIERS)


@shared_task(name="distribution.tasks.sweep")
def sweep() -> None:
    """Open and close what is due, plan ahead, remind, send messages. One at a time in the whole installation."""
    now = datetime.now(UTC)
    with locks.hold_tick(TICK) as alone:
        if alone:
            run_all(
                [
                    lambda: closing.open_due(now=now),
                    lambda: share_closing(now),
                    lambda: closing.close_due(now=now),
                    lambda: settlement.settle_due(now=now),
                    lambda: receipts.issue_due(now=now),
                    lambda: statements.issue_due(now=now),
                    lambda: point_statements.issue_due(now=now),
                    lambda: fee_invoices.issue_due(now=now),
                    lambda: telling_money.remind_due(now=now),
                    lambda: closings.close_due(now=now),
                    lambda: calendar.plan_collections(now=now),
                    lambda: purging.purge_due(now=now),
                    lambda: importing.forget_previews(now=now),
                    lambda: reminding.queue_due(now=now),
                    papers.delay,
                    cards.delay,
                    payouts.delay,
                    lambda: inactive.erase_due(now=now),
                    erasures.repeat,
                    lambda: notices.send_due(now=now, among=~PAPER_MAIL, attach=mailing.FILES),
                    lambda: once.forget_old(now=now),
                ]
            )


def share_closing(now: datetime) -> None:
    """Ask another worker to close as well where many deadlines passed at once. Nobody there: the tick closes them all."""
    if closing.waiting(now=now).count() >= MANY:
        close.delay()


@shared_task(name="distribution.tasks.close", expires=60)
def close() -> None:
    """Close beside the tick: each takes the collections the other has not."""
    closing.close_due(now=datetime.now(UTC))


@shared_task(name="distribution.tasks.papers", queue="pdf", expires=60)
def papers() -> None:
    """Make the PDFs that are missing and send those to be sent, apart from the tick: paper must not delay a deadline."""
    now = datetime.now(UTC)
    with locks.hold_tick(PAPERS) as alone:
        if alone:
            run_all(
                [
                    lambda: printing.render_missing(now=now),
                    lambda: invoice_files.make_missing(now=now),
                    lambda: notices.send_due(now=now, among=PAPER_MAIL, attach=mailing.FILES),
                ]
            )


@shared_task(name="distribution.tasks.cards", queue="money", expires=60)
def cards() -> None:
    """Everything that asks Stripe, apart from the tick: its silence must not delay a deadline."""
    now, until = datetime.now(UTC), monotonic() + ASKING
    with locks.hold_tick(CARDS) as alone:
        if alone:
            run_all(
                [
                    lambda: paying.place_holds(now=now, until=until),
                    lambda: paying.apply_events(now=now, until=until, also=paying_farms.heard),
                    lambda: paying.reread(now=now, until=until),
                    lambda: paying.take_due(now=now, until=until),
                    lambda: paying.tell_uncharged(now=now),
                    lambda: refunds.hand_to_cards(now=now),
                    lambda: paying.send_refunds(now=now, until=until),
                    lambda: refunds.note_cards(now=now),
                    lambda: paying.release_refused(now=now, until=until),
                    lambda: paying.pay_refused_at_point(now=now),
                    lambda: unpaid.release_lines(now=now),
                    lambda: unpaid.warn_due(now=now),
                    lambda: debits.announce_due(now=now),
                    lambda: debits.ask_due(now=now, until=until),
                    lambda: paying.forget_erased(now=now, until=until),
                    lambda: paying.forget_removed(now=now, until=until),
                    lambda: stripe.check_due(now=now, until=until),
                ]
            )


@shared_task(name="distribution.tasks.payouts", queue="money", expires=60)
def payouts() -> None:
    """Pay farms through Stripe, and ask what it still wants of them: apart from the cards, whose number must not delay it."""
    now, until = datetime.now(UTC), monotonic() + ASKING
    with locks.hold_tick(PAYOUTS) as alone:
        if alone:
            run_all(
                [
                    lambda: paying_farms.send_due(now=now, until=until),
                    lambda: connect.reread(now=now, until=until),
                ]
            )


def run_all(acts: Iterable[Callable[[], object]]) -> None:
    """Run all acts in order: one that fails does not keep the others from running, and its error is raised at the end."""
    with ExitStack() as stack:
        for act in reversed(list(acts)):
            stack.callback(act)
