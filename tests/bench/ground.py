"""The ground of a measurement: a database of its own for each theme, and programs that use it."""

import gc
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections

from hub import embedded
from hub.models import Hub

TEMPLATE = "bench"


def prepare() -> None:
    """An empty database with all tables, from which each theme's is copied; static files under their hashed names."""
    settings.ROOT_URLCONF = "tests.bench.web_app"
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    _administer([f'DROP DATABASE IF EXISTS "{TEMPLATE}" WITH (FORCE)', f'CREATE DATABASE "{TEMPLATE}"'])
    connection.settings_dict["NAME"] = TEMPLATE
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    Hub.get()
    connections.close_all()


@contextmanager
def database(name: str, *, like: str = TEMPLATE) -> Iterator[str]:
    """A copy of a database, which everything in the block talks to; dropped afterwards."""
    before = str(connection.settings_dict["NAME"])
    name = f"bench_{name}"
    connections.close_all()
    _administer([f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}" TEMPLATE "{like}"'])
    connection.settings_dict["NAME"] = name
    try:
        yield name
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = before
        _administer([f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'])


def settle() -> None:
    """Statistics, a checkpoint, and a heap that the collector leaves alone, so that the work before a measurement does not
    weigh on it."""
    gc.collect()
    gc.freeze()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("CHECKPOINT")


def environment() -> dict[str, str]:
    """The environment of another program that is to use the current database."""
    address = embedded.database_url(settings.CABAS_HOME).replace("/cabas?", f"/{connection.settings_dict['NAME']}?")
    return os.environ | {"DATABASE_URL": address, "SECRET_KEY": settings.SECRET_KEY}


def _administer(statements: Sequence[str]) -> None:
    parameters = connection.get_connection_params() | {"dbname": "postgres"}
    wanted = {key: parameters[key] for key in ("dbname", "host", "port", "user", "password") if parameters.get(key)}
    with psycopg.connect(**wanted, autocommit=True) as session:
        for statement in statements:
            session.execute(statement)
