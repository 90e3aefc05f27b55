"""The journal: who did what, when, to what."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NotRequired, TypedDict, Unpack

from hub.models import Activity, Collection, Household, Member


def person(member: Member) -> str:
    """How the journal names a member it tells of: by a number, which names nobody once they are erased."""
    return f"member:{member.pk}"


class Facts(TypedDict):
    """What the journal keeps of an act. `data` is JSON-safe and holds what changed."""

    verb: str
    subject: str
    by: Member | None
    now: datetime
    household: NotRequired[Household | None]
    collection: NotRequired[Collection | None]
    producer_code: NotRequired[str]
    data: NotRequired[dict[str, Any]]


def act(**facts: Unpack[Facts]) -> Activity:
    """One act as the journal tells it, unwritten."""
    collection = facts.get("collection")
    return Activity(
        at=facts["now"],
        verb=facts["verb"],
        subject=facts["subject"],
        member=facts["by"],
        household=facts.get("household"),
        collection=collection,
        point_id=collection.point_id if collection else None,
        producer_code=facts.get("producer_code", ""),
        data=facts.get("data", {}),
    )


def record(**facts: Unpack[Facts]) -> Activity:
    """Write one act into the journal, in the caller's transaction."""
    made = act(**facts)
    made.save()
    return made


def record_all(acts: Iterable[Activity]) -> None:
    """Write many acts in the caller's transaction, one statement."""
    Activity.objects.bulk_create(acts)
