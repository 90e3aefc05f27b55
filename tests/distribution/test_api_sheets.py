"""The API's calls about the sheets, with exact bodies."""

from typing import Any

import pytest
from django.core.files.storage import default_storage

from distribution import closing, printing
from distribution.models import Sheet
from hub.wire.shapes import instant
from producers.models import Producer
from tests import make
from tests.distribution import week as weeks
from tests.distribution.week import Week
from tests.program import program, refusal

pytestmark = pytest.mark.django_db


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(autouse=True)
def papers(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def week() -> Week:
    made = weeks.build()
    make.passed(made.collection)
    closing.close_due(now=make.now())
    return made


def sheet_of(week: Week, kind: str, farm: Producer | None = None) -> Sheet:
    return Sheet.objects.get(kind=kind, producer=farm)


def test_the_sheets_there_are(week: Week) -> None:
    host = program(week.host)
    items = host.get(f"collections/{week.collection.code}/sheets").json()["items"]
    farms = sorted([week.garden.code, week.yard.code])
    expected = [("sign-off", None), ("packing", None), *[("delivery-note", farm) for farm in farms], ("table-plan", None),
                ("labels", None), ("duty", None), *[("member-slips", farm) for farm in farms],
                *[("harvest", farm) for farm in farms]]  # fmt: skip
    assert [(one["kind"], one["producer"]) for one in items] == expected
    first = sheet_of(week, "sign-off")
    assert items[0] == {
        "kind": "sign-off", "producer": None, "version": 1, "extracted_at": instant(first.extracted_at),
        "sha256": first.sha256,
    }  # fmt: skip


def test_a_sheet_as_json(week: Week) -> None:
    found = sheet_of(week, "sign-off")
    assert program(week.host).get(f"collections/{week.collection.code}/sheets/sign-off").json() == {
        "kind": "sign-off", "collection": week.collection.code, "week": week.collection.week, "producer": None,
        "version": 1, "extracted_at": instant(found.extracted_at), "sha256": found.sha256, "content": found.content,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("accept", "format_"),
    [
        ("text/csv", "csv"),
        ("application/pdf", "pdf"),
        (XLSX, "xlsx"),
        ("text/html, application/pdf;q=0.9, */*;q=0.1", "pdf"),
    ],
)
def test_a_sheet_as_a_file_is_the_one_of_the_pages(week: Week, accept: str, format_: Any) -> None:
    answer = program(week.host).get(f"collections/{week.collection.code}/sheets/packing", accept=accept)
    assert (answer.status_code, answer["Content-Type"]) == (200, printing.FORMATS[format_])
    assert answer["Content-Disposition"] == f'attachment; filename="packing.{format_}"'
    expected = printing.file_of(sheet_of(week, "packing"), format_)
    assert format_ == "xlsx" or answer.content == expected
    assert answer.content[:4] == expected[:4]


def test_a_pdf_is_read_from_its_file(week: Week) -> None:
    found = sheet_of(week, "packing")
    printing.file_of(found, "pdf")
    with default_storage.open(printing._path(found), "wb") as kept:
        kept.write(b"%PDF-kept")
    answer = program(week.host).get(f"collections/{week.collection.code}/sheets/packing", accept="application/pdf")
    assert answer.content == b"%PDF-kept"


def test_a_media_type_that_does_not_exist_is_refused_with_those_that_do(week: Week) -> None:
    answer = program(week.host).get(f"collections/{week.collection.code}/sheets/packing", accept="image/png")
    offered = ["application/json", "text/csv", "application/pdf", XLSX]
    assert refusal(answer) == (406, "not-acceptable", {"offered": offered})


def test_sheets_of_farms(week: Week) -> None:
    host, path = program(week.host), f"collections/{week.collection.code}/sheets"
    codes = sorted([week.garden.code, week.yard.code])
    assert refusal(host.get(f"{path}/delivery-note")) == (409, "which-producer", {"producers": codes})
    for kind in ("delivery-note", "member-slips", "harvest"):
        body = host.get(f"{path}/{kind}?producer={week.yard.code}").json()
        assert (body["producer"], body["content"]) == (week.yard.code, sheet_of(week, kind, week.yard).content)
        mine = program(week.gardener).get(f"{path}/{kind}").json()
        assert (mine["producer"], mine["content"]) == (week.garden.code, sheet_of(week, kind, week.garden).content)


def test_versions_of_a_sheet(week: Week) -> None:
    first = sheet_of(week, "sign-off")
    content = first.content | {"header": first.content["header"] | {"version": 2}}
    Sheet.objects.create(
        kind="sign-off", collection=week.collection, week=first.week, version=2, content=content, sha256="2" * 64,
        extracted_at=first.extracted_at,
    )  # fmt: skip
    host, path = program(week.host), f"collections/{week.collection.code}/sheets/sign-off"
    found = [host.get(f"{path}{query}").json()["sha256"] for query in ("", "?version=1", "?version=2")]
    assert found == ["2" * 64, first.sha256, "2" * 64]
    assert [host.get(f"{path}?version={version}").status_code for version in ("3", "0", "x")] == [404, 422, 422]


def test_strangers_find_no_sheets(week: Week) -> None:
    path = f"collections/{week.collection.code}/sheets"
    home = next(iter(week.homes.values())).members.get()
    for person in (make.host(make.point()), make.farmer(make.producer()), home):
        there = program(person)
        assert [there.get(path).status_code, there.get(f"{path}/sign-off").status_code] == [404, 404]
    gardener = program(week.gardener)
    assert gardener.get(f"{path}/sign-off").status_code == 404
    assert gardener.get(f"{path}/delivery-note?producer={week.yard.code}").status_code == 404
    assert [one["producer"] for one in gardener.get(path).json()["items"]] == [week.garden.code] * 3
    assert program(week.host).get(f"{path}/route").status_code == 404
    assert program(week.host).get(f"{path}/poster").status_code == 422
