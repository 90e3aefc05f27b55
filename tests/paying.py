"""A household pays by card, at the stand-in."""

from decimal import Decimal

from distribution import settlement
from hub.models import Household
from orders import cards
from orders.models import CardPayment, SavedCard
from producers.models import Packaging
from tests import make
from tests.distribution.day import Day, a_day
from tests.stand_in.browsing import save_on

GOOD = "4242 4242 4242 4242"


def save(home: Household, number: str = GOOD) -> SavedCard:
    """Its card, typed on the hosted page with the bank's yes."""
    page = cards.begin_saving(
        household=home, success_url="http://localhost/fini", cancel_url="http://localhost/", now=make.now()
    )
    assert save_on(page.url, number)[0] == 303
    member = home.members.first()
    assert member is not None
    return cards.finish_saving(household=home, session=page.session, by=member, now=make.now())


def captured(number: str = GOOD, price: str = "4.20", packs: int = 2) -> tuple[Day, CardPayment, Packaging]:
    """A settled day whose only order was paid with this card."""
    at = make.collection(make.point(payment_methods=["card", "at-point"]))
    farm = make.producer(at.point)
    bread = make.packaging(farm, price)
    home = make.household("Morel")
    save(home, number)
    day = a_day({bread: packs}, farms=[farm], at=at, home=home, payment_method="card")
    assert cards.place_holds(now=make.now()) == 1
    day.arrive()
    day.confirm()
    settlement.settle(collection=at, now=make.now())
    assert cards.take_due(now=make.now()) == 1
    payment = CardPayment.objects.get()
    assert payment.captured is not None
    assert payment.captured.amount == Decimal(price) * packs
    day.orders[0].refresh_from_db()
    return day, payment, bread
