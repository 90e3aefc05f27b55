"""Backups: the whole database at one instant, and the files; restored all or nothing.

A backup is a directory with `database.dump` (pg_dump's own format), `media/` and `manifest.json`, which says what the
backup must contain. Restoring sets the present data aside, loads the dump, counts its rows and only then lets the former
data go; whatever goes wrong before that leaves everything as it was.
"""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from hub import embedded, erasures

FORMAT = 1
ASIDE = "cabas_before_restore"
"""Schema in which the former data wait until the restored ones are known to be whole."""


class BackupError(Exception):
    """A backup could not be made or restored; nothing was changed. The text says why."""


def backup(directory: Path, *, now: datetime) -> dict[str, Any]:
    """Write a new backup into `directory`, which must not exist, and return its manifest.

    It appears under its name when it is complete: a killed backup leaves only `<directory>.partial`.
    """
    if directory.exists():
        raise BackupError(f"{directory} exists already: give a new name.")
    partial = directory.with_name(f"{directory.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(mode=0o700, parents=True)
    dump = partial / "database.dump"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        rows = _count_rows()
        # The dump and the counts see the same instant, whoever orders meanwhile.
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={dump}")
    media = Path(settings.MEDIA_ROOT)
    shutil.copytree(media, partial / "media") if media.is_dir() else (partial / "media").mkdir()
    manifest = {
        "format": FORMAT,
        "made_at": now.isoformat(),
        "migrations": sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations()),
        "sha256": _sha256(dump),
        "rows": rows,
        "files": _count_files(partial / "media"),
    }
    # Outside what is counted and checked: who was erased stays erased whatever is restored (see erasures.py).
    erasures.note_present()
    if (known := Path(settings.CABAS_HOME) / erasures.NAME).is_file():
        shutil.copy(known, partial / erasures.NAME)
    (partial / "manifest.json").write_text(json.dumps(manifest, indent=1))
    partial.rename(directory)
    return manifest


def restore(directory: Path, *, replace: bool) -> dict[str, Any]:
    """Make database and files what they were in the backup, and return its manifest.

    Raises BackupError, with everything as it was, when the backup is damaged or from a newer Cabas, when its rows do not
    come out complete, or when the database holds data and `replace` is not given.
    """
    manifest = _manifest(directory)
    if _tables() and not replace:
        raise BackupError("The database holds data: restore with --replace to lose them, or into an empty database.")
    with _aside():
        _run("pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", directory / "database.dump",
             database="--dbname")  # fmt: skip
        found = _count_rows()
        wrong = sorted(
            table for table in manifest["rows"].keys() | found.keys() if manifest["rows"].get(table) != found.get(table)
        )
        if wrong:
            raise BackupError(f"The restored tables differ from the backup: {', '.join(wrong)}.")
    _replace_media(directory / "media")
    return manifest


def _manifest(directory: Path) -> dict[str, Any]:
    """What the backup says of itself, once it is known to be intact and understood here."""
    try:
        manifest: dict[str, Any] = json.loads((directory / "manifest.json").read_text())
        intact = manifest["sha256"] == _sha256(directory / "database.dump")
        intact = intact and manifest["files"] == _count_files(directory / "media")
    except (OSError, ValueError, KeyError, TypeError):
        raise BackupError(f"{directory} is not a complete backup of Cabas.") from None
    if not intact:
        raise BackupError(f"{directory} was changed or damaged since it was made.")
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if manifest["format"] != FORMAT or set(manifest["migrations"]) - known:
        raise BackupError(f"{directory} was made by a newer Cabas: install that release first.")
    return manifest


@contextmanager
def _aside() -> Iterator[None]:
    """The present data out of the way; gone after the block, back if it fails. One transaction at each end."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"ALTER SCHEMA public RENAME TO {ASIDE}")
        cursor.execute("CREATE SCHEMA public")
        _move_extensions(ASIDE, "public")
    try:
        yield
    except BackupError:
        with transaction.atomic(), connection.cursor() as cursor:
            _move_extensions("public", ASIDE)
            cursor.execute("DROP SCHEMA public CASCADE")
            cursor.execute(f"ALTER SCHEMA {ASIDE} RENAME TO public")
        raise
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA {ASIDE} CASCADE")


def _move_extensions(source: str, target: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extname FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace WHERE nspname = %s",
            [source],
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"ALTER EXTENSION {connection.ops.quote_name(name)} SET SCHEMA {target}")


def _tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        return [name for (name,) in cursor.fetchall()]


def _count_rows() -> dict[str, int]:
    """Rows of every table."""
    counts: dict[str, int] = {}
    with connection.cursor() as cursor:
        for table in _tables():
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608  (a name of the catalogue)
            counts[table] = cursor.fetchone()[0]
    return counts


def _replace_media(source: Path) -> None:
    """Swap the files in one rename, keeping the former ones until the new ones are there."""
    media = Path(settings.MEDIA_ROOT)
    new, former = media.with_name(f"{media.name}.new"), media.with_name(f"{media.name}.former")
    for path in (new, former):
        shutil.rmtree(path, ignore_errors=True)
    media.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(source, new)
    if media.exists():
        media.rename(former)
    new.rename(media)
    shutil.rmtree(former, ignore_errors=True)


def _count_files(directory: Path) -> int:
    return sum(len(files) for _root, _directories, files in os.walk(directory))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _run(program: str, *words: str | Path, database: str = "") -> None:
    """Run a PostgreSQL program on our database. The password travels in the environment, not on the command line."""
    parameters = connection.get_connection_params()
    names = {"dbname": "PGDATABASE", "host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}
    environment = os.environ | {
        variable: str(parameters[key]) for key, variable in names.items() if parameters.get(key)
    }
    command: Sequence[str | Path] = [
        _program(program),
        *words,
        *([f"{database}={parameters['dbname']}"] if database else []),
    ]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        reason = next(
            (line for line in done.stderr.splitlines() if "error" in line.lower()), f"status {done.returncode}"
        )
        raise BackupError(f"{program} failed: {reason}")


def _program(name: str) -> Path:
    """From the wheel, which is as new as the newest server we know; else from the system."""
    try:
        program = embedded.programs(name)
    except embedded.EmbeddedError:
        program = Path(name)
    found = shutil.which(program)
    if not found:
        raise BackupError(f"{name} was not found: install PostgreSQL's client programs.")
    return Path(found)
