"""From nothing to the first page of the demo: servers, tables, village, web server. The Python packages are there already."""

import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

from django.conf import settings

from tests.bench.figures import Figure, at_most

WORK = "Cold start of the demo (`bin/demo`), packages installed"


def run(quick: bool) -> Iterator[Figure]:
    if quick:
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = settings.CABAS_HOME.with_name("bench-start")
    shutil.rmtree(home, ignore_errors=True)
    clock = time.perf_counter()
    demo = subprocess.Popen(
        ["bin/demo"], env=os.environ | {"CABAS_HOME": str(home), "PORT": str(port)}, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _await(f"http://localhost:{port}/", 300)
        seconds = time.perf_counter() - clock
    finally:
        os.killpg(demo.pid, signal.SIGTERM)
        demo.wait(60)
        shutil.rmtree(home, ignore_errors=True)
    yield Figure(WORK, "seconds to the first page", seconds, "s", at_most(120))


def _await(url: str, seconds: float) -> None:
    """Wait for a page. Raises TimeoutError."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=10):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    raise TimeoutError(f"{url} did not answer")
