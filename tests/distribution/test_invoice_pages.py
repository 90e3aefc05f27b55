"""The pages of invoices: the coordinator's list and credit notes, the farm's mandate, the household's request."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from distribution import credit_notes, fee_invoices, receipts, sale_invoices, settlement
from distribution.models import Invoice
from hub.models import Hub
from hub.money import money
from producers import mandates
from producers.models import BillingMandate, Producer
from tests import make
from tests.distribution import invoices as build
from tests.distribution.day import a_day

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files_of_this_test(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


@pytest.fixture
def sale() -> SimpleNamespace:
    """A settled and stated sale of two farms to one household; only the first lets the cooperative invoice."""
    build.cooperative()
    make.fees()
    farm, other = build.mandated(name="Fournil"), make.producer(name="Verger", email="verger@exemple.fr")
    at = make.collection(make.point(name="Halle"))
    for one in (farm, other):
        make.supply(one, at.point)
    home = make.household("Roux")
    day = a_day(
        {make.packaging(farm, "5.20"): 2, make.packaging(other, "3.00"): 1}, farms=[farm, other], at=at, home=home
    )
    day.arrive()
    day.confirm()
    settlement.settle(collection=day.collection, now=make.now())
    receipts.issue(collection=day.collection, now=make.now())
    return SimpleNamespace(farm=farm, other=other, day=day, order=day.orders[0], home=home)


def signed_in(member: Any) -> Client:
    client = Client()
    client.force_login(member, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


BUYER = {"name": "Camille Roux", "address": "3 rue Neuve", "postcode": "26000", "city": "Valence", "siren": ""}


def test_a_household_asks_for_its_invoices(sale: SimpleNamespace) -> None:
    client = signed_in(sale.home.members.get())
    url = reverse("distribution:invoice-request", args=[sale.order.code])
    page = client.get(url)
    assert [one.farm for one in page.context["possible"]] == [sale.farm]
    assert [one.farm for one in page.context["elsewhere"]] == [sale.other]
    assert 'href="mailto:verger@exemple.fr"' in text(page)
    assert client.post(url, BUYER).status_code == 302
    invoice = Invoice.objects.get()
    assert (invoice.producer, invoice.household, invoice.total.amount) == (sale.farm, sale.home, Decimal("10.40"))
    assert (invoice.content["buyer"]["name"], invoice.content["buyer"]["street"]) == ("Camille Roux", ["3 rue Neuve"])
    assert [one.invoice for one in client.get(url).context["ready"]] == [invoice]
    again = client.post(url, BUYER)
    assert (again.status_code, Invoice.objects.count()) == (422, 1)


def test_a_wrong_siren_is_told_and_nothing_is_lost(sale: SimpleNamespace) -> None:
    client = signed_in(sale.home.members.get())
    url = reverse("distribution:invoice-request", args=[sale.order.code])
    answer = client.post(url, BUYER | {"siren": "552 100 555"})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["siren"]
    assert "3 rue Neuve" in text(answer)
    assert Invoice.objects.count() == 0
    assert client.post(url, BUYER | {"siren": "552 100 554 00013"}).status_code == 302
    assert Invoice.objects.get().content["buyer"]["siren"] == "552100554"


def test_files_are_for_those_they_concern(sale: SimpleNamespace) -> None:
    (invoice,) = sale_invoices.ask(order=sale.order, buyer=build.household(), by=None, now=make.now())
    url = reverse("distribution:invoice-file", args=[invoice.issuer, invoice.number, "pdf"])
    for member in (sale.home.members.get(), make.farmer(sale.farm), make.coordinator()):
        answer = signed_in(member).get(url)
        assert (answer.status_code, answer["Content-Type"], answer.content[:5]) == (200, "application/pdf", b"%PDF-")
    for member in (make.household().members.get(), make.farmer(sale.other)):
        assert signed_in(member).get(url).status_code == 404
    xml = signed_in(sale.home.members.get()).get(url.replace("/pdf/", "/xml/"))
    assert b"<ram:ID>M-" in xml.content
    assert signed_in(make.coordinator()).get(url.replace("/pdf/", "/csv/")).status_code == 404


def test_a_farm_gives_and_withdraws_its_mandate(sale: SimpleNamespace) -> None:
    farm = build.farm(name="Chèvrerie")
    client, farmer = signed_in(make.farmer(farm)), farm.people.get
    url = reverse("producers:mandate", args=[farm.code])
    assert "au nom" not in text(client.get(url)) or client.get(url).context["held"] is None
    assert client.post(url).status_code == 302
    mandate = BillingMandate.objects.get(producer=farm)
    assert (mandate.by, mandate.version, mandate.revoked_at) == (farmer().member, mandates.VERSION, None)
    assert "EARL des Quatre Saisons autorise SCIC Les Tilleuls" in mandate.text
    assert client.post(url).status_code == 302
    assert BillingMandate.objects.filter(producer=farm).count() == 1
    assert client.post(reverse("producers:mandate-withdrawal", args=[farm.code])).status_code == 302
    mandate.refresh_from_db()
    assert mandate.revoked_at is not None
    assert mandates.live(farm) is None


def test_a_mandate_needs_to_know_who_the_farm_is(sale: SimpleNamespace) -> None:
    client = signed_in(make.farmer(sale.other))
    url = reverse("producers:mandate", args=[sale.other.code])
    answer = client.post(url)
    assert answer.status_code == 409
    assert "numéro SIRET" in text(answer)
    assert not BillingMandate.objects.filter(producer=sale.other).exists()


def test_the_list_of_a_month_and_its_search(sale: SimpleNamespace, django_assert_max_num_queries: Any) -> None:
    build.stated(sale.farm, sale.day)
    fee_invoices.issue_due(now=make.now())
    (invoice,) = sale_invoices.ask(order=sale.order, buyer=build.household(), by=None, now=make.now())
    client = signed_in(make.coordinator())
    with django_assert_max_num_queries(16):
        page = client.get(reverse("distribution:invoices"))
    assert [one.kind for one in page.context["found"]] == ["invoice", "fee-invoice"]
    assert page.context["totals"] == {
        "fee_invoice": money("1.25"), "invoice": money("10.40"), "credit_note": money("0.00"),
    }  # fmt: skip
    found = client.get(reverse("distribution:invoices"), {"q": sale.order.code}).context["found"]
    assert list(found) == [invoice]
    assert list(client.get(reverse("distribution:invoices"), {"kind": "credit-note"}).context["found"]) == []
    assert list(client.get(reverse("distribution:invoices"), {"month": "2020-01"}).context["found"]) == []
    assert client.get(reverse("distribution:invoices"), {"month": "2020-13", "q": "x"}).status_code == 200


def test_the_list_says_what_invoices_wait_for(sale: SimpleNamespace) -> None:
    build.stated(sale.farm, sale.day)
    Hub.objects.update(siret="")
    page = signed_in(make.coordinator()).get(reverse("distribution:invoices"))
    assert "1 facture de frais attend l’identité légale de la coopérative." in text(page)
    assert "numéro SIRET" in text(page)


def test_a_coordinator_takes_part_of_an_invoice_back(sale: SimpleNamespace) -> None:
    (invoice,) = sale_invoices.ask(order=sale.order, buyer=build.household(), by=None, now=make.now())
    client = signed_in(make.coordinator())
    url = reverse("distribution:credit-note", args=[invoice.issuer, invoice.number])
    assert client.post(url, {"reason": "Abîmé", "line-0": "3,00"}).status_code == 302  # to prove who acts
    assert Invoice.objects.count() == 1
    make.prove(client)
    answer = client.post(url, {"reason": "Abîmé", "line-0": "99"})
    assert answer.status_code == 422
    assert "10,40" in text(answer)
    assert Invoice.objects.count() == 1
    assert client.post(url, {"reason": "Abîmé", "line-0": "3,00"}).status_code == 302
    note = Invoice.objects.get(kind="credit-note")
    assert (note.total.amount, note.original) == (Decimal("3.00"), invoice)
    page = client.get(reverse("distribution:invoice", args=[invoice.issuer, invoice.number]))
    assert (list(page.context["notes"]), page.context["left"]) == ([note], Decimal("7.40"))
    assert client.get(reverse("distribution:invoice", args=[note.issuer, note.number])).status_code == 200
    listed = text(client.get(reverse("distribution:invoices")))
    assert ("−3,00 €" in listed, f"−{str(note.vat.amount).replace('.', ',')} €" in listed) == (True, True)


def test_a_farm_reads_what_was_invoiced_to_it_and_in_its_name(sale: SimpleNamespace) -> None:
    build.stated(sale.farm, sale.day)
    (fee,) = fee_invoices.issue_due(now=make.now())
    (invoice,) = sale_invoices.ask(order=sale.order, buyer=build.household(), by=None, now=make.now())
    note = credit_notes.issue(invoice=invoice, amounts={0: Decimal(1)}, reason="Abîmé", by=None, now=make.now())
    page = signed_in(make.farmer(sale.farm)).get(reverse("distribution:statements", args=[sale.farm.code]))
    assert [one.number for one in page.context["invoices"]] == [note.number, invoice.number, fee.number]
    assert "Camille Roux" in text(page)
    assert Producer.objects.count() == 2
