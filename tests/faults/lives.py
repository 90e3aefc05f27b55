"""Whole lives of a cooperative in which everything is due, and what they come to."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

from tests.faults.databases import CLOCKS, cloned, contents
from tests.faults.mailbox import Mailbox
from tests.faults.workers import Place, Worker


@dataclass
class Outcome:
    """Rows of all tables, letters the mail server accepted, how many of them came again, number of PDFs."""

    rows: dict[str, Counter[str]]
    letters: Counter[str]
    repeated: int
    pdfs: int


@contextmanager
def a_life(due: str, home: Path) -> Iterator[tuple[Place, Mailbox]]:
    with Mailbox() as mailbox, cloned(due, f"{due}_life") as database:
        place = Place(database, home, mailbox.url)
        place.forget_messages()
        yield place, mailbox


def _words(letter: Message) -> str:
    """The text of a letter, and the names of its files."""
    parts = [letter] if not letter.is_multipart() else list(letter.walk())[1:]
    return "\n".join(str(part.get_filename() or part.get_payload()) for part in parts)


def outcome(place: Place, mailbox: Mailbox) -> Outcome:
    """All there is afterwards. PDFs are whole: a killed worker leaves no half one under the name of a sheet."""
    files = [path.read_bytes() for path in (place.home / "media").rglob("*.pdf")]
    assert [one[-20:] for one in files if not (one.startswith(b"%PDF-") and one.rstrip().endswith(b"%%EOF"))] == []
    letters = {str(one["Message-ID"]): f"{one['To']} {one['Subject']}\n{_words(one)}" for one in mailbox.accepted}
    told = Counter(CLOCKS.sub("…", words) for words in letters.values())
    return Outcome(contents(place.database), told, len(mailbox.accepted) - len(letters), len(files))


def finish(place: Place) -> None:
    with Worker(place) as worker:
        worker.finish()


def compare(found: Outcome, wanted: Outcome, *, repeated: int = 0) -> None:
    for table, rows in wanted.rows.items():
        more = found.rows[table] - rows
        assert more == {}, (
            f"{table}: more than without a kill: {list(more)[:3]}, missing: {list(rows - found.rows[table])[:3]}"
        )
        assert rows - found.rows[table] == {}, f"{table}: something is missing"
    assert found.letters == wanted.letters
    assert (found.repeated, found.pdfs) == (repeated, wanted.pdfs)
