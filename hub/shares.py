"""Where a price goes: farm, host, cooperative. Fees are taken out of the shelf price and include their VAT."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import F, Q, QuerySet
from djmoney.money import Money

from hub.calendar import local_date
from hub.models import CollectionPoint, FeeRule
from hub.money import money, shares
from hub.ordering import alphabetical

Rates = tuple[Decimal, Decimal]
"""The host's and the hub's percentage."""


@dataclass(frozen=True)
class Share:
    """A price in three parts that sum to it, and their percentages."""

    price: Money
    producer: Money
    host: Money
    hub: Money
    rates: tuple[Decimal, Decimal, Decimal]

    @property
    def widths(self) -> tuple[str, str, str, str]:
        """For a drawing 100 wide: the three parts, and where the third begins. Drawings know no decimal comma."""
        farm, host, hub = self.rates
        return str(farm), str(host), str(hub), str(farm + host)

    @property
    def parts(self) -> tuple[Decimal, Decimal, Decimal]:
        """The percentages as parts of one."""
        farm, host, hub = (rate / 100 for rate in self.rates)
        return farm, host, hub


@dataclass(frozen=True)
class Period:
    """From when on fees are what they are, or will be."""

    since: date
    share: Share


def of_price(price: Money, point: CollectionPoint | None, now: datetime) -> Share:
    """How a price is shared at a point, or at one without rules of its own."""
    where = Q(point=None) | Q(point=point) if point else Q(point=None)
    return _share(price.amount, _rates(_rules().filter(where, valid_from__lte=local_date(now))))


def of_euro(now: datetime) -> Share:
    """How one unit of the currency is shared at a point without rules of its own."""
    return of_price(money("1.00"), None, now)


def by_point(price: Money, now: datetime) -> list[tuple[CollectionPoint, Share]]:
    """Points with rules of their own and how a price is shared there; two statements however many."""
    rules = list(_rules().filter(valid_from__lte=local_date(now)))
    apart = {rule.point_id for rule in rules if rule.point_id}
    points = CollectionPoint.objects.active().filter(pk__in=apart).order_by(alphabetical(), "pk")
    return [
        (point, _share(price.amount, _rates(rule for rule in rules if rule.point_id in (None, point.pk))))
        for point in points
    ]


def to_come(price: Money, now: datetime) -> list[Period]:
    """How the price will be shared once the general rules already decided for later days hold, next day first."""
    rules = list(_rules().filter(point=None))
    days = sorted({rule.valid_from for rule in rules if rule.valid_from > local_date(now)})
    return [Period(day, _share(price.amount, _rates(rule for rule in rules if rule.valid_from <= day))) for day in days]


def _rules() -> QuerySet[FeeRule]:
    """A rule for a point goes before one for all, a later one before an earlier one."""
    return FeeRule.objects.order_by(F("point").desc(nulls_last=True), "-valid_from")


def _rates(rules: Iterable[FeeRule]) -> Rates:
    found: dict[str, Decimal] = {}
    for rule in rules:
        found.setdefault(rule.payee, rule.percentage)
    return found.get(FeeRule.Payee.HOST, Decimal(0)), found.get(FeeRule.Payee.HUB, Decimal(0))


def _share(price: Decimal, rates: Rates) -> Share:
    host_rate, hub_rate = rates
    producer, host, hub = (money(part) for part in shares(price, host_rate=host_rate, hub_rate=hub_rate))
    return Share(money(price), producer, host, hub, rates=(100 - host_rate - hub_rate, host_rate, hub_rate))
