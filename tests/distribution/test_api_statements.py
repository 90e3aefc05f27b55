"""The API's calls about a farm's statements, with exact bodies."""

import json
from typing import Any

import pytest

from distribution import settlement, statements
from distribution.documents import render_statement
from distribution.models import Statement
from hub.wire.shapes import instant
from producers.models import Producer
from tests import make
from tests.distribution.day import a_day
from tests.program import euros, program, refusal

pytestmark = pytest.mark.django_db

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(autouse=True)
def papers(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def stated(farm: Producer, price: str) -> Statement:
    at = make.collection()
    make.supply(farm, at.point)
    day = a_day({make.packaging(farm, price): 1}, farms=[farm], at=at)
    day.arrive()
    day.confirm()
    settlement.settle(collection=day.collection, now=make.now())
    made = statements.issue(producer=farm, week=at.week, now=make.now())
    assert made is not None
    return made


def statement_body(one: Statement, net: str) -> dict[str, Any]:
    return {
        "number": one.number, "producer": one.producer.code, "week": one.week, "issued_at": instant(one.issued_at),
        "net": euros(net), "payout": "due", "paid_at": None, "sha256": one.sha256,
    }  # fmt: skip


@pytest.fixture
def farm() -> Producer:
    make.fees("8", "12")
    return make.producer(iban="FR7630006000011234567890189")


def test_statements_of_my_farm(farm: Producer, django_assert_num_queries: Any) -> None:
    first, second = stated(farm, "5.20"), stated(farm, "10.00")
    stated(make.producer(), "7.00")
    farmer = program(make.farmer(farm))
    bodies = [statement_body(second, "8.00"), statement_body(first, "4.16")]
    with django_assert_num_queries(5):
        assert farmer.get("statements").json() == {"items": bodies, "next": None}
    page = farmer.get("statements?limit=1").json()
    assert page["items"] == bodies[:1]
    assert farmer.get(f"statements?limit=1&cursor={page['next']}").json() == {"items": bodies[1:], "next": None}
    today = instant(make.now())[:10]
    found = {
        query: len(farmer.get(f"statements?{query}").json()["items"])
        for query in (
            f"from={today}&to={today}",
            "to=2020-01-01",
            "from=2099-01-01",
            f"producer={farm.code}",
            "producer=x",
        )
    }
    assert list(found.values()) == [2, 0, 0, 2, 0]


def test_one_statement_as_json_pdf_and_csv(farm: Producer) -> None:
    one = stated(farm, "5.20")
    farmer, path = program(make.farmer(farm)), f"statements/{one.number}"
    assert farmer.get(path).json() == statement_body(one, "4.16") | {"content": json.loads(json.dumps(one.content))}
    files = {name: farmer.get(path, accept=kind) for name, kind in (("csv", "text/csv"), ("pdf", "application/pdf"))}
    assert files["csv"].content == render_statement(one.content, "csv")
    assert files["pdf"].content[:5] == b"%PDF-"
    assert files["csv"]["Content-Disposition"] == f'attachment; filename="{one.number}-{farm.code}.csv"'
    assert refusal(farmer.get(path, accept=XLSX))[:2] == (406, "not-acceptable")


def test_strangers_find_no_statement(farm: Producer) -> None:
    one = stated(farm, "5.20")
    for person in (make.farmer(make.producer()), make.household().members.get(), make.host(make.point())):
        there = program(person)
        assert there.get("statements").json() == {"items": [], "next": None}
        assert there.get(f"statements/{one.number}").status_code == 404
    reader = program(make.farmer(farm), "read")
    assert refusal(reader.get("statements")) == (403, "missing-scope", {"scope": "accounts"})
    assert program(make.coordinator()).get(f"statements/{one.number}").status_code == 200
