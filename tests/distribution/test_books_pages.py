"""The pages of the books, and the command that writes the same files."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import translation

from distribution.books import overview
from hub import format as say
from tests import make
from tests.distribution.books_read import bytes_of, settled_week, year_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def week() -> SimpleNamespace:
    return settled_week()


def text(answer: Any) -> str:
    return str(answer.content.decode().replace("\u202f", " ").replace("\xa0", " "))


def test_the_pages(week: SimpleNamespace, client: Client) -> None:
    client.force_login(week.treasurer)
    page = text(client.get("/livres/"))
    with translation.override("fr"):
        total = say.money(overview.at(week.today).total).replace("\u202f", " ").replace("\xa0", " ")
    assert page.count(f"<span>{total}</span>") == 2
    assert "Rien n’est encore écrit" in text(client.get("/livres/?day=2020-01-01"))
    wrong = client.get("/livres/?day=31-31-31")
    assert (wrong.status_code, "Donnez les deux jours" in text(wrong)) == (422, True)
    client.force_login(week.day.host)
    assert client.get("/livres/").status_code == 404


def test_an_export_asks_who_one_is_and_is_streamed(week: SimpleNamespace, client: Client) -> None:
    client.force_login(week.treasurer)
    address = f"/livres/exports/fec/?from={week.year}-01-01&to={week.year}-12-31&format=txt"
    asked = client.get(address)
    assert asked.headers["Location"].startswith("/sign-in/2fa/reauthenticate/")
    make.prove(client, asked.headers["Location"])
    answer: Any = client.get(address)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="732829320FEC{week.year}1231.txt"'
    assert answer.streaming
    assert b"".join(answer.streaming_content) == bytes_of("fec", "txt", year_of(week))


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("from=2026-12-31&to=2026-01-01", "Le dernier jour vient avant le premier."),
        ("from=2026-01-01&to=", "Donnez les deux jours"),
        ("from=2026-02-31&to=2026-12-31", "Donnez les deux jours"),
        ("from=1789-07-14&to=2026-12-31", "Un jour se trouve entre 2000 et 2099."),
        ("from=2025-06-01&to=2026-05-31", "Le journal se fait par année"),
        ("from=2001-01-01&to=2026-05-31", "Dix ans au plus"),
    ],
)
def test_days_that_are_no_period(week: SimpleNamespace, client: Client, asked: str, words: str) -> None:
    client.force_login(week.treasurer)
    make.prove(client)
    answer = client.get(f"/livres/exports/fec/?{asked}&format=txt")
    assert (answer.status_code, words in text(answer)) == (422, True)


def test_what_there_is_not(week: SimpleNamespace, client: Client) -> None:
    client.force_login(week.treasurer)
    make.prove(client)
    for address in ("/livres/exports/autre/", "/livres/exports/vat/"):
        assert client.get(f"{address}?from=2026-01-01&to=2026-12-31&format=txt").status_code == 404


def test_the_command_writes_the_same_file(week: SimpleNamespace, tmp_path: Path, capsys: Any) -> None:
    days = ("--from", f"{week.year}-01-01", "--to", f"{week.year}-12-31")
    call_command("books", "--kind", "fec", *days, "--out", str(tmp_path))
    file = tmp_path / f"732829320FEC{week.year}1231.txt"
    assert capsys.readouterr().out.strip() == str(file)
    assert file.read_bytes() == bytes_of("fec", "txt", year_of(week))
    call_command("books", "--kind", "fec", *days, "--out", str(tmp_path), "--json")
    assert json.loads(capsys.readouterr().out) == {"file": str(file)}
    with pytest.raises(CommandError, match="journal"):
        call_command("books", "--kind", "fec", "--from", "2025-06-01", "--to", "2026-05-31", "--out", str(tmp_path))
    with pytest.raises(CommandError, match="No such file"):
        call_command("books", "--kind", "vat", *days, "--out", str(tmp_path / "none" / "vat.csv"))
