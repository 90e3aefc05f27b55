"""A program run apart from the bench: what it took, and the most memory it held."""

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.bench import ground

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


def run(folder: Path, program: Path, *words: str | Path) -> Ran:
    """Run it on the database of the measurement. Raises RuntimeError with what it said when it fails."""
    clock, told = time.perf_counter(), folder / "told.json"
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, told, program, *words], env=ground.environment(), capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return Ran(time.perf_counter() - clock, **json.loads(told.read_text()))
