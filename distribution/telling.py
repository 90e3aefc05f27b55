"""Who is told what around the deadline: notices queued in the transaction of their fact, each named once by its key."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import translation

from distribution.models import LineChange, MinimumDecision
from hub import format as say
from hub import notices
from hub.models import Collection, Member, Notice
from orders.models import Order, OrderLine
from producers.models import Producer, ProducerPerson


def minimums(collection: Collection, waiting: Iterable[MinimumDecision], *, now: datetime) -> None:
    """Ask the people of each producer below their minimum, and the coordinators."""
    rows = list(waiting)
    if not rows:
        return
    coordinators = list(Member.objects.filter(is_active=True, roles__kind="coordinator", roles__revoked_at=None))
    people = _people_of(row.producer_id for row in rows)
    queue = []
    for row in rows:
        for member in {one.pk: one for one in [*people.get(row.producer_id, []), *coordinators]}.values():
            data = {
                "producer": row.producer.name,
                "producer_code": row.producer.code,
                "ordered": _amount(member, row.ordered),
                "minimum": _amount(member, row.minimum),
                "default": collection.point.minimum_default,
                "until": row.due_at.isoformat(),
            }
            key = f"minimum:{collection.code}:{row.producer_id}:{member.pk}"
            queue.append(_notice("minimum", key, member, collection, now, data))
    notices.queue(queue)


def closed(collection: Collection, *, now: datetime) -> None:
    """Tell producers what to bring, hosts that the sheets are ready, households what they will get."""
    lines = list(
        OrderLine.objects.filter(collection=collection)
        .select_related("order")
        .order_by("order_id", "producer__name", "name", "pk")
    )
    queue = [
        *_to_producers(collection, lines, now),
        *_to_hosts(collection, lines, now),
        *_to_households(collection, lines, now),
    ]
    notices.queue(queue)


def _to_producers(collection: Collection, lines: list[OrderLine], now: datetime) -> list[Notice]:
    packs: dict[int, int] = {}
    for line in lines:
        packs[line.producer_id] = packs.get(line.producer_id, 0) + line.due
    farms = Producer.objects.in_bulk(packs)
    return [
        _notice(
            "close-producer" if packs[one] else "close-producer-nothing",
            f"close:{collection.code}:producer:{one}:{member.pk}",
            member,
            collection,
            now,
            {
                "producer": farms[one].name,
                "producer_code": farms[one].code,
                "packs": packs[one],
                "week": collection.week,
            },
        )
        for one, members in _people_of(packs).items()
        for member in members
    ]


def _to_hosts(collection: Collection, lines: list[OrderLine], now: datetime) -> list[Notice]:
    orders = {line.order_id for line in lines if line.due}
    data = {"orders": len(orders), "packs": sum(line.due for line in lines)}
    return [
        _notice("close-host", f"close:{collection.code}:host:{host.pk}", host, collection, now, data)
        for host in _hosts(collection)
    ]


def _to_households(collection: Collection, lines: list[OrderLine], now: datetime) -> list[Notice]:
    by_order: dict[int, list[OrderLine]] = {}
    for line in lines:
        by_order.setdefault(line.order_id, []).append(line)
    orders = {one.pk: one for one in Order.objects.filter(pk__in=by_order)}
    queue = []
    for member, order_id in _members_of(orders.values()):
        order, mine = orders[order_id], by_order[order_id]
        kind = "close-order" if order.is_live else "close-order-cancelled"
        data = {
            "order": order.code,
            "number": order.basket_number,
            "total": _amount(member, order.expected_total),
            "estimate": any(line.weighed and line.due for line in mine),
            "lines": [{"packs": line.due, "name": line.name, "label": line.label} for line in mine if line.due],
            "missing": [
                {"packs": line.quantity - line.due, "name": line.name, "label": line.label}
                for line in mine
                if line.due < line.quantity
            ],
        }
        queue.append(
            _notice(kind, f"close:{collection.code}:order:{order.code}:{member.pk}", member, collection, now, data)
        )
    return queue


def amended(order: Order, line: OrderLine, change: LineChange, *, frozen: bool, now: datetime) -> None:
    """Tell the household, and once the sheets are out the producer and the hosts too."""
    data = {
        "order": order.code,
        "delta": change.delta,
        "packs": abs(change.delta),
        "name": line.name,
        "label": line.label,
        "reason": change.reason,
        "note": change.note,
    }
    queue = [
        _notice("amended-order", f"{change.key}:household:{member.pk}", member, order.collection, now, data)
        for member, _order in _members_of([order])
    ]
    if frozen:
        others = {
            one.pk: one
            for one in [*_people_of([line.producer_id]).get(line.producer_id, []), *_hosts(order.collection)]
        }
        queue += [
            _notice("amended-sheets", f"{change.key}:sheets:{member.pk}", member, order.collection, now, data)
            for member in others.values()
        ]
    notices.queue(queue)


def cancelled(collection: Collection, *, reason: str, now: datetime) -> None:
    """Tell the households that ordered, the producers they ordered from and the hosts."""
    orders = list(Order.objects.live().filter(collection=collection))
    producers = OrderLine.objects.filter(order__in=orders).values_list("producer", flat=True).distinct()
    told = {member.pk: member for members in _people_of(producers).values() for member in members}
    told |= {member.pk: member for member in _hosts(collection)}
    told |= {member.pk: member for member, _order in _members_of(orders)}
    notices.queue(
        _notice(
            "collection-cancelled",
            f"cancelled:{collection.code}:{member.pk}",
            member,
            collection,
            now,
            {"reason": reason},
        )
        for member in told.values()
    )


def _notice(kind: str, key: str, member: Member, collection: Collection, now: datetime, data: dict[str, Any]) -> Notice:
    return Notice(kind=kind, key=key, member=member, collection=collection, due_at=now, data=data)


def _people_of(producers: Iterable[int]) -> dict[int, list[Member]]:
    """The active members who work for each of these producers."""
    people: dict[int, list[Member]] = {}
    roles = ProducerPerson.objects.filter(producer__in=list(producers), member__is_active=True)
    for role in roles.select_related("member").order_by("pk"):
        people.setdefault(role.producer_id, []).append(role.member)
    return people


def _hosts(collection: Collection) -> list[Member]:
    here = Q(hostings__point=collection.point_id, hostings__until=None)
    return list(Member.objects.filter(here, is_active=True).order_by("pk"))


def _members_of(orders: Iterable[Order]) -> list[tuple[Member, int]]:
    """Every active member of the households, with the order they are told about."""
    by_household = {order.household_id: order.pk for order in orders}
    members = Member.objects.filter(household__in=by_household, is_active=True).order_by("pk")
    return [(member, by_household[member.household_id]) for member in members if member.household_id]


def _amount(member: Member, amount: Any) -> str:
    """The amount as the member reads it: the words of a message are fixed when its fact is."""
    with translation.override(member.language):
        return say.money(amount)
