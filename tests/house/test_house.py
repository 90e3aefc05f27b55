"""What holds for the whole project, whoever writes in it."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from django.template.loader import get_template

from hub import messages

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("hub", "producers", "orders", "distribution")
TEMPLATES = sorted(
    str(path.relative_to(ROOT / "templates")) for path in (ROOT / "templates").rglob("*") if path.is_file()
)
MODULES = sorted(path for package in (*PACKAGES, "tests") for path in (ROOT / package).rglob("*.py"))
COMMANDS = ("demo", "test", "dev", "check", "bench")


def test_imports_flow_one_way() -> None:
    script = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "2 kept, 0 broken" in done.stdout


@pytest.mark.django_db
def test_no_migration_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("makemigrations", check=True, dry_run=True)
    assert "No changes detected" in capsys.readouterr().out


def test_the_french_is_complete() -> None:
    assert messages.problems() == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_compiles(name: str) -> None:
    assert get_template(name).origin.name == str(ROOT / "templates" / name)  # type: ignore[attr-defined]


def test_tasks_are_never_run_in_place() -> None:
    """Celery's shortcut for tests would hide that a message can be lost, doubled or late."""
    shortcut = re.compile("always" + "_eager", re.IGNORECASE)
    assert [str(path) for path in [*MODULES, ROOT / "pyproject.toml"] if shortcut.search(path.read_text())] == []


def test_no_task_is_published_for_later() -> None:
    """What must happen later is a row. A message with an ETA is lost with Redis and doubled by its timeout."""
    late = re.compile(r"\b(apply_async\([^)]*(eta|countdown)|retry\([^)]*(eta|countdown))")
    assert [str(path) for path in MODULES if path != Path(__file__) and late.search(path.read_text())] == []


def test_settings_urls_and_celery_name_upper_packages_as_strings_only() -> None:
    for name in ("settings", "urls", "celery"):
        tree = ast.parse((ROOT / "hub" / f"{name}.py").read_text())
        imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        assert {module.split(".")[0] for module in imported} & {"producers", "orders", "distribution"} == set()


def test_requirements_are_pinned_with_hashes_and_name_no_index() -> None:
    text = (ROOT / "requirements.txt").read_text()
    assert not re.search(r"://|find-links|--index|--extra-index|--trusted", text)
    entries = re.split(r"\n(?=[a-z0-9])", text[text.index("\n", text.rindex("# ", 0, text.index("=="))) :].strip())
    assert len(entries) > 100
    for entry in entries:
        assert re.match(r"[a-z0-9._-]+(\[[a-z0-9,-]+\])?==\S+ ", entry), entry[:60]
        assert "--hash=sha256:" in entry, entry[:60]


@pytest.mark.parametrize("name", COMMANDS)
def test_commands_can_be_run_and_parsed_by_any_shell(name: str) -> None:
    path = ROOT / "bin" / name
    assert path.read_text().startswith("#!/bin/sh\n")
    assert path.stat().st_mode & 0o111 == 0o111
    assert subprocess.run(["/bin/sh", "-n", path], check=False).returncode == 0
