"""The web API fuzzed from its own document: no 5xx, every answer of a documented status, type and schema, malformed input
refused."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from hub import tokens
from hub.models import Collection, Host, Member
from producers.models import Offer, ProducerPerson
from tests import make
from tests.house import world as worlds
from tests.house.routes import DEFAULTS
from tests.house.test_calls import ROWS
from tests.house.test_routes import _undone
from tests.house.world import World
from tests.program import program

pytestmark = pytest.mark.django_db


def refused_where_malformed(ctx: Any, response: Any, case: Case) -> bool | None:
    """What violates the document is refused; a query whose only fault is an empty value leaves without it, and is sound."""
    if any(value in (None, [], {}, "") for value in (case.query or {}).values()):
        return None
    return checks.negative_data_rejection(ctx, response, case)


CHECKS = [
    not_a_server_error, checks.status_code_conformance, checks.content_type_conformance,
    checks.response_schema_conformance, checks.response_headers_conformance, refused_where_malformed,
]  # fmt: skip
MODES = {"sound": GenerationMode.POSITIVE, "malformed": GenerationMode.NEGATIVE}


@pytest.fixture(autouse=True)
def free(stripe_server: Any, settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MEDIA_ROOT, settings.ALLOWED_HOSTS = tmp_path, ["*"]
    monkeypatch.setattr(tokens, "CALLS_A_MINUTE", 10**6)


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """A request must not close the connection that holds the test's transaction, as Django's own client sees to."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def world() -> World:
    made = worlds.build()
    made.rows["delivery note"] = "delivery-note"
    return made


def everything(world: World) -> Member:
    """One person who is household, farmer and host, so that no call ends at 404."""
    person = world.people["household"]
    farmer, host = world.people["farmer"], world.people["host"]
    producer = farmer.producer_roles.get().producer
    ProducerPerson.objects.create(member=person, producer=producer, since=make.today())
    Host.objects.create(member=person, point=Host.objects.get(member=host).point, since=make.today())
    return person


def real(name: str, path: str, world: World) -> str:
    """The id of a row that exists, for a part of an address: one orders from the sale that is open."""
    ordering = name == "collection" and path.endswith(("/order", "/offers"))
    return str(world.rows["sale" if ordering else ROWS.get(name) or DEFAULTS[name]])


def with_real_ids(body: Any, ids: dict[str, str]) -> Any:
    """The body with half of its ids replaced by ids of rows that exist: the rules behind the form are met too."""
    if isinstance(body, list):
        return [with_real_ids(one, ids) for one in body]
    if not isinstance(body, dict):
        return body
    return {
        name: ids[name] if name in ids and isinstance(one, str) and len(one) % 2 else with_real_ids(one, ids)
        for name, one in body.items()
    }


def fuzz(world: World, mode: GenerationMode, examples: int, *, repeat: bool) -> Iterator[str]:
    """Send every call so many examples, sound ones with real ids; yields the calls made."""
    secret = program(everything(world)).secret
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    offer = Offer.objects.get(
        packaging__code=world.rows["pack"], week=Collection.objects.get(code=world.rows["sale"]).week
    )
    ids = {"offer": offer.code, "packaging": str(world.rows["pack"]), "order": str(world.rows["order"]),
           "line": str(world.rows["pack"])}  # fmt: skip
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]  # the document is sound, another test says so
        sound = mode is GenerationMode.POSITIVE
        parts = (
            {one.name: real(one.name, operation.path, world) for one in operation.path_parameters} if sound else None
        )

        @settings(max_examples=examples, deadline=None, derandomize=repeat, database=None,
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        @given(case=operation.as_strategy(generation_mode=mode, path_parameters=parts))
        def send(case: Case) -> None:
            if mode is GenerationMode.POSITIVE:
                case.body = with_real_ids(case.body, ids)
            with _undone():
                case.call_and_validate(
                    headers={"Authorization": f"Bearer {secret}", "Host": "localhost"}, checks=CHECKS
                )

        send()
        yield f"{operation.method} {operation.path}"


@pytest.mark.parametrize("mode", MODES)
def test_no_call_breaks_and_every_answer_is_as_documented(world: World, mode: str) -> None:
    assert len(list(fuzz(world, MODES[mode], 12, repeat=True))) == 17


@pytest.mark.full
@pytest.mark.parametrize("mode", MODES)
def test_no_call_breaks_in_a_long_run(world: World, mode: str) -> None:
    assert len(list(fuzz(world, MODES[mode], 250, repeat=False))) == 17
