"""The archive: everything an auditor needs to check the books without this program, in one ZIP, and checking it.

Entries are written line by line as they were chained; any program that knows SHA-256 can follow the chain.
"""

import csv
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO, TextIOWrapper
from itertools import groupby
from typing import IO
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from django.utils.translation import gettext as _

from distribution.books import fec
from distribution.books.periods import Period, period
from distribution.books.tables import stream
from hub.calendar import local_date
from hub.models import ClosedPeriod, Hub
from hub.refusals import Refusal

ENTRIES, CLOSINGS, DOCUMENTS, PRINTS, README = (
    "ecritures.txt", "clotures.csv", "documents.csv", "empreintes.txt", "LISEZMOI.txt",
)  # fmt: skip
WHOLE = {"day": "month", "month": "year"}
CHUNK = 64 * 1024
CHAINED = """
    SELECT p.code, cabas_chained(t) FROM hub_closedperiod p
    JOIN hub_transfer t ON t.occurred_at >= p.begins AND t.occurred_at < p.ends
    WHERE p.kind = 'day' AND p.ends <= %(until)s ORDER BY p.ends, t.id
"""
# Whatever was issued with a fingerprint: its kind, number, day and digest.
ISSUED = """
    SELECT 'relevé', number, issued_at, sha256 FROM distribution_statement WHERE issued_at < %(until)s
    UNION ALL
    SELECT 'reçu', o.code, r.issued_at, r.sha256 FROM distribution_receipt r JOIN orders_order o ON o.id = r.order_id
    WHERE r.issued_at < %(until)s
    UNION ALL
    SELECT CASE kind WHEN 'credit-note' THEN 'facture d’avoir' ELSE 'facture' END, issuer || ' ' || number, issued_at, sha256
    FROM distribution_invoice WHERE issued_at < %(until)s
    ORDER BY 1, 3, 2
"""
EXPLAINED = """Archive des livres de {name}, jusqu’au {day}.

clotures.csv    un jour, un mois ou une année close par ligne, dans l’ordre : genre, code, début, fin, nombre d’écritures, total,
                total perpétuel, empreinte précédente, empreinte.
ecritures.txt   les écritures des jours clos : le jour, une tabulation, l’écriture telle qu’elle est enchaînée (un tableau JSON :
                numéro, référence, compte débité, compte crédité, montant, monnaie, libellé, moment, enregistrement, distribution,
                écriture annulée, personne).
documents.csv   les documents émis et leur empreinte.
*.txt           le journal (FEC) de chaque année.
empreintes.txt  SHA-256 de chaque fichier de cette archive.

L’empreinte d’un jour est le SHA-256 (en hexadécimal) de ces lignes, séparées par un saut de ligne (LF), en UTF-8 :
l’empreinte précédente ; « day », une espace et le code ; le nombre d’écritures ; le total ; le total perpétuel ; puis ses
écritures, ou une ligne vide s’il n’y en a pas. Celle d’un mois se fait de même avec « month » et, à la place des écritures, le
code, une espace et l’empreinte de chacun de ses jours ; celle d’une année avec « year » et ses mois.

Vérifier : manage.py books --verify FICHIER
"""


class NothingClosed(Refusal):
    """No day is closed yet: there is nothing to archive."""

    code = "nothing-closed"


class NoArchive(Refusal):
    """A file that is no archive of ours."""

    code = "no-archive"
    status = 422


@dataclass(frozen=True)
class Fault:
    """One thing an archive gets wrong."""

    where: str
    found: str
    expected: str


def name(last: str) -> str:
    """The file's name, by the last day that is closed."""
    return f"livres-{last}.zip"


def write(file: IO[bytes]) -> str:
    """The archive of all that is closed; returns the last closed day. Raises NothingClosed."""
    last = ClosedPeriod.objects.days().order_by("-ends").first()
    first = ClosedPeriod.objects.days().order_by("ends").first()
    if last is None or first is None:
        raise NothingClosed(_("No day is closed yet. The first closes in the night after the first movement."))
    prints: dict[str, str] = {}
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for part, chunks in _files(first, last):
            prints[part] = _put(archive, part, chunks)
        _put(archive, PRINTS, (f"{digest}  {part}\n".encode() for part, digest in prints.items()))
    return last.code


def _files(first: ClosedPeriod, last: ClosedPeriod) -> Iterator[tuple[str, Iterable[bytes]]]:
    until = {"until": last.ends}
    yield README, [EXPLAINED.format(name=Hub.get().name, day=last.code).encode()]
    yield CLOSINGS, _csv(_closings())
    yield ENTRIES, (f"{day}\t{entry}\n".encode() for day, entry in stream(CHAINED, until))
    yield DOCUMENTS, _csv((kind, number, at.isoformat(), digest) for kind, number, at, digest in stream(ISSUED, until))
    for year in range(local_date(first.begins).year, int(last.code[:4]) + 1):
        table = fec.table(_of_year(year, last.code))
        yield f"{table.name}.txt", fec.as_text(table)


def verify(file: IO[bytes]) -> list[Fault]:
    """What an archive gets wrong in itself, and where the books of today differ from it. Raises NoArchive."""
    try:
        with ZipFile(file) as archive:
            return [*_prints(archive), *_chain(archive), *_books_of_today(archive)]
    except (BadZipFile, KeyError, ValueError) as error:
        raise NoArchive(_("This file is no archive of the books.")) from error


def _prints(archive: ZipFile) -> Iterator[Fault]:
    """Each file is what its fingerprint says."""
    for line in archive.read(PRINTS).decode().splitlines():
        expected, part = line.split("  ", 1)
        hashed = hashlib.sha256()
        with archive.open(part) as file:
            while piece := file.read(CHUNK):
                hashed.update(piece)
        if hashed.hexdigest() != expected:
            yield Fault(part, hashed.hexdigest(), expected)


def _chain(archive: ZipFile) -> Iterator[Fault]:
    """Each period follows the one before it, and its fingerprint is that of what it holds."""
    last: dict[str, Closing] = {}
    inside: dict[str, list[str]] = {"month": [], "year": []}
    entries = _Entries(archive)
    for closing in _read_closings(archive):
        before = last.get(closing.kind)
        held = entries.of(closing.code) if closing.kind == "day" else inside[closing.kind]
        previous = before.digest if before else "0" * 64
        digest = closing.digest_over(previous, held)
        if (closing.previous, closing.digest) != (previous, digest):
            yield Fault(f"{closing.kind} {closing.code}", closing.digest, digest)
        if closing.kind == "day" and int(closing.entries) != len(held):
            yield Fault(f"{closing.kind} {closing.code}", f"{len(held)} entries", closing.entries)
        last[closing.kind] = closing
        if closing.kind in WHOLE:
            inside[WHOLE[closing.kind]].append(f"{closing.code} {closing.digest}")
        if closing.kind in inside:
            inside[closing.kind] = []
    for day in entries.left():
        yield Fault(f"day {day}", "entries", "none: the day is not closed")


def _books_of_today(archive: ZipFile) -> Iterator[Fault]:
    """What is closed in the archive is closed in the books, with the same fingerprint."""
    today = {(row[0], row[1]): row[8] for row in _closings()}
    for closing in _read_closings(archive):
        found = today.get((closing.kind, closing.code))
        if found != closing.digest:
            yield Fault(f"{closing.kind} {closing.code}, today", found or "not closed", closing.digest)


@dataclass(frozen=True)
class Closing:
    """A line of clotures.csv."""

    kind: str
    code: str
    begins: str
    ends: str
    entries: str
    total: str
    perpetual: str
    previous: str
    digest: str

    def digest_over(self, previous: str, held: list[str]) -> str:
        """The digest this closing must have, over the one before and the digests of what it holds."""
        head = [previous, f"{self.kind} {self.code}", self.entries, self.total, self.perpetual]
        return hashlib.sha256("\n".join([*head, "\n".join(held)]).encode()).hexdigest()


class _Entries:
    """The entries of ecritures.txt, day by day, read once."""

    def __init__(self, archive: ZipFile) -> None:
        lines = TextIOWrapper(archive.open(ENTRIES), encoding="utf-8", newline="\n")
        self.days = groupby((line.rstrip("\n").split("\t", 1) for line in lines), key=lambda pair: pair[0])
        self._next()

    def _next(self) -> None:
        day, pairs = next(self.days, ("", iter(())))
        self.day, self.entries = day, [entry for _day, entry in pairs]

    def of(self, day: str) -> list[str]:
        """The entries of a day, which is asked for in the order of days."""
        if day != self.day:
            return []
        found = self.entries
        self._next()
        return found

    def left(self) -> Iterator[str]:
        while self.day:
            yield self.day
            self._next()


def _read_closings(archive: ZipFile) -> Iterator[Closing]:
    with archive.open(CLOSINGS) as file:
        for row in csv.reader(TextIOWrapper(file, encoding="utf-8", newline="")):
            if len(row) != len(Closing.__dataclass_fields__):
                raise ValueError(row)
            yield Closing(*row)


def _closings() -> Iterator[tuple[str, ...]]:
    """In the order in which they were closed: a month after its last day, a year after its last month."""
    yield from stream(
        """SELECT kind, code, to_char(begins AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                  to_char(ends AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), entries::text, total::text,
                  perpetual::text, previous, digest
           FROM hub_closedperiod ORDER BY ends, CASE kind WHEN 'day' THEN 1 WHEN 'month' THEN 2 ELSE 3 END""",
        {},
    )


def _of_year(year: int, last: str) -> Period:
    return period(f"{year}-01-01", min(f"{year}-12-31", last))


def _csv(rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """Plain commas: for programs, not for people."""
    for row in rows:
        out = StringIO(newline="")
        csv.writer(out, lineterminator="\n").writerow(row)
        yield out.getvalue().encode()


def _put(archive: ZipFile, part: str, chunks: Iterable[bytes]) -> str:
    """Write one file of the archive; its SHA-256."""
    hashed = hashlib.sha256()
    with archive.open(part, "w", force_zip64=True) as file:
        for chunk in chunks:
            hashed.update(chunk)
            file.write(chunk)
    return hashed.hexdigest()
