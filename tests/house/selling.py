"""Sales of the routes' small world: open, past their deadline, handed over."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from distribution import closing, demo_time
from distribution.models import Sheet
from hub import calendar
from hub.models import Collection, CollectionPoint, Host, Household
from orders import favourites, ordering, wishes
from orders.models import Order
from producers import photos
from producers.models import Producer
from tests import make
from tests.distribution.day import Day
from tests.house.uploads import photo

HOURS = timedelta(hours=2)


def joined(name: str, at: CollectionPoint) -> Household:
    """A household that collects there."""
    home = make.household(name)
    make.join(home, at)
    return home


def on_sale(at: CollectionPoint, farm: Producer, home: Household) -> dict[str, Any]:
    """Open: an order, a wish that differs from it, a favourite; and another sale where nothing is ordered yet."""
    sale, coming = make.collection(at), make.collection(at)
    pack, more = make.packaging(farm, "2.50"), make.packaging(farm, "3.10")
    make.offer(pack, sale)
    make.offer(more, sale)
    ordering.place(household=home, collection=sale, wish={pack.pk: 2}, by=home.members.get(), now=make.now())
    wishes.touch(household=home, collection=sale, touches={more.code: wishes.Touch(1, 0)}, now=make.now())
    favourites.turn(household=home, product=pack.product)
    for shown in (pack.product, farm):
        photos.show(of=shown, content=photo("green"), by=home.members.get(), now=make.now())
    later = timezone.localtime(sale.starts_at - HOURS)
    return {
        "later day": f"{later:%Y-%m-%d}", "later hour": f"{later:%H:%M}", "photo": pack.product.photo,
        "sale": sale.code, "next sale": coming.code, "week": sale.week,
        "following week": calendar.shift_week(sale.week, 1), "pack": pack.code, "product": pack.product.code,
    }  # fmt: skip


def hand_over(at: CollectionPoint, farm: Producer, home: Household) -> dict[str, Any]:
    """Frozen by the real close; the farm has arrived, the second of two households has been served."""
    today, orders = closed(at, farm, home, joined("Deuxième", at))
    assert today.opens_at is not None
    assert today.closes_at is not None
    demo_time.move_window(
        today, opens_at=today.opens_at, closes_at=today.closes_at, starts_at=make.now(), ends_at=make.now() + HOURS
    )
    day = Day(today, Host.objects.filter(point=at).latest("pk").member, [farm], orders)
    day.arrive()
    done = day.act("collected", orders[1], by="")
    note = Sheet.objects.get(collection=today, kind="delivery-note", producer=farm)
    return {
        "today": today.code,
        "order": orders[0].code,
        "act": done.uid,
        "sheet": note.sha256,
        "line": orders[0].lines.get().packaging.code,
    }


def below_minimum(at: CollectionPoint, farm: Producer, home: Household) -> dict[str, Any]:
    """Past its deadline; the farm has to say whether it delivers."""
    farm.supplies.update(minimum="500")
    return {"undecided": closed(at, farm, home)[0].code}


def closed(at: CollectionPoint, farm: Producer, *homes: Household) -> tuple[Collection, list[Order]]:
    """Past its deadline, with an order of each household."""
    sold_at = make.collection(at)
    pack = make.packaging(farm, "4.00")
    make.offer(pack, sold_at)
    for home in homes:
        ordering.place(household=home, collection=sold_at, wish={pack.pk: 2}, by=None, now=make.now())
    make.passed(sold_at)
    closing.close_due(now=make.now())
    sold_at.refresh_from_db()
    return sold_at, list(sold_at.orders.order_by("pk"))
