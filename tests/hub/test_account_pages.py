"""Signing in, signing up, my account, and the pages for errors."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, reverse
from django.utils import translation

from hub.models import Host, Household, Member
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def camille() -> Member:
    home = Household.objects.create(name="Foyer Morel", city="Saint-Aubin")
    person = make.member("camille@exemple.fr", household=home, first_name="Camille", last_name="Morel")
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    return person


@pytest.fixture
def signed_in(client: Client, camille: Member) -> Client:
    client.force_login(camille)
    return client


def code_in(message: Any) -> str:
    found = re.search(r"^    (\S+)$", message.body, re.MULTILINE)
    assert found
    return found[1]


# Signing in and up


def test_one_signs_in_with_a_code_sent_by_email(client: Client, camille: Member) -> None:
    asked = client.post(reverse("account_login"), {"login": "camille@exemple.fr"}, follow=True)
    assert "Votre code est parti" in asked.content.decode()
    (message,) = mail.outbox
    code = code_in(message)
    assert message.subject == f"{code} est votre code pour Cabas"
    assert message.body.startswith("Bonjour,")
    client.post(reverse("account_confirm_login_code"), {"code": code})
    assert client.get(reverse("hub:account")).status_code == 200


def test_signing_in_leads_to_where_one_works_unless_one_orders(client: Client, camille: Member) -> None:
    def led_to() -> str:
        client.logout()
        client.post(reverse("account_login"), {"login": camille.email})
        return client.post(reverse("account_confirm_login_code"), {"code": code_in(mail.outbox[-1])}).headers[
            "Location"
        ]

    point = make.point()
    assert led_to() == "/"
    Host.objects.create(member=camille, point=point, since=make.today())
    assert led_to() == "/jour-j/"
    assert camille.household
    make.join(camille.household, point)
    assert led_to() == "/"


def test_a_wrong_code_is_said_beside_the_field(client: Client, camille: Member) -> None:
    client.post(reverse("account_login"), {"login": "camille@exemple.fr"})
    answer = client.post(reverse("account_confirm_login_code"), {"code": "AAAAAA"})
    assert 'aria-invalid="true"' in answer.content.decode()
    assert client.get(reverse("hub:account")).status_code == 302


def test_an_unknown_address_is_answered_alike_and_told_by_email(client: Client, camille: Member) -> None:
    asked = client.post(reverse("account_login"), {"login": "inconnu@exemple.fr"}, follow=True)
    assert "Votre code est parti" in asked.content.decode()
    assert [message.subject for message in mail.outbox] == ["Aucun membre n’a cette adresse"]


def test_signing_up_gives_a_name_a_household_and_a_code(client: Client) -> None:
    answer = client.post(
        reverse("account_signup"),
        {"first_name": "Nora", "last_name": "Benali", "email": "nora@exemple.fr"},
        follow=True,
    )
    assert "Votre code est parti" in answer.content.decode()
    person = Member.objects.get(email="nora@exemple.fr")
    assert (person.first_name, person.last_name, person.language) == ("Nora", "Benali", "fr")
    assert person.household is not None
    assert person.household.name == "Nora Benali"
    client.post(reverse("account_email_verification_sent"), {"code": code_in(mail.outbox[0])})
    assert client.get(reverse("hub:account")).status_code == 200


def test_signing_up_without_a_name_creates_nobody(client: Client) -> None:
    answer = client.post(reverse("account_signup"), {"email": "nora@exemple.fr"})
    assert answer.content.decode().count('class="err"') == 2
    assert not Member.objects.exists()
    assert not Household.objects.exists()


def test_nobody_can_set_or_reset_a_password(signed_in: Client) -> None:
    paths = [reverse(name) for name in ("account_change_password", "account_set_password", "account_reset_password")]
    assert [signed_in.get(path).status_code for path in paths] == [404, 404, 404]
    assert [signed_in.post(path).status_code for path in paths] == [404, 404, 404]


PAGES = [
    "account_login", "account_signup", "account_request_login_code", "account_logout", "account_email",
    "account_inactive",
    "account_email_verification_sent", "mfa_index", "mfa_activate_totp", "mfa_list_webauthn", "mfa_add_webauthn",
    "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_deactivate_totp", "hub:account",
]  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_page_is_dressed_and_carries_no_inline_code(
    client: Client, camille: Member, name: str, language: str
) -> None:
    """Each page of allauth that somebody can reach, signed in or not, in both languages."""
    camille.language = language
    camille.save()
    for visitor in (None, camille):
        client.logout()
        if visitor:
            client.force_login(visitor)
        answer = client.get(reverse(name), headers={"accept-language": language})
        if answer.status_code != 200:
            assert answer.status_code in (302, 404)
            continue
        html = answer.content.decode()
        assert f'<html lang="{language}">' in html
        assert "hub/site" in html
        assert " style=" not in html
        assert not re.search(r"<style|\son\w+=", html)
        assert all("src=" in tag or "application/json" in tag for tag in re.findall(r"<script[^>]*>", html))


def test_the_list_of_pages_is_all_there_is() -> None:
    from allauth.account import urls as account_urls
    from allauth.mfa import urls as mfa_urls

    def names(patterns: Any) -> Iterator[str]:
        for pattern in patterns:
            yield from names(pattern.url_patterns) if hasattr(pattern, "url_patterns") else [pattern.name]

    with_arguments_or_no_page = {
        "account_change_password", "account_set_password", "account_reset_password", "account_reset_password_done",
        "account_reset_password_from_key", "account_reset_password_from_key_done", "account_reauthenticate",
        "account_confirm_login_code", "mfa_authenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn",
        "mfa_remove_webauthn", "mfa_edit_webauthn", "mfa_login_webauthn", "mfa_download_recovery_codes",
    }  # fmt: skip
    every = set(names(account_urls.urlpatterns)) | set(names(mfa_urls.urlpatterns))
    assert every - with_arguments_or_no_page == set(PAGES) - {"hub:account"}


# My account


def test_my_account_shows_me_and_my_household(signed_in: Client, camille: Member) -> None:
    make.member("jo@exemple.fr", household=camille.household, first_name="Jo", last_name="Morel")
    make.household("Foyer Voisin")
    html = signed_in.get(reverse("hub:account")).content.decode()
    assert "jo@exemple.fr" in html
    assert "Foyer Voisin" not in html


def test_i_change_my_name_and_language(signed_in: Client, camille: Member) -> None:
    answer = signed_in.post(
        reverse("hub:account"),
        {"first_name": "Cam", "last_name": "Morel", "phone": "06 12", "language": "en"},
        follow=True,
    )
    camille.refresh_from_db()
    assert (camille.first_name, camille.phone, camille.language) == ("Cam", "06 12", "en")
    assert "Saved." in answer.content.decode()


def test_a_mistake_is_answered_in_place_and_changes_nothing(signed_in: Client, camille: Member) -> None:
    answer = signed_in.post(reverse("hub:account"), {"first_name": "", "last_name": "X", "language": "fr"})
    assert answer.status_code == 422
    assert answer.content.decode().count('aria-invalid="true"') == 1
    camille.refresh_from_db()
    assert (camille.first_name, camille.last_name) == ("Camille", "Morel")


def test_a_language_we_do_not_write_is_refused(signed_in: Client, camille: Member) -> None:
    assert (
        signed_in.post(reverse("hub:account"), {"first_name": "C", "last_name": "M", "language": "xx"}).status_code
        == 422
    )
    assert signed_in.post(reverse("hub:language"), {"language": "xx"}).status_code == 422
    camille.refresh_from_db()
    assert (camille.first_name, camille.language) == ("Camille", "fr")


def test_i_rename_my_household_and_no_other(signed_in: Client, camille: Member) -> None:
    other = make.household("Foyer Voisin")
    answer = signed_in.post(
        reverse("hub:household"),
        {"household-name": "Les Morel", "household-address": "4 rue du Lavoir", "household-postcode": "79350",
         "household-city": "Saint-Aubin", "household-access_note": "portail vert"},
    )  # fmt: skip
    assert answer.status_code == 302
    home = Household.objects.get(members=camille)
    other.refresh_from_db()
    assert (home.name, home.access_note) == ("Les Morel", "portail vert")
    assert other.name == "Foyer Voisin"


def test_a_household_needs_a_name(signed_in: Client, camille: Member) -> None:
    answer = signed_in.post(reverse("hub:household"), {"household-name": ""})
    assert answer.status_code == 422
    home = Household.objects.get(members=camille)
    assert home.name == "Foyer Morel"


def test_somebody_without_a_household_has_an_account_but_no_household_page(client: Client) -> None:
    client.force_login(make.member("seul@exemple.fr", first_name="Seul"))
    assert client.get(reverse("hub:account")).status_code == 200
    assert client.post(reverse("hub:household"), {"household-name": "Pirate"}).status_code == 404


def test_strangers_are_asked_to_sign_in(client: Client) -> None:
    assert client.get(reverse("hub:account"))["Location"].startswith(reverse("account_login"))
    assert client.post(reverse("hub:household"))["Location"].startswith(reverse("account_login"))


def test_my_account_asks_the_same_number_of_questions_whatever_the_household(
    signed_in: Client, camille: Member, django_assert_max_num_queries: Any
) -> None:
    for n in range(8):
        make.member(f"enfant{n}@exemple.fr", household=camille.household)
    signed_in.get(reverse("hub:account"))
    with django_assert_max_num_queries(8):
        signed_in.get(reverse("hub:account"))


# Languages


def test_a_visitor_chooses_a_language_and_comes_back_to_their_page(client: Client) -> None:
    answer = client.post(reverse("hub:language"), {"language": "en", "next": "/sign-in/signup/?x=1"})
    assert answer["Location"] == "/sign-in/signup/?x=1"
    assert "Become a member" in client.get(reverse("account_signup")).content.decode()


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_the_language_switch_sends_nobody_elsewhere(client: Client, target: str) -> None:
    assert client.post(reverse("hub:language"), {"language": "en", "next": target})["Location"] == "/"


def test_a_member_reads_their_language_on_any_device(client: Client, camille: Member) -> None:
    camille.language = "en"
    camille.save()
    client.force_login(camille)
    assert "My account" in client.get(reverse("hub:account"), headers={"accept-language": "fr"}).content.decode()


# Errors


def test_a_missing_page_is_ours(client: Client) -> None:
    answer = client.get("/nulle-part/")
    assert answer.status_code == 404
    assert "Il n’y a rien ici" in answer.content.decode()


def test_a_forged_form_is_refused_with_our_page(camille: Member) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(camille)
    answer = client.post(reverse("hub:account"), {"first_name": "Pirate"})
    assert answer.status_code == 403
    assert "hub/site" in answer.content.decode()
    camille.refresh_from_db()
    assert camille.first_name == "Camille"


def test_our_own_fault_has_a_reference_and_asks_the_database_nothing(
    client: Client, rf: RequestFactory, django_assert_num_queries: Any
) -> None:
    from hub import logs
    from hub.errors import server_error

    token = logs.reference.set("ref-123456")
    try:
        with translation.override("fr"), django_assert_num_queries(0):
            answer = server_error(rf.get("/"))
    finally:
        logs.reference.reset(token)
    assert answer.status_code == 500
    assert "ref-123456" in answer.content.decode()
    assert "Une panne de notre côté" in answer.content.decode()


def test_pages_for_codes_by_phone_do_not_exist() -> None:
    with pytest.raises(NoReverseMatch):
        reverse("account_verify_phone")
