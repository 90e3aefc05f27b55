"""Databases for one life each: cloned, stopped at a named statement, and read as a whole."""

import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection, connections
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent.parent
WAIT = 4299
"""First key of the advisory lock that a stopped statement waits for."""

CLOCKS = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?"  # instants
    r"|\b\d{1,2}\s?h(\s?\d\d)?\b"  # hours as people read them
    r"|notice-\d+"  # names of letters
    r'|"size": \d+'  # of PDFs that say when they were made
)
UNTOLD = {"django_migrations", "django_session", "hub_cache"}
"""Tables that say nothing of what happened to anybody."""


@dataclass(frozen=True)
class Point:
    """A place where a worker is stopped: a statement, or the row of one, named as a trigger names it."""

    step: str
    when: str
    where: str = ""

    @property
    def name(self) -> str:
        return f"{self.step}: {self.when} {self.where}".strip()


def words_of_connection(database: str) -> dict[str, Any]:
    """How to reach a database of the tests' server."""
    known = connection.get_connection_params() | {"dbname": database}
    return {key: known[key] for key in ("dbname", "host", "port", "user", "password") if known.get(key)}


@contextmanager
def cloned(original: str, name: str) -> Iterator[str]:
    """A copy of a database nobody is connected to; dropped afterwards."""
    run("postgres", f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}" TEMPLATE "{original}"')
    try:
        yield name
    finally:
        run("postgres", f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def working_in(database: str) -> Iterator[None]:
    """Django works in this database until the block ends, and leaves nobody connected to it."""
    original = str(connection.settings_dict["NAME"])
    connections.close_all()
    connection.settings_dict["NAME"] = database
    try:
        yield
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = original


@contextmanager
def in_a_clone(name: str) -> Iterator[str]:
    """Django works in a copy of the tests' database until the block ends."""
    original = str(connection.settings_dict["NAME"])
    connections.close_all()
    with cloned(original, f"{original}_{name}") as database, working_in(database):
        yield database


@contextmanager
def application_role(database: str) -> Iterator[dict[str, Any]]:
    """How the application connects to a database whose tables are its owner's (DATABASE_OWNER_URL)."""
    owner = words_of_connection(database)
    role = f"{database}_app"
    run(database, f'DROP ROLE IF EXISTS "{role}"', f"CREATE ROLE \"{role}\" LOGIN PASSWORD 'word'")
    address = "postgres://{}@/{}?host={}"
    urls = {
        "DATABASE_URL": address.format(role, database, owner["host"]),
        "DATABASE_OWNER_URL": address.format(owner["user"], database, owner["host"]),
    }
    migrate = [sys.executable, "manage.py", "migrate", "-v0"]
    subprocess.run(migrate, cwd=ROOT, env=os.environ | urls | {"DEBUG": "1"}, check=True)
    try:
        yield owner | {"user": role, "password": "word"}
    finally:
        run(database, f'DROP OWNED BY "{role}"', f'DROP ROLE "{role}"')


def run(database: str, *statements: str) -> None:
    with psycopg.connect(**words_of_connection(database), autocommit=True) as session:
        for statement in statements:
            session.execute(statement.encode())


@contextmanager
def stopping(database: str, point: Point) -> Iterator[psycopg.Connection]:
    """Let the statement of `point` wait, inside its transaction, until the block ends. Then it is as it was.

    Yields the session that holds it up, for `reached`.
    """
    table = point.when.split(" ON ")[1]
    condition = f"WHEN ({point.where})" if point.where else ""
    each = "ROW" if point.where else "STATEMENT"
    with psycopg.connect(**words_of_connection(database), autocommit=True) as session:
        session.execute("SELECT pg_advisory_lock(%s, 1)", [WAIT])
        session.execute(
            f"""CREATE OR REPLACE FUNCTION fault_wait() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN PERFORM pg_advisory_xact_lock_shared({WAIT}, 1); RETURN COALESCE(NEW, OLD); END $$;
                CREATE TRIGGER a_fault {point.when} FOR EACH {each} {condition} EXECUTE FUNCTION fault_wait()""".encode()
        )
        yield session
        session.execute("SELECT pg_advisory_unlock(%s, 1)", [WAIT])
        alone(session)
        session.execute(f"DROP TRIGGER a_fault ON {table}; DROP FUNCTION fault_wait()".encode())


def reached(session: psycopg.Connection, seconds: float = 60) -> None:
    """Wait until somebody stands at the point. Raises TimeoutError, because a point nobody passes proves nothing.

    Locks are those of the whole server: who stands at a point of another test's database is not meant.
    """
    standing = """SELECT EXISTS (SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                  WHERE d.datname = current_database() AND l.classid = 4299 AND NOT l.granted)"""
    _until(session, standing, seconds)


def alone(session: psycopg.Connection, seconds: float = 30) -> None:
    """Wait until the sessions of whoever was killed are gone: PostgreSQL notices when it has something to tell them."""
    others = """SELECT NOT EXISTS (SELECT 1 FROM pg_stat_activity
                WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid())"""
    _until(session, others, seconds)


def _until(session: psycopg.Connection, question: str, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        row = session.execute(question.encode()).fetchone()
        if row and row[0]:
            return
        time.sleep(0.01)
    raise TimeoutError(question)


def contents(database: str) -> dict[str, Counter[str]]:
    """All rows of all tables, told without what differs between two equal lives.

    Ids are left out and references become the rank of their row, since a transaction rolled back leaves a gap. An
    instant only says whether it is there. Hashes are left out: they are those of contents, which are compared.
    """
    with psycopg.connect(**words_of_connection(database)) as session:
        tables = [
            row[0]
            for row in session.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
            if row[0] not in UNTOLD
        ]
        ranks = {table: _ranks(session, table) for table in tables}
        references = _references(session)
        return {table: _rows(session, table, ranks, references) for table in tables}


def _ranks(session: psycopg.Connection, table: str) -> dict[Any, int]:
    if not _columns(session, table).get("id"):
        return {}
    rows = session.execute(sql.SQL("SELECT id FROM {} ORDER BY id").format(sql.Identifier(table)))
    return {row[0]: rank for rank, row in enumerate(rows, start=1)}


def _columns(session: psycopg.Connection, table: str) -> dict[str, str]:
    rows = session.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s",
        [table],
    )
    return {row[0]: row[1] for row in rows}


def _references(session: psycopg.Connection) -> dict[tuple[str, str], str]:
    rows = session.execute(
        """SELECT c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text
           FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY(c.conkey)
           WHERE c.contype = 'f'"""
    )
    return {(row[0], row[1]): row[2] for row in rows}


def _rows(
    session: psycopg.Connection,
    table: str,
    ranks: dict[str, dict[Any, int]],
    references: dict[tuple[str, str], str],
) -> Counter[str]:
    types = _columns(session, table)
    told = [name for name in sorted(types) if name not in ("id", "sha256", "token_hash")]
    rows = session.execute(
        sql.SQL("SELECT {} FROM {}").format(sql.SQL(", ").join(map(sql.Identifier, told)), sql.Identifier(table))
    )

    def tell(name: str, value: Any) -> Any:
        if value is not None and (table, name) in references:
            return ranks[references[table, name]].get(value, value)
        if types[name].startswith("timestamp"):
            return value is not None
        return value

    return Counter(
        CLOCKS.sub(
            "…",
            json.dumps({name: tell(name, row[at]) for at, name in enumerate(told)}, default=str, ensure_ascii=False),
        )
        for row in rows
    )
