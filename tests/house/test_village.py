"""The village goes through the doors that pages and programs use: it writes no row by itself."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
VILLAGE = [
    *sorted(path for path in (ROOT / "distribution").glob("*demo*.py")),
    ROOT / "distribution" / "village_people.py",
]
TIME = ROOT / "distribution" / "demo_time.py"
WRITES = {
    "create", "bulk_create", "get_or_create", "update_or_create", "bulk_update", "save", "create_user", "create_superuser",
    "execute", "executemany", "raw", "cursor", "delete",
}  # fmt: skip


def writes(source: str) -> list[str]:
    """Calls that write rows directly, and imports of a connection to do so."""
    tree = ast.parse(source)
    calls = [
        node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names]
    return [name for name in calls if name in WRITES] + [
        name for name in names if name in ("connection", "connections")
    ]


@pytest.mark.parametrize("path", [path for path in VILLAGE if path != TIME], ids=lambda path: path.name)
def test_the_village_writes_no_row_by_itself(path: Path) -> None:
    assert writes(path.read_text()) == []


def test_time_alone_is_moved_by_hand() -> None:
    """Deadlines are the database's clock's, so a week of the past is a window moved afterwards, and nothing else."""
    updates = [
        node.value
        for node in ast.walk(ast.parse(TIME.read_text()))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.startswith(("UPDATE", "INSERT", "DELETE"))
    ]
    assert [statement.split(" WHERE ")[0] for statement in updates] == [
        "UPDATE hub_collection SET opens_at = %s, closes_at = %s, starts_at = %s, ends_at = %s",
        "UPDATE hub_collection SET week = %s",
    ]


@pytest.mark.parametrize(
    "shortcut",
    [
        "Household.objects.create(name='x')",
        "Order(code='x').save()",
        "OrderLine.objects.bulk_create([])",
        "from django.db import connection",
        "cursor.execute('INSERT INTO hub_household')",
    ],
)
def test_a_shortcut_would_be_seen(shortcut: str) -> None:
    assert writes(shortcut) != []
