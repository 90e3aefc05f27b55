"""Whoever leaves leaves no name behind; the books stay whole."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from distribution import erasing, reconcile
from hub import erasures
from hub.models import ApiToken, Household, Membership, Role, Transfer
from orders import cards, debits, payments
from orders.models import Dispute, Favourite, Order
from tests import make
from tests.distribution.whole_life import give_and_take_roles, rosalinde, told_anywhere
from tests.orders.by_debit import asked
from tests.paying import captured
from tests.stand_in import StandIn


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
    settings.CABAS_HOME = tmp_path / "home"
    settings.MEDIA_ROOT = tmp_path / "media"


TOLD_BEFORE = [
    "account_emailaddress",
    "distribution_handover",
    "distribution_handoveraction",
    "hub_hostinvitation",
    "hub_household",
    "hub_letter",
    "hub_member",
    "hub_membership",
    "hub_notice",
    "orders_order",
    "orders_payment",
    "producers_producerinvitation",
]


@pytest.mark.django_db
def test_no_word_of_an_erased_household_is_left_and_the_books_are_whole() -> None:
    home = rosalinde()
    (person,) = home.members.all()
    give_and_take_roles(person)
    books = list(Transfer.objects.order_by("pk").values_list("reference", "amount"))
    assert told_anywhere() == TOLD_BEFORE
    erasing.erase(household=home, by=person, now=make.now())
    assert told_anywhere() == []
    home.refresh_from_db()
    person.refresh_from_db()
    assert (home.name, home.erased_at is not None, home.city) == ("Foyer effacé", True, "")
    assert (person.email, person.is_active, person.full_name) == (f"{person.pk}@erased.invalid", False, str(person.pk))
    assert set(home.memberships.values_list("status", flat=True)) == {Membership.Status.ENDED}
    assert (ApiToken.objects.count(), Authenticator.objects.filter(user=person).count(), Favourite.objects.count()) == (
        0,
        0,
        0,
    )
    assert list(Transfer.objects.order_by("pk").values_list("reference", "amount")) == books
    assert Order.objects.filter(household=home).get().final_total == Order.objects.get(household=home).expected_total
    assert reconcile.differences() == []


@pytest.mark.django_db
def test_erasing_again_changes_nothing() -> None:
    home = rosalinde()
    erasing.erase(household=home, by=None, now=make.now())
    at = Household.objects.get(pk=home.pk).erased_at
    erasing.erase(household=home, by=None, now=make.now() + timedelta(hours=1))
    assert Household.objects.get(pk=home.pk).erased_at == at


@pytest.mark.django_db
def test_what_is_open_is_over_first() -> None:
    home = rosalinde(settled=False)
    before = told_anywhere()
    with pytest.raises(erasing.StillNeeded) as refusal:
        erasing.erase(household=home, by=None, now=make.now())
    assert refusal.value.data["reasons"] == ["order", "credit"]
    assert (told_anywhere(), erasures.listed()) == (before, {})


@pytest.mark.django_db
def test_debts_and_roles_hinder_too() -> None:
    home = rosalinde()
    make.host(make.point())
    (person,) = home.members.all()
    payment = home.payments.get()
    payments.undo(payment=payment, by=person, now=make.now())
    Role.objects.create(member=person, kind=Role.Kind.COORDINATOR, granted_at=make.now())
    with pytest.raises(erasing.StillNeeded) as refusal:
        erasing.erase(household=home, by=None, now=make.now())
    assert refusal.value.data["reasons"] == ["owes", "role"]
    assert "7,50" in str(refusal.value)


@pytest.mark.django_db
def test_a_page_on_which_somebody_can_pay_hinders_until_it_is_closed(stripe_server: StandIn) -> None:
    home = make.household()
    top_up = asked(home, "60", "card")[0]
    debits.pay_by_card(top_up=top_up, success_url="http://localhost/", cancel_url="", now=make.now())
    reasons = [word for word, _sentence in erasing.hindrances(home)]
    assert reasons == ["page"]
    stripe_server.faults.away = True
    debits.cancel(top_up=top_up, by=make.coordinator(), now=make.now())
    with pytest.raises(erasing.StillNeeded):
        erasing.erase(household=home, by=None, now=make.now())
    stripe_server.faults.away = False
    cards.reread(now=make.now() + timedelta(minutes=11))
    erasing.erase(household=home, by=None, now=make.now())
    assert Household.objects.get(pk=home.pk).erased_at is not None


@pytest.mark.django_db
def test_a_contested_payment_hinders_until_it_is_decided_who_bears_it(stripe_server: StandIn) -> None:
    _day, payment, _bread = captured("4000 0000 0000 0259")
    home = payment.order.household
    cards.read_disputes(now=make.now())
    assert [word for word, _sentence in erasing.hindrances(home)] == ["dispute"]
    (contested,) = stripe_server.world.all("dispute")
    stripe_server.decide(contested["id"], won=False)
    cards.read_disputes(now=make.now())
    with pytest.raises(erasing.StillNeeded) as refusal:
        erasing.erase(household=home, by=None, now=make.now())
    assert refusal.value.data["reasons"] == ["dispute"]
    assert not Household.objects.filter(erased_at__isnull=False).exists()
    cards.settle_dispute(dispute=Dispute.objects.get(), charge=False, by=make.coordinator(), now=make.now())
    assert erasing.hindrances(home) == []


@pytest.mark.django_db
def test_other_devices_are_signed_out(client: Client) -> None:
    home = rosalinde()
    (person,) = home.members.all()
    client.force_login(person)
    other = make.household()
    elsewhere = Client()
    elsewhere.force_login(other.members.get())
    erasing.erase(household=home, by=None, now=make.now())
    assert client.get(reverse("hub:account")).status_code == 302
    assert elsewhere.get(reverse("hub:account")).status_code == 200
