"""Farms that are owed something, for the tests of payouts."""

from decimal import Decimal

from distribution import settlement, statements
from distribution.models import Payout
from hub import ledger
from hub.models import Hub
from producers.models import Producer
from tests import make
from tests.distribution.day import a_day

IBANS = ("FR7630006000011234567890189", "FR1420041010050500013M02606", "DE89370400440532013000")


def cooperative() -> None:
    """It has a bank account to pay from."""
    hub = Hub.get()
    hub.name, hub.legal_name, hub.iban = "Les Paniers", "Les Paniers & Cie, SCIC", IBANS[0]
    hub.save()


def owed(*prices: str, **fields: str) -> list[Payout]:
    """One farm per price, its sale settled and stated: what is to be paid is four fifths of the price."""
    make.fees("8", "12")
    at = make.collection()
    farms = [
        make.producer(at.point, **{"name": f"Ferme {nth}", "iban": IBANS[nth % 3]} | fields)
        for nth in range(len(prices))
    ]
    day = a_day({make.packaging(farm, price): 1 for farm, price in zip(farms, prices, strict=True)}, farms=farms, at=at)
    day.arrive()
    day.confirm()
    settlement.settle(collection=at, now=make.now())
    for farm in farms:
        assert statements.issue(producer=farm, week=at.week, now=make.now()) is not None
    return list(Payout.objects.filter(producer__in=farms).select_related("statement", "producer").order_by("pk"))


def numbers(payouts: list[Payout]) -> list[str]:
    return [one.number for one in payouts]


def farm_of(payout: Payout) -> Producer:
    """The farm it goes to."""
    assert payout.producer is not None
    return payout.producer


def owed_to(farm: Producer) -> Decimal:
    """What the books owe a farm."""
    return ledger.balance(f"producer:{farm.code}")
