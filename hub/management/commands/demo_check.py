"""Walk one request through everything that has to work."""

import re
import secrets
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

from django.core.cache import cache
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from hub import tasks
from hub.models import Member


class StepFailed(Exception):
    """What was found instead of what should be."""


class Command(BaseCommand):
    """Web, database, worker and PDF, in turn; prints what each answered, status 1 at the first that does not."""

    help = "Check a running installation: web server, database, worker and PDF."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--url", default="http://localhost:8000", help="where the web server listens")
        parser.add_argument("--wait", type=float, default=60, help="seconds to wait for each answer")

    def handle(self, *args: Any, **options: Any) -> None:
        self.wait: float = options["wait"]
        steps: list[tuple[str, Callable[[], str]]] = [
            ("web", lambda: self.web(options["url"])),
            ("database", self.database),
            ("worker", lambda: self.worker(tasks.answer)),
            ("pdf", lambda: self.pdf()),
        ]
        for name, step in steps:
            started = time.monotonic()
            try:
                seen = step()
            except StepFailed as failure:
                raise CommandError(f"{name}: {failure}") from failure
            self.stdout.write(f"{name:10} {seen} ({time.monotonic() - started:.2f} s)")

    def until(self, look: Callable[[], str], otherwise: str) -> str:
        """What `look` finds, tried again until it finds something or the time is over."""
        deadline = time.monotonic() + self.wait
        while not (seen := look()):
            if time.monotonic() > deadline:
                raise StepFailed(f"{otherwise} within {self.wait:.0f} s")
            time.sleep(0.1)
        return seen

    def web(self, url: str) -> str:
        """The home page and the first stylesheet it names."""
        self.until(lambda: _fetch(f"{url}/readyz"), f"{url}/readyz did not answer 200")
        page = _fetch(f"{url}/")
        if not page:
            raise StepFailed(f"{url}/ did not answer 200")
        style = re.search(r'<link[^>]*href="([^"]+\.css)"', page)
        if not style or not _fetch(url + style.group(1)):
            raise StepFailed("the home page has no stylesheet that can be loaded")
        return f"200, {len(page)} characters, with its stylesheet"

    def database(self) -> str:
        """The version of PostgreSQL and a count of people."""
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            version = cursor.fetchone()[0]
        return f"PostgreSQL {version}, {Member.objects.count()} members"

    def worker(self, task: Any) -> str:
        """What a worker wrote into the database for a message of ours."""
        token = secrets.token_hex(8)
        task.delay(token)
        return self.until(lambda: cache.get(f"answer:{token}") or "", "no worker answered")

    def pdf(self) -> str:
        """The beginning and the size of a document a worker made."""
        seen = self.worker(tasks.answer_pdf)
        if not seen.startswith("%PDF-"):
            raise StepFailed(f"a worker made no PDF but {seen}")
        return f"{seen} bytes"


def _fetch(url: str) -> str:
    """The text of an http address of this machine; empty when it does not answer 200."""
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:  # noqa: S310  (the address is the operator's)
            text: str = answer.read().decode()
            return text or " "
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return ""
