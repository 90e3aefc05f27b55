"""An export before it is a file: its columns, and rows that are read while the file is written."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from hub.spreadsheets import Cell, Column

BATCH = 2000


@dataclass(frozen=True)
class Table:
    """Columns and rows; `rows()` reads them from the database anew. `name` is the file's, without its ending."""

    name: str
    columns: Sequence[Column]
    rows: Callable[[], Iterator[Sequence[Cell]]]


def stream(statement: str, values: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    """The rows of a statement through a cursor of the server: memory does not grow with the books."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, values)
        while rows := cursor.fetchmany(BATCH):
            yield from rows
