"""What points are owed: their part of what was sold there, stated once a week and paid like a farm's statement.

The part is what settlement credited to the point in the books (`settle:<collection>:host`); nothing is kept back from it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import Prefetch, Sum
from djmoney.money import Money

from distribution.models import Payout, PointStatement, PointStatementBlock
from distribution.statements import deadline
from hub import activity, calendar, ledger
from hub.models import Collection, CollectionPoint
from hub.money import ZERO, money
from hub.numbering import next_number

SHOWN = 26  # half a year of statements on one page
FOREVER = "9999-W52"

# Settled, with a part of the point in the books, and on no statement yet.
UNSTATED = """
    SELECT c.id, t.amount FROM hub_collection c JOIN hub_transfer t ON t.reference = 'settle:' || c.id || ':host'
    WHERE c.point_id = %(point)s AND c.week <= %(week)s AND c.settled_at IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM distribution_pointstatementblock b WHERE b.collection_id = c.id)
    ORDER BY c.starts_at, c.id
"""

# Points that take no part have no account: their collections are not looked at, however many there are.
DUE = """
    SELECT c.point_id, c.week, bool_and(c.settled_at IS NOT NULL OR c.status = 'cancelled') FROM hub_collection c
    WHERE (c.point_id, c.week) IN (
        SELECT s.point_id, s.week FROM hub_collection s
        JOIN hub_collectionpoint p ON p.id = s.point_id JOIN hub_account a ON a.code = 'host:' || p.code
        WHERE s.settled_at IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM distribution_pointstatementblock b WHERE b.collection_id = s.id)
           AND EXISTS (SELECT 1 FROM hub_transfer t WHERE t.reference = 'settle:' || s.id || ':host'))
    GROUP BY c.point_id, c.week ORDER BY c.week, c.point_id
"""


def issue(*, point: CollectionPoint, week: str, now: datetime) -> PointStatement | None:
    """State what was settled at a point up to a week and is not stated yet; None when there is nothing.

    Running it again states nothing twice: a point's statements are issued one at a time, under the lock of its row.
    """
    with transaction.atomic():
        locked = CollectionPoint.objects.select_for_update(no_key=True).get(pk=point.pk)
        parts = _unstated(locked, week)
        if not parts:
            return None
        year, net = calendar.local_date(now).year, sum((part for _collection, part in parts), ZERO)
        number = f"H-{year}-{next_number(kind='point-statement', issuer='hub', year=year):04d}"
        statement = PointStatement.objects.create(number=number, point=locked, week=week, net=money(net), issued_at=now)
        PointStatementBlock.objects.bulk_create(
            PointStatementBlock(statement=statement, collection_id=pk, net=money(part)) for pk, part in parts
        )
        Payout.objects.create(point_statement=statement, point=locked, amount=statement.net, created_at=now)
        activity.record(
            verb="point-statement.issued", subject=number, by=None, now=now,
            data={"point": locked.code, "net": str(net), "week": week},
        )  # fmt: skip
    return statement


def issue_due(*, now: datetime) -> list[PointStatement]:
    """Issue what is due: all collections of a point's week are settled or cancelled, or it is Monday 06:00 after it."""
    with connection.cursor() as cursor:
        cursor.execute(DUE)
        due = [(pk, week) for pk, week, complete in cursor.fetchall() if complete or now >= deadline(week)]
    points = CollectionPoint.objects.in_bulk({pk for pk, _week in due})
    issued = [issue(point=points[pk], week=week, now=now) for pk, week in due]
    return [statement for statement in issued if statement is not None]


def _unstated(point: CollectionPoint, week: str) -> Sequence[tuple[int, Decimal]]:
    with connection.cursor() as cursor:
        cursor.execute(UNSTATED, {"point": point.pk, "week": week})
        return list(cursor.fetchall())


@dataclass(frozen=True)
class Part:
    """What a point earned and was paid. `year` is what was stated in the current year, `due` what the books owe it now, of
    which `coming` is on no statement yet."""

    year: Money
    due: Money
    coming: list[tuple[Collection, Money]]
    statements: list[PointStatement]


def read(point: CollectionPoint, *, now: datetime) -> Part:
    """The latest statements of a point and what comes next: a fixed number of statements of SQL."""
    coming = dict(_unstated(point, FOREVER))
    collections = Collection.objects.filter(pk__in=coming).order_by("starts_at", "pk")
    every = PointStatement.objects.filter(point=point)
    year = every.filter(issued_at__year=calendar.local_date(now).year).aggregate(sum=Sum("net"))["sum"]
    blocks = PointStatementBlock.objects.select_related("collection").order_by("collection__starts_at", "pk")
    return Part(
        year=money(year or ZERO),
        due=money(ledger.balance(f"host:{point.code}")),
        coming=[(one, money(coming[one.pk])) for one in collections],
        statements=list(every.with_payouts().prefetch_related(Prefetch("blocks", blocks))[:SHOWN]),
    )
