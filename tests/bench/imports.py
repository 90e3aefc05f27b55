"""A farm's catalogue of 5 000 rows, by the command a farm would use."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from openpyxl import Workbook

from producers.models import Packaging
from tests import make
from tests.bench import apart, ground
from tests.bench.figures import Figure, at_most

WORK = "Import of a catalogue from XLSX"
HEAD = ["Référence", "Produit", "Conditionnement", "Prix TTC", "Stock", "Rayon", "Bio", "TVA", "Allergènes"]
READING = (
    "import sys, openpyxl; [None for page in openpyxl.load_workbook(sys.argv[1], read_only=True) for row in page.rows]"
)


def run(quick: bool) -> Iterator[Figure]:
    rows = 1000 if quick else 5000
    with ground.database("imports"), tempfile.TemporaryDirectory() as folder:
        farm = make.producer(make.point(), name="Maraîchage du Grand Champ")
        file = Path(folder) / "catalogue.xlsx"
        _catalogue(file, rows)
        place, manage = Path(folder), Path("manage.py")
        reader = place / "reader.py"
        reader.write_text(READING)
        command: list[str | Path] = ["import_catalogue", file, "--producer", farm.code, "--week", "2026-W50"]
        idle = apart.run(place, manage, "import_catalogue", "--list-producers")
        reading = apart.run(place, reader, file)
        preview = apart.run(place, manage, *command)
        written = apart.run(place, manage, *command, "--confirm")
        found = Packaging.objects.filter(producer=farm).count()
    against = "openpyxl reading the same file alone"
    yield Figure(WORK, "rows written", found, "")
    yield Figure(WORK, f"preview of {rows} rows", preview.seconds, "s", at_most(10), reading.seconds, against)
    yield Figure(
        WORK, f"preview and writing of {rows} rows", written.seconds, "s", at_most(10), reading.seconds, against
    )
    yield Figure(WORK, "of which processor time of the program", written.cpu, "s", None, reading.cpu, against)
    yield Figure(
        WORK, "greatest memory", written.memory, "MB", at_most(200), idle.memory, "the command that does nothing"
    )


def _catalogue(file: Path, rows: int) -> None:
    book = Workbook(write_only=True)
    page = book.create_sheet("Catalogue")
    page.append(HEAD)
    for n in range(rows):
        thing = n // 2  # sold in two packagings, which agree on what it is
        celery = "céleri" if thing % 7 == 0 else "aucun"
        page.append([f"R{n:05}", f"Légume de variété {thing}", ("botte", "grosse botte")[n % 2], 1 + n % 900 / 100,
                     20 + thing % 80, "Légumes", "oui" if thing % 3 else "", 5.5, celery])  # fmt: skip
    book.save(file)
