"""Announcing: every debit is told by e-mail the agreed number of days before it is made."""

from datetime import datetime, timedelta

from django.db import transaction

from hub import calendar
from orders.debits.telling import tell
from orders.models import TopUp


def announce_due(*, now: datetime) -> int:
    """Announce the debits whose time has come; one that is late is made later rather than unannounced. Returns how many."""
    today = calendar.local_date(now)
    waiting = TopUp.objects.filter(state=TopUp.State.DUE, means=TopUp.Means.DEBIT, announced_at=None)
    done = 0
    for row in waiting.select_related("mandate").order_by("due_on", "pk"):
        if row.mandate is not None and row.due_on - timedelta(days=row.mandate.notice_days) <= today:
            done += _announce(row, now)
    return done


def _announce(top_up: TopUp, now: datetime) -> bool:
    with transaction.atomic():
        row = TopUp.objects.select_for_update(of=("self",)).select_related("mandate", "household").get(pk=top_up.pk)
        if row.state != TopUp.State.DUE or row.announced_at is not None or row.mandate is None:
            return False
        earliest = calendar.local_date(now) + timedelta(days=row.mandate.notice_days)
        row.announced_at, row.due_on = now, max(row.due_on, earliest)
        row.save(update_fields=["announced_at", "due_on"])
        tell(row, "debit-announced", now)
    return True
