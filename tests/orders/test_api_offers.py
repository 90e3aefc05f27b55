"""The API's calls about what is on sale: collections and their offers, with exact bodies."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from hub.models import Collection
from hub.wire.shapes import instant
from producers.models import Offer, Packaging, Product, Stock
from tests import make
from tests.orders.api_sale import Sale
from tests.program import Program, euros, program, refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Sale:
    return Sale()


@pytest.fixture
def mine(shop: Sale) -> Program:
    return program(shop.member)


def collection_body(sale: Collection, status: str = "open") -> dict[str, Any]:
    return {
        "id": sale.code, "point": {"id": sale.point.code, "name": sale.point.name},
        "opens_at": instant(sale.opens_at or sale.closes_at),
        "closes_at": instant(sale.closes_at), "starts_at": instant(sale.starts_at), "ends_at": instant(sale.ends_at),
        "week": sale.week, "status": status,
    }  # fmt: skip


# Collections


def test_collections_of_my_points(shop: Sale, mine: Program) -> None:
    make.collection()
    assert mine.get("collections").json() == {"items": [collection_body(shop.sale)], "next": None}


def test_whom_a_collection_concerns(shop: Sale) -> None:
    people = [make.host(shop.point), make.farmer(shop.garden), make.coordinator(), make.household().members.get()]
    found = [len(program(person).get("collections").json()["items"]) for person in people]
    assert found == [1, 1, 1, 0]


def test_collections_by_point_state_and_day(shop: Sale, mine: Program) -> None:
    later = make.now() + timedelta(days=9)
    planned = make.collection(
        shop.point, opens_at=later - timedelta(days=2), closes_at=later - timedelta(days=1), starts_at=later,
        ends_at=later + timedelta(hours=1), status="planned",
    )  # fmt: skip
    past = make.passed(make.collection(shop.point))
    every = {"planned": [planned.code], "open": [shop.sale.code], "closed": [past.code], "confirmed": []}
    for state, codes in every.items():
        assert [one["id"] for one in mine.get(f"collections?status={state}").json()["items"]] == codes
        assert {one["status"] for one in mine.get(f"collections?status={state}").json()["items"]} <= {state}
    day = planned.local_date
    before, after = day - timedelta(days=1), day + timedelta(days=1)
    found = {
        query: [one["id"] for one in mine.get(f"collections?{query}").json()["items"]]
        for query in (f"from={day}&to={day}", f"from={after}", f"to={before}&point=grange", "point=autre")
    }
    assert found == {
        f"from={day}&to={day}": [planned.code], f"from={after}": [],
        f"to={before}&point=grange": [shop.sale.code, past.code], "point=autre": [],
    }  # fmt: skip


def test_pages_follow_each_other_without_gap_or_double(shop: Sale, mine: Program) -> None:
    codes = [shop.sale.code] + [make.collection(shop.point, starts_at=shop.sale.starts_at).code for _i in range(4)]
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = mine.get(f"collections?limit=2{'&cursor=' if cursor else ''}{cursor}").json()
        assert len(page["items"]) <= 2
        seen += [one["id"] for one in page["items"]]
        cursor = page["next"]
    assert seen == sorted(codes)


@pytest.mark.parametrize("cursor", ["x", "bm90", "W10", "WzEsMl0", "WyIyMDI2LTExLTI3IiwgIngiXQ", "é"])
def test_a_cursor_that_is_none_is_refused(mine: Program, cursor: str) -> None:
    assert refusal(mine.get(f"collections?cursor={cursor}"))[:2] == (
        422, "bad-cursor",
    )  # fmt: skip


# Offers


@pytest.mark.parametrize(
    ("label", "compared"),
    [("tresse 500 g", {"price": euros("5.00"), "unit": "g"}), ("pièce (~ 800 g)", None)],
)
def test_an_offer_tells_the_price_the_shelf_compares_by(
    shop: Sale, mine: Program, label: str, compared: dict[str, Any] | None
) -> None:
    """A braid is counted by the piece and compared by the kilogram."""
    Packaging.objects.filter(pk=shop.carrots.pk).update(label=label)
    told = mine.get(f"{shop.path}/offers?producer=jardin").json()["items"][0]
    assert (told["unit"], told["unit_price"]) == ("piece", euros("2.50"))
    assert told["compared"] == compared


def test_offers_say_all_a_program_needs(shop: Sale, mine: Program) -> None:
    Product.objects.filter(pk=shop.carrots.product_id).update(allergens=[], labels=["bio"])
    assert mine.get(f"{shop.path}/offers").json() == {
        "items": [
            {
                "id": shop.carrot_offer.code, "product": {"id": shop.carrots.product.code, "name": shop.carrots.product.name},
                "producer": {"id": "jardin", "name": "Le Jardin"},
                "packaging": {"id": shop.carrots.code, "label": shop.carrots.label, "content": 1}, "unit": "piece",
                "price": euros("2.50"), "unit_price": euros("2.50"), "compared": None,
                "deposit": euros("0.00"), "available": None,
                "ordered": 0, "weighed": None, "allergens": [], "labels": ["bio"], "aisle": "vegetables",
            },
            {
                "id": shop.chicken_offer.code, "product": {"id": shop.chicken.product.code, "name": shop.chicken.product.name},
                "producer": {"id": "bocage", "name": "Le Bocage"},
                "packaging": {"id": shop.chicken.code, "label": shop.chicken.label, "content": 1800}, "unit": "g",
                "price": euros("19.80"), "unit_price": euros("11.00"),
                "compared": {"price": euros("11.00"), "unit": "g"}, "deposit": euros("0.00"), "available": 2,
                "ordered": 0,
                "weighed": {
                    "expected_g": 1800, "maximum_g": 2300, "expected": euros("19.80"), "maximum": euros("25.30"),
                },
                "allergens": None, "labels": [], "aisle": "meat",
            },
        ],
        "next": None,
    }  # fmt: skip


def test_offers_by_words_farm_and_allergen(shop: Sale, mine: Program) -> None:
    Product.objects.filter(pk=shop.carrots.product_id).update(allergens=["celery"], name="Carottes râpées")
    Product.objects.filter(pk=shop.chicken.product_id).update(allergens=[])
    queries = {"q=RAPEES": "carrots", "producer=bocage": "chicken", "without_allergen=celery": "chicken", "q=x": ""}
    for query, expected in queries.items():
        found = [one["id"] for one in mine.get(f"{shop.path}/offers?{query}").json()["items"]]
        assert found == ([getattr(shop, expected).offers.get().code] if expected else [])


def test_pages_of_offers(shop: Sale, mine: Program) -> None:
    first = mine.get(f"{shop.path}/offers?limit=1").json()
    second = mine.get(f"{shop.path}/offers?limit=1&cursor={first['next']}").json()
    assert [first["items"][0]["id"], second["items"][0]["id"]] == [shop.carrot_offer.code, shop.chicken_offer.code]
    assert second["next"] is None


def test_two_hundred_offers_cost_seven_statements(shop: Sale, mine: Program, django_assert_num_queries: Any) -> None:
    farm = shop.garden
    products = Product.objects.bulk_create(
        Product(producer=farm, name=f"P {i}", unit="piece", vat_rate=Decimal("5.5"), aisle="vegetables")
        for i in range(198)
    )
    packs = Packaging.objects.bulk_create(
        Packaging(producer=farm, product=one, label="pièce", content=1, price=Decimal(1)) for one in products
    )
    stocks = Stock.objects.bulk_create(Stock(product=one, week=shop.sale.week, quantity=5) for one in products)
    Offer.objects.bulk_create(
        Offer(packaging=pack, stock=held, week=shop.sale.week, price=Decimal(1))
        for pack, held in zip(packs, stocks, strict=True)
    )
    with django_assert_num_queries(7):
        assert len(mine.get(f"{shop.path}/offers?limit=200").json()["items"]) == 200
