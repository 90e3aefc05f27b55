"""Invitations: a link sent to one address, good once and for fourteen days, which gives a role to whoever opens it.

What is common to hosts and to farms' people is here, and the acts about hosts; those about farms are in producers/farms.py.
The link is the key: it was sent to one address, and whoever holds it says by signing in who they are.
"""

import secrets
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from hub import activity, founding, notices
from hub.mail import SECRET
from hub.models import CollectionPoint, Host, HostInvitation, Invitation, Member, Notice
from hub.models.people import hash_of
from hub.refusals import Refusal

PAUSE = timedelta(minutes=1)
"""How soon the same invitation may be sent again: a second press on the button is not a second letter."""

I = TypeVar("I", bound=Invitation)  # noqa: E741  (any kind of invitation)


class AlreadyInvited(Refusal):
    """An invitation to this address waits for its answer."""

    code = "already-invited"


class AlreadyThere(Refusal):
    """The person invited holds the role already."""

    code = "already-there"


class InvitationOver(Refusal):
    """The link was used by somebody, withdrawn, or is too old; `data["state"]` says which."""

    code = "invitation-over"
    status = 410


class SentJustNow(Refusal):
    """The letter left less than a minute ago."""

    code = "sent-just-now"


def invite_host(*, point: CollectionPoint, email: str, by: Member, now: datetime) -> HostInvitation:
    """Ask somebody by e-mail to host a point. Raises AlreadyInvited, AlreadyThere."""
    email = email.strip().lower()
    if Host.objects.current().filter(point=point, member__email__iexact=email).exists():
        raise AlreadyThere(_("This person hosts this point already."))
    return send(invitation=HostInvitation(point=point, email=email, invited_by=by), by=by, now=now)


def accept_as_host(*, token: str, member: Member, now: datetime) -> HostInvitation:
    """Host the point from today. The same member's second answer changes nothing. Raises InvitationOver."""
    with transaction.atomic():
        invitation, taken = take(HostInvitation, token=token, member=member, now=now)
        if taken:
            founding.appoint_host(member=member, point=invitation.point, by=invitation.invited_by, now=now)
    return invitation


def send(*, invitation: I, by: Member, now: datetime) -> I:
    """Keep a new invitation and write its letter, `emails/invitation-<point|producer>.txt`. One that grew too old gives way.

    Raises AlreadyInvited when another one to this address still waits.
    """
    with transaction.atomic():
        here = {invitation.PLACE: invitation.place, "email__iexact": invitation.email}
        for row in invitation.__class__.objects.pending().filter(**here).select_for_update(of=("self",)):
            if row.state(now) == Invitation.State.EXPIRED:
                _end(row, by, now)
        try:
            with transaction.atomic():
                _renew(invitation, now)
        except IntegrityError as twice:
            raise AlreadyInvited(
                _("This address has been invited already. You may send the invitation again.")
            ) from twice
        _note("invitation.sent", invitation, by, now)
    return invitation


def resend(*, invitation: I, by: Member, now: datetime) -> I:
    """Send a new link, good for another fourteen days; the old one no longer works. Raises InvitationOver, SentJustNow."""
    with transaction.atomic():
        locked: I = _waiting(invitation)
        if now - locked.created_at < PAUSE:
            raise SentJustNow(_("It was sent a moment ago. Wait a minute before sending it again."))
        _renew(locked, now)
        _note("invitation.sent", locked, by, now)
    return locked


def withdraw(*, invitation: I, by: Member, now: datetime) -> I:
    """The link no longer works. Raises InvitationOver when it was used or withdrawn before."""
    with transaction.atomic():
        locked: I = _waiting(invitation)
        _end(locked, by, now)
    return locked


def take(model: type[I], *, token: str, member: Member, now: datetime) -> tuple[I, bool]:
    """The invitation a token opens, marked as used by the member; and whether it was this call that used it.

    In the caller's transaction: of two people at once the second finds it used. Raises InvitationOver.
    """
    found = model.objects.select_for_update(of=("self",)).with_token(token).first()
    if found is None:
        raise over(None)
    state = found.state(now)
    if state == Invitation.State.USED and found.used_by_id == member.pk:
        return found, False
    if state != Invitation.State.OPEN:
        raise over(state)
    found.used_at, found.used_by = now, member
    found.save(update_fields=["used_at", "used_by"])
    _note("invitation.accepted", found, member, now)
    notices.queue([_answer(found, member, now)])
    return found, True


def over(state: Invitation.State | None) -> InvitationOver:
    """Why a link does not work, for its reader; None for a token nobody knows."""
    words = {
        Invitation.State.USED: _("This invitation has been used already."),
        Invitation.State.WITHDRAWN: _("This invitation has been withdrawn."),
        Invitation.State.EXPIRED: _("This invitation is too old: it was good for fourteen days."),
    }
    unknown = _("This link is not complete, or a newer invitation has replaced it.")
    return InvitationOver(words.get(state, unknown) if state else unknown, state=state.value if state else "unknown")


def _waiting(invitation: I) -> I:
    locked: I = invitation.__class__.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    if locked.used_at is not None or locked.withdrawn_at is not None:
        raise over(Invitation.State.USED if locked.used_at else Invitation.State.WITHDRAWN)
    return locked


def _renew(invitation: Invitation, now: datetime) -> None:
    """A fresh token, of which the letter has the word and the row the hash."""
    token = secrets.token_urlsafe(24)
    invitation.token_hash, invitation.created_at = hash_of(token), now
    invitation.save()
    notices.queue([_letter(invitation, token, now)])


def _letter(invitation: Invitation, token: str, now: datetime) -> Notice:
    return Notice(
        kind=f"invitation-{invitation.PLACE}",
        key=f"invitation-{invitation.PLACE}:{invitation.pk}:{invitation.token_hash[:16]}",
        member=Member.objects.filter(email__iexact=invitation.email, is_active=True).first(),
        email=invitation.email,
        data={"place": str(invitation.place), "by": invitation.invited_by.full_name, SECRET: token},
        due_at=now,
    )


def _answer(invitation: Invitation, member: Member, now: datetime) -> Notice:
    return Notice(
        kind="invitation-accepted",
        key=f"invitation-accepted:{invitation.token_hash[:16]}",
        member=invitation.invited_by,
        data={"place": str(invitation.place), "name": member.full_name, "address": member.email},
        due_at=now,
    )


def _end(invitation: Invitation, by: Member, now: datetime) -> None:
    invitation.withdrawn_at = now
    invitation.save(update_fields=["withdrawn_at"])
    _note("invitation.withdrawn", invitation, by, now)


def _note(verb: str, invitation: Invitation, by: Member, now: datetime) -> None:
    place = invitation.place
    activity.record(
        verb=verb,
        subject=place.code,
        by=by,
        now=now,
        producer_code=place.code if invitation.PLACE == "producer" else "",
        data={"invitation": invitation.pk},
    )
