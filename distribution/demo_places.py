"""The village's founding: its cooperative, points, farms and households, as coordination takes them in."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from distribution import demo_cards
from distribution import village_people as people
from hub import calendar, demo_doors, founding, payees
from hub.models import CollectionPoint, Household, Member
from hub.money import money
from orders import payments
from producers import farms, mandates
from producers.models import Producer

JOINED = timedelta(weeks=5)  # before the day the village is built on: a month has ended since


@dataclass
class Village:
    """What has been built so far."""

    coordinator: Member
    points: dict[str, CollectionPoint]
    hosts: dict[str, Member]
    farms: list[Producer]
    farmers: dict[str, Member]
    homes: dict[str, list[Household]]

    def farm(self, code: str) -> Producer:
        return next(farm for farm in self.farms if farm.code == code)


def found(now: datetime) -> Village:
    """Found the cooperative with its rates and fees, open its points, take in its farms and households."""
    founding.found(
        name="La Musette",
        legal_name="Coopérative La Musette, SCIC",
        address="4 rue du Lavoir, 35750 Saint-Gonlay",
        siret="99900010200015",
        vat_number="FR48999000102",
        email="bonjour@musette.example",
        iban="FR1420041010050500013M02606",
        phone="02 99 00 00 00",
        share_explained="Sur 1 €, la coopérative garde 12 centimes : salaires, logiciel, local. Les comptes sont ouverts.",
    )
    founding.set_vat_rates({Decimal(rate): date(2014, 1, 1) for rate in ("5.5", "10", "20", "2.1")})
    coordinator = founding.register(email="helene@musette.example", first_name="Hélène", last_name="Marchand")
    founding.appoint_coordinator(member=coordinator, by=None, now=now)
    demo_doors.give_second_factor(coordinator)
    joined = now - JOINED
    since = calendar.local_date(now) - timedelta(days=400)
    for payee, share in (("host", "8"), ("hub", "12")):
        founding.set_fee(payee=payee, percentage=Decimal(share), valid_from=since, by=coordinator, now=now)
    village = Village(coordinator, {}, {}, [], {}, {})
    for place in people.POINTS:
        _open_point(village, place, now)
    payees.change_of_point(
        point=village.points["tilleuls"], holder=people.ASSOCIATION, iban=people.ASSOCIATION_IBAN, bic="", by=coordinator,
        now=joined,
    )  # fmt: skip
    for farm in people.FARMS:
        _take_in(village, farm, since, joined)
    for code in people.MANDATES:
        mandates.give(producer=village.farm(code), by=village.farmers[code], now=joined)
    demo_doors.give_second_factor(village.farmers[people.UNDECIDED[0]])
    names = iter(people.households())
    for place in people.POINTS:
        village.homes[place.code] = [
            _household(village, place.code, next(names), number, joined) for number in range(place.households)
        ]
    return village


def _open_point(village: Village, place: people.Place, now: datetime) -> None:
    by = village.coordinator
    fields = place.fields | {"payment_methods": demo_cards.methods(place)}
    point = founding.open_point(code=place.code, name=place.name, by=by, now=now, **fields)
    host = founding.register(
        email=place.host_email, first_name=place.host[0], last_name=place.host[1], phone=place.phone
    )
    founding.appoint_host(member=host, point=point, by=by, now=now)
    founding.set_rhythm(point=point, by=by, now=now, valid_from=rhythm_begins(place.code, now), **place.rhythm)
    village.points[place.code], village.hosts[place.code] = point, host


def rhythm_begins(code: str, now: datetime) -> date:
    """The Monday after the last collection that the story tells of a point: from then on its rhythm makes them."""
    told = calendar.local_date(now) if code == "pont-neuf" else sale_day(now)
    return told + timedelta(days=7 - told.weekday())


def sale_window(now: datetime) -> tuple[datetime, datetime]:
    """When the sale that is open closes, and when it is handed out: tomorrow at eight, and at six two days later."""
    closes = calendar.wall_to_utc(calendar.local_date(now) + timedelta(days=1), people.CLOSING_HOUR)
    return closes, closes + timedelta(days=1, hours=22)


def sale_day(now: datetime) -> date:
    """The day on which the open sale is handed out."""
    return calendar.local_date(sale_window(now)[1])


def _take_in(village: Village, farm: people.Farm, since: date, now: datetime) -> None:
    by = village.coordinator
    producer = farms.take_in(code=farm.code, name=farm.name, by=by, now=now, email=farm.email, **farm.identity)
    farmer = founding.register(email=farm.email, first_name=farm.person[0], last_name=farm.person[1])
    farms.entrust(producer=producer, member=farmer, by=by, now=now)
    for code, spot in farm.spots.items():
        farms.accept_at(
            producer=producer,
            point=village.points[code],
            since=since,
            by=by,
            now=now,
            minimum=money(farm.minimum),
            spot=spot,
        )
    village.farms.append(producer)
    village.farmers[producer.code] = farmer


def _household(village: Village, code: str, person: people.Person, number: int, now: datetime) -> Household:
    member = founding.register(
        email=person.email,
        first_name=person.first_name,
        last_name=person.last_name,
        phone=person.phone,
        address=f"{3 + 2 * number} rue des Tilleuls",
        postcode="35750",
        city="Saint-Gonlay",
        route_position=number + 1,
    )
    home = member.household
    assert home is not None  # noqa: S101  (register gives one)
    founding.accept(household=home, point=village.points[code], by=village.hosts[code], now=now)
    payments.receive(
        household=home,
        amount=Decimal(150),
        means="transfer",
        key=f"village:{home.code}",
        received_by=village.coordinator,
        now=now,
    )
    demo_cards.save_one(home, point=code, number=number, now=now)
    return home
