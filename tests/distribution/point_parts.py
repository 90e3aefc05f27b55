"""Points that have earned their part, and the accounts it is paid to."""

from typing import Any

from distribution import point_statements, settlement
from distribution.models import PointStatement
from hub import payees
from hub.models import Collection, CollectionPoint, PointAccount
from tests import make
from tests.distribution.day import a_day
from tests.distribution.farms import IBANS, cooperative


def sold(at: Collection, price: str = "10.00") -> None:
    """One sale, confirmed and settled: the point's part is 8 % of the price."""
    farm = make.producer(at.point, iban=IBANS[1])
    day = a_day({make.packaging(farm, price): 1}, farms=[farm], at=at)
    day.arrive()
    day.confirm()
    settlement.settle(collection=at, now=make.now())


def give_account(point: CollectionPoint, **fields: Any) -> PointAccount:
    """An account that may be used at once."""
    return PointAccount.objects.create(
        point=point, **{"holder": "Amis des Tilleuls", "iban": IBANS[2], "bic": ""} | fields
    )


def stated(*prices: str) -> PointStatement:
    """A point with an account, and the statement of its week."""
    make.fees("8", "12")
    cooperative()
    point = make.point()
    for price in prices:
        sold(make.collection(point), price)
    give_account(point)
    statement = point_statements.issue(point=point, week=Collection.objects.latest("pk").week, now=make.now())
    assert statement is not None
    return statement


def change(point: CollectionPoint, by: Any, **fields: str) -> bool:
    """Another account for the point; whether it was a change."""
    return payees.change_of_point(
        point=point, by=by, now=make.now(), **{"holder": "Amis des Tilleuls", "iban": IBANS[2], "bic": ""} | fields
    )
