"""`manage.py prepare`: what a release needs, done once."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command

from hub import messages

pytestmark = pytest.mark.django_db


def test_files_are_collected_under_names_with_their_hash_and_once(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "hub.static_files.HashedFiles"}}
    call_command("prepare")
    hashed = tmp_path / staticfiles_storage.url("hub/site.css").removeprefix(settings.STATIC_URL)
    assert hashed.name != "site.css"
    assert hashed.with_name(f"{hashed.name}.gz").is_file()
    assert list(tmp_path.rglob("*.br")) == list(tmp_path.rglob("*.map.gz")) == []
    made = hashed.stat().st_mtime_ns
    call_command("prepare")
    assert hashed.stat().st_mtime_ns == made


def test_words_are_compiled(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STATIC_ROOT = tmp_path
    compiled: list[str] = []
    monkeypatch.setattr(messages, "compile_all", lambda: compiled.append("all"))
    call_command("prepare")
    assert compiled == ["all"]
