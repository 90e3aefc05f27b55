"""A request to the API that is sent twice under one key acts once."""

import pytest

from hub.models import IdempotencyKey
from orders.models import Order, OrderLine
from producers.models import Stock
from tests import make
from tests.orders.api_sale import Sale
from tests.program import Program, program, refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Sale:
    return Sale()


@pytest.fixture
def mine(shop: Sale) -> Program:
    return program(shop.member)


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
