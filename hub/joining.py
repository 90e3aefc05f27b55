"""Joining a collection point: a household asks, a host accepts or refuses; some points take everybody at once."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from hub import activity, in_charge, notices
from hub.models import CollectionPoint, Household, Member, Membership, Notice
from hub.refusals import Refusal


class AlreadyJoined(Refusal):
    """The household belongs to the point, or has asked to."""

    code = "already-joined"


class AlreadyDecided(Refusal):
    """Somebody answered the request before."""

    code = "already-decided"


def ask(*, household: Household, point: CollectionPoint, message: str, by: Member, now: datetime) -> Membership:
    """Ask for a place at a point; accepted at once where the point says so, else its hosts are told.

    Raises AlreadyJoined when the household belongs there or has asked before.
    """
    with transaction.atomic():
        membership = Membership(household=household, point=point, message=message[:300], requested_at=now)
        try:
            with transaction.atomic():
                membership.save(force_insert=True)
        except IntegrityError as twice:
            raise AlreadyJoined(_("Your household belongs to this point already, or has asked to.")) from twice
        if point.joining == CollectionPoint.Joining.OPEN:
            membership.move_to(Membership.Status.ACCEPTED, now, None)
        else:
            notices.queue(_to_hosts(membership, now))
        _note(membership, "asked" if membership.status == Membership.Status.REQUESTED else "accepted", by, now)
    return membership


def accept(*, membership: Membership, by: Member, now: datetime) -> Membership:
    """A host says yes; the household is told. Raises AlreadyDecided."""
    return _decide(membership, Membership.Status.ACCEPTED, by, now)


def refuse(*, membership: Membership, by: Member, now: datetime) -> Membership:
    """A host says no; the household is told. Raises AlreadyDecided."""
    return _decide(membership, Membership.Status.REFUSED, by, now)


def leave(*, membership: Membership, by: Member, now: datetime) -> Membership:
    """The household gives its place up, or takes its request back. Orders already placed stay. Raises AlreadyDecided."""
    with transaction.atomic():
        locked = _locked(membership, Membership.Status.ENDED)
        locked.move_to(Membership.Status.ENDED, now, by)
        _note(locked, "ended", by, now)
    return locked


def _decide(membership: Membership, status: Membership.Status, by: Member, now: datetime) -> Membership:
    with transaction.atomic():
        locked = _locked(membership, status)
        locked.move_to(status, now, by)
        notices.queue(_to_household(locked, now))
        _note(locked, status, by, now)
    return locked


def _locked(membership: Membership, status: Membership.Status) -> Membership:
    locked = (
        Membership.objects.select_for_update(of=("self",)).select_related("household", "point").get(pk=membership.pk)
    )
    if not locked.may_move_to(status):
        raise AlreadyDecided(_("This has been decided meanwhile."), status=locked.status)
    return locked


def _to_hosts(membership: Membership, now: datetime) -> list[Notice]:
    data = {"household": membership.household.name, "point": membership.point.name, "message": membership.message}
    return [
        Notice(
            kind="membership-requested",
            key=f"membership-requested:{membership.pk}:{host.pk}",
            member=host,
            data=data,
            due_at=now,
        )
        for host in in_charge.hosts(membership.point_id)
    ]


def _to_household(membership: Membership, now: datetime) -> list[Notice]:
    kind = f"membership-{membership.status}"
    return [
        Notice(
            kind=kind,
            key=f"{kind}:{membership.pk}:{person.pk}",
            member=person,
            data={"point": membership.point.name, "address": membership.point.full_address},
            due_at=now,
        )
        for person in membership.household.members.filter(is_active=True)
    ]


def _note(membership: Membership, act: str, by: Member, now: datetime) -> None:
    activity.record(
        verb=f"membership.{act}", subject=membership.point.code, by=by, now=now, household=membership.household
    )
