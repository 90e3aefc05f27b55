"""A real Celery worker on a database and a broker of the test's own, and SIGKILL."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, cast
from urllib.parse import quote

from django.conf import settings
from redis import Redis

from hub import environment
from hub.celery import app
from tests.faults.databases import words_of_connection

ROOT = Path(__file__).resolve().parent.parent.parent
QUEUES = ("money", "default", "pdf")


@dataclass
class Place:
    """Where a life takes place: its database, its numbered part of Valkey, its files, its mail server."""

    database: str
    home: Path
    mail: str

    @property
    def redis_url(self) -> str:
        number = 1 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
        return f"{settings.REDIS_URL.partition('?')[0]}?db={number}"

    @property
    def environment(self) -> dict[str, str]:
        words = words_of_connection(self.database)
        address = f"postgres://{words['user']}@/{self.database}?host={quote(str(words['host']), safe='/')}"
        return os.environ | {
            "CABAS_HOME": str(self.home),
            "DATABASE_URL": address,
            "REDIS_URL": self.redis_url,
            "EMAIL_URL": self.mail,
            "DEBUG": "1",
        }

    def forget_messages(self) -> None:
        """What the broker holds is lost; nothing else is."""
        with Redis.from_url(self.redis_url) as redis:
            redis.flushdb()


class Worker:
    """`celery -A hub.celery worker`, all queues, one process. Killed at the end of the block if it still lives."""

    def __init__(self, place: Place) -> None:
        self.place = place

    def __enter__(self) -> Self:
        command = "-m celery --quiet -A hub.celery worker --concurrency 1 --without-gossip --without-mingle"
        self.log = self.place.home / "worker.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-W", "ignore", *command.split(), "--loglevel", "warning", "-Q", ",".join(QUEUES)],
                cwd=ROOT,
                env=self.place.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def kill(self) -> None:
        """SIGKILL to the worker and to the process it works in, at once."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def tick(self) -> None:
        """What the scheduler says every minute."""
        with app.connection_for_write(environment.broker(self.place.redis_url)) as broker:
            app.send_task("distribution.tasks.sweep", connection=broker, queue="default", expires=60)

    def finish(self, seconds: float = 90) -> None:
        """A tick, and all that follows from it, done. Raises TimeoutError with the worker's last words."""
        with Redis.from_url(self.place.redis_url, decode_responses=True) as redis:
            others = set(cast("dict[str, str]", redis.hgetall("unacked")))
            self.tick()
            quiet, end = 0, time.monotonic() + seconds
            while quiet < 3:
                if self.process.poll() is not None or time.monotonic() > end:
                    raise TimeoutError(self.log.read_text()[-4000:])
                waiting = sum(cast(int, redis.llen(queue)) for queue in QUEUES)
                working = set(cast("dict[str, str]", redis.hgetall("unacked"))) - others
                quiet = 0 if waiting or working else quiet + 1
                time.sleep(0.1)
