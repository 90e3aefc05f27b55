"""Taking a producer in: identity, the people who keep their catalogue, the points they supply."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from djmoney.money import Money

from hub import activity
from hub.models import CollectionPoint, Member
from hub.money import money
from producers.models import Producer, ProducerPerson, Supply


@transaction.atomic
def take_in(*, code: str, name: str, by: Member, now: datetime, **identity: Any) -> Producer:
    """A new producer. Raises ValidationError when a field is not what the model allows."""
    producer = Producer(code=code, name=name, **identity)
    producer.full_clean()
    producer.save()
    activity.record(verb="producer.taken-in", subject=code, by=by, now=now, producer_code=code)
    return producer


@transaction.atomic
def entrust(*, producer: Producer, member: Member, by: Member, now: datetime) -> ProducerPerson:
    """Let a member keep a producer's catalogue and read their statements."""
    person, _made = ProducerPerson.objects.get_or_create(
        producer=producer, member=member, defaults={"since": now.date()}
    )
    activity.record(verb="producer.entrusted", subject=member.email, by=by, now=now, producer_code=producer.code)
    return person


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
) -> Supply:
    """Accept a producer at a point from a day on, with a minimum order per collection and a place on site."""
    supply = Supply(producer=producer, point=point, since=since, minimum=minimum or money(0), spot=spot)
    supply.full_clean()
    supply.save()
    activity.record(verb="supply.accepted", subject=point.code, by=by, now=now, producer_code=producer.code)
    return supply
