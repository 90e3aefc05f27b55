"""SIGKILL to PostgreSQL, all its processes at once, while households order: what was acknowledged is there, nothing is half."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any

import pytest

from hub import embedded
from tests.faults.workers import ROOT

BUYERS, KILLS = 8, 3


@pytest.fixture
def home() -> Iterator[Path]:
    """A CABAS_HOME of the test's own, whose PostgreSQL is durable as people's is. Not pytest's: the server's user
    could not enter it."""
    place = embedded.home() / f"killed-{os.environ.get('PYTEST_XDIST_WORKER', 'gw0')}"
    yield place
    for one in {embedded.place(place), place}:
        shutil.rmtree(one, ignore_errors=True)


@pytest.mark.full
def test_a_killed_postgresql_loses_no_acknowledged_order(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unset = {"DATABASE_URL", "DATABASE_OWNER_URL"}
    known = {name: value for name, value in os.environ.items() if name not in unset}
    environment = known | {"CABAS_HOME": str(home), "DEBUG": "1", "DJANGO_SETTINGS_MODULE": "hub.settings"}
    served = [sys.executable, "-m", "hub.embedded", "run", "--"]
    shoppers = subprocess.Popen(
        [*served, sys.executable, "-W", "ignore", "-m", "tests.faults.buying", str(BUYERS)],
        cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    try:
        said = _listen(shoppers)
        waits = []
        for _kill in range(KILLS):
            _until_ordered(said, times=40)
            _kill_postgres(home)
            died = time.monotonic()
            looked = [_until(said, "looked") for _buyer in range(BUYERS)]
            assert [(one["home"], one["found"]) for one in looked if not one["right"]] == []
            assert len({one["home"] for one in looked}) == BUYERS
            _until_ordered(said, times=1)
            waits.append(time.monotonic() - died)
        shoppers.stdin.close()  # type: ignore[union-attr]
        # The servers end with their last user, so the proof begins before the shoppers have gone.
        proof = subprocess.run(
            [*served, sys.executable, "manage.py", "reconcile"], cwd=ROOT, env=environment, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert (shoppers.wait(60), proof.returncode) == (0, 0), proof.stdout
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(shoppers.pid, signal.SIGKILL)  # the servers are in sessions of their own
        subprocess.run([*served, "true"], cwd=ROOT, env=environment, check=False)  # the last to go stops the servers
    with capsys.disabled():
        print(f"\nserving again after {', '.join(f'{wait:.1f} s' for wait in waits)}")


def _listen(process: subprocess.Popen[str]) -> Queue[dict[str, Any]]:
    said: Queue[dict[str, Any]] = Queue()

    def read() -> None:
        for line in process.stdout or ():
            said.put(json.loads(line))

    Thread(target=read, daemon=True).start()
    return said


def _until(said: Queue[dict[str, Any]], word: str) -> dict[str, Any]:
    """The next time a shopper says this word. Fails when nobody does for two minutes."""
    while True:
        try:
            told = said.get(timeout=120)
        except Empty:
            pytest.fail(f"nobody has {word}")
        if told["word"] == word:
            return told


def _until_ordered(said: Queue[dict[str, Any]], *, times: int) -> None:
    for _time in range(times):
        _until(said, "ordered")


def _kill_postgres(home: Path) -> None:
    """The postmaster and all its children, at once."""
    (note,) = embedded.place(home).glob("postgres-*/postmaster.pid")
    postmaster = int(note.read_text().split()[0])
    for pid in [postmaster, *_children(postmaster)]:  # read first: orphans have another parent
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _children(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = stat.read_text().rpartition(")")[2].split()
        except OSError:  # gone since
            continue
        if int(words[1]) == parent:
            found.append(int(stat.parent.name))
    return found
