"""PostgreSQL and Valkey from wheels, for the demo, the tests and small installations without servers of their own."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote


class EmbeddedError(Exception):
    """The embedded servers cannot be used; the text says why and what to do."""


def database_url(home: Path) -> str:
    return f"postgres://cabas@/cabas?host={quote(str(home / 'run'), safe='/')}"


def redis_url(home: Path) -> str:
    return f"unix://{home / 'run' / 'valkey.sock'}?db=0"


@contextlib.contextmanager
def servers_for(arguments: Sequence[str]) -> Iterator[None]:
    yield
