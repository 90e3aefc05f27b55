"""How gunicorn serves in the demo and on a small machine: on the loopback, where a reverse proxy or a person finds it.

PORT and WEB_WORKERS come from the environment; anything else can be given on gunicorn's command line.
"""

import os
import sys
from typing import Any

from hub import environment

bind = [f"127.0.0.1:{environment.port()}"]
workers = environment.web_workers()
# Few database connections beat many: each thread keeps one.
threads = 4
worker_class = "gthread"
preload_app = True
max_requests = 20_000
max_requests_jitter = 2_000
graceful_timeout = 20
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112, S108  (a heartbeat on disk stalls)
control_socket_disable = True
loglevel = "warning"


def when_ready(server: Any) -> None:
    """Say where it is, once it can be opened."""
    if message := os.environ.get("CABAS_WELCOME"):
        print(message, file=sys.stderr, flush=True)  # noqa: T201  (a person is waiting for it)
