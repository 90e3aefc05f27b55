"""Three weeks of the village: the market of last week, today's hand-over at the AMAP, the sales that are open."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from django.utils import timezone

from distribution import closing, confirming, demo_cards, demo_time, handover, receipts, settlement
from distribution import village_people as people
from distribution.demo_places import Village, sale_window
from hub import calendar
from hub.models import Collection, CollectionPoint, Household, Member
from orders import ordering
from orders.models import Order, OrderLine
from producers.models import Offer, Producer


def _sale(point: CollectionPoint, *, week: str, day: date) -> Collection:
    """A collection of a point on a day, whose window follows, that sells the offers of a week."""
    now = timezone.now()
    collection = calendar.hold(
        point=point, opens_at=now - timedelta(days=2), closes_at=now + timedelta(days=1),
        starts_at=now + timedelta(days=2), ends_at=now + timedelta(days=2, hours=2), code=calendar.code_of(point, day),
    )  # fmt: skip
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


def last_week(village: Village, week: str, random: Random, now: datetime) -> None:
    """The market of last week: ordered, closed, handed out, confirmed and settled; cards are charged."""
    point, host = village.points["tilleuls"], village.hosts["tilleuls"]
    handed_out = now - timedelta(days=7)
    collection = _sale(point, week=week, day=calendar.local_date(handed_out))
    _order(collection, village.homes["tilleuls"], random, handed_out - timedelta(days=3))
    _close(collection, starts_at=handed_out, now=handed_out - timedelta(days=2))
    demo_cards.hold(handed_out - timedelta(days=2))
    demo_cards.give_up_refused(handed_out - timedelta(days=1))
    _arrive(collection, host, handed_out)
    _hand_over(collection, _orders(collection), host, random, handed_out)
    over = handed_out + timedelta(hours=2)
    confirming.confirm(collection=collection, uncollected={}, by=host, now=over)
    settlement.settle(collection=collection, now=over)
    demo_cards.take(over)
    receipts.issue(collection=collection, now=over)


def today(village: Village, random: Random, now: datetime) -> None:
    """The AMAP hands out today: two farms are on their way, one brought less, a refused card waits; some baskets are gone."""
    point, host = village.points["pont-neuf"], village.hosts["pont-neuf"]
    starts, day = now - timedelta(minutes=40), calendar.local_date(now)
    collection = _sale(point, week=calendar.week_of(day), day=day)
    _order(collection, village.homes["pont-neuf"], random, now - timedelta(days=3))
    _close(collection, starts_at=starts, now=now - timedelta(days=2))
    demo_cards.hold(now - demo_cards.ASKED_TODAY)
    _arrive(collection, host, starts, late=people.LATE)
    _bring_less(collection, host, random, starts)
    complete = [
        order for order in _orders(collection) if not order.lines.filter(producer__code__in=people.LATE).exists()
    ]
    paid = [order for order in complete if not demo_cards.is_refused(order)]
    _hand_over(collection, paid[: len(paid) // 2], host, random, now)


def open_sale(village: Village, random: Random, now: datetime) -> None:
    """The market's next sale and the round's, open until tomorrow evening; two thirds have ordered."""
    closes, starts = sale_window(now)
    for code in ("tilleuls", "hauts"):
        point, homes = village.points[code], village.homes[code]
        collection = _sale(point, week=calendar.week_of(calendar.local_date(starts)), day=calendar.local_date(starts))
        _order(collection, homes[: len(homes) * 2 // 3], random, now)
        demo_time.move_window(
            collection, opens_at=now - timedelta(days=4), closes_at=closes, starts_at=starts,
            ends_at=starts + timedelta(hours=2),
        )  # fmt: skip


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


def _orders(collection: Collection) -> list[Order]:
    return list(Order.objects.live().filter(collection=collection).order_by("basket_number"))


def _arrive(collection: Collection, host: Member, now: datetime, late: Sequence[str] = ()) -> None:
    for producer in Producer.objects.filter(lines__collection=collection).distinct().order_by("pk"):
        if producer.code not in late:
            handover.arrive(collection=collection, producer=producer, by=host, now=now)


def _bring_less(collection: Collection, host: Member, random: Random, now: datetime) -> None:
    """Two packs of what a farm was asked for most are not there: the last two baskets do without."""
    ordered = OrderLine.objects.filter(order__collection=collection, due__gt=0, weighed=False)
    [most] = Counter(
        ordered.exclude(producer__code__in=people.LATE).order_by("pk").values_list("packaging", flat=True)
    ).most_common(1)
    for line in (
        ordered.filter(packaging=most[0]).select_related("order", "packaging").order_by("-order__basket_number")[:2]
    ):
        _act(collection, host, "short", now, random, order=line.order, line=line, quantity=1, reason="harvest")


def _hand_over(collection: Collection, orders: Sequence[Order], host: Member, random: Random, now: datetime) -> None:
    """Weigh what is weighed, note one shortage, hand over."""
    _short(collection, orders[1], host, random, now)
    for order in orders:
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
