"""Who coordinates and who hosts: giving a role and taking it back, each written into the journal."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hub import activity, calendar, founding
from hub.models import CollectionPoint, Host, Member, Role
from hub.refusals import Refusal


class LastCoordinator(Refusal):
    """A cooperative without a coordinator could not appoint another one."""

    code = "last-coordinator"


class NoSuchMember(Refusal):
    """Nobody signs in with that address."""

    code = "no-such-member"
    status = 422


def appoint_coordinator(*, email: str, by: Member, now: datetime) -> Role:
    """Give the coordinator's role to the member who signs in with an address. Raises NoSuchMember."""
    member = Member.objects.filter(email__iexact=email.strip(), is_active=True).first()
    if member is None:
        raise NoSuchMember(_("No member has this address. They sign up first, then you appoint them."), email=email)
    return founding.appoint_coordinator(member=member, by=by, now=now)


def dismiss_coordinator(*, member: Member, by: Member, now: datetime) -> None:
    """Take the coordinator's role back. Twice is once. Raises LastCoordinator; the database refuses it too."""
    with transaction.atomic():
        # All of them, in one order: of two coordinators who dismiss each other at once, the second finds himself alone.
        held = list(Role.objects.current().coordinators().select_for_update(of=("self",)).order_by("pk"))
        mine = [role for role in held if role.member_id == member.pk]
        if not mine:
            return
        if not Role.objects.filter(pk__in=[r.pk for r in held], member__is_active=True).exclude(member=member).exists():
            raise LastCoordinator(_("This is the last coordinator. Appoint another one first."))
        for role in mine:
            role.revoked_at = now
            role.save(update_fields=["revoked_at"])
        activity.record(
            verb="role.revoked", subject=activity.person(member), by=by, now=now, data={"role": "coordinator"}
        )


def dismiss_host(*, point: CollectionPoint, member: Member, by: Member, now: datetime) -> None:
    """A member no longer runs a point; what they did there stays. Twice is once."""
    with transaction.atomic():
        over = Host.objects.current().filter(point=point, member=member).update(until=calendar.local_date(now))
        if over:
            activity.record(
                verb="host.dismissed", subject=point.code, by=by, now=now, data={"member": activity.person(member)}
            )
