"""Taking a producer in: identity, the people who keep their catalogue, the points they supply."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from djmoney.money import Money

from hub import activity, inviting, points
from hub.calendar import local_date
from hub.models import CollectionPoint, Member
from hub.money import money
from producers.models import Producer, ProducerInvitation, ProducerPerson, Supply


@transaction.atomic
def take_in(*, code: str, name: str, by: Member, now: datetime, **identity: Any) -> Producer:
    """A new producer. Raises ValidationError when a field is not what the model allows."""
    return add(producer=Producer(code=code, name=name, **identity), by=by, now=now)


@transaction.atomic
def add(*, producer: Producer, by: Member, now: datetime) -> Producer:
    """Write a new producer. Raises ValidationError."""
    producer.full_clean()
    producer.save(force_insert=True)
    _note("producer.taken-in", producer.code, producer, by, now)
    return producer


@transaction.atomic
def entrust(*, producer: Producer, member: Member, by: Member, now: datetime) -> ProducerPerson:
    """Let a member keep a producer's catalogue and read their statements. Twice is once."""
    person, made = ProducerPerson.objects.get_or_create(
        producer=producer, member=member, defaults={"since": local_date(now)}
    )
    if made:
        _note("producer.entrusted", member.email, producer, by, now)
    return person


@transaction.atomic
def part_from(*, producer: Producer, member: Member, by: Member, now: datetime) -> None:
    """Take a producer's catalogue and statements out of a member's hands; what they did stays. Twice is once."""
    gone, _each = ProducerPerson.objects.filter(producer=producer, member=member).delete()
    if gone:
        _note("producer.parted", member.email, producer, by, now)


def invite(*, producer: Producer, email: str, by: Member, now: datetime) -> ProducerInvitation:
    """Ask somebody by e-mail to keep a producer's catalogue. Raises AlreadyInvited, AlreadyThere (hub/inviting.py)."""
    email = email.strip().lower()
    if producer.people.filter(member__email__iexact=email).exists():
        raise inviting.AlreadyThere(_("This person works for this farm already."))
    return inviting.send(invitation=ProducerInvitation(producer=producer, email=email, invited_by=by), by=by, now=now)


def accept(*, token: str, member: Member, now: datetime) -> ProducerInvitation:
    """Keep the producer's catalogue from today. The same member's second answer changes nothing. Raises InvitationOver."""
    with transaction.atomic():
        invitation, taken = inviting.take(ProducerInvitation, token=token, member=member, now=now)
        if taken:
            entrust(producer=invitation.producer, member=member, by=invitation.invited_by, now=now)
    return invitation


@transaction.atomic
def accept_at(
    *,
    producer: Producer,
    point: CollectionPoint,
    since: date,
    by: Member,
    now: datetime,
    minimum: Money | None = None,
    spot: str = "",
    until: date | None = None,
) -> Supply:
    """Accept a producer at a point from a day on, with a minimum order per collection and a place on site."""
    supply = Supply(producer=producer, point=point, since=since, until=until, minimum=minimum or money(0), spot=spot)
    supply.full_clean()
    supply.save()
    _note("supply.accepted", point.code, producer, by, now)
    return supply


@transaction.atomic
def edit_supply(*, supply: Supply, by: Member, now: datetime) -> Supply:
    """Write the days, minimum or place of a producer at a point. What is ordered stays ordered. Raises ValidationError."""
    before = Supply.objects.select_for_update(no_key=True, of=("self",)).get(pk=supply.pk)
    supply.full_clean()
    if changed := points.changes(before, supply):
        supply.save()
        _note("supply.edited", supply.point.code, supply.producer, by, now, {"changed": changed})
    return supply


def _note(
    verb: str, subject: str, producer: Producer, by: Member, now: datetime, data: dict[str, Any] | None = None
) -> None:
    activity.record(verb=verb, subject=subject, by=by, now=now, producer_code=producer.code, data=data or {})
