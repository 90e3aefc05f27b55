"""Reminders: found by the sweep, one statement a kind whatever the number of members, each sent once or not at all.

Every reminder has its moment and a moment after which it is of no use: after an outage, what is still useful is sent, the
rest is not. Nobody is reminded of a cancelled collection, nor of what they have muted. What is told is read when the
message is made, so the rows carry little.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection

from hub.notices import OPTIONAL

MEMBERS = """JOIN hub_membership s ON s.point_id = c.point_id AND s.status = 'accepted'
             JOIN hub_member m ON m.household_id = s.household_id AND m.is_active"""
NOT_ORDERED = """NOT EXISTS (SELECT 1 FROM orders_order o WHERE o.collection_id = c.id
                             AND o.household_id = m.household_id AND o.cancelled_at IS NULL)"""
ORDERED = """JOIN orders_order o ON o.collection_id = c.id AND o.cancelled_at IS NULL
             JOIN hub_member m ON m.household_id = o.household_id AND m.is_active"""
HOSTS = """JOIN hub_host h ON h.point_id = c.point_id AND h.until IS NULL
           JOIN hub_member m ON m.id = h.member_id AND m.is_active"""
ON_DUTY = """JOIN distribution_duty d ON d.collection_id = c.id
             JOIN hub_member m ON m.id = d.member_id AND m.is_active"""
NO_HOST = (
    "NOT EXISTS (SELECT 1 FROM hub_host h WHERE h.point_id = c.point_id AND h.until IS NULL AND h.member_id = m.id)"
)
COORDINATORS = """JOIN hub_role r ON r.kind = 'coordinator' AND r.revoked_at IS NULL
                  JOIN hub_member m ON m.id = r.member_id AND m.is_active"""
OPEN = "c.counted_at IS NULL AND c.cancelled_at IS NULL"
FROZEN = "JOIN distribution_closing g ON g.collection_id = c.id AND g.announced_at IS NOT NULL"
SOMETHING = "EXISTS (SELECT 1 FROM orders_order o WHERE o.collection_id = c.id AND o.cancelled_at IS NULL)"
TO_CONFIRM = f"c.status IN ('closed', 'in_progress') AND {SOMETHING}"

# Who ordered at two or more of the last four collections of the point.
USUAL = """JOIN LATERAL (
    SELECT o.household_id FROM orders_order o
    WHERE o.cancelled_at IS NULL AND o.collection_id IN (
        SELECT p.id FROM hub_collection p
        WHERE p.point_id = c.point_id AND p.starts_at < c.starts_at AND p.counted_at IS NOT NULL AND p.cancelled_at IS NULL
        ORDER BY p.starts_at DESC LIMIT 4)
    GROUP BY o.household_id HAVING count(*) >= 2) u ON u.household_id = m.household_id"""

# A wish left alone for a while that is not what is ordered; somebody choosing at this very moment needs no reminder.
UNSENT = """JOIN orders_wish w ON w.collection_id = c.id AND w.household_id = m.household_id AND w.sent_at IS NULL
                 AND w.changed_at < %(now)s - interval '20 minutes'
                 AND EXISTS (
                     SELECT 1 FROM (SELECT packaging_id, quantity FROM orders_wishline WHERE wish_id = w.id) a
                     FULL JOIN (SELECT l.packaging_id, l.quantity FROM orders_orderline l
                                JOIN orders_order o ON o.id = l.order_id AND o.cancelled_at IS NULL
                                WHERE o.collection_id = c.id AND o.household_id = m.household_id AND l.kind = 'weekly') b
                     USING (packaging_id) WHERE a.quantity IS DISTINCT FROM b.quantity)"""

ON_SALE = """EXISTS (SELECT 1 FROM producers_offer f JOIN producers_packaging k ON k.id = f.packaging_id
                     JOIN producers_supply y ON y.producer_id = k.producer_id AND y.point_id = c.point_id
                     WHERE f.week = c.week AND f.on_sale AND k.archived_at IS NULL)"""

# Seven in the morning by the hub's clock, or an hour before an earlier hand-over.
MORNING = """least((date_trunc('day', c.starts_at AT TIME ZONE %(zone)s) + interval '7 hours') AT TIME ZONE %(zone)s,
                   c.starts_at - interval '1 hour')"""

# Noon of the day before the hand-over: the sheets go out then, or as soon as they are frozen.
DAY_BEFORE = "(date_trunc('day', c.starts_at AT TIME ZONE %(zone)s) - interval '12 hours') AT TIME ZONE %(zone)s"


@dataclass(frozen=True)
class Reminder:
    """`moment` and `until` are instants of a collection `c`; `who` joins its members `m`; `once` says that one run is
    enough: whoever joins later is not caught up with."""

    kind: str
    moment: str
    until: str
    who: str
    where: str
    data: str = "'{}'::jsonb"
    once: bool = False


REMINDERS = (
    Reminder(
        "sale-opened",
        "c.opens_at",
        "least(c.opens_at + interval '12 hours', c.closes_at - interval '3 hours')",
        MEMBERS,
        f"{OPEN} AND {ON_SALE} AND {NOT_ORDERED}",
        once=True,
    ),
    Reminder(
        "last-day",
        "c.closes_at - interval '24 hours'",
        "c.closes_at - interval '6 hours'",
        f"{MEMBERS} {USUAL}",
        f"{OPEN} AND c.opens_at < c.closes_at - interval '36 hours' AND {NOT_ORDERED}",
        once=True,
    ),
    Reminder(
        "unsent-wish",
        "c.closes_at - interval '2 hours'",
        "c.closes_at - interval '15 minutes'",
        f"{MEMBERS} {UNSENT}",
        f"{OPEN} AND c.opens_at <= %(now)s",
    ),
    Reminder(
        "collect-today",
        MORNING,
        "c.starts_at",
        f"{ORDERED} {FROZEN}",
        "c.status = 'closed'",
        """jsonb_build_object('order', o.code, 'number', o.basket_number, 'total', o.expected_total,
                              'at_point', o.payment_method = 'at-point')""",
    ),
    Reminder("sheets-host", DAY_BEFORE, "c.starts_at", f"{HOSTS} {FROZEN}", f"c.status = 'closed' AND {SOMETHING}"),
    Reminder(
        "sheets-duty",
        DAY_BEFORE,
        "c.starts_at",
        f"{ON_DUTY} {FROZEN}",
        f"c.status = 'closed' AND {SOMETHING} AND {NO_HOST}",
    ),
    Reminder("to-confirm", "c.ends_at + interval '2 hours'", "c.ends_at + interval '24 hours'", HOSTS, TO_CONFIRM),
    Reminder("to-confirm-late", "c.ends_at + interval '24 hours'", "c.ends_at + interval '3 days'", HOSTS, TO_CONFIRM),
    Reminder(
        "to-confirm-coordinator",
        "c.ends_at + interval '24 hours'",
        "c.ends_at + interval '3 days'",
        COORDINATORS,
        TO_CONFIRM,
    ),
)

ONCE = "AND NOT EXISTS (SELECT 1 FROM hub_notice n WHERE n.collection_id = c.id AND n.kind = %(kind)s)"


def queue_due(*, now: datetime) -> int:
    """Queue every reminder whose moment has come and has not passed. Returns how many; again, none."""
    return sum(_queue(reminder, now) for reminder in REMINDERS)


def _queue(reminder: Reminder, now: datetime) -> int:
    muted = "AND NOT (%(kind)s = ANY(m.muted))" if reminder.kind in OPTIONAL else ""
    statement = f"""
        INSERT INTO hub_notice (kind, key, member_id, email, data, collection_id, created_at, due_at, expires_at, attempts, error)
        SELECT DISTINCT ON (m.id, c.id) %(kind)s, %(kind)s || ':' || c.code || ':' || m.id, m.id, '', {reminder.data}, c.id,
               %(now)s, %(now)s, {reminder.until}, 0, ''
        FROM hub_collection c {reminder.who}
        WHERE {reminder.moment} <= %(now)s AND %(now)s < {reminder.until} AND {reminder.where} {muted}
              {ONCE if reminder.once else ""}
        ORDER BY m.id, c.id
        ON CONFLICT (key) DO NOTHING"""  # noqa: S608 - made of the constants above
    with connection.cursor() as cursor:
        cursor.execute(statement, {"kind": reminder.kind, "now": now, "zone": settings.TIME_ZONE})
        return int(cursor.rowcount)
