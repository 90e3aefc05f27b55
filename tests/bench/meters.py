"""Meters: processor time of this process, of PostgreSQL and of other processes; SQL statements."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import sysconf
from pathlib import Path

from django.db import connection
from django.test.utils import CaptureQueriesContext

TICKS = sysconf("SC_CLK_TCK")
PROCESSES = Path("/proc")


@dataclass
class Spent:
    """What a block took: seconds on the clock, of this process's processor time, and of its database session's."""

    seconds: float = 0.0
    python: float = 0.0
    database: float = 0.0

    @property
    def cpu(self) -> float:
        return self.python + self.database


@contextmanager
def spent() -> Iterator[Spent]:
    """Measures the block; the figures are there when it is left."""
    session = backend()
    result = Spent()
    clock, python, database = time.perf_counter(), time.process_time(), _running(session)
    yield result
    result.seconds = time.perf_counter() - clock
    result.python = time.process_time() - python
    result.database = _running(session) - database


@contextmanager
def spent_alone() -> Iterator[Spent]:
    """The same for work that needs no database."""
    result = Spent()
    clock, python = time.perf_counter(), time.process_time()
    yield result
    result.seconds, result.python = time.perf_counter() - clock, time.process_time() - python


def average(act: Callable[[], object], times: int) -> Spent:
    """What one of `times` runs takes, after one that is not counted."""
    act()
    with spent() as total:
        for _time in range(times):
            act()
    return Spent(total.seconds / times, total.python / times, total.database / times)


def statements(act: Callable[[], object]) -> int:
    """How many SQL statements an act sends, those that begin and end transactions among them."""
    with CaptureQueriesContext(connection) as captured:
        act()
    return len(captured)


def backend() -> int:
    """The process that serves our database session."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def postmaster() -> int:
    """The first process of PostgreSQL, whose children serve the sessions."""
    return _parent(backend())


def family_cpu(pid: int) -> float:
    """Processor seconds of a process and all its descendants, ended ones too."""
    parents = {int(entry.name): _parent(int(entry.name)) for entry in PROCESSES.iterdir() if entry.name.isdigit()}
    family, more = {pid}, True
    while more:
        found = {child for child, parent in parents.items() if parent in family} - family
        more = bool(found)
        family |= found
    return sum(_cpu(one) for one in family)


def _running(pid: int) -> float:
    """Processor seconds of one process, to the nanosecond."""
    return int((PROCESSES / str(pid) / "schedstat").read_text().split()[0]) / 1e9


def _fields(pid: int) -> list[str]:
    """The numbers of /proc/PID/stat after the name; none for a process that ended meanwhile."""
    try:
        return (PROCESSES / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _parent(pid: int) -> int:
    fields = _fields(pid)
    return int(fields[1]) if fields else 0


def _cpu(pid: int) -> float:
    fields = _fields(pid)
    return sum(int(ticks) for ticks in fields[11:15]) / TICKS if fields else 0.0


def memory() -> float:
    """What this process holds now, in MB; from here on `greatest_memory` starts again."""
    (PROCESSES / "self" / "clear_refs").write_text("5")
    return _status("VmRSS")


def greatest_memory() -> float:
    """The most this process has held, in MB."""
    return _status("VmHWM")


def _status(name: str) -> float:
    lines = (PROCESSES / "self" / "status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024
