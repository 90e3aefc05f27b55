"""The journal: who did what, when, to what."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from hub.models import Activity, Collection, Household, Member


def person(member: Member) -> str:
    """How the journal names a member it tells of: by a number, which names nobody once they are erased."""
    return f"member:{member.pk}"


def act(
    *,
    verb: str,
    subject: str,
    by: Member | None,
    now: datetime,
    household: Household | None = None,
    collection: Collection | None = None,
    producer_code: str = "",
    data: dict[str, Any] | None = None,
) -> Activity:
    """One act as the journal tells it, unwritten. `data` is JSON-safe and holds what changed."""
    return Activity(
        at=now,
        verb=verb,
        subject=subject,
        member=by,
        household=household,
        collection=collection,
        point_id=collection.point_id if collection else None,
        producer_code=producer_code,
        data=data or {},
    )


def record(
    *,
    verb: str,
    subject: str,
    by: Member | None,
    now: datetime,
    household: Household | None = None,
    collection: Collection | None = None,
    producer_code: str = "",
    data: dict[str, Any] | None = None,
) -> Activity:
    """Write one act into the journal, in the caller's transaction."""
    made = act(
        verb=verb, subject=subject, by=by, now=now, household=household, collection=collection,
        producer_code=producer_code, data=data,
    )  # fmt: skip
    made.save()
    return made


def record_all(acts: Iterable[Activity]) -> None:
    """Write many acts in the caller's transaction, one statement."""
    Activity.objects.bulk_create(acts)
