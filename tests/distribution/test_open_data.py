"""Open data: what a week brought, told so that nobody is in it."""

import csv
import io
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from distribution import open_data, settlement
from producers.models import Packaging, Producer
from tests import make
from tests.distribution.day import Day, a_day

pytestmark = pytest.mark.django_db


def settled(*baskets: dict[Packaging, int], farm: Producer, at: Any) -> Day:
    day = a_day(*baskets, farms=[farm], at=at)
    day.arrive()
    day.confirm()
    settlement.settle(collection=day.collection, now=make.now())
    return day


@pytest.fixture
def farm() -> Producer:
    make.fees("8", "12")
    return make.producer()


def pack_of(farm: Producer, aisle: str, price: str) -> Packaging:
    pack = make.packaging(farm, price)
    pack.product.aisle = aisle
    pack.product.save()
    return pack


def rows(week: str) -> tuple[int, list[dict[str, str]]]:
    answer = Client().get(f"/api/v1/open-data/{week}.csv")
    return answer.status_code, list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))


def test_families_of_a_week_by_point(farm: Producer) -> None:
    at = make.collection(make.point(code="grange", name="La Grange"))
    make.supply(farm, at.point)
    leeks, bread = pack_of(farm, "vegetables", "5.20"), pack_of(farm, "bakery", "3.00")
    day = settled(*[{leeks: 2, bread: 1}] * 5, farm=farm, at=at)
    assert rows(day.collection.week) == (200, [
        {"semaine": at.week, "point_code": "grange", "point": "La Grange", "famille": "pain et gâteaux",
         "famille_code": "bakery", "colis": "5",
         "montant_ttc": "15,00", "part_producteurs": "12,00"},
        {"semaine": at.week, "point_code": "grange", "point": "La Grange", "famille": "légumes",
         "famille_code": "vegetables", "colis": "10",
         "montant_ttc": "52,00", "part_producteurs": "41,60"},
    ])  # fmt: skip


def test_what_few_households_bought_is_told_together_or_not_at_all(farm: Producer) -> None:
    at = make.collection()
    make.supply(farm, at.point)
    leeks, bread, honey = (pack_of(farm, aisle, "1.00") for aisle in ("vegetables", "bakery", "grocery"))
    settled(*[{leeks: 1}] * 5, *[{bread: 1}] * 3, *[{honey: 1}] * 2, farm=farm, at=at)
    assert [(one.name, one.packs, one.paid) for one in open_data.families(at.week)] == [
        ("vegetables", 5, Decimal("5.00")), ("other", 5, Decimal("5.00")),
    ]  # fmt: skip
    few = make.collection()
    make.supply(farm, few.point)
    settled({pack_of(farm, "eggs", "1.00"): 1}, farm=farm, at=few)
    assert {one.point for one in open_data.families(at.week)} == {at.point.code}


def test_a_week_without_settled_distributions_is_not_there(farm: Producer) -> None:
    at = make.collection()
    make.supply(farm, at.point)
    a_day(*[{make.packaging(farm): 1}] * 5, farms=[farm], at=at)
    answer = Client().get(f"/api/v1/open-data/{at.week}.csv")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert Client().get("/api/v1/open-data/2026-W99.csv").status_code == 422
