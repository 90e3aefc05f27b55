"""Builders: the smallest world a test needs, made through plain rows. Product code cannot import this module."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.db import connection
from django.test import Client

from hub import calendar, demo_doors
from hub.models import Collection, CollectionPoint, FeeRule, Host, Household, Member, Membership, Role
from hub.money import money
from producers.models import Offer, Packaging, Producer, ProducerPerson, Product, Stock, Supply

serial = count(1)


def now() -> datetime:
    """The clock, read once at the edge of a test."""
    return datetime.now(UTC).replace(microsecond=0)


def today() -> date:
    """The day it is where the cooperative is; around its midnight UTC has another one."""
    return calendar.local_date(now())


def household(name: str = "", **fields: Any) -> Household:
    """A household with one member, `household.members.get()`."""
    n = next(serial)
    home = Household.objects.create(name=name or f"Foyer {n}", **fields)
    member(household=home, first_name="Camille", last_name=home.name)
    return home


def member(email: str = "", **fields: Any) -> Member:
    return Member.objects.create_user(email or f"personne{next(serial)}@exemple.fr", **fields)


def coordinator() -> Member:
    """A coordinator with a second factor."""
    person = member(first_name="Hélène", last_name="Coordination")
    Role.objects.create(member=person, kind=Role.Kind.COORDINATOR, granted_at=now())
    demo_doors.give_second_factor(person)
    return person


def prove(client: Client, asked_at: str = "/sign-in/2fa/reauthenticate/") -> Any:
    """Whoever is signed in shows their second factor again, on the page they were sent to; the answer."""
    return client.post(asked_at, {"code": demo_doors.code_at(datetime.now(UTC))})


def point(**fields: Any) -> CollectionPoint:
    n = next(serial)
    return CollectionPoint.objects.create(**{"code": f"point-{n}", "name": f"Point {n}"} | fields)


def host(at: CollectionPoint) -> Member:
    person = member(first_name="Martine", last_name="Hôte")
    Host.objects.create(member=person, point=at, since=today())
    return person


def join(home: Household, at: CollectionPoint) -> Membership:
    """The household belongs to the point; again, it still does."""
    values = {"status": Membership.Status.ACCEPTED, "requested_at": now(), "accepted_at": now()}
    return Membership.objects.get_or_create(household=home, point=at, defaults=values)[0]


def collection(at: CollectionPoint | None = None, **fields: Any) -> Collection:
    """Open since yesterday, closing tomorrow, handed out the day after."""
    at = at or point()
    instant = now()
    times = {
        "opens_at": instant - timedelta(days=1),
        "closes_at": instant + timedelta(days=1),
        "starts_at": instant + timedelta(days=2),
        "ends_at": instant + timedelta(days=2, hours=2),
    } | fields
    week = calendar.week_of(calendar.local_date(times["starts_at"]))
    values = {"code": f"{at.code}-{next(serial)}", "point": at, "week": week, "status": "open"} | times
    return Collection.objects.create(**values)


def fees(host_percent: str = "8", hub_percent: str = "12") -> None:
    """Fees that hold since a month; said again, they stay."""
    since = today() - timedelta(days=30)
    for payee, percent in (("host", host_percent), ("hub", hub_percent)):
        FeeRule.objects.get_or_create(
            payee=payee, point=None, valid_from=since, defaults={"percentage": Decimal(percent)}
        )


def producer(at: CollectionPoint | None = None, **fields: Any) -> Producer:
    """A producer, supplying a point where one is given."""
    n = next(serial)
    farm = Producer.objects.create(**{"code": f"ferme-{n}", "name": f"Ferme {n}"} | fields)
    if at is not None:
        supply(farm, at)
    return farm


def supply(farm: Producer, at: CollectionPoint, minimum: str = "0", spot: str = "") -> Supply:
    since = today() - timedelta(days=60)
    return Supply.objects.create(producer=farm, point=at, since=since, minimum=money(minimum), spot=spot)


def farmer(farm: Producer) -> Member:
    person = member(first_name="Claire", last_name="Ferme")
    ProducerPerson.objects.create(member=person, producer=farm, since=today())
    return person


def packaging(farm: Producer, price: str = "2.50", product: Product | None = None, **fields: Any) -> Packaging:
    """A packaging of one piece, of a product of its own unless one is given."""
    n = next(serial)
    product = product or Product.objects.create(
        producer=farm, name=f"Produit {n}", unit="piece", vat_rate=Decimal("5.5"), aisle="vegetables"
    )
    values = {"label": f"pièce {n}", "content": 1, "price": money(price)} | fields
    return Packaging.objects.create(producer=farm, product=product, **values)


def weighed(farm: Producer, price_per_kg: str = "11.00", content: int = 1800, max_content: int = 2300) -> Packaging:
    n = next(serial)
    product = Product.objects.create(
        producer=farm, name=f"Poulet {n}", unit="g", vat_rate=Decimal("5.5"), aisle="meat", zone="chilled"
    )
    return packaging(farm, price_per_kg, product, content=content, weighed=True, max_content=max_content)


def offer(pack: Packaging, sold_at: Collection, packs: int | None = 100) -> Offer:
    """Puts a packaging on sale in the collection's week with stock for so many packs (None: unlimited)."""
    quantity = None if packs is None else packs * pack.content
    stock, _made = Stock.objects.get_or_create(product=pack.product, week=sold_at.week, defaults={"quantity": quantity})
    return Offer.objects.create(packaging=pack, stock=stock, week=sold_at.week, price=pack.price)


def passed(sold_at: Collection, by: timedelta = timedelta(minutes=1)) -> Collection:
    """Moves the window so that the deadline was `by` ago: runtime deadlines stay with the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE hub_collection SET closes_at = clock_timestamp() - %s::interval,"
            " opens_at = clock_timestamp() - interval '9 days' WHERE id = %s",
            [str(by), sold_at.pk],
        )
    _ordered_in_time(sold_at)
    sold_at.refresh_from_db()
    return sold_at


def counted(sold_at: Collection) -> Collection:
    """As the close leaves it: counted, baskets numbered from 1; the hand-over began an hour ago."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE hub_collection SET status = 'closed', counted_at = clock_timestamp() - interval '1 day',
                      opens_at = clock_timestamp() - interval '9 days', closes_at = clock_timestamp() - interval '1 day',
                      starts_at = clock_timestamp() - interval '1 hour', ends_at = clock_timestamp() + interval '1 hour'
               WHERE id = %s""",
            [sold_at.pk],
        )
        cursor.execute(
            """UPDATE orders_order o SET basket_number = n.number
               FROM (SELECT id, row_number() OVER (ORDER BY placed_at, id) AS number FROM orders_order
                     WHERE collection_id = %s AND cancelled_at IS NULL) n WHERE o.id = n.id""",
            [sold_at.pk],
        )
    _ordered_in_time(sold_at)
    sold_at.refresh_from_db()
    return sold_at


def _ordered_in_time(sold_at: Collection) -> None:
    """Its orders move with the window: they were placed an hour before the deadline at the latest."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE orders_order o SET placed_at = least(o.placed_at, c.closes_at - interval '1 hour'),
                      changed_at = least(o.changed_at, c.closes_at - interval '1 hour')
               FROM hub_collection c WHERE c.id = o.collection_id AND c.id = %s""",
            [sold_at.pk],
        )
        cursor.execute(
            """UPDATE orders_orderline l SET placed_at = o.placed_at FROM orders_order o
               WHERE o.id = l.order_id AND l.collection_id = %s""",
            [sold_at.pk],
        )
