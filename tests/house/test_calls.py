"""Who may call what: every call of the web API × everybody there is, and what a call without a right leaves behind."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from hub import tokens
from tests import make
from tests.house import world as worlds
from tests.house.routes import Route, arguments, calls
from tests.house.test_routes import _checksums, _clients, _undone
from tests.house.uploads import CATALOGUE
from tests.house.world import World
from tests.program import BASE, Program, program

pytestmark = pytest.mark.django_db

# Whose calls they are; a list is everybody's and holds one's own.
HOUSEHOLD = frozenset({"household"})
FARM = frozenset({"farmer", "coordinator"})
HOST = frozenset({"host", "coordinator"})
OWNERS: dict[str, frozenset[str]] = {
    "api:offers": HOUSEHOLD, "api:order": HOUSEHOLD, "api:put_order": HOUSEHOLD,
    "api:stock": FARM, "api:put_stock": FARM, "api:new_import": FARM, "api:one_import": FARM,
    "api:confirm_import": FARM, "api:undo_import": FARM,
    "api:sheets": HOST | FARM, "api:sheet": HOST | FARM, "api:hand_over": HOST, "api:confirmation": HOST,
    "api:statement": FARM,
}  # fmt: skip
LISTS = {"api:collections", "api:statements"}
ROWS = {"code": "import", "kind": "delivery note"}
QUERIES = {"api:sheet": "?producer=ferme"}
ORDER: dict[str, Any] = {"lines": []}
STOCK = {"rows": [{"packaging": "{pack}", "packs": 90}]}
BODIES: dict[str, dict[str, Any]] = {
    "api:order": ORDER,
    "api:put_order": ORDER,
    "api:stock": STOCK,
    "api:put_stock": STOCK,
    "api:hand_over": {"actions": []},
    "api:confirmation": {"uncollected": {}},
}


@pytest.fixture(autouse=True)
def outside(stripe_server: Any, settings: Any, tmp_path: Any) -> None:
    """Files of its own, and cards that are taken at a stand-in."""
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def world() -> World:
    made = worlds.build()
    made.rows["delivery note"] = "delivery-note"
    return made


def address(route: Route, world: World) -> str:
    rows = {part: world.rows[ROWS[part]] for part in route.parts if part in ROWS}
    others = Route(route.name, route.path, tuple(part for part in route.parts if part not in rows), route.view)
    return reverse(route.name, kwargs=arguments(others, world.rows) | rows) + QUERIES.get(route.name, "")


def methods(url: str) -> list[str]:
    """What a call takes, as it says when asked otherwise."""
    answer = Client().generic("PROPFIND", url)
    assert answer.status_code == 405
    return sorted(answer["Allow"].split(", "))


def called(one: Program, method: str, route: Route, world: World) -> Any:
    """The answer to a call with a body of its form."""
    path, body = address(route, world).removeprefix(BASE), BODIES.get(route.name)
    if route.name == "api:new_import":
        return one.upload(path, "catalogue.csv", CATALOGUE.format(product="Blette").encode())
    if method == "GET" or body is None:
        return one.call(method, path)
    return one.call(method, path, json.loads(json.dumps(body).replace("{pack}", str(world.rows["pack"]))))


def test_every_call_says_whose_it_is(world: World) -> None:
    assert {route.name for route in calls()} == set(OWNERS) | LISTS


def test_no_call_is_opened_by_a_session_or_by_nothing(world: World) -> None:
    signed_in = _clients(world)
    wrong = []
    for route in calls():
        url = address(route, world)
        for who, client in signed_in.items():
            before = _checksums()
            for method in methods(url):
                answer = client.generic(method, url, "{}", content_type="application/json")
                if answer.status_code != 401 or _checksums() != before:
                    wrong.append(f"{method} {route}: {who} got {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def test_every_call_answers_everybody_as_declared(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "CALLS_A_MINUTE", 10_000)
    programs = {who: program(person) for who, person in world.people.items()}
    programs["stranger"] = program(make.member())
    wrong = []
    for route in calls():
        url = address(route, world)
        for who, one in programs.items():
            for method in methods(url):
                with _undone():
                    answer = called(one, method, route, world)
                there = answer.status_code != 404
                if there != (route.name in LISTS or who in OWNERS[route.name]) or answer.status_code >= 500:
                    wrong.append(f"{method} {route}: {who} got {answer.status_code}")
    assert not wrong, "\n".join(wrong)
