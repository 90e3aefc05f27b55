"""Coordination opens under a second factor; the village has one whose codes are told."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from runpy import run_path
from typing import Any

import pytest
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.sessions.backends.db import SessionStore
from django.http import Http404
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from hub import demo_doors, second_factor, urls
from hub.views import demo
from tests import make

pytestmark = pytest.mark.django_db


def audiences(resolver: Any) -> Iterator[tuple[str, Any]]:
    """Every view of ours with its audience."""
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from audiences(one)
        elif isinstance(one, URLPattern) and hasattr(one.callback, "audience"):
            yield one.callback.audience, one.callback


@pytest.mark.parametrize("audience", ["coordinator", "host", "producer"])
def test_a_coordinator_without_one_gets_the_page_that_asks_for_it(audience: str, rf: RequestFactory) -> None:
    person = make.coordinator()
    Authenticator.objects.all().delete()
    views = {view for name, view in audiences(get_resolver()) if name == audience}
    assert views
    for method in (rf.get, rf.post):
        request = method("/")
        request.user, request.session = person, SessionStore()
        assert {view(request).status_code for view in views} == {403}


def test_setting_one_up_opens_the_door(client: Client) -> None:
    person = make.coordinator()
    Authenticator.objects.all().delete()
    client.force_login(person)
    assert client.get("/semaine/").status_code == 403
    demo_doors.give_second_factor(person)
    assert client.get("/semaine/").status_code == 302


def test_setting_one_up_leads_back_to_what_was_wanted(client: Client) -> None:
    person = make.coordinator()
    Authenticator.objects.all().delete()
    client.force_login(person)
    settings_page = reverse("mfa_index")

    def leads_back_to() -> str:
        found = re.search(
            r'href="([^"]+)">(?:(?!</a>).)*Revenir à la page que vous vouliez voir',
            client.get(settings_page).content.decode(),
        )
        return found[1] if found else ""

    assert leads_back_to() == ""
    client.get("/reglages/frais/?vue=toutes")
    assert leads_back_to() == "/reglages/frais/?vue=toutes"
    # A form that was sent cannot be sent again by a link: it leads to the page with the form, if that is one of ours.
    client.post("/reglages/frais/tva/", headers={"referer": "https://ailleurs.example/"})
    assert leads_back_to() == "/reglages/frais/?vue=toutes"
    client.post("/reglages/frais/tva/", headers={"referer": "http://testserver/reglages/frais/"})
    assert leads_back_to() == "/reglages/frais/"
    demo_doors.give_second_factor(person)
    client.get("/reglages/frais/")
    assert leads_back_to() == ""


def test_recovery_codes_alone_are_none() -> None:
    person = make.coordinator()
    Authenticator.objects.all().update(type="recovery_codes")
    assert not second_factor.is_set_up(person)


def test_a_host_needs_none(client: Client) -> None:
    client.force_login(make.host(make.point()))
    assert client.get("/jour-j/").status_code == 200


def test_the_codes_of_the_village_are_right() -> None:
    person = make.coordinator()
    app = TOTP(Authenticator.objects.get(user=person))
    now = datetime.now(UTC)
    assert app.validate_code(demo_doors.code_at(now))
    assert not app.validate_code(demo_doors.code_at(now)), "a code is good once"
    assert not app.validate_code(demo_doors.code_at(now + timedelta(minutes=10)))
    demo_doors.give_second_factor(person)
    assert Authenticator.objects.count() == 1


@pytest.fixture
def in_the_demo(settings: Any) -> Any:
    """The settings of a demo, with its addresses."""
    settings.DEMO = True
    settings.ROOT_URLCONF = tuple(run_path(str(urls.__file__))["urlpatterns"])
    return settings


def test_the_doors_tell_the_second_factor_of_those_who_have_one_and_lead_to_the_banks(
    client: Client, in_the_demo: Any
) -> None:
    boss, point = make.coordinator(), make.point()
    make.household()
    host, farm = make.host(point), make.producer(point)
    farmer = make.farmer(farm)
    demo_doors.give_second_factor(farmer)
    asked = {door.member: door.secret for door in demo_doors.doors() if door.member in (boss, host, farmer)}
    assert asked == {boss: demo_doors.SECOND_FACTOR, host: "", farmer: demo_doors.SECOND_FACTOR}
    in_the_demo.STRIPE_API_BASE = "http://localhost:12111"
    page = client.get("/demo/").content.decode()
    assert page.count(f">{demo_doors.code_at(datetime.now(UTC))}<") == 2
    assert 'href="http://localhost:12111/desk/"' in page
    in_the_demo.STRIPE_API_BASE = ""
    assert "/desk/" not in client.get("/demo/").content.decode()


def test_the_door_of_the_demo_has_shown_the_second_factor(rf: RequestFactory) -> None:
    person = make.coordinator()
    request = rf.get("/demo/door/x/")
    request.session = SessionStore()
    assert demo.door(request, demo_doors.token_for(person)).status_code == 302
    assert [record["method"] for record in get_authentication_records(request, person)] == ["mfa"]
    for space, leads_to in (("coordinator", "/semaine/"), ("producer", "/"), ("", "/")):
        near = rf.get("/demo/door/x/", {"space": space})
        near.session = SessionStore()
        assert demo.door(near, demo_doors.token_for(person)).headers["Location"] == leads_to
    far = rf.get("/demo/door/x/", REMOTE_ADDR="192.0.2.7")
    far.session = SessionStore()
    with pytest.raises(Http404):
        demo.door(far, demo_doors.token_for(person))
    assert not get_authentication_records(far, person)
