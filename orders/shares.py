"""Where a price goes: farm, host, cooperative. Fees are taken out of the shelf price and include their VAT."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import F, Q
from djmoney.money import Money

from hub.calendar import local_date
from hub.models import Collection, CollectionPoint, FeeRule
from hub.money import money, shares
from orders.shelf import Card


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


def rates(point: CollectionPoint | None, now: datetime) -> tuple[Decimal, Decimal]:
    """The host's and the hub's percentage today; a rule for the point goes before one for all."""
    where = Q(point=None) | Q(point=point) if point else Q(point=None)
    rules = FeeRule.objects.filter(where, valid_from__lte=local_date(now))
    found: dict[str, Decimal] = {}
    for payee, percentage in rules.order_by(F("point").desc(nulls_last=True), "-valid_from").values_list(
        "payee", "percentage"
    ):
        found.setdefault(payee, percentage)
    return found.get(FeeRule.Payee.HOST, Decimal(0)), found.get(FeeRule.Payee.HUB, Decimal(0))


def of_price(card: Card, collection: Collection, now: datetime) -> Share:
    """How the price of one pack is shared."""
    return _share(card.pack_price.amount, *rates(collection.point, now))


def of_euro(now: datetime) -> Share:
    """How one unit of the currency is shared at a point without rules of its own."""
    return _share(Decimal("1.00"), *rates(None, now))


def _share(price: Decimal, host_rate: Decimal, hub_rate: Decimal) -> Share:
    producer, host, hub = (money(part) for part in shares(price, host_rate=host_rate, hub_rate=hub_rate))
    return Share(money(price), producer, host, hub, rates=(100 - host_rate - hub_rate, host_rate, hub_rate))
