"""A cooperative to whom everything is due at once: a sale to close, a distribution to settle and to state, letters to send."""

from datetime import timedelta
from decimal import Decimal

from hub.models import WeeklySchedule
from orders import payments
from tests import make
from tests.distribution import day as days
from tests.distribution import invoices
from tests.distribution import week as weeks

ZERO_DELAY = timedelta(0)


def prepare() -> None:
    """Everything placed and confirmed through the public operations; what the next tick must do is left to it."""
    invoices.cooperative()
    _to_close()
    _to_settle()


def _to_close() -> None:
    """Three households' orders past their deadline. The poultry farm stays below its minimum, and nobody will answer:
    at once the point's default holds, which cancels its lines and with them one order that has no others."""
    week = weeks.build(yard_minimum="500")
    week.point.minimum_delay, week.point.minimum_default = ZERO_DELAY, "cancel"
    week.point.save()
    days.order({week.chicken: 1}, week.collection)
    make.coordinator()
    today = make.today()
    WeeklySchedule.objects.create(
        point=week.point, weekday=today.weekday(), starts="17:30", ends="19:00", opens_days_before=6, opens="08:00",
        closes_days_before=2, closes="20:00", valid_from=today,
    )  # fmt: skip
    make.passed(week.collection)


def _to_settle() -> None:
    """Two farms at another point: a weighed chicken, deposits, a shortage of somebody whose account is in credit."""
    point = make.point(payment_methods=["at-point"])
    garden, yard = make.producer(point), make.producer(point, iban="FR7630006000011234567890189")
    make.farmer(garden)
    sale = make.collection(point)
    jar, chicken = make.packaging(garden, "2.50", deposit="0.30"), make.weighed(yard)
    day = days.a_day({jar: 3, chicken: 1}, {jar: 2}, {chicken: 2}, farms=[garden, yard], at=sale)
    rich = day.orders[0]
    payments.receive(
        household=rich.household,
        amount=Decimal(100),
        means="transfer",
        key="before",
        received_by=day.host,
        now=make.now(),
    )
    day.arrive()
    for order, grams in ((day.orders[0], 1850), (day.orders[2], 3900)):
        day.act("weighed", order, chicken, grams=grams)
    day.act("short", rich, jar, quantity=1, reason="harvest")
    for order in day.orders:
        day.act("collected", order, by="")
    day.confirm()
