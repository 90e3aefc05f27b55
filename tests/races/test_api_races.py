"""The same write sent several times at once: it acts once, and everybody gets the same answer."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections

from hub.models import Activity, IdempotencyKey
from orders.models import Order, OrderLine
from producers.models import Stock
from tests.program import Program, program
from tests.races.test_ordering_races import all_at_once, market

pytestmark = pytest.mark.usefixtures("committed")

TIMES = 12


def putting(secret: str, path: str, body: Any) -> Callable[[], Any]:
    """One call of a thread of its own, on a connection of its own."""

    def act() -> Any:
        try:
            answer = Program(secret).put(path, body, key="k1")
            return (
                answer.status_code,
                answer.json().get("code") or answer.json()["refusal"],
                "Idempotent-Replayed" in answer,
            )
        finally:
            connections.close_all()

    return act


def test_one_key_sent_at_once_acts_once() -> None:
    sale, (home,), (crate,) = market(1, 50)
    secret = program(home.members.get()).secret
    body = {"lines": [{"offer": crate.offers.get().code, "quantity": 3}]}
    answers = all_at_once([putting(secret, f"collections/{sale.code}/order", body)] * TIMES)
    code = Order.objects.get().code
    assert Counter(answers) == {(200, code, False): 1, (200, code, True): TIMES - 1}
    assert (OrderLine.objects.get().quantity, Stock.objects.get().reserved) == (3, 3)
    assert Activity.objects.filter(verb="order.placed").count() == 1
    assert IdempotencyKey.objects.values_list("status", flat=True).get() == 200


def test_one_key_with_different_bodies_at_once_acts_once() -> None:
    sale, (home,), (crate,) = market(1, 50)
    secret, offer = program(home.members.get()).secret, crate.offers.get().code
    bodies = [{"lines": [{"offer": offer, "quantity": packs}]} for packs in range(1, TIMES + 1)]
    answers = all_at_once([putting(secret, f"collections/{sale.code}/order", body) for body in bodies])
    assert Counter(answers) == {
        (200, Order.objects.get().code, False): 1, (409, "idempotency-key-reused", False): TIMES - 1,
    }  # fmt: skip
    assert OrderLine.objects.get().quantity == Stock.objects.get().reserved


def test_two_programs_of_one_household_without_keys_leave_one_whole_order() -> None:
    """A PUT says all the order shall be: whoever comes last is right, and nothing of the other remains."""
    sale, (home,), (one, other) = market(1, 50, products=2)
    secret = program(home.members.get()).secret
    path = f"collections/{sale.code}/order"

    def put(pack: Any) -> Callable[[], Any]:
        def act() -> Any:
            try:
                return (
                    Program(secret).put(path, {"lines": [{"offer": pack.offers.get().code, "quantity": 2}]}).status_code
                )
            finally:
                connections.close_all()

        return act

    assert all_at_once([put(one), put(other)] * 6) == [200] * 12
    line = OrderLine.objects.get()
    assert line.quantity == 2
    assert dict(Stock.objects.values_list("product", "reserved")) == {
        pack.product_id: 2 * (pack.pk == line.packaging_id) for pack in (one, other)
    }
