"""A farm's catalogue of 5 000 rows, by the command a farm would use."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from openpyxl import Workbook

from producers.models import Packaging
from tests import make
from tests.bench import ground
from tests.bench.figures import Figure, at_most

WORK = "Import of a catalogue from XLSX"
HEAD = ["Référence", "Produit", "Conditionnement", "Prix TTC", "Stock", "Rayon", "Bio", "TVA", "Allergènes"]
READING = (
    "import sys, openpyxl; [None for page in openpyxl.load_workbook(sys.argv[1], read_only=True) for row in page.rows]"
)


# Runs a program as Python does and writes down what it has used when it ends.
WATCHED = """
import json, runpy, sys, time
from pathlib import Path
told, program = sys.argv[1:3]
sys.argv = sys.argv[2:]
try:
    runpy.run_path(program, run_name="__main__")
finally:
    most = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    Path(told).write_text(json.dumps({"cpu": time.process_time(), "memory": int(most.split()[1]) / 1024}))
"""


@dataclass
class Ran:
    """A program that has ended: seconds on the clock and of processor time, greatest memory in MB."""

    seconds: float
    cpu: float
    memory: float


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
        idle = _run(place, manage, "import_catalogue", "--list-producers")
        reading = _run(place, reader, file)
        preview = _run(place, manage, *command)
        written = _run(place, manage, *command, "--confirm")
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


def _run(folder: Path, program: Path, *words: str | Path) -> Ran:
    """Raises RuntimeError with what it said when it fails."""
    clock, told = time.perf_counter(), folder / "told.json"
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, told, program, *words], env=ground.environment(), capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return Ran(time.perf_counter() - clock, **json.loads(told.read_text()))
