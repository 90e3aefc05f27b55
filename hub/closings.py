"""Closing days, months and years of the books: each once, in order, by a sweep; the database counts and chains.

A day is closed some hours after its end, so that what began before midnight is still booked on its day.
"""

from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db import connection, transaction

from hub.calendar import local_date, wall_to_utc
from hub.models import ClosedPeriod, Transfer

GRACE = timedelta(hours=3)
AT_ONCE = 400  # days in one sweep; the rest waits for the next
Kind = ClosedPeriod.Kind


def close_due(*, now: datetime, limit: int = AT_ONCE) -> int:
    """Close every day that ended three hours ago and is open, and the months and years that end with it.

    One transaction a day; again, or twice at once, it changes nothing. Returns how many days were closed.
    """
    last, closed = local_date(now - GRACE) - timedelta(days=1), 0
    day = _next_day()
    while day is not None and day <= last and closed < limit:
        closed += _close(day, now)
        day += timedelta(days=1)
    return closed


def _next_day() -> date | None:
    """The first day that is not closed; None while there is no entry at all."""
    latest = ClosedPeriod.objects.days().order_by("-ends").first()
    if latest is not None:
        return date.fromisoformat(latest.code) + timedelta(days=1)
    first = Transfer.objects.order_by("occurred_at").first()
    return local_date(first.occurred_at) if first else None


def _close(day: date, now: datetime) -> int:
    """Close a day and what ends with it; 0 when somebody else just did."""
    after = day + timedelta(days=1)
    ending = [(Kind.DAY, f"{day}", day)]
    if after.day == 1:
        ending.append((Kind.MONTH, f"{day:%Y-%m}", day.replace(day=1)))
    if after.day == after.month == 1:
        ending.append((Kind.YEAR, f"{day:%Y}", day.replace(month=1, day=1)))
    ends = wall_to_utc(after, time(0))
    with transaction.atomic():
        done = [_insert(kind, code, wall_to_utc(first, time(0)), ends, now) for kind, code, first in ending]
    return done[0]


def _insert(kind: Kind, code: str, begins: datetime, ends: datetime, now: datetime) -> int:
    """Says which period; the rest the database finds itself (the trigger `hub_closedperiod_chains`)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO hub_closedperiod (kind, code, begins, ends, closed_at, entries, total, currency, perpetual,
                                             previous, digest)
               VALUES (%s, %s, %s, %s, %s, 0, 0, %s, 0, '', '')""",
            [kind, code, begins, ends, now, settings.CURRENCY],
        )
        return int(cursor.rowcount)
