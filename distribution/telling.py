"""Who is told what around the deadline: notices queued in the transaction of their fact, each named once by its key."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from distribution.models import LineChange, MinimumDecision
from hub import in_charge, notices
from hub.models import Collection, Member, Notice
from orders.models import Order, OrderLine
from producers.models import Offer, Producer, ProducerPerson


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
                "ordered": notices.amount(member, row.ordered),
                "minimum": notices.amount(member, row.minimum),
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
        for host in in_charge.hosts(collection.point_id)
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
            "total": notices.amount(member, order.expected_total),
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


def amended(order: Order, changes: Sequence[tuple[OrderLine, LineChange]], *, frozen: bool, now: datetime) -> None:
    """Tell the household; once the sheets are out, the hosts too, and each farm about its own lines."""
    first, at, after = changes[0][1], order.collection, Order.objects.get(pk=order.pk)
    told = {"order": order.code, "reason": first.reason, "note": first.note}
    rows = [(line.producer_id, _row(line, change)) for line, change in changes]
    queue = []
    for one, _order in _members_of([order]):
        data = {**told, "lines": [row for _farm, row in rows], "total": notices.amount(one, after.expected_total)}
        queue.append(_notice("amended-order", f"{first.key}:household:{one.pk}", one, at, now, data))
    for one, lines in _paper_readers(at, rows) if frozen else []:
        queue.append(_notice("amended-sheets", f"{first.key}:sheets:{one.pk}", one, at, now, {**told, "lines": lines}))
    notices.queue(queue)


def _paper_readers(
    at: Collection, rows: Sequence[tuple[int, dict[str, Any]]]
) -> Iterable[tuple[Member, list[dict[str, Any]]]]:
    """The hosts with all rows, and the people of each farm with its own; whoever is both reads all."""
    told = {host.pk: (host, [row for _farm, row in rows]) for host in in_charge.hosts(at.point_id)}
    hosts = set(told)
    for farm, people in _people_of({farm for farm, _row in rows}).items():
        for member in people:
            if member.pk not in hosts:
                told.setdefault(member.pk, (member, []))[1].extend(row for one, row in rows if one == farm)
    return told.values()


def _row(line: OrderLine, change: LineChange) -> dict[str, Any]:
    return {"delta": change.delta, "packs": abs(change.delta), "name": line.name, "label": line.label}


def prolonged(collection: Collection, *, by: Member, now: datetime) -> None:
    """Tell the farms that sell there and the hosts until when orders stay open; whoever did it knows."""
    farms = Offer.objects.at(collection).values_list("packaging__producer", flat=True).distinct()
    told = {member.pk: member for members in _people_of(farms).values() for member in members}
    told |= {member.pk: member for member in in_charge.hosts(collection.point_id)}
    until = collection.closes_at.isoformat()
    notices.queue(
        _notice("prolonged", f"prolonged:{collection.code}:{until}:{one.pk}", one, collection, now, {"until": until})
        for one in told.values()
        if one != by
    )


def cancelled(collection: Collection, *, reason: str, now: datetime) -> None:
    """Tell the households that ordered, the producers they ordered from, the hosts and those on duty."""
    orders = list(Order.objects.live().filter(collection=collection))
    producers = OrderLine.objects.filter(order__in=orders).values_list("producer", flat=True).distinct()
    told = {member.pk: member for members in _people_of(producers).values() for member in members}
    told |= {member.pk: member for member in [*in_charge.hosts(collection.point_id), *on_duty(collection)]}
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


def on_duty(collection: Collection) -> list[Member]:
    """The active members who have taken a slot."""
    return list(Member.objects.filter(duties__collection=collection, is_active=True).distinct().order_by("pk"))


def _members_of(orders: Iterable[Order]) -> list[tuple[Member, int]]:
    """Every active member of the households, with the order they are told about."""
    by_household = {order.household_id: order.pk for order in orders}
    members = Member.objects.filter(household__in=by_household, is_active=True).order_by("pk")
    return [(member, by_household[member.household_id]) for member in members if member.household_id]
