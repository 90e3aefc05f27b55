"""A cooperative begins: from an empty database to a household that fills its first order, all of it on pages."""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core import mail
from django.core.management import call_command
from playwright.sync_api import Page, expect

from distribution import closing
from hub import calendar, demo_doors
from hub.models import (
    Collection,
    CollectionPoint,
    FeeRule,
    Host,
    Household,
    Hub,
    Letter,
    Member,
    Membership,
    Notice,
    Role,
    VatRate,
)
from hub.notices import send_due
from orders.models import Order
from producers.models import Producer, ProducerPerson, Product, Supply
from tests import make
from tests.journeys.conftest import TABLET
from tests.journeys.test_week import add, send

pytestmark = pytest.mark.browser


def save(page: Page, words: str) -> None:
    """Press the button with these words."""
    page.locator("main").get_by_role("button", name=words, exact=True).click()
    page.wait_for_load_state()


def prove(page: Page) -> None:
    """Show the second factor when the page asks for it again."""
    if "reauthenticate" in page.url:
        page.locator('input[name="code"]').fill(demo_doors.code_at(make.now()))
        page.locator("main form button.btn").first.click()
        page.wait_for_load_state()


def link_sent_to(email: str, kind: str) -> str:
    """The address in the newest letter to somebody."""
    word = Notice.objects.filter(kind=f"invitation-{kind}", email=email).latest("pk").data["secret"]
    assert send_due(now=make.now() + timedelta(seconds=2)) >= 1
    assert word not in Letter.objects.filter(recipients=email).latest("pk").text
    return f"/invitations/{'ferme' if kind == 'producer' else 'point'}/{word}/"


def sign_up(page: Page, first: str, last: str, email: str = "") -> None:
    """Give a name, and the code that arrives by e-mail."""
    page.locator('input[name="first_name"]').fill(first)
    page.locator('input[name="last_name"]').fill(last)
    if email:
        page.locator('input[name="email"]').fill(email)
    page.locator("main form button.btn").first.click()
    page.wait_for_load_state()
    found = re.search(r"^    (\S+)$", str(mail.outbox[-1].body), re.MULTILINE)
    assert found
    page.locator('input[name="code"]').fill(found[1])
    page.locator("main form button.btn").first.click()
    page.wait_for_load_state()


def test_a_cooperative_begins(open_as: Callable[..., Page], committed: str) -> None:
    assert not Member.objects.exists()
    call_command(
        "coordinator", "helene@exemple.fr", "--first-name", "Hélène", "--last-name", "Marchand", stdout=StringIO()
    )
    helene = Role.objects.get().member
    desk = open_as(helene, viewport=TABLET)
    desk.goto("/reglages/")
    expect(desk.locator("main")).to_contain_text("second facteur")
    demo_doors.give_second_factor(helene)

    # The cooperative, its VAT rates and fees.
    desk.goto("/reglages/")
    expect(desk.locator("main")).to_contain_text("pas encore de taux de TVA")
    desk.goto("/reglages/cooperative/")
    desk.locator('input[name="name"]').fill("Le Panier de Gonlay")
    desk.locator('input[name="email"]').fill("nous@exemple.fr")
    save(desk, "Enregistrer")
    assert Hub.get().name == "Le Panier de Gonlay"
    desk.goto("/reglages/frais/")
    save(desk, "Reprendre les taux français")
    assert VatRate.objects.count() == 4
    desk.locator('select[name="payee"]').select_option("hub")
    desk.locator('input[name="percentage"]').first.fill("12")
    save(desk, "Annoncer")
    prove(desk)
    assert FeeRule.objects.get().percentage == 12

    # A point, and a rhythm whose orders are open today.
    today = calendar.local_date(make.now())
    day = today + timedelta(days=3)
    desk.goto("/reglages/points/")
    desk.get_by_role("link", name="Nouveau point").click()
    desk.locator('input[name="name"]').fill("Grange des Tilleuls")
    desk.locator('input[name="city"]').fill("Saint-Gonlay")
    save(desk, "Ouvrir ce point")
    point = CollectionPoint.objects.get()
    assert desk.url.endswith(f"/reglages/points/{point.code}/dates/")
    desk.get_by_role("link", name="Ajouter un rythme").click()
    desk.locator('select[name="weekday"]').select_option(str(day.weekday()))
    for name, value in (
        ("starts", "17:30"), ("ends", "19:00"), ("opens_days_before", "6"), ("opens", "08:00"), ("closes_days_before", "1"),
        ("closes", "20:00"), ("valid_from", today.isoformat()),
    ):  # fmt: skip
        desk.locator(f'input[name="{name}"]').fill(value)
    save(desk, "Voir les dates")
    expect(desk.get_by_text("après le changement d’heure")).to_have_count(2)
    assert not Collection.objects.exists()
    save(desk, "Enregistrer")
    sale = Collection.objects.order_by("starts_at").first()
    assert sale is not None
    assert (sale.local_date, sale.status) == (day, "planned")

    # A farm, and somebody who accepts to keep its catalogue: she has no account yet.
    desk.goto("/reglages/fermes/")
    desk.get_by_role("link", name="Nouvelle ferme").click()
    desk.locator('input[name="name"]').fill("Ferme du Gué")
    save(desk, "Accueillir cette ferme")
    desk.locator('input[name="email"]').fill("claire@exemple.fr")
    save(desk, "Envoyer l’invitation")
    field = open_as(None)
    field.goto(link_sent_to("claire@exemple.fr", "producer"))
    field.get_by_role("link", name="M’inscrire et accepter").click()
    field.wait_for_load_state()
    sign_up(field, "Claire", "Aubin")
    save(field, "Accepter")
    farm = Producer.objects.get()
    assert ProducerPerson.objects.get().member.email == "claire@exemple.fr"
    expect(field.locator("h1")).to_contain_text("Catalogue")
    field.get_by_role("link", name="Ajouter un produit").click()
    field.wait_for_load_state()
    field.locator('input[name="name"]').fill("Carotte")
    field.locator('select[name="unit"]').select_option("piece")
    field.locator('select[name="aisle"]').select_option("vegetables")
    field.locator('input[name="packaging-label"]').fill("botte")
    field.locator('input[name="packaging-content"]').fill("1")
    field.locator('input[name="packaging-price"]').fill("2,50")
    save(field, "Ajouter au catalogue")
    pack = Product.objects.get().packagings.get()
    field.goto(f"/ma-semaine/{farm.code}/{sale.week}/")
    row = field.locator(f"#row-{pack.code}")
    row.locator('input[data-column="quantity"]').fill("20")
    row.locator('input[data-column="quantity"]').press("Enter")
    expect(row).to_contain_text("enregistré")

    # The farm delivers there; a host is invited, who is a member already.
    desk.goto(f"/reglages/points/{point.code}/fermes/")
    desk.locator('select[name="producer"]').select_option(label="Ferme du Gué")
    save(desk, "Accepter")
    assert Supply.objects.get().point == point
    martine = make.member("martine@exemple.fr", first_name="Martine", last_name="Le Goff")
    Member.objects.filter(pk=martine.pk).update(household=Household.objects.create(name="Le Goff"))
    desk.goto(f"/mon-point/{point.code}/")
    desk.locator('input[name="email"]').fill("martine@exemple.fr")
    save(desk, "Envoyer l’invitation")
    barn = open_as(martine, viewport=TABLET)
    barn.goto(link_sent_to("martine@exemple.fr", "point"))
    save(barn, "Accepter")
    assert Host.objects.get().member == martine

    # What the minute's sweep does: plan what is missing, open what is due.
    assert calendar.plan_collections(now=make.now()) == 0
    closing.open_due(now=make.now())
    sale.refresh_from_db()
    assert sale.status == "open"

    # A stranger finds the point on a phone, signs up, comes back and asks; the host accepts; she orders.
    phone = open_as(None)
    phone.goto("/points/?q=gonlay")
    phone.get_by_role("link", name="Voir et rejoindre").click()
    expect(phone.locator("main")).to_contain_text("commandes ouvertes")
    phone.locator("main").get_by_role("link", name="Devenir membre").click()
    phone.wait_for_load_state()
    sign_up(phone, "Nora", "Benali", "nora@exemple.fr")
    assert phone.url.endswith(f"/points/{point.code}/")
    phone.locator('input[name="message"]').fill("J’habite à côté")
    save(phone, "Demander à rejoindre")
    asked = Membership.objects.get()
    assert (asked.status, asked.message) == ("requested", "J’habite à côté")
    barn.goto("/membres/")
    expect(barn.locator("main")).to_contain_text("J’habite à côté")
    barn.locator('button[name="answer"][value="yes"]').click()
    barn.wait_for_load_state()
    asked.refresh_from_db()
    assert (asked.status, asked.decided_by) == ("accepted", martine)
    phone.goto(f"/boutique/{sale.code}/")
    add(phone, pack)
    phone.goto(f"/ma-commande/{sale.code}/")
    send(phone)
    line = Order.objects.get().lines.get()
    assert (line.packaging, line.quantity) == (pack, 1)
    assert (line.hub_rate, line.host_rate) == (Decimal(12), Decimal(0))
    desk.goto("/reglages/")
    expect(desk.locator("main")).to_contain_text("1 point, 1 avec un rythme, 1 avec hôte")
