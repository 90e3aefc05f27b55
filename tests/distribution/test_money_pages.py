"""Statements and the board on screen, and who sees them."""

from types import SimpleNamespace
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from distribution import settlement, statements
from distribution.models import Payout
from hub.models import Transfer
from tests import make
from tests.distribution.day import a_day

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> SimpleNamespace:
    make.fees()
    at = make.collection()
    farm = make.producer(at.point, iban="FR7630006000011234567890189")
    day = a_day({make.packaging(farm, "5.20"): 1}, farms=[farm], at=at)
    day.arrive()
    day.confirm()
    settlement.settle(collection=day.collection, now=make.now())
    statement = statements.issue(producer=farm, week=at.week, now=make.now())
    assert statement is not None
    return SimpleNamespace(day=day, farm=farm, statement=statement, week=at.week)


def test_a_farmer_reads_the_latest_statement(scene: SimpleNamespace, client: Client) -> None:
    client.force_login(make.farmer(scene.farm))
    assert client.get("/releves/").headers["Location"] == f"/releves/{scene.farm.code}/"
    page = client.get(f"/releves/{scene.farm.code}/").content.decode()
    assert scene.statement.number in page
    assert "4,16" in page
    paper = client.get(f"/documents/releves/{scene.statement.number}/pdf/")
    assert paper.content.startswith(b"%PDF")
    assert scene.statement.number in paper.headers["Content-Disposition"]
    assert client.get(f"/documents/releves/{scene.statement.number}/csv/").status_code == 200
    assert client.get(f"/documents/releves/{scene.statement.number}/exe/").status_code == 404


def test_another_farmer_finds_nothing(scene: SimpleNamespace, client: Client) -> None:
    client.force_login(make.farmer(make.producer()))
    assert client.get(f"/releves/{scene.farm.code}/").status_code == 404
    assert client.get(f"/releves/{scene.farm.code}/{scene.statement.number}/").status_code == 404
    assert client.get(f"/documents/releves/{scene.statement.number}/pdf/").status_code == 404


def test_a_farm_without_statements_is_told_so(client: Client) -> None:
    farm = make.producer()
    client.force_login(make.farmer(farm))
    assert client.get(f"/releves/{farm.code}/").status_code == 200


def test_without_a_second_factor_nothing_of_coordination_opens(scene: SimpleNamespace, client: Client) -> None:
    person = make.coordinator()
    Authenticator.objects.all().delete()
    client.force_login(person)
    answers = [client.get(path) for path in ("/reversements/", f"/semaine/{scene.week}/", "/jour-j/", "/releves/")]
    answers.append(client.post("/reversements/nouveau/", {"rail": "hand", "number": scene.statement.number}))
    assert [answer.status_code for answer in answers] == [403] * 5
    assert all("/sign-in/2fa/totp/activate/" in answer.content.decode() for answer in answers)
    assert Payout.objects.get().state == "due"
    assert not Transfer.objects.filter(reference__startswith="payout:").exists()


def test_only_coordinators_see_board_and_payouts(scene: SimpleNamespace, client: Client) -> None:
    client.force_login(scene.day.host)
    assert [client.get(path).status_code for path in ("/reversements/", f"/semaine/{scene.week}/")] == [404, 404]
    chosen = {"rail": "hand", "number": scene.statement.number}
    assert client.post("/reversements/nouveau/", chosen).status_code == 404
    assert Payout.objects.get().state == "due"


@pytest.mark.parametrize("points", [1, 5])
def test_the_board_costs_the_same_for_all_points(
    client: Client, points: int, django_assert_max_num_queries: Any
) -> None:
    for _n in range(points):
        at = make.collection()
        farm = make.producer(at.point)
        a_day({make.packaging(farm): 1}, farms=[farm], at=at)
    client.force_login(make.coordinator())
    with django_assert_max_num_queries(23):
        assert client.get(f"/semaine/{at.week}/").status_code == 200
