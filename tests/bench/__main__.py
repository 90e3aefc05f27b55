"""`python -m tests.bench [THEME …] [--quick] [--out FILE]`: measure, print a table, write JSON. Started by bin/bench."""

import argparse
import importlib
import os
import secrets
import sys
import time
from pathlib import Path

import django

from tests.bench import figures

THEMES = {
    "shop": "the shop page, a stepper, an order",
    "rush": "the operation under the rush, beside pgbench",
    "web": "the same over HTTP",
    "close": "the close of one collection, its lists",
    "paper": "PDFs",
    "money": "settlement",
    "payouts": "a payout run of 3 000 farms",
    "imports": "a catalogue of 5 000 rows",
    "weeks": "closing and settling a week of many points",
    "start": "cold start of the demo",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    parser.add_argument("themes", nargs="*", metavar="THEME", help=", ".join(THEMES))
    parser.add_argument("--quick", action="store_true", help="smaller sizes: a minute and a half instead of ten")
    parser.add_argument("--out", type=Path, default=Path("bench.json"))
    asked = parser.parse_args()
    if unknown := set(asked.themes) - set(THEMES):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known are {', '.join(THEMES)}")
    began = time.monotonic()
    _set_up()
    found: list[figures.Figure] = []
    for name in asked.themes or THEMES:
        print(f"{name}: {THEMES[name]} …", file=sys.stderr, flush=True)
        measured = list(importlib.import_module(f"tests.bench.{name}").run(asked.quick))
        print(f"{figures.table(measured)}\n", flush=True)
        found += measured
        seconds = time.monotonic() - began
        figures.write(asked.out, found, quick=asked.quick, seconds=seconds)
    print(f"Measured in {seconds:.0f} s on {figures.machine()}.")


def _set_up() -> None:
    """Django as in the demo: a real installation's settings but for the name of the machine."""
    os.environ |= {"DEMO": "1", "DJANGO_SETTINGS_MODULE": "hub.settings"}
    os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(50))
    django.setup()
    importlib.import_module("tests.bench.ground").prepare()


if __name__ == "__main__":
    main()
