"""Whoever leaves takes their data along: the export, its page and its command."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from distribution import own_data
from hub.models import Household
from tests import make
from tests.distribution.whole_life import WORDS, rosalinde


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
    settings.CABAS_HOME = tmp_path / "home"
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.mark.django_db
def test_the_export_holds_everything_and_says_it_to_people() -> None:
    home = rosalinde()
    data = json.loads(own_data.as_json(own_data.collect(home, now=make.now())))
    assert {name: len(data[name]) for name in data if isinstance(data[name], list)} == {
        "household": 1, "members": 1, "sign_in": 2, "programs": 1, "memberships": 2, "favourites": 1, "wishes": 0,
        "orders": 1, "lines": 1, "shortages": 0, "payments": 1, "cards": 0, "mandates": 0, "top_ups": 0, "refunds": 0,
        "paid_back": 0, "invoices": 0, "account": 2,
        "messages": 1, "messages_waiting": 0, "journal": len(data["journal"]),
    }  # fmt: skip
    text = own_data.as_page(own_data.collect(home, now=make.now()), language="fr").decode()
    for word in WORDS:
        assert word in text or word == "tante Ursule"
    assert "Nos données sur votre foyer" in text
    assert data["orders"][0]["final"] == "7.50"


@pytest.mark.django_db
def test_words_in_the_export_are_words_and_not_markup() -> None:
    home = make.household("<script>alert(1)</script>")
    page = own_data.as_page(own_data.collect(home, now=make.now()), language="fr").decode()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.django_db
def test_the_page_gives_the_file_and_erases_after_a_tick_in_a_box(client: Client) -> None:
    home = rosalinde()
    (person,) = home.members.all()
    Authenticator.objects.all().delete()
    client.force_login(person)
    answer = client.get(reverse("distribution:own-data-file"))
    with zipfile.ZipFile(io.BytesIO(answer.getvalue())) as archive:
        assert archive.namelist() == ["donnees.json", "donnees.html"]
    page = reverse("distribution:own-data")
    assert "Effacer définitivement" in client.get(page).content.decode()
    unsure = client.post(page)
    assert (unsure.status_code, "Cochez la case" in unsure.content.decode()) == (422, True)
    assert Household.objects.get(pk=home.pk).erased_at is None
    done = client.post(page, {"sure": "yes"})
    assert done.headers["Location"] == reverse("account_login")
    assert Household.objects.get(pk=home.pk).erased_at is not None
    assert client.get(page).headers["Location"].startswith(reverse("account_login"))


@pytest.mark.django_db
def test_the_page_says_what_hinders(client: Client) -> None:
    home = rosalinde(settled=False)
    (person,) = home.members.all()
    Authenticator.objects.all().delete()
    client.force_login(person)
    page = client.get(reverse("distribution:own-data")).content.decode()
    assert "Une commande est encore en cours." in page
    assert "Effacer définitivement" not in page


@pytest.mark.django_db
def test_the_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = rosalinde()
    call_command("export_household", home.code, "--out", str(tmp_path / "out"), "--json")
    files = [str(tmp_path / "out" / name) for name in ("donnees.json", "donnees.html")]
    assert json.loads(capsys.readouterr().out) == {"household": home.code, "files": files}
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["donnees.html", "donnees.json"]
    call_command("erase_household", home.code)
    assert capsys.readouterr().out.splitlines()[-1] == f"{home.code} is erased."
    call_command("erase_household", home.code, "--json")
    assert json.loads(capsys.readouterr().out) == {"household": home.code, "erased": True}
    with pytest.raises(CommandError, match="no household"):
        call_command("erase_household", "NOBODY")
