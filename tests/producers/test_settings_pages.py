"""Réglages: farms, their account, and the points they supply."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from hub.calendar import local_date
from hub.models import Activity
from hub.money import money
from producers.models import Producer, Supply
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordination(client: Client) -> Client:
    client.force_login(make.coordinator())
    return client


def acts() -> list[str]:
    return list(Activity.objects.order_by("pk").values_list("verb", flat=True))


def test_a_farm_is_taken_in(coordination: Client) -> None:
    fields = {"name": "Ferme du Gué", "city": "Treffendel", "vat_regime": "standard"}
    answer = coordination.post("/reglages/fermes/nouvelle/", fields)
    assert answer.headers["Location"] == "/equipe/ferme-du-gue/"
    assert coordination.post("/reglages/fermes/nouvelle/", fields | {"name": ""}).status_code == 422
    farm = Producer.objects.get()
    assert (farm.code, farm.name, farm.city) == ("ferme-du-gue", "Ferme du Gué", "Treffendel")
    assert acts() == ["producer.taken-in"]
    assert "Ferme du Gué" in coordination.get("/reglages/fermes/ferme-du-gue/").content.decode()


def test_a_farm_is_accepted_at_a_point_once(coordination: Client) -> None:
    point, farm = make.point(), make.producer()
    today = local_date(make.now())
    url = f"/reglages/points/{point.code}/fermes/"
    fields: dict[str, Any] = {"producer": farm.pk, "since": today.isoformat(), "minimum_amount": "60", "spot": "F2"}
    wrong = coordination.post(url, fields | {"until": (today - timedelta(days=1)).isoformat()})
    assert wrong.status_code == 422
    assert "dernier jour" in wrong.content.decode().lower()
    assert not Supply.objects.exists()
    assert coordination.post(url, fields).status_code == 302
    supply = Supply.objects.get()
    assert (supply.minimum, supply.spot, supply.since, supply.until) == (money(60), "F2", today, None)
    assert coordination.post(url, fields).status_code == 422
    assert Supply.objects.count() == 1
    edited = {"since": today.isoformat(), "until": today.isoformat(), "minimum_amount": "45,50", "spot": ""}
    assert coordination.post(f"{url}{farm.code}/", edited).status_code == 302
    supply.refresh_from_db()
    assert (supply.minimum, supply.until) == (money("45.50"), today)
    assert acts() == ["supply.accepted", "supply.edited"]
    assert coordination.post(f"{url}{farm.code}/", edited | {"minimum_amount": "-1"}).status_code == 422
    assert acts() == ["supply.accepted", "supply.edited"]


def test_the_beginning_says_what_is_missing(coordination: Client) -> None:
    assert "pas encore de taux de TVA" in coordination.get("/reglages/").content.decode()
    point = make.point()
    make.farmer(make.producer(point))
    page = coordination.get("/reglages/").content.decode()
    assert "1 point, 0 avec un rythme, 0 avec hôte" in page
    assert "1 ferme, 1 avec quelqu’un pour son catalogue, 1 présente à un point" in page


def test_lists_ask_the_same_number_of_questions_whatever_their_length(
    coordination: Client, django_assert_max_num_queries: Any
) -> None:
    point = make.point()
    for _n in range(8):
        make.farmer(make.producer(point))
        make.point()
    for url in ("/reglages/", "/reglages/fermes/", "/reglages/points/", f"/reglages/points/{point.code}/fermes/"):
        coordination.get(url)
        with django_assert_max_num_queries(16):
            assert coordination.get(url).status_code == 200
