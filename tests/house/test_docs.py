"""What the README and the docs name exists: files, places in other documents, commands."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parent.parent.parent
DOCS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")
FILE = re.compile(r"`((?:[\w.-]+/)*[\w.-]+\.(?:py|md|html|css|js|toml))`")
COMMAND = re.compile(r"manage\.py ([a-z_]+)")


def files() -> list[Path]:
    """All files of the project by their path in it."""
    ours = [ROOT / name for name in ("hub", "producers", "orders", "distribution", "templates", "tests", "docs", "bin")]
    found = [path for folder in ours for path in folder.rglob("*")] + list(ROOT.glob("*"))
    return [path.relative_to(ROOT) for path in found if path.is_file()]


def anchors(document: Path) -> set[str]:
    """The places of a document as links name them: its headings in small letters, joined by hyphens."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    lost = []
    for link in LINK.findall(document.read_text()):
        path, _hash, place = link.partition("#")
        target = document.parent / path if path else document
        if "://" not in link and (not target.exists() or (place and place not in anchors(target))):
            lost.append(link)
    assert lost == []


def test_files_that_are_named_exist() -> None:
    named = {(document.name, name) for document in DOCS for name in FILE.findall(document.read_text())}
    assert named
    ends = {"/".join(path.parts[start:]) for path in files() for start in range(len(path.parts))}
    assert sorted((document, name) for document, name in named if name not in ends) == []


def test_commands_that_are_named_exist() -> None:
    named = {(document.name, name) for document in DOCS for name in COMMAND.findall(document.read_text())}
    assert named
    assert sorted((document, name) for document, name in named if name not in get_commands()) == []
