"""Households that nobody used for two years: told a month before, then erased."""

from datetime import datetime, timedelta

from django.db import connection, transaction

from distribution import erasing
from hub import notices
from hub.models import Household, Notice

UNUSED = timedelta(days=2 * 365)
TOLD_BEFORE = timedelta(days=30)
KIND = "inactive"

# Last seen: somebody signed in or ordered. A household with a duty, an open account or an order on its way is not meant.
QUIET = """
    SELECT h.id, greatest(h.created_at, max(m.last_login),
                          (SELECT max(o.changed_at) FROM orders_order o WHERE o.household_id = h.id)) AS seen
    FROM hub_household h LEFT JOIN hub_member m ON m.household_id = h.id
    WHERE h.erased_at IS NULL AND h.created_at < %(before)s
    GROUP BY h.id
    HAVING greatest(h.created_at, max(m.last_login),
                    (SELECT max(o.changed_at) FROM orders_order o WHERE o.household_id = h.id)) < %(before)s
    ORDER BY h.id
"""


def erase_due(*, now: datetime) -> int:
    """Tell those who will be erased in a month, and erase those who were told a month ago and did not come back. A
    household something keeps here (see `erasing.hindrances`) is neither told nor erased. Returns how many were erased."""
    with connection.cursor() as cursor:
        cursor.execute(QUIET, {"before": now - UNUSED + TOLD_BEFORE})
        quiet = dict(cursor.fetchall())
    if not quiet:
        return 0
    erased = 0
    for household in Household.objects.filter(pk__in=quiet).order_by("pk"):
        erased += _tell_or_erase(household, quiet[household.pk], now)
    return erased


def _tell_or_erase(household: Household, seen: datetime, now: datetime) -> int:
    told = Notice.objects.filter(kind=KIND, key__startswith=f"{_key(household, seen)}:").order_by("created_at").first()
    if told is not None and now < told.due_at + TOLD_BEFORE:
        return 0
    with transaction.atomic():
        if erasing.hindrances(household):
            return 0
        members = list(household.members.filter(is_active=True))
        if told is None and members:
            until = (now + TOLD_BEFORE).isoformat()
            notices.queue(
                Notice(
                    kind=KIND, key=f"{_key(household, seen)}:{one.pk}", member=one, data={"until": until}, due_at=now
                )
                for one in members
            )
            return 0
        erasing.erase(household=household, by=None, now=now)
    return 1


def _key(household: Household, seen: datetime) -> str:
    """Who comes back and leaves again is told again."""
    return f"{KIND}:{household.code}:{seen.date().isoformat()}"
