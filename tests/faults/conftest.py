"""What every test of faults starts from and is compared with."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, connections

from tests.faults import life
from tests.faults.databases import cloned, working_in
from tests.faults.lives import Outcome, a_life, finish, outcome


@pytest.fixture(scope="module")
def due(tests_database: None, django_db_blocker: Any) -> Iterator[str]:
    """A database in which everything is due at once; lives are copies of it."""
    with django_db_blocker.unblock():
        original = str(connection.settings_dict["NAME"])
        connections.close_all()
        with cloned(original, f"{original}_due") as database:
            with working_in(database):
                life.prepare()
            yield database


@pytest.fixture(scope="module")
def undisturbed(due: str, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """What a life comes to in which nobody is killed."""
    with a_life(due, tmp_path_factory.mktemp("undisturbed")) as (place, mailbox):
        finish(place)
        return outcome(place, mailbox)
