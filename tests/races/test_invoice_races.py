"""Fifty at once: every number of a series is given, none twice, whatever is rolled back in between."""

from collections.abc import Callable

import pytest
from django.db import transaction

from distribution import sale_invoices
from distribution.models import Invoice
from distribution.reconcile import differences
from hub.models import Series
from orders.models import Order
from producers.models import Producer
from tests import make
from tests.distribution import invoices as build
from tests.races.test_ordering_races import all_at_once

MANY = 50

pytestmark = pytest.mark.usefixtures("committed")


class Stumble(Exception):
    """Something goes wrong after the number was given."""


def asking(farm: Producer, order: Order, *, stumbling: bool) -> Callable[[], str]:
    """Asks for the invoice of an order; who stumbles loses the transaction first, number and all, and tries again."""

    def issue() -> str:
        return sale_invoices.issue(
            order=order, producer=farm, buyer=build.household(), by=None, now=make.now()
        ).number  # fmt: skip

    def act() -> str:
        if stumbling:
            try:
                with transaction.atomic():
                    issue()
                    raise Stumble
            except Stumble:
                pass
        return issue()

    return act


def test_fifty_threads_leave_no_gap_and_no_double() -> None:
    build.cooperative()
    make.fees()
    farm = build.mandated()
    pack = make.packaging(farm, "5.20")
    orders = build.settled(farm, *[{pack: 1} for _n in range(MANY)]).orders
    numbers = all_at_once([asking(farm, order, stumbling=n % 3 == 0) for n, order in enumerate(orders)])
    year = make.today().year
    assert sorted(numbers) == [f"M-{year}-{n:04d}" for n in range(1, MANY + 1)]
    assert sorted(Invoice.objects.values_list("number", flat=True)) == sorted(numbers)
    assert Series.objects.get(kind="invoice", issuer=farm.code).last == MANY
    assert differences() == []


def test_one_order_asked_for_twenty_times_is_invoiced_once() -> None:
    build.cooperative()
    make.fees()
    farm = build.mandated()
    (order,) = build.settled(farm, {make.packaging(farm, "5.20"): 1}).orders
    answers = all_at_once([asking(farm, order, stumbling=False) for _n in range(20)])
    assert sorted(answers) == sorted([f"M-{make.today().year}-0001"] + ["nothing-to-invoice"] * 19)
    assert Invoice.objects.count() == 1
