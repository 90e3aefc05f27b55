"""Statements: what a producer is owed for a week, numbered without gaps, never changed; and the payouts against them.

A sale is stated once (`StatementBlock`). What is confirmed or corrected after the statement of its week goes on the next one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal

from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext

from distribution import containers, payouts, sales, stating, telling_money
from distribution.fingerprints import fingerprint
from distribution.models import Correction, Payout, PayoutRun, Statement, StatementBlock
from hub import activity, calendar, ledger
from hub.models import Collection, Hub, Member
from hub.money import ZERO, money
from hub.numbering import next_number
from producers.models import Producer

MONDAY_HOUR = time(6)  # what is not confirmed by then goes on the next statement


@dataclass(frozen=True)
class Due:
    """A producer whose statement of a week is to be issued."""

    producer: Producer
    week: str


def issue(*, producer: Producer, week: str, now: datetime) -> Statement | None:
    """State what is settled up to a week, or was corrected, and is not stated yet; None when there is nothing.

    Where the farm owes in the end, nothing is paid and the next statement begins with it.

    Running it again states nothing twice: a producer's statements are issued one at a time, under the lock of its row.
    """
    with transaction.atomic(), translation.override(Hub.get().language):
        farm = Producer.objects.select_for_update(no_key=True).get(pk=producer.pk)
        places = sales.unstated(farm, week)
        corrections = list(Correction.objects.untold().filter(producer=farm).select_for_update())
        if not places and not corrections:
            return None
        year = calendar.local_date(now).year
        number = f"R-{year}-{next_number(kind='statement', issuer='hub', year=year):04d}"
        before = Statement.objects.filter(producer=farm).order_by("-pk").first()
        draft = stating.draft(farm, week, places, number=number, now=now, corrections=corrections, before=before)
        statement = Statement.objects.create(
            number=number,
            producer=farm,
            week=week,
            content=draft.content,
            sha256=fingerprint(draft.content),
            net=money(draft.net),
            issued_at=now,
        )
        StatementBlock.objects.bulk_create(
            StatementBlock(statement=statement, producer=farm, collection_id=pk, net=money(net))
            for pk, net in draft.nets.items()
        )
        Correction.objects.filter(pk__in=[one.pk for one in corrections]).update(statement=statement)
        _pass_deposits_on(statement, draft.deposits, now)
        containers.state(statement, draft.returns, now=now)
        _even_out_vat(statement, draft.fee_vat - sales.fee_vat_posted(farm, places), now)
        _owe(statement, now)
        telling_money.stated(statement, now=now)
    return statement


def issue_due(*, now: datetime) -> list[Statement]:
    """Issue what is due: all collections of a farm's week are settled or cancelled, or it is Monday 06:00 after it. A
    correction that no sale followed waits for that Monday as well."""
    issued = [issue(producer=due.producer, week=due.week, now=now) for due in [*_due(now), *_corrected(now)]]
    return [statement for statement in issued if statement is not None]


def pay(*, payout: Payout, by: Member, now: datetime) -> None:
    """The treasurer's word that one transfer was made by hand, in a run of its own. Again, it changes nothing. Raises
    payouts.NotPayable."""
    with transaction.atomic():
        locked = Payout.objects.select_for_update(of=("self",)).with_payees().get(pk=payout.pk)
        if locked.state == Payout.State.PAID:
            return
        number = locked.number
        run = payouts.start(rail=PayoutRun.Rail.HAND, numbers=[number], by=by, now=now)
        payouts.made(run=run, numbers=[number], by=by, now=now)


def _owe(statement: Statement, now: datetime) -> None:
    if statement.net.amount > 0:
        Payout.objects.create(
            statement=statement,
            producer=statement.producer,
            amount=statement.net,
            created_at=now,
        )
    activity.record(
        verb="statement.issued", subject=statement.number, by=None, now=now, producer_code=statement.producer.code,
        data={"net": str(statement.net.amount), "week": statement.week},
    )  # fmt: skip


def _pass_deposits_on(statement: Statement, deposits: Decimal, now: datetime) -> None:
    """The farm owns its bottles and takes them back: what households paid for them goes to it, without fees."""
    if deposits == ZERO:
        return
    memo = gettext("Deposits of statement %(number)s") % {"number": statement.number}
    farm = f"producer:{statement.producer.code}"
    ledger.post([ledger.Entry(f"statement:{statement.number}:deposits", "deposits", farm, deposits, memo)], now=now)


def _even_out_vat(statement: Statement, difference: Decimal, now: datetime) -> None:
    """Settlement told the VAT on the fee per collection; the document does it on its total. The books follow it."""
    if difference == ZERO:
        return
    income, vat = ("hub:income", "hub:vat") if difference > 0 else ("hub:vat", "hub:income")
    memo = gettext("VAT on the fee of statement %(number)s") % {"number": statement.number}
    ledger.post([ledger.Entry(f"statement:{statement.number}:vat", income, vat, abs(difference), memo)], now=now)


def _due(now: datetime) -> Sequence[Due]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT l.producer_id, c.week, bool_and(c.settled_at IS NOT NULL OR c.status = 'cancelled')
               FROM hub_collection c JOIN orders_orderline l ON l.collection_id = c.id
               JOIN orders_order o ON o.id = l.order_id AND o.cancelled_at IS NULL
               GROUP BY l.producer_id, c.week
               HAVING bool_or(c.settled_at IS NOT NULL AND NOT EXISTS (
                   SELECT 1 FROM distribution_statementblock b
                   WHERE b.producer_id = l.producer_id AND b.collection_id = c.id))
               ORDER BY c.week, l.producer_id"""
        )
        waiting = [(pk, week) for pk, week, complete in cursor.fetchall() if complete or now >= deadline(week)]
    producers = Producer.objects.in_bulk({pk for pk, _week in waiting})
    return [Due(producers[pk], week) for pk, week in waiting]


def _corrected(now: datetime) -> Iterator[Due]:
    """Farms with corrections of a week that is over: one statement of SQL, since they are few."""
    for one in Correction.objects.untold().select_related("producer"):
        week = calendar.week_of(calendar.local_date(one.noted_at))
        if now >= deadline(week):
            yield Due(one.producer, week)


def deadline(week: str) -> datetime:
    """Monday 06:00 after an ISO week."""
    return calendar.wall_to_utc(calendar.week_days(week)[1] + timedelta(days=1), MONDAY_HOUR)


def unconfirmed(week: str) -> int:
    """How many collections of a week wait for somebody's word."""
    return Collection.objects.filter(week=week, status__in=["closed", "in_progress"]).count()
