"""The API's calls about ordering, with exact bodies."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from hub import tokens
from hub.models import Collection, IdempotencyKey
from hub.wire.shapes import instant
from orders.models import Order, OrderLine, Wish
from producers.models import Offer, Packaging, Product, Stock
from tests import make
from tests.program import BASE, Program, program, refusal

pytestmark = pytest.mark.django_db


class Sale:
    """One household at one point with two farms: carrots on sale without limit, two chickens left."""

    def __init__(self) -> None:
        make.fees()
        self.point = make.point(code="grange", name="La Grange")
        self.sale = make.collection(self.point)
        self.garden = make.producer(self.point, code="jardin", name="Le Jardin")
        self.yard = make.producer(self.point, code="bocage", name="Le Bocage")
        self.carrots = make.packaging(self.garden, "2.50")
        self.chicken = make.weighed(self.yard)
        self.home = make.household("Morel")
        make.join(self.home, self.point)
        self.member = self.home.members.get()
        self.carrot_offer = make.offer(self.carrots, self.sale, None)
        self.chicken_offer = make.offer(self.chicken, self.sale, 2)
        self.path = f"collections/{self.sale.code}"

    def lines(self, carrots: int = 0, chicken: int = 0) -> list[dict[str, Any]]:
        every = [(self.carrot_offer, carrots), (self.chicken_offer, chicken)]
        return [{"offer": offer.code, "quantity": packs} for offer, packs in every if packs]


@pytest.fixture
def shop() -> Sale:
    return Sale()


@pytest.fixture
def mine(shop: Sale) -> Program:
    return program(shop.member)


def euros(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


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


# My order


def order_body(shop: Sale, order: Order, **more: Any) -> dict[str, Any]:
    carrots, chicken = OrderLine.objects.filter(order=order).order_by("-producer__name")
    line = {"delivered": None, "weight_g": None, "final": None, "deposit": euros("0.00")}
    return {
        "code": order.code, "collection": shop.sale.code, "basket_number": None, "status": "placed", "note": "Merci",
        "placed_at": instant(order.placed_at), "changed_at": instant(order.changed_at),
        "lines": [
            line | {
                "offer": shop.chicken_offer.code,
                "packaging": {"id": shop.chicken.code, "label": shop.chicken.label, "content": 1800},
                "product": {"id": shop.chicken.product.code, "name": chicken.name},
                "producer": {"id": "bocage", "name": "Le Bocage"}, "unit": "g", "quantity": 1, "due": 1, "weighed": True,
                "unit_price": euros("11.00"), "expected": euros("19.80"), "maximum": euros("25.30"),
            },
            line | {
                "offer": shop.carrot_offer.code,
                "packaging": {"id": shop.carrots.code, "label": shop.carrots.label, "content": 1},
                "product": {"id": shop.carrots.product.code, "name": carrots.name},
                "producer": {"id": "jardin", "name": "Le Jardin"}, "unit": "piece", "quantity": 3, "due": 3,
                "weighed": False, "unit_price": euros("2.50"), "expected": euros("7.50"), "maximum": euros("7.50"),
            },
        ],
        "totals": {"expected": euros("27.30"), "maximum": euros("32.80"), "final": None},
        "payment": {"method": "at-point", "state": "due", "paid": euros("0.00"), "held": euros("0.00")},
    } | more  # fmt: skip


def test_i_place_read_change_and_cancel_my_order(shop: Sale, mine: Program) -> None:
    assert mine.get(f"{shop.path}/order").status_code == 404
    placed = mine.put(f"{shop.path}/order", {"lines": shop.lines(3, 1), "note": "Merci"})
    order = Order.objects.get()
    assert (placed.status_code, placed.json()) == (200, order_body(shop, order))
    assert mine.get(f"{shop.path}/order").json() == order_body(shop, order)
    changed = mine.put(f"{shop.path}/order", {"lines": shop.lines(1)}).json()
    assert [(line["offer"], line["quantity"]) for line in changed["lines"]] == [(shop.carrot_offer.code, 1)]
    assert (changed["note"], changed["totals"]["expected"]) == ("", euros("2.50"))
    cancelled = mine.put(f"{shop.path}/order", {"lines": []}).json()
    assert (cancelled["code"], cancelled["status"], cancelled["lines"]) == (order.code, "cancelled", [])
    assert list(Stock.objects.order_by("pk").values_list("reserved", flat=True)) == [0, 0]


def test_nothing_ordered_and_nothing_asked_is_no_content(shop: Sale, mine: Program) -> None:
    answer = mine.put(f"{shop.path}/order", {"lines": []})
    assert (answer.status_code, answer.content) == (204, b"")
    assert not Order.objects.exists()


def test_sold_out_lists_each_short_offer_and_changes_nothing(shop: Sale, mine: Program) -> None:
    answer = mine.put(f"{shop.path}/order", {"lines": shop.lines(1, 3)})
    assert refusal(answer) == (
        409, "sold-out",
        {
            "short": [{
                "offer": shop.chicken_offer.code, "name": shop.chicken.product.name, "label": shop.chicken.label,
                "wanted": 3, "available": 2,
            }]
        },
    )  # fmt: skip
    assert answer.json()["detail"] == "There is not enough left of some products."
    assert not Order.objects.exists()
    assert set(Stock.objects.values_list("reserved", flat=True)) == {0}


def test_refusals_of_an_order(shop: Sale, mine: Program) -> None:
    path, line = f"{shop.path}/order", shop.lines(1)[0]
    assert refusal(mine.put(path, {"lines": [{"offer": "NOTHING", "quantity": 1}]})) == (
        409, "not-on-sale", {"offers": ["NOTHING"]},
    )  # fmt: skip
    assert refusal(mine.put(path, {"lines": [line, line]})) == (422, "offer-twice", {"offers": [line["offer"]]})
    assert refusal(mine.put(path, {"lines": [line], "payment_method": "account"}))[:2] == (422, "no-such-payment")
    Offer.objects.filter(pk=shop.carrot_offer.pk).update(on_sale=False)
    assert refusal(mine.put(path, {"lines": [line]})) == (409, "not-on-sale", {"offers": [line["offer"]]})
    make.passed(shop.sale)
    assert refusal(mine.put(path, {"lines": shop.lines(0, 1)}))[:2] == (409, "ordering-closed")
    assert not Order.objects.exists()
    assert not Wish.objects.exists()


BAD = [
    ({"lines": [], "colour": "red"}, "colour"),
    ({"lines": [{"offer": "A", "quantity": 1, "price": 0}]}, "lines.0.price"),
    ({"lines": [{"offer": "A", "quantity": -1}]}, "lines.0.quantity"),
    ({"lines": [{"offer": "A", "quantity": "1"}]}, "lines.0.quantity"),
    ({"lines": [{"offer": "A", "quantity": 1.5}]}, "lines.0.quantity"),
    ({"lines": [{"offer": "A", "quantity": True}]}, "lines.0.quantity"),
    ({"lines": [{"offer": "A", "quantity": 10**30}]}, "lines.0.quantity"),
    ({"lines": [{"offer": "a b", "quantity": 1}]}, "lines.0.offer"),
    ({"lines": [], "note": "x" * 301}, "note"),
    ({"note": ""}, "lines"),
    ([], ""),
]


@pytest.mark.parametrize(("body", "path"), BAD)
def test_malformed_orders_are_answered_with_the_path(shop: Sale, mine: Program, body: Any, path: str) -> None:
    answer = mine.put(f"{shop.path}/order", body)
    problem = answer.json()
    assert (answer.status_code, problem["title"]) == (422, "Unprocessable Entity")
    assert [(one["place"], one["path"]) for one in problem["errors"]] == [("body", path)]
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    "body", ["", "{", '{"lines": [], "note": "\\u0000"}', '{"lines": [], "note": "\\ud800"}', '{"lines": NaN}',
             '{"lines": [], "lines": []}', "[" * 10_000, b"\xff\xfe"],
)  # fmt: skip
def test_bodies_that_are_no_json_are_malformed_too(shop: Sale, mine: Program, body: Any) -> None:
    headers = {"authorization": f"Bearer {mine.secret}"}
    answer = Client().put(f"{BASE}{shop.path}/order", body, content_type="application/json", headers=headers)
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert not Order.objects.exists()


def test_an_order_and_its_answer_take_a_fixed_number_of_statements(
    shop: Sale, mine: Program, django_assert_num_queries: Any
) -> None:
    packs = [make.packaging(shop.garden) for _i in range(8)]
    lines = [{"offer": make.offer(pack, shop.sale).code, "quantity": 1} for pack in packs]
    with django_assert_num_queries(24):
        assert mine.put(f"{shop.path}/order", {"lines": lines[:2]}, key="one").status_code == 200
    other = make.household()
    make.join(other, shop.point)
    theirs = program(other.members.get())
    with django_assert_num_queries(24):
        assert theirs.put(f"{shop.path}/order", {"lines": lines}, key="one").status_code == 200
    with django_assert_num_queries(7):
        assert len(theirs.get(f"{shop.path}/order").json()["lines"]) == 8


# Who may


def test_a_strangers_collection_is_not_there(shop: Sale) -> None:
    others = [make.household().members.get(), make.member(), make.farmer(shop.garden)]
    for person in others:
        there = program(person)
        answers = [there.get(f"{shop.path}/offers"), there.get(f"{shop.path}/order"),
                   there.put(f"{shop.path}/order", {"lines": shop.lines(1)})]  # fmt: skip
        assert [answer.status_code for answer in answers] == [404, 404, 404]
        assert {answer["Content-Type"] for answer in answers} == {"application/problem+json"}
    assert not Order.objects.exists()


def test_tokens_and_scopes(shop: Sale) -> None:
    path = f"{shop.path}/order"
    bare = [Client().get(BASE + path), Client().get(BASE + path, headers={"authorization": "Bearer cabas_x"}),
            Client().get(BASE + path, headers={"authorization": "Basic eDp5"})]  # fmt: skip
    assert [(one.status_code, one["WWW-Authenticate"]) for one in bare] == [(401, 'Bearer realm="Cabas"')] * 3
    reader = program(shop.member, "read")
    assert refusal(reader.put(path, {"lines": shop.lines(1)})) == (403, "missing-scope", {"scope": "order"})
    signed_in = Client()
    signed_in.force_login(shop.member)
    assert signed_in.get(BASE + path).status_code == 401
    assert not Order.objects.exists()


def test_unknown_parameters_methods_and_addresses(shop: Sale, mine: Program) -> None:
    answer = mine.get("collections?pint=grange")
    assert (answer.status_code, answer.json()["errors"]) == (
        422, [{"place": "query", "path": "pint", "message": "is not known here"}],
    )  # fmt: skip
    wrong = mine.call("DELETE", f"{shop.path}/order")
    assert (wrong.status_code, sorted(wrong["Allow"].split(", ")), wrong.json()["status"]) == (405, ["GET", "PUT"], 405)
    for path in ("nothing", "collections/", "collections/%00/order", f"{shop.path}/order/"):
        assert (path, mine.get(path).status_code) == (path, 404)


def test_sentences_come_in_the_language_asked_for_else_the_members(shop: Sale, mine: Program) -> None:
    path, body = f"{shop.path}/order", {"lines": shop.lines(0, 3)}
    english = mine.put(path, body).json()["detail"]
    shop.member.language = "fr"
    shop.member.save()
    headers = {"authorization": f"Bearer {mine.secret}"}
    french = Client().put(BASE + path, body, content_type="application/json", headers=headers).json()["detail"]
    assert english.startswith("There is not enough left")
    assert french.startswith("Il n’en reste pas assez")


# Twice


def test_the_same_key_gives_the_first_answer_and_acts_once(shop: Sale, mine: Program) -> None:
    path, body = f"{shop.path}/order", {"lines": shop.lines(3, 1), "note": "Merci"}
    first = mine.put(path, body, key="k1")
    assert mine.put(path, {"lines": shop.lines(1)}).status_code == 200
    again = mine.put(path, body, key="k1")
    assert (again.status_code, again.json(), again["Idempotent-Replayed"]) == (200, first.json(), "true")
    assert "Idempotent-Replayed" not in first
    assert OrderLine.objects.get().quantity == 1


def test_a_key_with_another_request_is_refused(shop: Sale, mine: Program) -> None:
    path = f"{shop.path}/order"
    mine.put(path, {"lines": shop.lines(1)}, key="k1")
    assert refusal(mine.put(path, {"lines": shop.lines(2)}, key="k1")) == (
        409, "idempotency-key-reused", {"key": "k1"},
    )  # fmt: skip
    assert OrderLine.objects.get().quantity == 1


def test_a_refusal_is_an_answer_too(shop: Sale, mine: Program) -> None:
    path, body = f"{shop.path}/order", {"lines": shop.lines(0, 3)}
    first = mine.put(path, body, key="k1")
    Stock.objects.filter(product=shop.chicken.product).update(quantity=18_000)
    again = mine.put(path, body, key="k1")
    assert (again.status_code, again.json()) == (409, first.json())
    assert mine.put(path, body, key="k2").status_code == 200


def test_malformed_and_unfound_requests_leave_their_key_free(shop: Sale, mine: Program) -> None:
    path = f"{shop.path}/order"
    assert mine.put(path, {"lines": 1}, key="k1").status_code == 422
    assert mine.put("collections/autre/order", {"lines": []}, key="k1").status_code == 404
    assert not IdempotencyKey.objects.exists()
    assert mine.put(path, {"lines": shop.lines(1)}, key="k1").status_code == 200


def test_keys_of_two_members_have_nothing_in_common(shop: Sale, mine: Program) -> None:
    other = make.household()
    make.join(other, shop.point)
    path, body = f"{shop.path}/order", {"lines": shop.lines(1)}
    codes = {one.put(path, body, key="k1").json()["code"] for one in (mine, program(other.members.get()))}
    assert codes == set(Order.objects.values_list("code", flat=True))
    assert len(codes) == 2


@pytest.mark.parametrize("key", [" ", "é", "x" * 201])
def test_a_key_nobody_can_store_is_refused(shop: Sale, mine: Program, key: str) -> None:
    answer = mine.put(f"{shop.path}/order", {"lines": shop.lines(1)}, key=key)
    assert refusal(answer)[:2] == (422, "bad-idempotency-key")
    assert not Order.objects.exists()


def test_head_is_answered_as_get_is(shop: Sale, mine: Program) -> None:
    headers = {
        "Authorization": f"Bearer {tokens.mint(member=shop.member, name='HEAD', scopes=['read'], now=make.now()).secret}"
    }
    answers = [
        Client().head(f"/api/v1/{path}", headers=headers) for path in ("collections", f"{shop.path}/offers", "x")
    ]
    assert [(answer.status_code, answer.content) for answer in answers] == [(200, b""), (200, b""), (404, b"")]
