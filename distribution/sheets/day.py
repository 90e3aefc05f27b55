"""Contents of the sheets of the day: the bundle of those on duty and the route of a round."""

from django.utils import translation
from django.utils.translation import gettext as _

from distribution.contents.day import Contact, Duty, DutyException, NextTeam, Route, Shift, Stop
from distribution.models import Duty as Slot
from distribution.sheets import point
from distribution.sheets.farm import by_product
from distribution.sheets.reading import ZONES, House, Reading, local
from hub.calendar import local_date
from hub.models import Collection, Host
from orders.links import order_link

TEAMS_AHEAD = 3


def duty(reading: Reading) -> Duty:
    """What those on duty take in hand; the sign-off list (or the route of a round) and the table plan follow."""
    at = reading.collection.point
    on_round = at.kind == at.Kind.ROUND
    return {
        "header": reading.header("duty"),
        "shifts": _shifts(reading),
        "contacts": _contacts(reading),
        "instructions": [line for line in at.keys_note.splitlines() if line.strip()],
        "exceptions": _exceptions(reading),
        "teams": _teams(reading),
        "sign_off": None if on_round else point.sign_off(reading),
        "route": route(reading) if on_round else None,
        "table_plan": point.table_plan(reading),
    }


def _shifts(reading: Reading) -> list[Shift]:
    collection = reading.collection
    return [
        {
            "starts_at": local(collection.starts_at),
            "ends_at": local(collection.ends_at),
            "name": slot.member.full_name if slot.member else "",
            "phone": slot.member.phone if slot.member else "",
            "task": slot.role,
        }
        for slot in Slot.objects.filter(collection=collection).select_related("member")
    ]


def _contacts(reading: Reading) -> list[Contact]:
    hosts = Host.objects.current().filter(point=reading.collection.point_id).select_related("member").order_by("pk")
    with translation.override(reading.hub.language):
        people: list[Contact] = [
            {"role": _("Host"), "name": host.member.full_name, "phone": host.member.phone} for host in hosts
        ]
        if reading.hub.phone:
            people.append({"role": _("Cooperative"), "name": reading.hub.name, "phone": reading.hub.phone})
    return people


def _exceptions(reading: Reading) -> list[DutyException]:
    """Households that differ today: what a member wrote, orders cancelled or added after the close."""
    found: list[DutyException] = []
    for house in reading.houses:
        change = reading.household_change("duty", reading.by_order.get(house.id, []))
        if change and change["mark"] != "changed":
            found.append(_exception(house, "cancelled" if change["mark"] == "cancelled" else "added", change["reason"]))
        elif house.note:
            found.append(_exception(house, "note", house.note))
    return found


def _exception(house: House, what: str, todo: str) -> DutyException:
    return {
        "basket_number": house.basket_number,
        "family_name": house.family_name,
        "given_name": house.given_name,
        "what": what,  # type: ignore[typeddict-item]
        "todo": todo,
    }


def _teams(reading: Reading) -> list[NextTeam]:
    collection = reading.collection
    later = list(
        Collection.objects.filter(point=collection.point_id, starts_at__gt=collection.starts_at)
        .order_by("starts_at")
        .prefetch_related("duties__member")[:TEAMS_AHEAD]
    )
    return [
        {
            "date": local_date(one.starts_at).isoformat(),
            "names": [slot.member.full_name for slot in one.duties.all() if slot.member],
            "missing": sum(1 for slot in one.duties.all() if not slot.member),
            "held": one.cancelled_at is None,
        }
        for one in later
    ]


def route(reading: Reading) -> Route:
    """The doors of a round in their order."""
    houses = sorted(reading.houses, key=lambda house: (house.route_position, house.basket_number))
    return {
        "header": reading.header("route"),
        "leaves_at": local(reading.collection.starts_at),
        "driver": None,
        "stops": [_stop(reading, nth, house) for nth, house in enumerate(houses, 1)],
    }


def _stop(reading: Reading, nth: int, house: House) -> Stop:
    lines = reading.by_order.get(house.id, [])
    return {
        "stop": nth,
        "at": None,
        "basket_number": house.basket_number,
        "order": house.code,
        "url": order_link(house.code),
        "family_name": house.family_name,
        "given_name": house.given_name,
        "address": house.address,
        "access": house.access_note,
        "phone": house.phone,
        "due": reading.due(house),
        "change": reading.household_change("route", lines),
        "lines": [
            {
                **line.item(),
                "zone": line.zone,  # type: ignore[typeddict-item]
                "quantity": line.due,
                "change": reading.change("route", [line]),
            }
            for line in sorted(lines, key=lambda line: (ZONES.index(line.zone), *by_product(line)))
        ],
    }
