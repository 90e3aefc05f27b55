"""PostgreSQL and Valkey from wheels: private, shared, adopted after a crash, and stopped by the last to leave."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from hub import embedded, embedded_servers
from hub.embedded import EmbeddedError

ROOT = Path(embedded.BASE_DIR)


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A CABAS_HOME with a cluster in it. Not pytest's directory, which an unprivileged user cannot enter."""
    home = Path(tempfile.mkdtemp(prefix="cabas-test-"))
    home.chmod(0o755)
    yield home
    with held(home):
        pass
    shutil.rmtree(home)


@pytest.fixture
def home(made: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CABAS_HOME", str(made))
    for name in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    return made


def environment(home: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL")}
    return kept | {"CABAS_HOME": str(home)}


@contextmanager
def held(home: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that keeps the servers up, until the end of the block (which may kill it first)."""
    command = [sys.executable, "-m", "hub.embedded", "run", "--fast", "--", "sh", "-c", "echo up; exec cat"]
    holder = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment(home),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # A shell that runs us in the background lets us ignore Ctrl-C, and so would everything we start.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    assert holder.stdout.readline() == "up\n"
    try:
        yield holder
    finally:
        holder.stdin.close()
        holder.stdout.close()
        holder.wait(timeout=60)


def up(home: Path) -> tuple[bool, bool]:
    run = embedded.sockets(home)
    return embedded_servers.postgres_answers(run), embedded_servers.valkey_answers(run)


def postmaster(home: Path) -> int:
    (pid,) = embedded.place(home).glob("postgres-*/postmaster.pid")
    return int(pid.read_text().splitlines()[0])


def ask(home: Path, question: str) -> object:
    with psycopg.connect(host=str(embedded.sockets(home)), user="cabas", dbname="cabas", autocommit=True) as session:
        row = session.execute(question.encode()).fetchone()
        return row[0] if row else None


def eventually(happened: object, seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not happened():  # type: ignore[operator]
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def test_they_are_up_while_somebody_holds_them_and_gone_afterwards(home: Path) -> None:
    with embedded.servers():
        assert up(home) == (True, True)
    assert up(home) == (False, False)


def test_nobody_else_can_reach_them(home: Path) -> None:
    with embedded.servers():
        assert ask(home, "SHOW listen_addresses") == ""
        for path in (embedded.sockets(home), *embedded.place(home).glob("postgres-*")):
            assert stat.S_IMODE(path.stat().st_mode) == 0o700
        # Never root: PostgreSQL refuses it, and Valkey has no need of it.
        assert {Path(f"/proc/{postmaster(home)}").stat().st_uid, embedded.sockets(home).stat().st_uid}.isdisjoint({0})


def test_the_extensions_cabas_needs_work(home: Path) -> None:
    with embedded.servers():
        with psycopg.connect(
            host=str(embedded.sockets(home)), user="cabas", dbname="cabas", autocommit=True
        ) as session:
            session.execute("CREATE EXTENSION IF NOT EXISTS unaccent")
            session.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        assert ask(home, "SELECT unaccent('Épinards à l’oseille')") == "Epinards a l'oseille"
        assert ask(home, "SELECT lower('ÉPINARDS')") == "épinards"
        assert ask(home, "SELECT 'carottes' % 'carotte'") is True


def test_the_last_to_leave_stops_them(home: Path) -> None:
    with held(home):
        first = postmaster(home)
        with embedded.servers():
            assert postmaster(home) == first
        assert up(home) == (True, True)
    assert up(home) == (False, False)


def test_servers_of_a_killed_holder_are_adopted(home: Path) -> None:
    with held(home) as holder:
        first = postmaster(home)
        holder.kill()
    assert up(home) == (True, True)
    with embedded.servers():
        assert postmaster(home) == first
    assert up(home) == (False, False)


def test_killed_servers_are_started_again_with_their_data(home: Path) -> None:
    with held(home) as holder:
        assert ask(home, "SELECT count(*) FROM pg_class WHERE relname = 'kept'") == 0
        with psycopg.connect(
            host=str(embedded.sockets(home)), user="cabas", dbname="cabas", autocommit=True
        ) as session:
            session.execute("CREATE TABLE kept (word text)")
            session.execute("INSERT INTO kept VALUES ('choux')")
        holder.kill()
        os.kill(postmaster(home), signal.SIGKILL)
        os.kill(int((embedded.sockets(home) / "valkey.pid").read_text()), signal.SIGKILL)
    assert eventually(lambda: up(home) == (False, False))
    with embedded.servers():
        assert up(home) == (True, True)
        assert ask(home, "SELECT word FROM kept") == "choux"


def test_a_server_that_dies_while_a_command_runs_comes_back(home: Path) -> None:
    with held(home):
        first = postmaster(home)
        os.kill(first, signal.SIGKILL)
        os.kill(int((embedded.sockets(home) / "valkey.pid").read_text()), signal.SIGKILL)
        assert eventually(lambda: up(home) == (True, True) and postmaster(home) != first, seconds=60)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_termination_stop_everything(home: Path, number: signal.Signals) -> None:
    with held(home) as holder:
        (os.killpg if number == signal.SIGINT else os.kill)(holder.pid, number)  # the terminal signals the whole group
        assert holder.wait(timeout=60) == 256 - number
    assert up(home) == (False, False)


def test_the_command_gives_its_status(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hub.embedded", "run", "--", "sh", "-c", "exit 7"],
        cwd=ROOT,
        env=environment(home),
        check=False,
    )
    assert done.returncode == 7


def test_management_commands_bring_them_up(home: Path) -> None:
    command = [
        sys.executable,
        "manage.py",
        "shell",
        "-v0",
        "-c",
        "from django.db import connection as c; c.ensure_connection()",
    ]
    done = subprocess.run(command, cwd=ROOT, env=environment(home) | {"DEBUG": "1"}, check=False)
    assert (done.returncode, up(home)) == (0, (False, False))


def test_nothing_is_started_where_addresses_are_given(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://somewhere/else")
    monkeypatch.setenv("REDIS_URL", "redis://somewhere")
    with embedded.servers_for(["migrate"]):
        assert up(home) == (False, False)
    monkeypatch.delenv("REDIS_URL")
    with embedded.servers_for(["migrate"]):
        assert up(home) == (False, True)


def test_data_of_another_version_are_refused_and_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    home = Path(tempfile.mkdtemp(prefix="cabas-test-"))
    home.chmod(0o755)
    monkeypatch.setenv("CABAS_HOME", str(home))
    (home / "postgres-12").mkdir()
    (home / "postgres-12" / "PG_VERSION").write_text("12\n")
    with pytest.raises(EmbeddedError, match="written by PostgreSQL 12"), embedded.servers():
        pass
    assert (home / "postgres-12" / "PG_VERSION").read_text() == "12\n"
    shutil.rmtree(home)


def test_a_long_path_gets_short_sockets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Root's servers move to /var/lib/cabas; an ordinary user's sockets to the temporary directory."""
    long = tmp_path / ("a" * 120)
    assert len(os.fsencode(embedded.sockets(long) / ".s.PGSQL.5432")) <= embedded.LONGEST_SOCKET
    assert str(embedded.sockets(long)) in embedded.database_url(long)


def test_a_home_the_servers_cannot_enter_is_replaced_and_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """pytest's directories are closed to others, as a home directory often is. Who is not root needs no other place."""
    elsewhere = Path(tempfile.mkdtemp(prefix="cabas-test-"))
    elsewhere.chmod(0o755)
    monkeypatch.setattr(embedded, "ELSEWHERE", elsewhere)
    closed = tmp_path / "home"
    monkeypatch.setenv("CABAS_HOME", str(closed))
    tmp_path.chmod(0o700)
    with embedded.servers():
        assert up(closed) == (True, True)
        assert ask(closed, "SELECT 1") == 1
    moved = embedded.place(closed) != closed
    assert moved == (os.geteuid() == 0)
    assert ("the servers' data are in" in capsys.readouterr().err) == moved
    shutil.rmtree(elsewhere)


def test_somebody_elses_directory_is_refused(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    directory = embedded.sockets(home)
    before = directory.exists()
    directory.mkdir(mode=0o700, exist_ok=True)
    directory.chmod(0o755)
    with pytest.raises(EmbeddedError, match="belongs to somebody else or is open to others"), embedded.servers():
        pass
    directory.chmod(0o700) if before else directory.rmdir()
