"""The API's calls about a farm's week and its spreadsheets, with exact bodies."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from hub.calendar import shift_week
from hub.founding import set_vat_rates
from hub.models import Collection, IdempotencyKey
from hub.wire.shapes import instant
from orders import ordering
from producers import imports
from producers.models import Import, Offer, Packaging, Producer, Product, Stock
from tests import make
from tests.program import BASE, Program, euros, program, refusal

pytestmark = pytest.mark.django_db

CATALOGUES = Path(__file__).parent / "catalogues"


@pytest.fixture
def sale() -> Collection:
    return make.collection()


@pytest.fixture
def farm(sale: Collection) -> Producer:
    return make.producer(sale.point, code="jardin")


@pytest.fixture
def carrots(farm: Producer, sale: Collection) -> tuple[Packaging, Packaging]:
    """One stock of 40 kg sold by the kilo and in sacks of 5 kg; only the kilo is offered yet."""
    product = Product.objects.create(producer=farm, name="Carottes", unit="g", vat_rate=Decimal("5.5"))
    kilo = make.packaging(farm, "2.80", product, label="1 kg", content=1000, reference="CAR", position=1)
    sack = make.packaging(farm, "12.00", product, label="5 kg", content=5000, position=2)
    make.offer(kilo, sale, 40)
    return kilo, sack


@pytest.fixture
def farmer(farm: Producer) -> Program:
    return program(make.farmer(farm))


def week_body(sale: Collection, kilo: Packaging, sack: Packaging, **more: Any) -> dict[str, Any]:
    return {
        "producer": "jardin", "week": sale.week, "closes_at": instant(sale.closes_at),
        "products": [
            {
                "id": kilo.product.code, "name": "Carottes", "unit": "g", "published": True, "unlimited": False,
                "quantity": 40_000, "reserved": 7_000, "left": 33_000,
                "packagings": [
                    {
                        "id": kilo.code, "reference": "CAR", "label": "1 kg", "content": 1000, "weighed": False,
                        "price": euros("2.80"), "on_sale": True, "packs": 40, "reserved": 7,
                    },
                    {
                        "id": sack.code, "reference": "", "label": "5 kg", "content": 5000, "weighed": False,
                        "price": euros("12.00"), "on_sale": False, "packs": 8, "reserved": 2,
                    },
                ],
            } | more
        ],
    }  # fmt: skip


def bought(sale: Collection, pack: Packaging, packs: int) -> None:
    home = make.household()
    make.join(home, sale.point)
    ordering.place(household=home, collection=sale, wish={pack.pk: packs}, by=None, now=make.now())


def test_the_week_in_base_units_and_packs(sale: Collection, carrots: Any, farmer: Program) -> None:
    bought(sale, carrots[0], 7)
    assert farmer.get(f"producers/jardin/stock/{sale.week}").json() == week_body(sale, *carrots)


def test_a_week_nobody_has_published_yet(sale: Collection, farmer: Program, carrots: Any) -> None:
    week = shift_week(sale.week, 3)
    (product,) = farmer.get(f"producers/jardin/stock/{week}").json()["products"]
    shown = [product[name] for name in ("published", "unlimited", "quantity", "reserved", "left")]
    assert shown == [False, False, None, 0, None]
    assert [one["packs"] for one in product["packagings"]] == [None, None]


def test_a_week_costs_the_same_statements_for_forty_products(
    sale: Collection, farm: Producer, carrots: Any, farmer: Program, django_assert_num_queries: Any
) -> None:
    path = f"producers/jardin/stock/{sale.week}"
    with django_assert_num_queries(9):
        farmer.get(path)
    for _i in range(40):
        make.offer(make.packaging(farm), sale)
    with django_assert_num_queries(9):
        assert len(farmer.get(path).json()["products"]) == 41


def test_rows_are_published_and_the_others_stay(sale: Collection, carrots: Any, farmer: Program) -> None:
    kilo, sack = carrots
    bought(sale, kilo, 7)
    rows = [{"packaging": sack.code, "packs": 4, "price": euros("11.50"), "on_sale": True}]
    answer = farmer.put(f"producers/jardin/stock/{sale.week}", {"rows": rows})
    expected = week_body(sale, kilo, sack, quantity=20_000, left=13_000)
    first, second = expected["products"][0]["packagings"]
    first["packs"] = 20
    second |= {"packs": 4, "price": euros("11.50"), "on_sale": True}
    assert (answer.status_code, answer.json()) == (200, expected)
    assert set(Stock.objects.values_list("quantity", "reserved")) == {(20_000, 7_000)}


@pytest.mark.parametrize(
    ("row", "quantity"), [({"units": 25_500}, 25_500), ({"unlimited": True}, None), ({"sold_out": True}, 7_000)]
)
def test_ways_to_say_a_stock(
    sale: Collection, carrots: Any, farmer: Program, row: dict[str, Any], quantity: int | None
) -> None:
    bought(sale, carrots[0], 7)
    rows = [{"packaging": carrots[0].code, **row}]
    assert farmer.put(f"producers/jardin/stock/{sale.week}", {"rows": rows}).status_code == 200
    assert Stock.objects.get().quantity == quantity


def test_less_than_reserved_is_refused_with_what_is_reserved(sale: Collection, carrots: Any, farmer: Program) -> None:
    kilo, sack = carrots
    bought(sale, kilo, 7)
    path = f"producers/jardin/stock/{sale.week}"
    assert refusal(farmer.put(path, {"rows": [{"packaging": kilo.code, "packs": 6}]})) == (
        409, "below-reserved", {"reserved": 7, "rows": {kilo.code: 7}},
    )  # fmt: skip
    assert refusal(farmer.put(path, {"rows": [{"packaging": sack.code, "packs": 1}]})) == (
        409, "below-reserved", {"reserved": 2, "rows": {sack.code: 2}},
    )  # fmt: skip
    assert Stock.objects.get().quantity == 40_000


def test_refusals_of_a_week(sale: Collection, carrots: Any, farmer: Program) -> None:
    kilo, sack = carrots
    other = make.packaging(make.producer())
    path = f"producers/jardin/stock/{sale.week}"

    def put(*rows: dict[str, Any]) -> tuple[int, str, Any]:
        return refusal(farmer.put(path, {"rows": list(rows)}))

    assert put({"packaging": other.code, "packs": 1}) == (422, "unknown-packaging", {"packagings": [other.code]})
    assert put({"packaging": kilo.code, "packs": 1}, {"packaging": kilo.code}) == (
        422, "row-twice", {"packagings": [kilo.code]},
    )  # fmt: skip
    assert put({"packaging": kilo.code, "packs": 1, "units": 1})[:2] == (422, "row-twice")
    assert put({"packaging": kilo.code, "price": euros("10000.01")})[:2] == (422, "bad-price")
    assert put({"packaging": kilo.code, "packs": 1}, {"packaging": sack.code, "packs": 1})[:2] == (
        409,
        "siblings-stock",
    )
    assert put({"packaging": kilo.code, "packs": 200_000})[:2] == (409, "too-many-packs")
    assert refusal(farmer.put("producers/jardin/stock/2020-W01", {"rows": [{"packaging": kilo.code, "packs": 1}]}))[
        :2
    ] == (409, "week-over")
    assert list(Stock.objects.values_list("quantity", flat=True)) == [40_000]
    assert Offer.objects.count() == 1


BAD_ROWS = [
    ({"packaging": "A", "packs": "3"}, "rows.0.packs"),
    ({"packaging": "A", "price": 2.5}, "rows.0.price"),
    ({"packaging": "A", "price": {"amount": "2.5", "currency": "EUR"}}, "rows.0.price.amount"),
    ({"packaging": "A", "price": {"amount": "2.50", "currency": "CHF"}}, "rows.0.price.currency"),
    ({"packaging": "A", "on_sale": 1}, "rows.0.on_sale"),
    ({"packaging": "A", "colour": "orange"}, "rows.0.colour"),
]


@pytest.mark.parametrize(("row", "path"), BAD_ROWS)
def test_malformed_rows(farmer: Program, sale: Collection, row: dict[str, Any], path: str) -> None:
    answer = farmer.put(f"producers/jardin/stock/{sale.week}", {"rows": [row]})
    assert (answer.status_code, [one["path"] for one in answer.json()["errors"]]) == (422, [path])


@pytest.mark.parametrize("week", ["2026-W54", "2026-48", "0000-W01", "9999-W52", "W48"])
def test_weeks_that_do_not_exist(farmer: Program, week: str) -> None:
    answer = farmer.get(f"producers/jardin/stock/{week}")
    assert (answer.status_code, [one["path"] for one in answer.json()["errors"]]) == (422, ["week"])


def test_a_strangers_farm_is_not_there(sale: Collection, carrots: Any) -> None:
    body = {"rows": [{"packaging": carrots[0].code, "packs": 1}]}
    for person in (make.farmer(make.producer()), make.household().members.get(), make.host(sale.point)):
        there, path = program(person), f"producers/jardin/stock/{sale.week}"
        assert [there.get(path).status_code, there.put(path, body).status_code] == [404, 404]
        assert send(there, b"x").status_code == 404
    assert Stock.objects.get().quantity == 40_000
    assert not Import.objects.exists()


# Spreadsheets


@pytest.fixture
def rates() -> None:
    set_vat_rates({Decimal("5.5"): date(2014, 1, 1), Decimal(10): date(2014, 1, 1), Decimal(20): date(2014, 1, 1)})


def send(farmer: Program, content: bytes, name: str = "prix.csv", query: str = "", key: str = "") -> Any:
    return farmer.upload(f"producers/jardin/imports{query}", name, content, key=key)


FILE = "Réf;Produit;Conditionnement;Prix;Stock\nPOI;Poireaux;botte;3,20;12\n;Navets;1 kg;gratuit;5\n".encode()


def preview_body(code: str, week: str, **more: Any) -> dict[str, Any]:
    return {
        "id": code, "producer": "jardin", "week": week, "file": "prix.csv", "status": "previewed", "created": 1,
        "changed": 0, "unchanged": 0, "ignored": 0,
        "errors": [{"row": 3, "column": "Prix", "value": "gratuit", "reason": more.pop("reason")}],
        "remarks": [], "left": [],
    } | more  # fmt: skip


def test_a_spreadsheet_is_read_written_and_taken_back(
    rates: None, sale: Collection, farm: Producer, farmer: Program
) -> None:
    answer = send(farmer, FILE)
    imp = Import.objects.get()
    reason = answer.json()["errors"][0]["reason"]
    assert (answer.status_code, answer.json()) == (201, preview_body(imp.code, sale.week, reason=reason))
    assert reason
    assert not Product.objects.exists()
    assert farmer.get(f"imports/{imp.code}").json() == answer.json()
    confirmed = farmer.post(f"imports/{imp.code}/confirmation")
    assert confirmed.json() == preview_body(imp.code, sale.week, reason=reason, status="confirmed")
    assert [product.name for product in Product.objects.all()] == ["Poireaux"]
    assert refusal(farmer.post(f"imports/{imp.code}/confirmation"))[:2] == (409, "import-already-written")
    undone = farmer.post(f"imports/{imp.code}/undo")
    assert undone.json() == preview_body(imp.code, sale.week, reason=reason, status="undone")
    assert not Product.objects.exists()
    assert refusal(farmer.post(f"imports/{imp.code}/undo"))[:2] == (409, "import-not-undoable")


def test_a_file_sent_twice_under_one_key_is_one_import(
    rates: None, sale: Collection, farmer: Program, farm: Producer
) -> None:
    first, again = send(farmer, FILE, key="k1"), send(farmer, FILE, key="k1")
    assert (again.status_code, again.json()) == (201, first.json())
    assert again["Idempotent-Replayed"] == "true"
    assert refusal(send(farmer, FILE + b"x", key="k1"))[:2] == (409, "idempotency-key-reused")
    assert Import.objects.count() == 1


def test_the_week_of_a_file_may_be_said(rates: None, farm: Producer, farmer: Program, sale: Collection) -> None:
    week = shift_week(sale.week, 2)
    assert send(farmer, FILE, query=f"?week={week}").json()["week"] == week
    assert send(farmer, FILE, query="?week=2026-W99").status_code == 422


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"", "vide.csv"), (b"PK\x03\x04", "faux.xlsx"), (b"\x00\x01", "bruit.csv"), (b"a;b\n1;2", "x.csv")],
)
def test_a_file_that_is_no_catalogue_is_refused(
    rates: None, farm: Producer, farmer: Program, content: bytes, name: str
) -> None:
    status, _code, _data = refusal(send(farmer, content, name))
    assert 400 <= status < 500
    assert not Import.objects.exists()


def test_without_a_file_the_path_is_told(farm: Producer, farmer: Program) -> None:
    headers = {"authorization": f"Bearer {farmer.secret}"}
    path = f"{BASE}producers/jardin/imports"
    answers = [
        Client().post(path, {"x": "y"}, headers=headers), Client().post(path, {"file": "text"}, headers=headers),
        Client().post(path, b"broken", content_type="multipart/form-data; boundary=x", headers=headers),
        Client().post(path, b"broken", content_type="multipart/form-data", headers=headers),
        Client().post(path, {"file": "a"}, content_type="application/json", headers=headers),
    ]  # fmt: skip
    assert [answer.status_code for answer in answers] == [422] * 5
    assert {answer["Content-Type"] for answer in answers} == {"application/problem+json"}
    assert not IdempotencyKey.objects.exists()


def test_a_strangers_import_is_not_there(rates: None, farm: Producer, farmer: Program) -> None:
    code = send(farmer, FILE).json()["id"]
    other = program(make.farmer(make.producer()))
    answers = [
        other.get(f"imports/{code}"),
        other.post(f"imports/{code}/confirmation"),
        other.post(f"imports/{code}/undo"),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert Import.objects.get().status == "previewed"


def test_an_import_older_than_a_day_stays(rates: None, farm: Producer, farmer: Program) -> None:
    imp = imports.confirm(imp=Import.objects.get(code=send(farmer, FILE).json()["id"]), by=None, now=make.now())
    Import.objects.filter(pk=imp.pk).update(confirmed_at=make.now() - timedelta(hours=25))
    assert refusal(farmer.post(f"imports/{imp.code}/undo"))[:2] == (409, "import-not-undoable")
    assert Product.objects.exists()
