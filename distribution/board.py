"""What the coordinator's board reads: the points of a week by state, and what waits for somebody. Nothing is written."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Sum
from djmoney.money import Money

from distribution import upkeep
from distribution.models import MinimumDecision, Payout, Refund
from distribution.upkeep import Upkeep
from hub.models import Collection
from hub.money import ZERO, money
from hub.ordering import alphabetical
from orders.models import Dispute
from producers.models import Producer

DISPUTES_SHOWN = 20


@dataclass(frozen=True)
class Row:
    """One collection of the week and how far it has come."""

    code: str
    point: str
    host: str
    starts_at: datetime
    ends_at: datetime
    closes_at: datetime
    status: str
    households: int
    ordered: Any
    version: int | None
    farms: int
    arrived: int
    short: int
    served: int
    confirmed_at: datetime | None
    settled_at: datetime | None
    cancel_reason: str
    cancelled_by: str

    @property
    def counted(self) -> bool:
        return self.status in (Collection.Status.CLOSED, Collection.Status.IN_PROGRESS, Collection.Status.CONFIRMED)

    def late(self, now: datetime) -> bool:
        """Over by the clock, and nobody has said so."""
        return self.counted and self.confirmed_at is None and now > self.ends_at


@dataclass(frozen=True)
class Board:
    """The week at a glance."""

    rows: list[Row]
    cancelled: list[Row]
    households: int
    ordered: Money
    served: int
    minimums: list[MinimumDecision]
    unpublished: list[Producer]
    upkeep: Upkeep
    payouts: int
    payouts_total: Money
    refunds: int
    disputes: list[Dispute]
    late: int

    @property
    def to_do(self) -> int:
        """How many things wait for somebody."""
        return (
            len(self.minimums)
            + self.late
            + self.payouts
            + self.refunds
            + len(self.disputes)
            + bool(self.upkeep.failing)
            + len(self.upkeep.jobs)
        )


def read(week: str, *, next_week: str, now: datetime) -> Board:
    """The board of a week: a fixed number of statements however many points there are."""
    every = _rows(week)
    rows = [row for row in every if row.status != Collection.Status.CANCELLED]
    owed = Payout.objects.unpaid().aggregate(number=Count("pk"), total=Sum("amount"))
    return Board(
        rows=rows,
        cancelled=[row for row in every if row.status == Collection.Status.CANCELLED],
        households=sum(row.households for row in rows),
        ordered=money(sum((row.ordered for row in rows), ZERO)),
        served=sum(row.served for row in rows),
        minimums=list(
            MinimumDecision.objects.filter(collection__week=week, decision="").select_related(
                "collection__point", "producer"
            )
        ),
        unpublished=list(_unpublished(next_week)),
        upkeep=upkeep.read(now=now),
        payouts=owed["number"],
        payouts_total=money(owed["total"] or ZERO),
        refunds=Refund.objects.by_transfer().count(),
        disputes=list(
            Dispute.objects.to_look_at()
            .select_related("payment__order__household")
            .order_by("due_by", "pk")[:DISPUTES_SHOWN]
        ),
        late=Counter(row.late(now) for row in rows)[True],
    )


def _unpublished(week: str) -> Any:
    """Farms that supply a point and have nothing on sale in a week."""
    published = Producer.objects.filter(packagings__offers__week=week, packagings__offers__on_sale=True)
    return (
        Producer.objects.active()
        .filter(supplies__until=None, supplies__isnull=False)
        .exclude(pk__in=published)
        .distinct()
        .order_by(alphabetical(), "pk")
    )


def _rows(week: str) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c.code, p.name,
                      coalesce((SELECT trim(m.first_name || ' ' || m.last_name) FROM hub_host h
                                JOIN hub_member m ON m.id = h.member_id
                                WHERE h.point_id = p.id AND h.until IS NULL ORDER BY h.id LIMIT 1), ''),
                      c.starts_at, c.ends_at, c.closes_at, c.status,
                      count(o.id), coalesce(sum(o.expected_total), 0),
                      (SELECT max(s.version) FROM distribution_sheet s WHERE s.collection_id = c.id),
                      (SELECT count(DISTINCT l.producer_id) FROM orders_orderline l
                       WHERE l.collection_id = c.id AND l.due > 0),
                      (SELECT count(*) FROM distribution_arrival a WHERE a.collection_id = c.id),
                      (SELECT count(*) FROM distribution_shortage s WHERE s.collection_id = c.id),
                      (SELECT count(*) FROM distribution_handover v WHERE v.collection_id = c.id),
                      c.confirmed_at, c.settled_at, c.cancel_reason, coalesce(trim(b.first_name || ' ' || b.last_name), '')
               FROM hub_collection c JOIN hub_collectionpoint p ON p.id = c.point_id
               LEFT JOIN hub_member b ON b.id = c.cancelled_by_id
               LEFT JOIN orders_order o ON o.collection_id = c.id AND o.cancelled_at IS NULL
               WHERE c.week = %s GROUP BY c.id, p.id, b.id ORDER BY c.starts_at, p.name""",
            [week],
        )
        return [Row(*row) for row in cursor.fetchall()]
