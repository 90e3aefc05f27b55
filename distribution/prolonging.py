"""Leaving a sale open for longer: the farms that sell there and the hosts plan by the deadline, so they are told."""

from datetime import datetime

from django.db import transaction

from distribution import telling
from hub import calendar, locks
from hub.models import Collection, Member


@transaction.atomic
def prolong(*, collection: Collection, closes_at: datetime, by: Member, now: datetime) -> Collection:
    """Leave orders open until `closes_at`, and tell farms and hosts once per deadline. Raises calendar.CannotProlong."""
    locks.own_collection(collection.pk)
    before = Collection.objects.values_list("closes_at", flat=True).get(pk=collection.pk)
    row = calendar.hold_open(collection=collection, closes_at=closes_at, by=by, now=now)
    if row.closes_at != before:
        telling.prolonged(row, by=by, now=now)
    return row
