"""The village: one cooperative, three points, twelve farms, seventy-five households, three weeks of their life.

Built only through the operations that pages and programs use, and the real importer. Deterministic apart from codes and
the day it is built on. A sale is open, one is handed out today, one was confirmed last week; those of the weeks to come
are planned by the rhythm of each point, and wait for some of the farms to publish.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from uuid import UUID

from distribution import (
    billing,
    closing,
    confirming,
    demo_cards,
    demo_money,
    demo_time,
    fee_invoices,
    handover,
    payouts,
    point_statements,
    receipts,
    sale_invoices,
    settlement,
    statements,
)
from distribution import village_people as people
from hub import calendar, demo_doors, founding, payees
from hub.models import Collection, CollectionPoint, Household, Member
from hub.money import money
from orders import ordering, payments
from orders.models import Order, OrderLine
from producers import farms, imports, mandates, stock
from producers.models import Offer, Producer

CATALOGUES = Path(__file__).parent / "village"
SEED = 48

Say = Callable[[str], None]


@dataclass
class Village:
    """What has been built so far."""

    coordinator: Member
    points: dict[str, CollectionPoint]
    hosts: dict[str, Member]
    farms: list[Producer]
    farmers: dict[str, Member]
    homes: dict[str, list[Household]]


def build(*, now: datetime, say: Say = lambda _words: None) -> Village:
    """Build the whole village in an empty database. `say` is told what is being done."""
    random = Random(SEED)  # noqa: S311  (a village, not a secret)
    say("cooperative, points and households")
    village = _found(now)
    say("catalogues of twelve farms")
    last = _publish(village, now)
    say("last week, from orders to statements")
    _last_week(village, last, random, now)
    say("today's hand-over")
    _today(village, random, now)
    say("the sale that is open, and those to come")
    _open_sale(village, random, now)
    calendar.plan_collections(now=now)
    say("boxes, cheques and the bank's statement")
    demo_money.fill(
        point=village.points["tilleuls"], homes=village.homes["tilleuls"], host=village.hosts["tilleuls"],
        treasurer=village.coordinator, now=now,
    )  # fmt: skip
    return village


def _found(now: datetime) -> Village:
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
    since = calendar.local_date(now) - timedelta(days=400)
    for payee, share in (("host", "8"), ("hub", "12")):
        founding.set_fee(payee=payee, percentage=Decimal(share), valid_from=since, by=coordinator, now=now)
    village = Village(coordinator, {}, {}, [], {}, {})
    for place in people.POINTS:
        _open_point(village, place, now)
    for farm in people.FARMS:
        _take_in(village, farm, since, now)
    names = iter(people.households())
    for place in people.POINTS:
        village.homes[place.code] = [
            _household(village, place.code, next(names), number, now) for number in range(place.households)
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
    told = calendar.local_date(now) if code == "pont-neuf" else _sale_day(now)
    return told + timedelta(days=7 - told.weekday())


def _sale_window(now: datetime) -> tuple[datetime, datetime]:
    """When the sale that is open closes, and when it is handed out: tomorrow at eight, and at six two days later."""
    closes = calendar.wall_to_utc(calendar.local_date(now) + timedelta(days=1), people.CLOSING_HOUR)
    return closes, closes + timedelta(days=1, hours=22)


def _sale_day(now: datetime) -> date:
    return calendar.local_date(_sale_window(now)[1])


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
        now=now - timedelta(weeks=3),
    )
    demo_cards.save_one(home, point=code, number=number, now=now)
    return home


def _publish(village: Village, now: datetime) -> str:
    """Every farm imports its spreadsheet for last week and says "same as last week" up to the sale that is open. For the
    week after it all but a few have; the farm one plays with is among those few."""
    today = calendar.local_date(now)
    last, this, open_ = (calendar.week_of(day) for day in (today - timedelta(weeks=1), today, _sale_day(now)))
    weeks = sorted({this, open_})
    coming = calendar.shift_week(open_, 1)
    a_week_ago = now - timedelta(weeks=1)
    for producer in village.farms:
        by = village.farmers[producer.code]
        file = next(CATALOGUES.glob(f"{producer.code}.*"))
        preview = imports.preview(
            producer=producer, week=last, file_name=file.name, content=file.read_bytes(), by=by, now=a_week_ago
        )
        imports.confirm(imp=preview, by=by, now=a_week_ago)
        for week in weeks if producer.code in people.UNDECIDED else [*weeks, coming]:
            stock.copy_last_week(producer=producer, week=week, by=by, now=now)
    return last


def _sale(point: CollectionPoint, *, week: str, now: datetime, code: str) -> Collection:
    """A collection that is open at this moment and sells the offers of a week."""
    collection = calendar.hold(
        point=point,
        opens_at=now - timedelta(days=2),
        closes_at=now + timedelta(days=1),
        starts_at=now + timedelta(days=2),
        ends_at=now + timedelta(days=2, hours=2),
        code=code,
    )
    return demo_time.belong_to_week(collection, week)


def _order(collection: Collection, homes: Sequence[Household], random: Random, now: datetime) -> None:
    """Each household picks about eight offers; one that finds something sold out takes the rest."""
    offers = list(
        Offer.objects.at(collection).order_by("packaging__product__name", "pk").values_list("packaging", flat=True)
    )
    for home in homes:
        wish = {packaging: random.choice((1, 1, 1, 2)) for packaging in random.sample(offers, random.randint(5, 11))}
        _place(collection, home, wish, now)


def _place(collection: Collection, home: Household, wish: dict[int, int], now: datetime) -> None:
    by, method = home.members.first(), demo_cards.method_of(home)

    def place(packs: dict[int, int]) -> None:
        ordering.place(household=home, collection=collection, wish=packs, by=by, now=now, payment_method=method)

    try:
        place(wish)
    except ordering.SoldOut as refusal:
        place(wish | {line["packaging"]: line["available"] for line in refusal.data["short"]})
    except ordering.AccountTooLow:
        place(dict(list(wish.items())[:3]))


def _last_week(village: Village, week: str, random: Random, now: datetime) -> None:
    """The market of last week: ordered, closed, handed out, confirmed, settled, stated and paid."""
    point = village.points["tilleuls"]
    handed_out = now - timedelta(days=7)
    collection = _sale(point, week=week, now=now, code=calendar.code_of(point, calendar.local_date(handed_out)))
    _order(collection, village.homes["tilleuls"], random, handed_out - timedelta(days=3))
    _close(collection, starts_at=handed_out, now=handed_out - timedelta(days=2))
    demo_cards.hold(handed_out - timedelta(days=2))
    host = village.hosts["tilleuls"]
    _arrive(collection, host, handed_out)
    _hand_over(collection, host, random, handed_out, everybody=True)
    confirming.confirm(collection=collection, uncollected={}, by=host, now=handed_out + timedelta(hours=2))
    settlement.settle(collection=collection, now=handed_out + timedelta(hours=2))
    demo_cards.take(handed_out + timedelta(hours=2))
    receipts.issue(collection=collection, now=handed_out + timedelta(hours=2))
    issued = [statements.issue(producer=producer, week=week, now=now - timedelta(days=1)) for producer in village.farms]
    payees.change_of_point(
        point=point, holder=people.ASSOCIATION, iban=people.ASSOCIATION_IBAN, bic="", by=village.coordinator,
        now=now - timedelta(days=20),
    )  # fmt: skip
    part = point_statements.issue(point=point, week=week, now=now - timedelta(days=1))
    fee_invoices.issue_due(now=now - timedelta(days=1))
    _invoice(village, collection, now)
    paid, file = ([one.number for one in issued if one is not None][some] for some in (slice(5), slice(5, 8)))
    by, at = village.coordinator, now - timedelta(hours=2)
    if part is not None:
        paid.append(part.number)
    payouts.made(run=payouts.start(rail="hand", numbers=paid, by=by, now=at), by=by, now=at)
    payouts.sent(run=payouts.start(rail="file", numbers=file, by=by, now=at), by=by, now=at)


def _invoice(village: Village, collection: Collection, now: datetime) -> None:
    """Some farms let the cooperative write their invoices; one household asked for them."""
    for code in people.MANDATES:
        farm = next(farm for farm in village.farms if farm.code == code)
        mandates.give(producer=farm, by=village.farmers[code], now=now - timedelta(days=20))
    order = collection.orders.filter(lines__producer__code__in=people.MANDATES, lines__final_amount__gt=0).order_by(
        "basket_number"
    )[0]
    home = order.household
    buyer = billing.customer(name=home.name, address="7 rue des Halles", postcode="35750", city="Saint-Gonlay")
    sale_invoices.ask(order=order, buyer=buyer, by=home.members.order_by("pk")[0], now=now - timedelta(hours=20))


def _today(village: Village, random: Random, now: datetime) -> None:
    """The AMAP hands out today: sheets are frozen, half the farms are there, a third of the baskets are gone."""
    point = village.points["pont-neuf"]
    starts = now - timedelta(minutes=40)
    week = calendar.week_of(calendar.local_date(now))
    collection = _sale(point, week=week, now=now, code=calendar.code_of(point, calendar.local_date(now)))
    _order(collection, village.homes["pont-neuf"], random, now - timedelta(days=3))
    _close(collection, starts_at=starts, now=now - timedelta(days=2))
    demo_cards.hold(now - timedelta(days=2))
    host = village.hosts["pont-neuf"]
    _arrive(collection, host, starts)
    _hand_over(collection, host, random, now, everybody=False)


def _open_sale(village: Village, random: Random, now: datetime) -> None:
    """The market's next sale and the round's, open until tomorrow evening; two thirds have ordered."""
    for code in ("tilleuls", "hauts"):
        point, homes = village.points[code], village.homes[code]
        closes, starts = _sale_window(now)
        collection = calendar.hold(
            point=point,
            opens_at=now - timedelta(days=4),
            closes_at=closes,
            starts_at=starts,
            ends_at=starts + timedelta(hours=2),
        )
        _order(collection, homes[: len(homes) * 2 // 3], random, now)


def _close(collection: Collection, *, starts_at: datetime, now: datetime) -> None:
    demo_time.move_window(
        collection,
        opens_at=starts_at - timedelta(days=6),
        closes_at=starts_at - timedelta(days=2),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
    )
    # A producer below the minimum has two hours to answer; then the point's default holds.
    closing.close_collection(collection=collection, now=now)
    closing.close_collection(collection=collection, now=now + timedelta(hours=3))
    collection.refresh_from_db()


def _arrive(collection: Collection, host: Member, now: datetime) -> None:
    for producer in Producer.objects.filter(lines__collection=collection).distinct().order_by("pk"):
        handover.arrive(collection=collection, producer=producer, by=host, now=now)


def _hand_over(collection: Collection, host: Member, random: Random, now: datetime, *, everybody: bool) -> None:
    """Weigh what is weighed, note one shortage, hand over and take the money."""
    orders = list(Order.objects.live().filter(collection=collection).order_by("basket_number"))
    done = orders if everybody else orders[: len(orders) // 3]
    _short(collection, done[1], host, random, now)
    for order in done:
        for line in order.lines.filter(weighed=True, due__gt=0):
            grams = line.content * line.due * random.randint(92, 112) // 100
            _act(collection, host, "weighed", now, random, order=order, line=line, grams=grams)
        _act(collection, host, "collected", now, random, order=order, by="")


def _short(collection: Collection, order: Order, host: Member, random: Random, now: datetime) -> None:
    line = order.lines.filter(weighed=False).order_by("pk").first()
    if line is not None:
        _act(collection, host, "short", now, random, order=order, line=line, quantity=1, reason="harvest")


def _act(
    collection: Collection,
    host: Member,
    kind: str,
    now: datetime,
    random: Random,
    *,
    order: Order,
    line: OrderLine | None = None,
    **data: object,
) -> None:
    action = handover.Act(
        uid=UUID(int=random.getrandbits(128)),
        kind=kind,
        at=now,
        order=order.code,
        line=line.packaging.code if line else "",
        data=dict(data),
    )
    handover.act(collection=collection, action=action, by=host, now=now)
