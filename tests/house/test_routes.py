"""Who may ask for what: every route of the URLconf × everybody there is, and what a POST without a right leaves behind."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from tests.house import routes as declared
from tests.house import world as worlds
from tests.house.routes import EVERYBODY, Route, arguments, routes, welcome
from tests.house.world import World

pytestmark = pytest.mark.django_db

SIGN_IN = "/sign-in/login/"
# Sign-in itself and the cache write here; no fact about the cooperative lives there.
ASIDE = ("django_session", "django_migrations", "hub_cache")


@pytest.fixture(autouse=True)
def outside(stripe_server: Any, settings: Any, tmp_path: Any) -> None:
    """Files of its own, and cards that are taken at a stand-in."""
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def world() -> World:
    return worlds.build()


def test_every_route_says_who_may() -> None:
    silent = [
        f"{route}: give its view one of the decorators of hub/access.py (public, member_required, …)"
        for route in routes()
        if route.audience not in declared.AUDIENCES
    ]
    assert not silent, "\n".join(silent)


def test_addresses_of_libraries_are_theirs() -> None:
    ours = [
        f"{route}: it stands under a library's prefix"
        for route in declared.of_libraries()
        for prefix, modules in declared.ELSEWHERE.items()
        if route.path.startswith(prefix) and not route.view.__module__.startswith(modules)
    ]
    assert not ours, "\n".join(ours)


def test_the_small_world_explains_every_address(world: World) -> None:
    unexplained = []
    for route in routes():
        try:
            arguments(route, world.rows)
        except LookupError as part:
            unexplained.append(f"{route}: say in ROWS of tests/house/routes.py which row {part} is")
    assert not unexplained, "\n".join(unexplained)


def test_every_route_answers_everybody_as_declared(world: World) -> None:
    clients, wrong = _clients(world), []
    for route in routes():
        url = reverse(route.name, kwargs=arguments(route, world.rows))
        for who, client in clients.items():
            with _undone():
                answer: Any = client.get(url)
            if not _as_declared(answer, route, who):
                wrong.append(f"{route}: {who} got {answer.status_code} {answer.headers.get('Location', '')}")
    assert not wrong, "\n".join(wrong)


def test_every_route_says_which_methods_it_takes(world: World) -> None:
    """A page that answers anything but GET, HEAD and POST has not said what it is; one that takes POST is tested below."""
    clients = _clients(world)
    silent = [str(route) for route in routes() if not _methods(route, world, clients)]
    assert not silent, "\n".join(silent)


def test_a_post_without_a_right_or_a_token_changes_nothing(world: World) -> None:
    clients, strict, wrong = _clients(world), _clients(world, enforce_csrf_checks=True), []
    for route in _posts(world, clients):
        url, body = _post(route, world)
        right = _nearest(route)
        for who, client in clients.items():
            if who not in welcome(route):
                answer, changed = _posted(client, url, body)
                if changed or answer.status_code == 405 or not _as_declared(answer, route, who):
                    wrong.append(f"{route}: {who} got {answer.status_code}, changed {changed}")
        answer, changed = _posted(strict[right], url, body)
        if changed or answer.status_code != 403:
            wrong.append(f"{route}: without a token {right} got {answer.status_code}, changed {changed}")
        answer, changed = _posted(clients[right], url, body)
        if not (changed or route.name in declared.AT_STRIPE | declared.REFUSED) or answer.status_code not in (200, 302):
            wrong.append(
                f"{route}: {right} got {answer.status_code} and changed {changed or 'nothing'}:"
                " say in POSTS of tests/house/routes.py what to send"
            )
    assert not wrong, "\n".join(wrong)


def _clients(world: World, **options: Any) -> dict[str, Client]:
    clients = {who: Client(**options) for who in ("anonymous", *sorted(EVERYBODY))}
    for who, person in world.people.items():
        clients[who].force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        # As somebody who has just shown their second factor.
        session = clients[who].session
        session["account_authentication_methods_user"] = str(person.pk)
        session["account_authentication_methods"] = [{"method": "mfa", "at": time.time(), "reauthenticated": True}]
        session.save()
    return clients


def _as_declared(answer: Any, route: Route, who: str) -> bool:
    """Login for nobody, a page or "not this way" for the right ones, no such page for others."""
    to_sign_in: bool = answer.headers.get("Location", "").startswith(SIGN_IN)
    if who in welcome(route):
        if route.name in declared.NOT_YET and answer.status_code != 405:
            return bool(answer.status_code == declared.NOT_YET[route.name])
        return answer.status_code in (200, 302, 405) and not to_sign_in
    if who == "anonymous":
        return to_sign_in
    of_audience = who in declared.AUDIENCES[route.audience][0]
    return bool(answer.status_code == 404 or (of_audience and answer.status_code == 405))


def _nearest(route: Route) -> str:
    """Whose page it is, rather than who may look at everything."""
    return next(who for who in ("household", "farmer", "host", "coordinator") if who in welcome(route))


def _methods(route: Route, world: World, clients: dict[str, Client]) -> set[str]:
    """What the view lets through, as it tells somebody who may and asks for OPTIONS."""
    url = reverse(route.name, kwargs=arguments(route, world.rows))
    answer = clients[_nearest(route)].options(url)
    return set(answer.headers.get("Allow", "").split(", ")) - {""} if answer.status_code == 405 else set()


def _posts(world: World, clients: dict[str, Client]) -> Iterator[Route]:
    """Those of people: what a program signs is tested with its signature."""
    ours = (route for route in routes() if route.audience != "signature")
    return (route for route in ours if "POST" in _methods(route, world, clients))


def _post(route: Route, world: World) -> tuple[str, dict[str, str]]:
    body = declared.POSTS.get(route.name, {})
    filled = {key.format_map(world.rows): value.format_map(world.rows) for key, value in body.items()}
    return reverse(route.name, kwargs=arguments(route, world.rows)), filled


def _posted(client: Client, url: str, body: dict[str, str]) -> tuple[Any, list[str]]:
    """The answer, and the tables it changed; everything is put back."""
    with _undone():
        before = _checksums()
        files = {key: SimpleUploadedFile(*declared.FILES[key]) for key in body if key in declared.FILES}
        answer: Any = client.post(url, body | files)
        return answer, sorted(name for name, value in _checksums().items() if before[name] != value)


@contextmanager
def _undone() -> Iterator[None]:
    """What happens inside leaves no trace."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]  # like the test's own: acts that open a transaction of their own may
    with block:
        yield
        transaction.set_rollback(True)


def _checksums() -> dict[str, tuple[int, int]]:
    """Rows and a sum over their contents, for every table."""
    names = sorted(set(connection.introspection.table_names()) - set(ASIDE))
    sums = "SELECT '{0}', count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) FROM {0} t"
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(sums.format(name) for name in names))
        return {name: (rows, content) for name, rows, content in cursor.fetchall()}
