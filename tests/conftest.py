"""What every test may ask for."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.conf import settings as conf
from django.db import connection, connections
from django.test import override_settings
from django.test.utils import setup_databases, teardown_databases
from django.utils import translation

from tests import stand_in

# Static files under their own names, without collecting them first.
FILES_AS_THEY_ARE = {
    "STORAGES": conf.STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}},
    "WHITENOISE_AUTOREFRESH": True,
}


@pytest.fixture(autouse=True)
def files_as_they_are() -> Iterator[None]:
    """For every test."""
    with override_settings(**FILES_AS_THEY_ARE):
        yield


@pytest.fixture(autouse=True)
def in_the_language_of_the_house() -> None:
    """A page read in English leaves its thread so: no test takes over the language of the one before."""
    translation.deactivate()


@pytest.fixture
def stripe_server(settings: Any) -> Iterator[stand_in.StandIn]:
    """A stand-in for Stripe of the test's own, which the settings point to."""
    with stand_in.running() as server:
        settings.STRIPE_SECRET_KEY = "sk_test_stand_in"
        settings.STRIPE_PUBLISHABLE_KEY = "pk_test_stand_in"
        settings.STRIPE_WEBHOOK_SECRET = "whsec_stand_in"
        settings.STRIPE_API_BASE = server.url
        yield server


@pytest.fixture(scope="session")
def tests_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The tests' database, made here when no test of this run is marked as needing one (pytest-django counts marks)."""
    if str(connection.settings_dict["NAME"]).startswith("test_"):
        yield
        return
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, aliases=["default"])  # type: ignore[arg-type]  # any container of aliases will do
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


@pytest.fixture
def committed(tests_database: None, django_db_blocker: Any) -> Iterator[str]:
    """A database of its own for a test that commits: cloned from the tests' one, dropped afterwards, never flushed.

    Threads of the test open connections of their own to it. Yields its name.
    """
    with _a_database(django_db_blocker) as name:
        yield name


@pytest.fixture(scope="module")
def committed_module(tests_database: None, django_db_blocker: Any) -> Iterator[str]:
    """The same for all tests of a module, which only look at what it was filled with."""
    with _a_database(django_db_blocker) as name:
        yield name


@contextmanager
def _a_database(django_db_blocker: Any) -> Iterator[str]:
    with django_db_blocker.unblock():
        original = str(connection.settings_dict["NAME"])
        clone = f"{original}_clone"
        connections.close_all()
        on_the_server(
            f'DROP DATABASE IF EXISTS "{clone}" WITH (FORCE)', f'CREATE DATABASE "{clone}" TEMPLATE "{original}"'
        )
        connection.settings_dict["NAME"] = clone
        try:
            yield clone
        finally:
            connections.close_all()
            connection.settings_dict["NAME"] = original
            on_the_server(f'DROP DATABASE "{clone}" WITH (FORCE)')


def on_the_server(*statements: str) -> None:
    """Statements about whole databases, which none of them can be in."""
    parameters = connection.get_connection_params() | {"dbname": "postgres"}
    wanted = {key: parameters[key] for key in ("dbname", "host", "port", "user", "password") if parameters.get(key)}
    with psycopg.connect(**wanted, autocommit=True) as session:
        for statement in statements:
            session.execute(statement)
