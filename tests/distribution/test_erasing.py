"""Whoever leaves takes their data along and leaves no name behind; the books stay whole."""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from distribution import erasing, inactive, own_data, reconcile, settlement
from distribution.models import Sheet
from hub import backups, erasures, founding, inviting, joining, notices, roles
from hub.models import ApiToken, Household, Letter, Membership, Notice, Role, Transfer
from orders import cards, debits, payments
from orders.models import Dispute, Favourite, Order
from producers import farms
from tests import make
from tests.distribution import day as days
from tests.orders.by_debit import asked
from tests.paying import captured
from tests.stand_in import StandIn

WORDS = (
    "Rosalinde",
    "Kerguelen",
    "rosalinde@exemple.fr",
    "0612345678",
    "rue Sans-Nom",
    "sonnette jaune",
    "tante Ursule",
)
"""What only this household is called, reached and quoted by."""


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
    settings.CABAS_HOME = tmp_path / "home"
    settings.MEDIA_ROOT = tmp_path / "media"


def rosalinde(*, settled: bool = True) -> Household:
    """A household with a whole life: joined, wished, ordered, collected, paid, was written to."""
    home = Household.objects.create(
        name="Foyer Kerguelen", address="3 rue Sans-Nom", city="Saint-Gonlay", access_note="sonnette jaune"
    )
    person = make.member(
        "rosalinde@exemple.fr", household=home, first_name="Rosalinde", last_name="Kerguelen", phone="0612345678"
    )
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    Authenticator.objects.create(user=person, type="recovery_codes", data={})
    ApiToken.objects.create(member=person, name="tableur", token_hash="a", scopes=["read"], created_at=make.now())
    point = make.point(payment_methods=["at-point"])
    farm = make.producer(point)
    jar = make.packaging(farm, "2.50")
    sale = make.collection(point)
    Favourite.objects.create(household=home, product=jar.product)
    make.offer(jar, sale, packs=None)
    orders = [
        days.order({jar: 3}, sale, home=home, note="pour tante Ursule"),
        days.order({jar: 2}, sale),
    ]
    day = days.Day(sale, make.host(point), [farm], orders)
    make.counted(sale)
    day.arrive()
    day.act("collected", orders[0], by="tante Ursule")
    day.act("collected", orders[1], by="")
    day.act("note", orders[0], text="pour tante Ursule")
    payments.receive(
        household=home, amount=Decimal("7.50"), means="cheque", key="cheque", received_by=day.host, now=make.now(),
        order=orders[0], note="chèque Kerguelen",
    )  # fmt: skip
    day.confirm()
    if settled:
        settlement.settle(collection=day.collection, now=make.now())
    other = make.point()
    make.host(other)
    joining.ask(household=home, point=other, message="bonjour, Rosalinde", by=person, now=make.now())
    notices.queue(
        [Notice(kind="membership-refused", key="hello", member=person, data={"point": "x"}, due_at=make.now())]
    )
    notices.send_due(now=make.now())
    return home


def give_and_take_roles(person: Any) -> None:
    """They hosted a point and coordinated for a while, and were invited to keep a farm."""
    boss, point, now = make.coordinator(), make.point(), make.now()
    inviting.invite_host(point=point, email=person.email, by=boss, now=now)
    farms.invite(producer=make.producer(point), email=person.email, by=boss, now=now)
    founding.appoint_host(member=person, point=point, by=boss, now=now)
    roles.dismiss_host(point=point, member=person, by=boss, now=now)
    founding.appoint_coordinator(member=person, by=boss, now=now)
    roles.dismiss_coordinator(member=person, by=boss, now=now)


def told_anywhere() -> list[str]:
    """Tables in which any of the words still stands; sheets are emptied by the purge, later."""
    found = []
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            if model is Sheet:
                continue
            cursor.execute(
                f'SELECT count(*) FROM "{model._meta.db_table}" AS t WHERE t::text ~* %s',
                ["|".join([*WORDS, "Kerguelen"])],
            )
            if cursor.fetchone()[0]:
                found.append(model._meta.db_table)
    return sorted(found)


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
def test_the_export_holds_everything_and_says_it_to_people() -> None:
    home = rosalinde()
    data = json.loads(own_data.as_json(own_data.collect(home, now=make.now())))
    assert {name: len(data[name]) for name in data if isinstance(data[name], list)} == {
        "household": 1, "members": 1, "sign_in": 2, "programs": 1, "memberships": 2, "favourites": 1, "wishes": 0,
        "orders": 1, "lines": 1, "shortages": 0, "payments": 1, "cards": 0, "mandates": 0, "top_ups": 0, "refunds": 0,
        "paid_back": 0, "invoices": 0, "account": 2,
        "messages": 1, "messages_waiting": 0, "journal": len(data["journal"]),
    }  # fmt: skip
    text = own_data.as_page(own_data.collect(home, now=make.now()), language="fr").decode()
    for word in WORDS:
        assert word in text or word == "tante Ursule"
    assert "Nos données sur votre foyer" in text
    assert data["orders"][0]["final"] == "7.50"


@pytest.mark.django_db
def test_words_in_the_export_are_words_and_not_markup() -> None:
    home = make.household("<script>alert(1)</script>")
    page = own_data.as_page(own_data.collect(home, now=make.now()), language="fr").decode()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.django_db
def test_the_page_gives_the_file_and_erases_after_a_tick_in_a_box(client: Client) -> None:
    home = rosalinde()
    (person,) = home.members.all()
    Authenticator.objects.all().delete()
    client.force_login(person)
    answer = client.get(reverse("distribution:own-data-file"))
    with zipfile.ZipFile(io.BytesIO(answer.getvalue())) as archive:
        assert archive.namelist() == ["donnees.json", "donnees.html"]
    page = reverse("distribution:own-data")
    assert "Effacer définitivement" in client.get(page).content.decode()
    unsure = client.post(page)
    assert (unsure.status_code, "Cochez la case" in unsure.content.decode()) == (422, True)
    assert Household.objects.get(pk=home.pk).erased_at is None
    done = client.post(page, {"sure": "yes"})
    assert done.headers["Location"] == reverse("account_login")
    assert Household.objects.get(pk=home.pk).erased_at is not None
    assert client.get(page).headers["Location"].startswith(reverse("account_login"))


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


@pytest.mark.django_db
def test_the_page_says_what_hinders(client: Client) -> None:
    home = rosalinde(settled=False)
    (person,) = home.members.all()
    Authenticator.objects.all().delete()
    client.force_login(person)
    page = client.get(reverse("distribution:own-data")).content.decode()
    assert "Une commande est encore en cours." in page
    assert "Effacer définitivement" not in page


@pytest.mark.django_db
def test_the_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = rosalinde()
    call_command("export_household", home.code, "--out", str(tmp_path / "out"), "--json")
    files = [str(tmp_path / "out" / name) for name in ("donnees.json", "donnees.html")]
    assert json.loads(capsys.readouterr().out) == {"household": home.code, "files": files}
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["donnees.html", "donnees.json"]
    call_command("erase_household", home.code)
    assert capsys.readouterr().out.splitlines()[-1] == f"{home.code} is erased."
    call_command("erase_household", home.code, "--json")
    assert json.loads(capsys.readouterr().out) == {"household": home.code, "erased": True}
    with pytest.raises(CommandError, match="no household"):
        call_command("erase_household", "NOBODY")


# After a restore


@pytest.fixture
def committed_home(committed: str, django_db_blocker: Any) -> Iterator[Household]:
    with django_db_blocker.unblock():
        yield rosalinde()


def test_who_was_erased_stays_erased_when_an_older_backup_is_restored(
    committed_home: Household, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    backups.backup(tmp_path / "before", now=now)
    erasing.erase(household=committed_home, by=None, now=now)
    assert list(erasures.listed()) == [committed_home.code]
    call_command("restore", str(tmp_path / "before"), "--replace")
    assert told_anywhere() == []
    assert Household.objects.get(code=committed_home.code).erased_at == now
    assert list(erasures.listed()) == [committed_home.code]


def test_a_later_backup_brings_the_list_to_another_machine(
    committed_home: Household, tmp_path: Path, settings: Any
) -> None:
    now = datetime.now(UTC)
    backups.backup(tmp_path / "before", now=now)
    erasing.erase(household=committed_home, by=None, now=now)
    (settings.CABAS_HOME / erasures.NAME).unlink()  # killed before it was written
    backups.backup(tmp_path / "after", now=now)
    assert list(erasures.listed(tmp_path / "after")) == [committed_home.code]
    settings.CABAS_HOME = tmp_path / "elsewhere"
    call_command("restore", str(tmp_path / "after"), "--replace")
    call_command("restore", str(tmp_path / "before"), "--replace")
    assert told_anywhere() == []


def test_the_sweep_repeats_what_a_killed_restore_left(committed_home: Household, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    backups.backup(tmp_path / "before", now=now)
    erasing.erase(household=committed_home, by=None, now=now)
    backups.restore(tmp_path / "before", replace=True)
    assert told_anywhere() != []
    assert (erasures.repeat(), erasures.repeat()) == (1, 0)
    assert told_anywhere() == []


# Two years of silence


def silent(home: Household, days_ago: int) -> None:
    long_ago = make.now() - timedelta(days=days_ago)
    Household.objects.filter(pk=home.pk).update(created_at=long_ago)
    home.members.update(last_login=long_ago, created_at=long_ago)


@pytest.mark.django_db
def test_who_was_away_for_two_years_is_told_and_a_month_later_erased() -> None:
    gone, here = make.household("Foyer Parti"), make.household("Foyer Présent")
    silent(gone, 701)
    now = make.now()
    assert inactive.erase_due(now=now) == 0
    notices.send_due(now=now)
    letter = Letter.objects.get()
    assert letter.subject == "Votre compte sera effacé"
    assert letter.recipients == gone.members.get().email
    assert inactive.erase_due(now=now + timedelta(days=29)) == 0
    assert inactive.erase_due(now=now + timedelta(days=31)) == 1
    assert inactive.erase_due(now=now + timedelta(days=32)) == 0
    assert [home.erased_at is not None for home in (_again(gone), _again(here))] == [True, False]


@pytest.mark.django_db
def test_who_comes_back_stays() -> None:
    home = make.household()
    silent(home, 701)
    now = make.now()
    inactive.erase_due(now=now)
    home.members.update(last_login=now + timedelta(days=3))
    assert inactive.erase_due(now=now + timedelta(days=40)) == 0
    assert _again(home).erased_at is None


@pytest.mark.django_db
def test_who_has_money_here_is_neither_told_nor_erased() -> None:
    home = make.household()
    payments.receive(
        household=home, amount=Decimal(5), means="transfer", key="old", received_by=make.coordinator(), now=make.now()
    )
    silent(home, 900)
    assert inactive.erase_due(now=make.now()) == 0
    assert Notice.objects.count() == 0


def _again(home: Household) -> Household:
    return Household.objects.get(pk=home.pk)
