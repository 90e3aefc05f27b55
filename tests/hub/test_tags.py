"""Template tags and the navigation."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation
from djmoney.money import Money

from hub import context
from hub.context import Link, Space, navigation, space_at
from hub.forms import ProfileForm

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
NBSP = "\u00a0"


def render(source: str, language: str = "fr", **values: object) -> str:
    with translation.override(language):
        return Template("{% load cabas %}" + source).render(Context({"now": NOW} | values))


def test_icons_come_from_the_sprite_and_stay_silent() -> None:
    html = render('{% icon "check" %}')
    assert re.fullmatch(
        r'<svg class="i" aria-hidden="true"><use href="/static/hub/icons[^"]*\.svg#check"/></svg>', html
    )


def test_every_icon_used_anywhere_is_in_the_sprite(settings: Any) -> None:
    sprite = (settings.BASE_DIR / "hub/static/hub/icons.svg").read_text()
    drawn = set(re.findall(r'<symbol id="([^"]+)"', sprite))
    used = (
        {
            name
            for page in settings.BASE_DIR.glob("templates/**/*.html")
            for name in re.findall(r'{%\s*icon "([a-z0-9-]+)"|icon_name="([a-z0-9-]+)"', page.read_text())
            for name in filter(None, name)
        }
        | {entry.icon for space in context.SPACES for entry in space.entries}
        | {space.icon for space in context.SPACES}
    )
    assert used - drawn == set()


def test_formatting_filters_follow_the_language() -> None:
    values = {"price": Money(Decimal("2.8"), "EUR"), "when": datetime(2026, 11, 24, 19, 0, tzinfo=UTC), "grams": 1800}
    page = '{{ price|money }};{{ price|unit_price:"g" }};{{ grams|quantity:"g" }};{{ when|day_time }};{{ when|iso }}'
    assert render(page, "fr", **values) == (
        f"2,80{NBSP}€;2,80{NBSP}€/kg;1,8{NBSP}kg;mardi 24 novembre, 20{NBSP}h;2026-11-24T20:00+01:00"
    )
    assert render(page, "en", **values) == (
        f"€2.80;€2.80/kg;1.8{NBSP}kg;Tuesday 24 November, 8{NBSP}pm;2026-11-24T20:00+01:00"
    )


def test_a_deadline_is_absolute_first_then_relative() -> None:
    until = NOW + timedelta(days=1, hours=4)
    assert render("{% deadline until %}", until=until) == (
        f'jusqu’à <time datetime="2026-11-24T20:00+01:00"><b>mardi 24 novembre, 20{NBSP}h</b></time> '
        '<span class="soft">(reste <time data-left datetime="2026-11-24T20:00+01:00">'
        f"1{NBSP}j{NBSP}4{NBSP}h</time>)</span>"
    )
    assert render("{% deadline until True %}", "en", until=until).startswith(
        f'until <time datetime="2026-11-24T20:00+01:00"><b>Tuesday 8{NBSP}pm</b></time>'
    )


def test_a_deadline_that_has_passed_says_so() -> None:
    assert render("{% deadline until %}", until=NOW) == f"clos depuis lundi 23 novembre, 16{NBSP}h"
    assert "terminé" in render("{% left until %}", until=NOW)


def test_windows_leaves_and_near_days() -> None:
    start = datetime(2026, 11, 26, 16, 30, tzinfo=UTC)
    assert render("{% window a b %}", a=start, b=start + timedelta(minutes=90)) == f"17{NBSP}h{NBSP}30{NBSP}– 19{NBSP}h"
    assert render("{% near_day a %}", a=NOW + timedelta(days=1)) == "demain"
    assert "<b>26</b>" in render("{% calendar_leaf a %}", a=start)


def test_a_qr_code_is_never_micro() -> None:
    html = render('{% qr "A" "Code K7M 4RD" %}')
    assert 'aria-label="Code K7M 4RD"' in html
    assert 'viewBox="0 0 21 21"' in html  # the smallest full code; a Micro-QR would be 11 to 17 wide


def test_hostile_text_is_escaped() -> None:
    assert "<script>" not in render("{% qr text text %}{{ person|initials }}", text="<script>", person="<script>")


def test_a_field_says_its_error_next_to_itself() -> None:
    form = ProfileForm({"first_name": "", "last_name": "Morel", "phone": "", "language": "fr"})
    html = render('{% include "parts/field.html" with field=form.first_name %}', form=form)
    assert 'aria-invalid="true"' in html
    assert 'id="id_first_name_error"' in html
    assert re.search(r'aria-describedby="[^"]*id_first_name_error', html)


# Navigation


@pytest.fixture
def links(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {
        "public": (Link("Points", "map-pin", "/points/"),),
        "member": (Link("Home", "house", "/"), Link("Shop", "store", "/shop/")),
        "producer": (Link("My week", "calendar-days", "/farm/"), Link("Statements", "file-text", "/farm/statements/")),
        "host": (),
        "coordinator": (),
    }
    monkeypatch.setattr(context, "links", lambda: found)


def test_the_longest_address_decides_the_space(links: Any) -> None:
    mine = {"member", "producer"}
    assert space_at("/farm/statements/R-1/", mine) == "producer"
    assert space_at("/shop/bread/", mine) == "member"
    assert space_at("/elsewhere/", mine) == "member"
    assert space_at("/farm/", {"member"}) == "member"
    assert space_at("/elsewhere/", {"public"}) == "public"


def test_one_entry_is_current_and_home_only_on_its_own_page(links: Any) -> None:
    mine = {"member", "producer"}
    assert navigation("/farm/statements/R-1/", mine)["current"] == "/farm/statements/"
    assert navigation("/", mine)["current"] == "/"
    assert navigation("/elsewhere/", mine)["current"] == ""


def test_a_page_may_name_its_space_and_spaces_without_pages_are_not_offered(links: Any) -> None:
    here = navigation("/elsewhere/", {"member", "producer", "host"}, "producer")
    assert here["space"] == "producer"
    assert [space.key for space, _url in here["spaces"]] == ["member", "producer"]


def test_entries_without_an_address_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = (context.Entry("Sign in", "user-round", "account_login"), context.Entry("Moon", "sprout", "hub:moon"))
    monkeypatch.setattr(context, "SPACES", (Space("public", "x", "store", entries),))
    assert [link.url for link in context.links.__wrapped__()["public"]] == ["/sign-in/login/"]


def test_the_header_of_a_visitor_needs_no_database(rf: RequestFactory) -> None:
    from django.contrib.auth.models import AnonymousUser

    request = rf.get("/")
    request.user = AnonymousUser()
    assert set(context.site(request)["my_spaces"]) == {"public"}


@pytest.mark.parametrize(
    "path", ["/comptes/", "/banque/", "/caisses/", "/cheques/", "/prelevements/", "/factures/", "/livres/"]
)
def test_all_pages_about_money_belong_to_the_accounts(path: str) -> None:
    assert navigation(path, {"coordinator"}, "coordinator")["current"] == "/comptes/"


def test_a_coordinator_without_a_point_keeps_their_links_on_a_hosts_page() -> None:
    for path in ("/jour-j/pont-neuf-2026-11-26/", "/impressions/pont-neuf-2026-11-26/"):
        mine = navigation(path, {"member", "coordinator"}, "host")
        assert (mine["space"], mine["current"]) == ("coordinator", "/semaine/")
        assert navigation(path, {"member", "coordinator", "host"}, "host")["space"] == "host"
        assert space_at(path, {"member", "coordinator", "host"}) == "host"
