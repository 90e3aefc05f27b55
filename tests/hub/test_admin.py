"""The admin site looks and does not touch: staff with a second factor, and rows that nobody changes there."""

from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.contrib import admin
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from hub import demo_doors, ledger
from hub.models import Activity, Household, Member, Transfer
from tests import make
from tests.house import world as worlds

pytestmark = pytest.mark.django_db


@pytest.fixture
def support(client: Client) -> Client:
    call_command("coordinator", "support@exemple.fr", "--support", stdout=StringIO())
    person = Member.objects.get(email="support@exemple.fr")
    demo_doors.give_second_factor(person)
    client.force_login(person)
    return client


def test_staff_without_a_second_factor_set_one_up_first(client: Client) -> None:
    call_command("coordinator", "support@exemple.fr", "--support", stdout=StringIO())
    client.force_login(Member.objects.get(email="support@exemple.fr"))
    answer = client.get("/admin/", follow=True)
    assert answer.status_code == 403
    assert "second facteur" in answer.content.decode()
    assert client.get(reverse("admin:hub_transfer_changelist")).status_code == 302


def test_nobody_else_comes_in(client: Client) -> None:
    assert client.get("/admin/", follow=True).redirect_chain[-1][0].startswith("/sign-in/login/")
    client.force_login(make.coordinator())
    assert client.get("/admin/", follow=True).status_code == 403


def test_only_our_models_are_shown() -> None:
    assert {model._meta.app_label for model in admin.site._registry} == {"hub", "producers", "orders", "distribution"}


def test_every_list_and_row_is_shown_and_none_is_changed(
    support: Client, stripe_server: Any, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    worlds.build()
    righted = {"hub.member", "hub.household"}
    for model in admin.site._registry:
        label, name = model._meta.label_lower, f"admin:{model._meta.app_label}_{model._meta.model_name}"
        listed = support.get(reverse(f"{name}_changelist"), {"q": "a"})
        assert listed.status_code == 200, label
        assert support.post(reverse(f"{name}_add"), {}).status_code == 403, label
        row = model._default_manager.order_by("pk").first()
        if row is None:
            continue
        before = list(model._default_manager.order_by("pk").values())
        page = support.get(reverse(f"{name}_change", args=[row.pk]))
        assert page.status_code == 200, label
        assert "token_hash" not in page.content.decode(), label
        if label not in righted:
            assert support.post(reverse(f"{name}_change", args=[row.pk]), {}).status_code == 403, label
        assert support.post(reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403, label
        assert list(model._default_manager.order_by("pk").values()) == before, label


def test_the_books_cannot_be_changed_there(support: Client) -> None:
    home = make.household()
    entry = ledger.Entry("essai", "bank", ledger.household_account(home), Decimal("12.00"), "Essai")
    ledger.post([entry], now=make.now())
    row = Transfer.objects.get()
    url = reverse("admin:hub_transfer_change", args=[row.pk])
    assert support.post(url, {"amount_0": "1200.00", "memo": "autre"}).status_code == 403
    row.refresh_from_db()
    assert (row.amount.amount, row.memo) == (12, "Essai")


def test_a_name_is_put_right_by_the_act_of_the_members_page(support: Client) -> None:
    home = make.household("Foyer Morle")
    person = home.members.get()
    url = reverse("admin:hub_member_change", args=[person.pk])
    fields = {
        "first_name": "Camille",
        "last_name": "Morel",
        "phone": "06",
        "language": "fr",
        "email": "pirate@exemple.fr",
    }
    assert support.post(url, fields | {"is_superuser": "on"}).status_code == 302
    before, person = person, Member.objects.get(pk=person.pk)
    assert (person.last_name, person.phone, person.email) == ("Morel", "06", before.email)
    assert not person.is_superuser
    assert (
        support.post(reverse("admin:hub_household_change", args=[home.pk]), {"name": "Foyer Morel"}).status_code == 302
    )
    assert Household.objects.get(pk=home.pk).name == "Foyer Morel"
    acts = Activity.objects.filter(verb__endswith=".described").order_by("pk")
    assert [(act.verb, act.member and act.member.email) for act in acts] == [
        ("member.described", "support@exemple.fr"), ("household.described", "support@exemple.fr"),
    ]  # fmt: skip
