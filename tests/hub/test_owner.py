"""With DATABASE_OWNER_URL, the application's role owns nothing and cannot switch off what guards the books."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def application(committed: str, django_db_blocker: Any) -> Iterator[dict[str, Any]]:
    """How the application's role connects to a migrated database of its owner's."""
    with django_db_blocker.unblock():
        owner = connection.get_connection_params()
        words = {key: owner[key] for key in ("host", "port", "user", "password", "dbname") if owner.get(key)}
    role = f"{committed}_app"
    with psycopg.connect(**words, autocommit=True) as session:
        session.execute(f'DROP ROLE IF EXISTS "{role}"'.encode())
        session.execute(f"CREATE ROLE \"{role}\" LOGIN PASSWORD 'word'".encode())
    address = "postgres://{}@/{}?host={}"
    urls = {
        "DATABASE_URL": address.format(role, words["dbname"], words["host"]),
        "DATABASE_OWNER_URL": address.format(words["user"], words["dbname"], words["host"]),
    }
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=os.environ | urls | {"DEBUG": "1"}, check=True
    )
    yield words | {"user": role, "password": "word"}
    with psycopg.connect(**words, autocommit=True) as session:
        session.execute(f'DROP OWNED BY "{role}"'.encode())
        session.execute(f'DROP ROLE "{role}"'.encode())


def test_the_application_reads_and_writes_rows_and_nothing_else(application: dict[str, Any]) -> None:
    with psycopg.connect(**application, autocommit=True) as session:
        session.execute("INSERT INTO hub_cache VALUES ('a', 'b', now())")
        session.execute("UPDATE hub_cache SET value = 'c'")
        session.execute("DELETE FROM hub_cache")
        session.execute("INSERT INTO hub_household (name, city, created_at) SELECT 'a', 'b', now() WHERE false")
        for attack in (
            b"ALTER TABLE hub_transfer DISABLE TRIGGER ALL",
            b"DROP TRIGGER hub_transfer_append_only ON hub_transfer",
            b"TRUNCATE hub_transfer",
            b"DROP TABLE hub_transfer CASCADE",
            b"CREATE OR REPLACE FUNCTION cabas_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
            b"SET session_replication_role = replica",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                session.execute(attack)
