"""With DATABASE_OWNER_URL, the application's role owns nothing and cannot switch off what guards the books."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.faults.databases import application_role


@pytest.fixture
def application(committed: str, django_db_blocker: Any) -> Iterator[dict[str, Any]]:
    """How the application's role connects to a migrated database of its owner's."""
    with django_db_blocker.unblock(), application_role(committed) as words:
        yield words


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
