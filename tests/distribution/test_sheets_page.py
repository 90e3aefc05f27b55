"""Printing: who sees which sheets, and the files behind them."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from distribution import closing, printing
from distribution.models import MinimumDecision, Sheet
from hub.models import Member
from orders import ordering
from tests import make
from tests.distribution import week as weeks
from tests.distribution.week import Week

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def papers(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def week() -> Week:
    made = weeks.build()
    make.passed(made.collection)
    closing.close_due(now=make.now())
    return made


def signed_in(member: Member) -> Client:
    client = Client()
    client.force_login(member)
    return client


def page_of(week: Week) -> str:
    return reverse("distribution:sheets", args=[week.collection.code])


def test_the_host_finds_all_sheets(week: Week) -> None:
    response = signed_in(week.host).get(page_of(week))
    assert response.status_code == 200
    assert [card.kind for card in response.context["cards"]] == [
        "sign-off", "packing", "delivery-note", "table-plan", "labels", "duty", "member-slips", "harvest",
    ]  # fmt: skip
    assert "3 foyers" in response.content.decode()
    assert "2 fermes" in response.content.decode()


def test_the_number_of_statements_of_the_page_is_small(week: Week, django_assert_max_num_queries: Any) -> None:
    client = signed_in(week.host)
    with django_assert_max_num_queries(14):
        client.get(page_of(week))


def test_strangers_find_nothing(week: Week) -> None:
    other_host = make.host(make.point())
    shopper = week.homes["Zoé"].members.get()
    for member in (other_host, shopper):
        assert signed_in(member).get(page_of(week)).status_code == 404
        for sheet in Sheet.objects.all():
            assert signed_in(member).get(reverse("distribution:sheet", args=[sheet.sha256, "csv"])).status_code == 404
    assert Client().get(page_of(week)).status_code == 302


def test_a_farm_reads_its_own_sheets_only(week: Week) -> None:
    client = signed_in(week.gardener)
    seen = {
        (sheet.kind, sheet.producer_id)
        for sheet in Sheet.objects.all()
        if client.get(reverse("distribution:sheet", args=[sheet.sha256, "csv"])).status_code == 200
    }
    garden = week.garden.pk
    assert seen == {("delivery-note", garden), ("member-slips", garden), ("harvest", garden)}


def test_every_sheet_in_every_format(week: Week) -> None:
    client = signed_in(week.host)
    starts = {"pdf": b"%PDF", "xlsx": b"PK", "csv": b"\xef\xbb\xbf", "html": b"<!doctype html"}
    for sheet in Sheet.objects.all():
        for format_, start in starts.items():
            response = client.get(reverse("distribution:sheet", args=[sheet.sha256, format_]))
            assert (response.status_code, response.content[: len(start)].lower()) == (200, start.lower()), sheet.kind
            if format_ == "html":
                assert "sha256-" in response["Content-Security-Policy"]
    unknown = client.get(reverse("distribution:sheet", args=[Sheet.objects.all()[0].sha256, "docx"]))
    assert unknown.status_code == 404


def test_a_downloaded_sheet_says_in_words_what_it_is_and_of_when(week: Week) -> None:
    sheet = Sheet.objects.get(collection=week.collection, kind="sign-off")
    path = reverse("distribution:sheet", args=[sheet.sha256, "csv"])
    said = signed_in(week.host).get(path).headers["Content-Disposition"]
    assert said == f'attachment; filename="{week.collection.code}-liste-d-emargement.csv"'
    Member.objects.update(language="en")
    said = signed_in(Member.objects.get(pk=week.host.pk)).get(path).headers["Content-Disposition"]
    assert said == f'attachment; filename="{week.collection.code}-sign-off-list.csv"'


def test_one_pdf_of_what_is_ticked(week: Week) -> None:
    address = reverse("distribution:packet", args=[week.collection.code])
    client = signed_in(week.host)
    assert client.get(address, {"kind": ["sign-off", "delivery-note"]}).content[:4] == b"%PDF"
    assert client.get(address, {"kind": "nothing"}).status_code == 404


def test_pdfs_are_made_once_and_again_when_missing(week: Week, tmp_path: Any) -> None:
    count = Sheet.objects.count()
    assert printing.render_missing(now=make.now()) == count
    assert printing.render_missing(now=make.now()) == 0
    files = sorted(tmp_path.rglob("*.pdf"))
    assert len(files) == count
    before = files[0].read_bytes()
    files[0].unlink()
    assert printing.render_missing(now=make.now()) == 1
    assert files[0].read_bytes() == before


def test_before_the_close_there_is_nothing_to_print() -> None:
    week = weeks.build()
    response = signed_in(week.host).get(page_of(week))
    assert response.context["cards"] == []
    assert "Les commandes sont encore ouvertes" in response.content.decode()
    landing = signed_in(week.host).get(reverse("distribution:prints"))
    assert (landing.status_code, landing["Location"]) == (302, page_of(week))


def test_the_farm_answers_for_its_minimum() -> None:
    week = weeks.build(yard_minimum="100")
    make.passed(week.collection)
    closing.close_due(now=make.now())
    address = reverse("distribution:minimum", args=[week.collection.code, week.yard.code])
    farmer = signed_in(week.yard.people.get().member)
    assert signed_in(week.gardener).get(address).status_code == 404
    assert signed_in(week.gardener).post(address, {"choice": "cancel"}).status_code == 404
    assert "59,40" in farmer.get(address).content.decode()
    assert farmer.post(address, {"choice": "perhaps"}).status_code == 422
    assert MinimumDecision.objects.get().decision == ""
    assert farmer.post(address, {"choice": "deliver"}).status_code == 302
    assert MinimumDecision.objects.get().decision == "deliver"
    assert farmer.post(address, {"choice": "cancel"}).status_code == 409
    assert MinimumDecision.objects.get().decision == "deliver"


def test_the_command_writes_files(week: Week, tmp_path: Any) -> None:
    out = tmp_path / "out"
    call_command("sheets", week.collection.code, "--format", "csv,html", "--out", str(out))
    garden, yard = week.garden.code, week.yard.code
    alone = ["duty", "labels", "packing", "sign-off", "table-plan"]
    farms = [f"{kind}-{farm}" for kind in ("delivery-note", "harvest", "member-slips") for farm in (garden, yard)]
    assert sorted(path.name for path in out.iterdir()) == sorted(
        f"{name}.{ext}" for name in alone + farms for ext in ("csv", "html")
    )


def test_the_command_lists_collections(week: Week, capsys: pytest.CaptureFixture[str]) -> None:
    import json

    call_command("sheets", "--list", "--json")
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["id"], row["point"], row["status"], row["orders"]) == (
        week.collection.code, week.point.name, "closed", 3,
    )  # fmt: skip
    assert sorted(row) == ["id", "orders", "point", "starts_at", "status"]


@pytest.mark.parametrize(
    "arguments", [["nowhere"], ["--kind", "all"], ["CODE", "--kind", "menus"], ["CODE", "--format", "doc"]]
)
def test_the_command_refuses_what_it_does_not_know(week: Week, arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("sheets", *[week.collection.code if one == "CODE" else one for one in arguments])


def test_an_open_sale_has_nothing_to_print_when_another_point_of_the_week_is_closed(week: Week) -> None:
    """The harvest list of the week is frozen by the first close; the other point's sheets are not."""
    point = make.point()
    make.supply(week.garden, point)
    sale = make.collection(point, starts_at=week.collection.starts_at, ends_at=week.collection.ends_at)
    home = make.household()
    make.join(home, point)
    ordering.place(household=home, collection=sale, wish={week.carrots.pk: 1}, by=None, now=make.now())
    client = signed_in(make.host(point))
    page = client.get(reverse("distribution:sheets", args=[sale.code]))
    assert (page.status_code, page.context["cards"]) == (200, [])
    assert client.get(reverse("distribution:packet", args=[sale.code])).status_code == 404
