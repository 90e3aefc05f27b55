"""Who was erased stays erased when a backup from before is restored."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from distribution import erasing
from hub import backups, erasures
from hub.models import Household
from tests.distribution.whole_life import rosalinde, told_anywhere


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
    settings.CABAS_HOME = tmp_path / "home"
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def committed_home(committed: str, django_db_blocker: Any) -> Iterator[Household]:
    with django_db_blocker.unblock():
        yield rosalinde()


def test_who_was_erased_stays_erased_when_an_older_backup_is_restored(
    committed_home: Household, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    backups.backup(tmp_path / "before", now=now)
    erasing.erase(household=committed_home, by=None, now=now)
    assert list(erasures.listed()) == [committed_home.code]
    call_command("restore", str(tmp_path / "before"), "--replace")
    assert told_anywhere() == []
    assert Household.objects.get(code=committed_home.code).erased_at == now
    assert list(erasures.listed()) == [committed_home.code]


def test_a_later_backup_brings_the_list_to_another_machine(
    committed_home: Household, tmp_path: Path, settings: Any
) -> None:
    now = datetime.now(UTC)
    backups.backup(tmp_path / "before", now=now)
    erasing.erase(household=committed_home, by=None, now=now)
    (settings.CABAS_HOME / erasures.NAME).unlink()  # killed before it was written
    backups.backup(tmp_path / "after", now=now)
    assert list(erasures.listed(tmp_path / "after")) == [committed_home.code]
    settings.CABAS_HOME = tmp_path / "elsewhere"
    call_command("restore", str(tmp_path / "after"), "--replace")
    call_command("restore", str(tmp_path / "before"), "--replace")
    assert told_anywhere() == []


def test_the_sweep_repeats_what_a_killed_restore_left(committed_home: Household, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    backups.backup(tmp_path / "before", now=now)
    erasing.erase(household=committed_home, by=None, now=now)
    backups.restore(tmp_path / "before", replace=True)
    assert told_anywhere() != []
    assert (erasures.repeat(), erasures.repeat()) == (1, 0)
    assert told_anywhere() == []
