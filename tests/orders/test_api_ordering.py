"""The API's calls about a household's order, with exact bodies."""

from typing import Any

import pytest
from django.test import Client

from hub.wire.shapes import instant
from orders.models import Order, OrderLine, Wish
from producers.models import Offer, Stock
from tests import make
from tests.orders.api_sale import Sale
from tests.program import BASE, Program, euros, program, refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Sale:
    return Sale()


@pytest.fixture
def mine(shop: Sale) -> Program:
    return program(shop.member)


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
