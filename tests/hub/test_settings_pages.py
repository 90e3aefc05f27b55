"""Réglages: the cooperative, points, fees and VAT from pages; what a rule refuses is said in place and changes nothing."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from hub import calendar, fees
from hub.models import Activity, Collection, CollectionPoint, FeeRule, Hub, VatRate
from hub.money import money
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordination(client: Client) -> Client:
    client.force_login(make.coordinator())
    return client


def acts() -> list[str]:
    return list(Activity.objects.order_by("pk").values_list("verb", flat=True))


POINT = {
    "name": "École de Saint-Aubin", "kind": "market", "city": "Saint-Aubin", "joining": "open", "payment_methods": ["at-point"],
    "account_floor": "-50", "at_point_ceiling": "250,50", "minimum_order": "", "delay_hours": "3", "minimum_default": "cancel",
    "label_grid": "3x8", "phone": "02 99 00 00 09", "refused_card": "release",
}  # fmt: skip


def test_the_cooperative_says_who_it_is(coordination: Client) -> None:
    fields = {"name": "Le Panier", "email": "nous@exemple.fr", "siret": "732 829 320 00074", "sheet_weeks": "26"}
    fields["iban"] = "FR76 3000 6000 0112 3456 7890 189"
    assert coordination.post("/reglages/cooperative/", fields).status_code == 302
    hub = Hub.get()
    assert (hub.name, hub.siret, hub.iban) == ("Le Panier", "73282932000074", "FR7630006000011234567890189")
    assert acts() == ["hub.described"]
    wrong = fields | {"name": "Autre", "siret": "732 829 320 00075", "iban": "FR76 3000 6000 0112 3456 7890 188"}
    answer = coordination.post("/reglages/cooperative/", wrong)
    assert answer.status_code == 422
    assert answer.content.decode().count('class="err"') == 2
    assert (Hub.get().name, acts()) == ("Le Panier", ["hub.described"])


def test_a_point_is_opened_and_changed(coordination: Client) -> None:
    answer = coordination.post("/reglages/points/nouveau/", POINT)
    assert answer.headers["Location"] == "/reglages/points/ecole-de-saint-aubin/dates/"
    point = CollectionPoint.objects.get()
    assert (point.account_floor, point.at_point_ceiling, point.minimum_order) == (money(-50), money("250.50"), None)
    assert (point.minimum_delay, point.minimum_default, point.joining) == (timedelta(hours=3), "cancel", "open")
    assert point.refused_card == "release"
    url = f"/reglages/points/{point.code}/"
    assert 'value="250,50"' in coordination.get(url).content.decode()
    assert coordination.post(url, POINT | {"minimum_order": "12"}).status_code == 302
    point.refresh_from_db()
    assert point.minimum_order == money(12)
    assert acts() == ["point.opened", "point.edited"]
    assert Activity.objects.latest("pk").data["changed"] == {"minimum_order": ["None", "12"]}
    # A second one of the same name has another address.
    coordination.post("/reglages/points/nouveau/", POINT)
    assert CollectionPoint.objects.filter(code="ecole-de-saint-aubin-2").exists()
    coordination.post("/reglages/points/nouveau/", POINT | {"name": "Nouveau"})
    assert coordination.get("/reglages/points/nouveau-2/").status_code == 200


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"payment_methods": []}, "Ce champ est obligatoire"),
        ({"at_point_ceiling": "-1"}, "négatif"),
        ({"minimum_order": "douze"}, "nombre"),
        ({"name": ""}, "obligatoire"),
        ({"refused_card": "charge-anyway"}, "choix"),
    ],
)
def test_a_mistake_about_a_point_changes_nothing(coordination: Client, wrong: dict[str, Any], words: str) -> None:
    point = make.point(name="Avant")
    for url in ("/reglages/points/nouveau/", f"/reglages/points/{point.code}/"):
        answer = coordination.post(url, POINT | wrong)
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert list(CollectionPoint.objects.values_list("name", flat=True)) == ["Avant"]
    assert acts() == []


@pytest.mark.parametrize(
    ("field", "value", "name"),
    [
        ("payment_methods", [], "pays_somehow"),
        ("at_point_ceiling", money(-1), "amounts"),
        ("minimum_order", money(-1), "amounts"),
        ("minimum_delay", timedelta(hours=-1), "delay"),
    ],
)
def test_the_database_refuses_it_too(field: str, value: Any, name: str) -> None:
    point = make.point()
    with pytest.raises(IntegrityError, match=f"hub_collectionpoint_{name}"), transaction.atomic():
        CollectionPoint.objects.filter(pk=point.pk).update(**{field: value})


def test_a_point_with_dates_to_come_stays_open(coordination: Client) -> None:
    point = make.point()
    sale = make.collection(point)
    url = f"/reglages/points/{point.code}/fermeture/"
    assert "encore à venir" in coordination.post(url, follow=True).content.decode()
    point.refresh_from_db()
    assert (point.archived_at, acts()) == (None, [])
    Collection.objects.filter(pk=sale.pk).update(status="cancelled", cancelled_at=make.now())
    coordination.post(url)
    point.refresh_from_db()
    assert point.archived_at is not None
    assert point.name not in coordination.get("/points/").content.decode()
    coordination.post(url)
    point.refresh_from_db()
    assert not CollectionPoint.objects.exclude(archived_at=None).exists()
    assert acts() == ["point.closed", "point.reopened"]


def test_a_host_tells_what_one_must_know_and_nothing_about_money(client: Client) -> None:
    point = make.point()
    client.force_login(make.host(point))
    url = f"/mon-point/{point.code}/pratique/"
    told = {
        "description": "La grande grange",
        "access_note": "portail vert",
        "phone": "06 11",
        "keys_note": "sous le pot",
    }
    assert client.post(url, told | {"name": "Chez moi", "minimum_order": "1", "joining": "open"}).status_code == 302
    point.refresh_from_db()
    assert (point.access_note, point.phone, point.keys_note) == ("portail vert", "06 11", "sous le pot")
    assert (point.name[:5], point.minimum_order, point.joining) == ("Point", None, "request")
    assert acts() == ["point.edited"]
    assert client.post(url, told | {"access_note": "x" * 201}).status_code == 422
    assert client.post(url, told).status_code == 302
    assert acts() == ["point.edited"]
    client.force_login(make.host(make.point()))
    assert client.post(url, {"phone": "pirate"}).status_code == 404
    point.refresh_from_db()
    assert point.phone == "06 11"


# Fees and VAT


def test_a_fee_is_announced_for_a_day_and_taken_back_before(coordination: Client) -> None:
    make.prove(coordination)
    today = calendar.local_date(make.now())
    fields = {"payee": "hub", "percentage": "12,5", "point": "", "valid_from": (today + timedelta(days=30)).isoformat()}
    assert coordination.post("/reglages/frais/annonces/", fields).status_code == 302
    rule = FeeRule.objects.get()
    assert (rule.percentage, rule.point) == (Decimal("12.50"), None)
    twice = coordination.post("/reglages/frais/annonces/", fields)
    assert twice.status_code == 422
    assert "déjà" in twice.content.decode()
    much = coordination.post(
        "/reglages/frais/annonces/", fields | {"percentage": "51", "valid_from": today.isoformat()}
    )
    assert "entre 0 et 50" in much.content.decode() or "de 0 à 50" in much.content.decode()
    past = coordination.post("/reglages/frais/annonces/", fields | {"valid_from": "2020-01-01"})
    assert past.status_code == 422
    assert "au plus tôt" in past.content.decode()
    assert FeeRule.objects.count() == 1
    coordination.post("/reglages/frais/retrait/", {"rule": rule.pk})
    assert not FeeRule.objects.exists()
    assert acts() == ["fee.set", "fee.taken-back"]


def test_what_holds_is_never_rewritten(coordination: Client) -> None:
    make.fees()
    make.prove(coordination)
    rule = FeeRule.objects.get(payee="hub")
    with pytest.raises(fees.Holds):
        fees.take_back(rule=rule, by=make.coordinator(), now=make.now())
    coordination.post("/reglages/frais/retrait/", {"rule": rule.pk})
    with pytest.raises(IntegrityError, match="a fee rule that holds"), transaction.atomic():
        FeeRule.objects.filter(pk=rule.pk).update(percentage=1)
    with pytest.raises(IntegrityError, match="a fee rule that holds"), transaction.atomic():
        rule.delete()
    assert FeeRule.objects.get(payee="hub").percentage == 12
    assert acts() == []


def test_fees_ask_for_the_second_factor_again(coordination: Client) -> None:
    today = calendar.local_date(make.now()).isoformat()
    answer = coordination.post("/reglages/frais/annonces/", {"payee": "hub", "percentage": "12", "valid_from": today})
    assert "reauthenticate" in answer.headers["Location"]
    assert not FeeRule.objects.exists()


def test_the_language_switch_of_a_refused_form_leads_to_the_page_that_held_it(coordination: Client) -> None:
    """What refuses a form is shown at the address it was sent to, which may not be one to ask for."""
    make.prove(coordination)
    url, page = "/reglages/frais/annonces/", "/reglages/frais/?x=1"
    refused = coordination.post(url, {"percentage": "51"}, headers={"Referer": f"http://testserver{page}"})
    assert (refused.status_code, coordination.get(url).status_code) == (422, 405)
    assert f'name="next" value="{page}"' in refused.content.decode()
    elsewhere = coordination.post(url, {"percentage": "51"}, headers={"Referer": "https://example.org/x"})
    assert 'name="next" value=""' in elsewhere.content.decode()


def test_the_rates_of_the_country(coordination: Client) -> None:
    for _time in range(2):
        coordination.post("/reglages/frais/tva/", {"france": "1"})
    assert list(VatRate.objects.values_list("percentage", flat=True)) == [
        Decimal(n) for n in ("2.10", "5.50", "10", "20")
    ]
    coordination.post("/reglages/frais/tva/", {"percentage": "8,1", "valid_from": "2027-01-01"})
    assert VatRate.objects.count() == 5
    assert (
        coordination.post("/reglages/frais/tva/", {"percentage": "8,1", "valid_from": "2027-01-01"}).status_code == 422
    )
    assert VatRate.objects.count() == 5
    for percentage in ("120", "-1"):
        wrong = coordination.post("/reglages/frais/tva/", {"percentage": percentage, "valid_from": "2027-01-01"})
        assert wrong.status_code == 422
        assert "Un taux de TVA se situe entre 0 et 50 pour cent." in wrong.content.decode()
    assert VatRate.objects.count() == 5


PAGES = (
    "/reglages/", "/reglages/cooperative/", "/reglages/frais/", "/reglages/points/", "/reglages/points/nouveau/",
    "/reglages/points/{point}/", "/reglages/points/{point}/dates/", "/reglages/points/{point}/dates/rythme/",
    "/reglages/points/{point}/dates/nouvelle/", "/reglages/points/{point}/fermes/", "/reglages/fermes/",
    "/reglages/fermes/nouvelle/", "/reglages/fermes/{farm}/", "/equipe/", "/equipe/{farm}/",
)  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_only_coordinators_open_the_settings(client: Client, page: str) -> None:
    point = make.point()
    farm = make.producer(point)
    url = page.format(point=point.code, farm=farm.code)
    for stranger in (make.host(point), make.farmer(farm), make.household().members.get()):
        client.force_login(stranger)
        assert (client.get(url).status_code, client.post(url, {}).status_code) == (404, 404)
    client.force_login(make.coordinator())
    assert client.get(url).status_code == 200


def test_a_point_with_cards_alone_is_refused_while_cards_are_not_set_up(client: Client, settings: Any) -> None:
    settings.STRIPE_SECRET_KEY = ""
    client.force_login(make.coordinator())
    answer = client.post("/reglages/points/nouveau/", POINT | {"payment_methods": ["card"]})
    assert answer.status_code == 422
    assert "Les cartes ne sont pas en service ici" in answer.content.decode()
    assert not CollectionPoint.objects.exists()
