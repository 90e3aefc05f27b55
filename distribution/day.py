"""What the screens of the day read: farms, distributions at hand, what was missing, the money taken. It writes nothing."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from djmoney.money import Money

from distribution.models import HandoverAction, Shortage
from hub.models import Collection, Member
from hub.money import ZERO, money
from hub.refusals import Words
from orders.models import Order, Payment

UNDO_FOR = timedelta(seconds=60)  # a page that loads later than this shows no undo; the basket still lists the act


@dataclass(frozen=True)
class Farm:
    """A farm expected at the point, and how many packs of it."""

    code: str
    name: str
    picture: str
    spot: str
    packs: int
    short: int
    arrived_at: datetime | None
    note: str

    @property
    def there(self) -> int:
        return self.packs - self.short


def farms(collection: Collection) -> list[Farm]:
    """The farms of a collection, those still expected first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT p.code, p.name, p.picture, coalesce(y.spot, ''), sum(l.due)::int,
                      coalesce(sum(s.quantity), 0)::int, a.arrived_at, coalesce(a.note, '')
               FROM orders_orderline l
               JOIN orders_order o ON o.id = l.order_id AND o.cancelled_at IS NULL
               JOIN producers_producer p ON p.id = l.producer_id
               LEFT JOIN distribution_shortage s ON s.line_id = l.id
               LEFT JOIN producers_supply y ON y.producer_id = p.id AND y.point_id = %s
               LEFT JOIN distribution_arrival a ON a.producer_id = p.id AND a.collection_id = l.collection_id
               WHERE l.collection_id = %s GROUP BY p.id, y.spot, a.arrived_at, a.note
               HAVING sum(l.due) > 0 OR a.arrived_at IS NOT NULL ORDER BY a.arrived_at NULLS FIRST, p.name""",
            [collection.point_id, collection.pk],
        )
        return [Farm(*row) for row in cursor.fetchall()]


@dataclass(frozen=True)
class Undo:
    """What the undo toast needs."""

    uid: UUID
    said: str


SAID = {
    HandoverAction.Kind.COLLECTED: _("all handed over"),
    HandoverAction.Kind.SHORT: _("missing noted"),
    HandoverAction.Kind.WEIGHED: _("weight noted"),
    HandoverAction.Kind.PAID: _("payment noted"),
    HandoverAction.Kind.RETURNED: _("containers taken back"),
    HandoverAction.Kind.NOTE: _("note kept"),
}


def last_act(collection: Collection, member: Member, now: datetime) -> Undo | None:
    """The member's last act of the last minute, unless it is undone."""
    recent = HandoverAction.objects.filter(collection=collection, by=member, applied_at__gt=now - UNDO_FOR)
    action = recent.select_related("order").order_by("-applied_at", "-pk").first()
    if action is None or action.order is None or action.undone_at is not None or "conflict" in action.data:
        return None
    words = SAID[HandoverAction.Kind(action.kind)]
    return Undo(action.uid, gettext("No. %(number)s: %(what)s") % {"number": action.order.basket_number, "what": words})


def order_of(uid: UUID) -> str:
    """The code of the order an act belongs to."""
    return str(Order.objects.values_list("code", flat=True).get(handover_actions__uid=uid))


def at_hand(member: Member, now: datetime) -> list[Collection]:
    """The distributions a member runs that are not over: under way, or the next of each point within a week."""
    mine = Collection.objects.run_by(member).select_related("point")
    near = mine.filter(status__in=["closed", "in_progress"]).filter(starts_at__lt=now + timedelta(days=7))
    return list(near.order_by("starts_at", "point__name"))


def just_over(member: Member, now: datetime) -> list[Collection]:
    """The distributions of the last two weeks that are confirmed, latest first: to look something up."""
    mine = Collection.objects.run_by(member).select_related("point")
    return list(mine.filter(status="confirmed", ends_at__gt=now - timedelta(days=14)).order_by("-starts_at")[:6])


def shortages(collection: Collection) -> list[Shortage]:
    """What was missing, by basket."""
    found = Shortage.objects.filter(collection=collection).select_related("line__order", "line__producer")
    return list(found.order_by("line__order__basket_number", "pk"))


@dataclass(frozen=True)
class Taken:
    """Money taken here by one means."""

    means: Words
    count: int
    amount: Money


def taken(collection: Collection) -> tuple[list[Taken], Money]:
    """The money taken at the hand-over by means, and its sum."""
    rows = Payment.objects.filter(order__collection=collection, undone_at=None).values_list("means", "amount")
    counts, sums = Counter(means for means, _amount in rows), dict.fromkeys(Payment.Means.values, ZERO)
    for means, amount in rows:
        sums[means] += amount
    parts = [Taken(Payment.Means(means).label, counts[means], money(sums[means])) for means in sorted(counts)]
    return parts, money(sum(sums.values(), ZERO))
