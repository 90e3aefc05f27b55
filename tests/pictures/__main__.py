"""Pictures of every page of a large point, for people to look at, and those of the README.

bin/dev is not needed: `python -m tests.pictures DIRECTORY` brings servers of its own.
python -m tests.pictures DIRECTORY             every page, phone and desk, French and English, light and dark
python -m tests.pictures DIRECTORY --only week pages whose name contains a word, in French and light
python -m tests.pictures --readme              the three of the README, into docs/shots
"""

import os
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def main() -> None:
    """Start over within the servers, as bin/test does, then take the pictures."""
    parser = ArgumentParser(prog="python -m tests.pictures", description=__doc__)
    parser.add_argument("directory", nargs="?", type=Path, help="where to put them: not in the repository")
    parser.add_argument("--only", default="", help="pages whose name contains this; French and light alone")
    parser.add_argument("--readme", action="store_true", help="the three pictures of the README")
    chosen = parser.parse_args()
    if not chosen.readme and (chosen.directory is None or chosen.directory.resolve().is_relative_to(ROOT)):
        parser.error("name a directory outside the repository")
    if os.environ.get("CABAS_PICTURES"):
        _inside(chosen)
        return
    home = os.environ.get("CABAS_HOME", str(ROOT / ".cabas" / "test"))
    inside = os.environ | {"CABAS_PICTURES": "1", "CABAS_HOME": home, "DJANGO_SETTINGS_MODULE": "hub.settings"}
    command = [
        sys.executable,
        "-m",
        "hub.embedded",
        "run",
        "--fast",
        "--",
        sys.executable,
        "-m",
        "tests.pictures",
        *sys.argv[1:],
    ]
    os.execve(sys.executable, command, inside)


def _inside(chosen: Namespace) -> None:
    import django

    django.setup()
    from tests.pictures.taking import readme, take

    if chosen.readme:
        readme(ROOT / "docs" / "shots")
    else:
        take(chosen.directory, only=chosen.only)


if __name__ == "__main__":
    main()
