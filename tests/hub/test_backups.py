"""Backup and restore: everything back, or nothing touched."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from hub import backups
from hub.backups import BackupError
from hub.models import Household, Member
from tests import make

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def week(committed: str, django_db_blocker: Any, settings: Any, tmp_path: Path) -> Any:
    """Committed rows and a photo."""
    settings.MEDIA_ROOT = tmp_path / "media"
    (tmp_path / "media" / "photos").mkdir(parents=True)
    (tmp_path / "media" / "photos" / "carrots.webp").write_bytes(b"carrots")
    with django_db_blocker.unblock():
        make.member("camille@exemple.fr", first_name="Camille")
        yield tmp_path


def everything() -> tuple[Any, ...]:
    """Rows, files, and what the database itself refuses and computes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgname")
        triggers = cursor.fetchall()
        cursor.execute("SELECT conname FROM pg_constraint ORDER BY conname")
        constraints = cursor.fetchall()
        cursor.execute(
            "SELECT extname, nspname FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace ORDER BY 1"
        )
        extensions = cursor.fetchall()
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'cabas%'")
        left_over = cursor.fetchall()
    members = list(Member.objects.order_by("pk").values_list("pk", "email", "first_name"))
    return backups._count_rows(), members, triggers, constraints, extensions, left_over


def test_what_was_lost_comes_back(week: Path) -> None:
    before = everything()
    manifest = backups.backup(week / "monday", now=NOW)
    Member.objects.update(first_name="Somebody else")
    make.member("late@exemple.fr")
    (week / "media" / "photos" / "carrots.webp").unlink()
    (week / "media" / "photos" / "late.webp").write_bytes(b"late")
    assert backups.restore(week / "monday", replace=True) == manifest
    assert everything() == before
    assert [(path.name, path.read_bytes()) for path in (week / "media" / "photos").iterdir()] == [
        ("carrots.webp", b"carrots")
    ]


def test_an_empty_database_needs_no_permission(week: Path) -> None:
    before = everything()
    backups.backup(week / "monday", now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    backups.restore(week / "monday", replace=False)
    assert everything() == before


def test_identifiers_go_on_after_a_restore(week: Path) -> None:
    backups.backup(week / "monday", now=NOW)
    backups.restore(week / "monday", replace=True)
    assert make.member("next@exemple.fr").pk > Member.objects.get(email="camille@exemple.fr").pk


def test_data_are_not_lost_unasked(week: Path) -> None:
    before = everything()
    backups.backup(week / "monday", now=NOW)
    with pytest.raises(BackupError, match="The database holds data"):
        backups.restore(week / "monday", replace=False)
    assert everything() == before


def test_a_backup_is_never_overwritten_and_half_a_one_has_no_name(week: Path) -> None:
    backups.backup(week / "monday", now=NOW)
    with pytest.raises(BackupError, match="exists already"):
        backups.backup(week / "monday", now=NOW)
    assert sorted(path.name for path in week.iterdir()) == ["media", "monday"]
    assert (week / "monday").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("harm", ["dump", "media", "manifest", "newer", "absent"])
def test_a_damaged_or_strange_backup_changes_nothing(week: Path, harm: str) -> None:
    backups.backup(week / "monday", now=NOW)
    before = everything()
    manifest = week / "monday" / "manifest.json"
    if harm == "dump":
        with (week / "monday" / "database.dump").open("r+b") as dump:
            dump.seek(5000)
            dump.write(b"\0\0\0\0")
    elif harm == "media":
        (week / "monday" / "media" / "photos" / "carrots.webp").unlink()
    elif harm == "manifest":
        manifest.write_text("{}")
    elif harm == "newer":
        manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"migrations": ["hub.0999_tomorrow"]}))
    with pytest.raises(BackupError):
        backups.restore(week / ("monday" if harm != "absent" else "tuesday"), replace=True)
    assert everything() == before
    assert (week / "media" / "photos" / "carrots.webp").read_bytes() == b"carrots"


def test_rows_that_do_not_come_out_complete_bring_the_former_data_back(week: Path) -> None:
    backups.backup(week / "monday", now=NOW)
    manifest = week / "monday" / "manifest.json"
    content = json.loads(manifest.read_text())
    content["rows"]["hub_member"] += 1
    manifest.write_text(json.dumps(content))
    Household.objects.create(name="Foyer Morel")
    before = everything()
    with pytest.raises(BackupError, match="differ from the backup: hub_member"):
        backups.restore(week / "monday", replace=True)
    assert everything() == before


def test_a_dump_that_cannot_be_loaded_brings_the_former_data_back(week: Path) -> None:
    backups.backup(week / "monday", now=NOW)
    (week / "monday" / "database.dump").write_bytes(b"PGDMP and then nonsense")
    manifest = week / "monday" / "manifest.json"
    content = json.loads(manifest.read_text()) | {"sha256": backups._sha256(week / "monday" / "database.dump")}
    manifest.write_text(json.dumps(content))
    before = everything()
    with pytest.raises(BackupError, match="pg_restore failed"):
        backups.restore(week / "monday", replace=True)
    assert everything() == before


def test_the_commands_say_what_they_did(week: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("backup", str(week / "monday"), "--json")
    manifest = json.loads(capsys.readouterr().out)
    assert (manifest["rows"]["hub_member"], manifest["files"]) == (1, 1)
    call_command("restore", str(week / "monday"), "--replace", "--json")
    assert json.loads(capsys.readouterr().out) == manifest
    with pytest.raises(CommandError, match="exists already"):
        call_command("backup", str(week / "monday"))
