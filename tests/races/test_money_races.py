"""Money, ten at once: payouts, refunds, corrections, credit notes, debits, boxes. Each act happens once, with exact states.

Every race runs twice: as it is, and with its locks taken away and all threads waiting for each other between looking and
writing. If the second still came out right, the first would prove nothing.
"""

from collections.abc import Callable
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from django.db import DatabaseError
from django.db.models import QuerySet
from django.utils.module_loading import import_string

from distribution import reconcile
from hub import ledger, locks
from tests.races import coming_in_races, giving_back_races, payout_races
from tests.races.at_once import MANY, Race

pytestmark = pytest.mark.usefixtures("committed")

PATIENCE = 1.5  # seconds for which a thread waits for the others; one that was refused before never comes
RACES = [*payout_races.RACES, *giving_back_races.RACES, *coming_in_races.RACES]


@pytest.mark.parametrize("race", RACES, ids=lambda race: race.__name__)
def test_at_once_it_happens_once(race: Callable[[], Race]) -> None:
    made = race()
    assert made.run() == made.expected
    assert reconcile.differences() == []
    assert ledger.trial_balance() == 0


@pytest.mark.parametrize("race", RACES, ids=lambda race: race.__name__)
def test_without_its_lock_the_same_race_is_lost(race: Callable[[], Race], monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control."""
    made = race()
    unlocked(made.meet, monkeypatch)
    try:
        found = made.run()
    except DatabaseError:
        return  # the database's own constraint is hit: somebody is told of an error instead of an answer
    assert found != made.expected


def unlocked(meet: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No row and no account is held any more, and all threads have looked before the first one writes."""
    for lock in ("own_household", "own_box"):
        monkeypatch.setattr(locks, lock, lambda _key: None)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, *_args, **_options: rows)
    real: Any = import_string(meet)
    everybody = Barrier(MANY)

    def after_all_have_looked(*args: Any, **values: Any) -> Any:
        with suppress(BrokenBarrierError):
            everybody.wait(PATIENCE)
        return real(*args, **values)

    monkeypatch.setattr(meet, after_all_have_looked)
