"""Sheets are emptied after the weeks the cooperative keeps them; files are whole or not there."""

import os
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from distribution import closing, printing, purging
from distribution.models import Sheet
from hub.models import Activity, Hub
from tests import make
from tests.distribution import week as weeks

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def frozen(weeks_ago: int) -> list[Sheet]:
    """The sheets of a close that many weeks ago, less an hour."""
    week = weeks.build()
    make.passed(week.collection)
    then = make.now() - timedelta(weeks=weeks_ago, hours=1)
    closing.close_collection(collection=week.collection, now=then)
    return list(Sheet.objects.filter(week=week.collection.week, extracted_at=then).order_by("pk"))


def files(media: Path) -> list[str]:
    return sorted(path.name for path in media.rglob("*") if path.is_file())


def test_old_sheets_are_emptied_and_young_ones_kept(media: Path) -> None:
    Hub.get()
    Hub.objects.update(sheet_weeks=8)
    old, young = frozen(8), frozen(7)
    for sheet in (old[0], young[0]):
        printing.file_of(sheet, "pdf")
    hashes = {sheet.pk: sheet.sha256 for sheet in old}
    now = make.now()
    assert purging.purge_due(now=now) == len(old) == 11
    emptied = Sheet.objects.filter(purged_at__isnull=False)
    assert {sheet.pk: sheet.sha256 for sheet in emptied} == hashes
    assert [sheet.content for sheet in emptied] == [{}] * 11
    assert files(media) == [f"{young[0].sha256}.pdf"]
    told = Activity.objects.filter(verb="sheets.purged").order_by("subject")
    collection = old[0].collection
    assert collection is not None
    assert [(row.subject, row.at) for row in told] == [("harvest", now), (collection.code, now)]
    assert len(told[1].data["sheets"]) == 9
    assert purging.purge_due(now=now) == 0


def test_sheets_are_kept_four_weeks_at_least(media: Path) -> None:
    Hub.get()
    Hub.objects.update(sheet_weeks=0)
    frozen(3)
    assert purging.purge_due(now=make.now()) == 0


def test_packets_of_several_sheets_go_with_them(media: Path) -> None:
    sheets = frozen(0)
    printing.packet(sheets[:2])
    (packet,) = (media / "packets").iterdir()
    aged: datetime = make.now() - timedelta(days=15)
    os.utime(packet, (time.time(), aged.timestamp()))
    purging.purge_due(now=make.now())
    assert not packet.exists()
    assert printing.packet(sheets[:2]).startswith(b"%PDF-")


def test_a_pdf_that_could_not_be_written_whole_is_not_there(media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the disk is full or the process killed: under the sheet's name there is nothing, and the next one writes it."""
    sheet = frozen(0)[0]
    replace = Path.replace

    def stopped(self: Path, target: Path) -> Path:
        raise OSError("killed")

    monkeypatch.setattr(Path, "replace", stopped)
    with pytest.raises(OSError, match="killed"):
        printing.file_of(sheet, "pdf")
    assert list(media.rglob("*.pdf")) == []
    monkeypatch.setattr(Path, "replace", replace)
    assert printing.file_of(sheet, "pdf") == (media / "sheets" / sheet.sha256[:2] / f"{sheet.sha256}.pdf").read_bytes()


def test_the_purge_is_the_owners(media: Path) -> None:
    """It runs with the rights of the tables' owner, whoever calls it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT p.prosecdef, p.proconfig, pg_get_userbyid(p.proowner) = t.tableowner
               FROM pg_proc p JOIN pg_tables t ON t.tablename = 'distribution_sheet' WHERE p.proname = 'cabas_purge_sheets'"""
        )
        assert cursor.fetchall() == [(True, ["search_path=public"], True)]
