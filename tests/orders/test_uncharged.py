"""A card that paid nothing: what is owed of it is told once, to the household and to the coordination."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail

from hub import ledger, notices
from hub.models import Collection, Household, Member, Notice
from orders import cards, ordering, payments
from orders.models import Order
from tests import make
from tests.orders.by_card import held, settle
from tests.orders.by_card import sale as card_sale
from tests.orders.by_debit import balance
from tests.orders.test_sweeps import also, lose
from tests.paying import save

pytestmark = pytest.mark.django_db
sale = card_sale
D = Decimal


def told() -> list[tuple[str, Any]]:
    return sorted(
        (notice.kind, notice.data.get("owed"))
        for notice in Notice.objects.filter(kind__in=["card-not-charged", "cards-not-charged"])
    )


@pytest.mark.parametrize("how", ["ended", "forgotten", "read before"])
def test_a_hold_that_ended_before_the_capture_is_owed_and_said_once(sale: SimpleNamespace, how: str) -> None:
    treasurer = make.coordinator()
    payment = held(sale)
    if how == "read before":  # it ended before anybody confirmed, and is read again before the settlement
        sale.stripe.skip(days=5)
        assert cards.reread(now=make.now() + timedelta(minutes=11))
    settle(sale, "25.30")
    if how == "ended":
        sale.stripe.skip(days=5)
    elif how == "forgotten":
        lose(sale.stripe, payment.stripe_id)
    assert cards.take_due(now=make.now()) == (0 if how == "read before" else 1)
    payment.refresh_from_db()
    assert payment.state == "released"
    assert balance(sale.home) == Decimal("-25.30")
    assert [cards.tell_uncharged(now=make.now()) for _tick in range(2)] == [1, 0]
    assert told() == [("card-not-charged", "25,30\xa0€"), ("cards-not-charged", "25,30\xa0€")]
    to = Notice.objects.get(kind="cards-not-charged")
    assert (to.member, to.data["lines"]) == (
        treasurer, [{"order": payment.order.code, "household": "Morel", "owed": "25,30\xa0€"}],
    )  # fmt: skip
    notices.send_due(now=make.now())
    assert [letter.subject for letter in mail.outbox] == [
        "Il reste 25,30\xa0€ à payer pour votre commande", "1 carte n’a rien payé\u202f: 25,30\xa0€ sont dus",
    ]  # fmt: skip


def test_what_a_balance_covers_or_a_card_paid_is_no_news(sale: SimpleNamespace) -> None:
    make.coordinator()
    payment = held(sale)
    settle(sale, "25.30")
    assert cards.tell_uncharged(now=make.now()) == 0  # still held: the sweep takes it
    lose(sale.stripe, payment.stripe_id)
    cards.take_due(now=make.now())
    paid = ledger.Entry("cash", "bank", ledger.household_account(sale.home), Decimal("25.00"), "Versement")
    ledger.post([paid], now=make.now())
    assert cards.tell_uncharged(now=make.now()) == 0  # 0.30 are left: too little for a message
    ledger.reverse("cash", memo="non", now=make.now())
    ledger.post([replace(paid, reference="other", amount=Decimal("20.00"))], now=make.now())
    assert cards.tell_uncharged(now=make.now()) == 1
    assert told() == [("card-not-charged", "5,30\xa0€"), ("cards-not-charged", "5,30\xa0€")]


def lost(sale: SimpleNamespace, home: Household, at: Collection, final: str) -> Order:
    """A settled order by card of which no card was ever charged."""
    order = ordering.place(
        household=home, collection=at, wish={sale.bread.pk: 2}, by=None, now=make.now(), payment_method="card"
    )
    assert order is not None
    Order.objects.filter(pk=order.pk).update(settled_at=make.now(), final_total=D(final))
    entry = ledger.Entry(f"order:{order.code}", ledger.household_account(home), "clearing:x", D(final), "Commande")
    ledger.post([entry], now=make.now())
    return order


def lines() -> list[list[tuple[str, str]]]:
    """What coordinators were told, message by message."""
    found = Notice.objects.filter(kind="cards-not-charged").order_by("pk")
    return [[(line["order"], line["owed"]) for line in one.data["lines"]] for one in found]


def test_a_debt_is_told_once_however_many_orders_it_comes_from(sale: SimpleNamespace) -> None:
    """What was paid since counts for the oldest of them."""
    make.coordinator()
    save(sale.home)
    first, second = (lost(sale, sale.home, make.collection(sale.at.point), "20.00") for _time in range(2))
    paid = ledger.Entry("transfer", "bank", ledger.household_account(sale.home), D("15.00"), "Virement")
    ledger.post([paid], now=make.now())
    assert cards.tell_uncharged(now=make.now()) == 2
    assert sorted(lines()) == sorted([[(first.code, "5,00\xa0€")], [(second.code, "20,00\xa0€")]])
    owed = Notice.objects.filter(kind="card-not-charged").values_list("data__order", "data__owed")
    assert dict(owed) == {first.code: "5,00\xa0€", second.code: "20,00\xa0€"}


def test_what_was_paid_on_the_spot_is_no_news_beside_another_debt(sale: SimpleNamespace) -> None:
    make.coordinator()
    save(sale.home)
    first, second = (lost(sale, sale.home, make.collection(sale.at.point), "8.40") for _time in range(2))
    payments.receive(
        household=sale.home, order=second, amount=D("8.40"), means="cash", key="spot", point=sale.at.point,
        received_by=make.host(sale.at.point), now=make.now(),
    )  # fmt: skip
    assert cards.tell_uncharged(now=make.now()) == 1
    assert lines() == [[(first.code, "8,40\xa0€")]]


def test_a_household_nobody_reads_for_is_told_of_once_and_hides_no_later_one(sale: SimpleNamespace) -> None:
    make.coordinator()
    other = also(sale, "Barbier")
    save(sale.home)
    first = lost(sale, sale.home, sale.at, "8.40")
    Member.objects.filter(household=sale.home).update(is_active=False)
    assert [cards.tell_uncharged(now=make.now()) for _tick in range(2)] == [1, 0]
    second = other.orders.get()
    Order.objects.filter(pk=second.pk).update(settled_at=make.now(), final_total=D("7.00"))
    entry = ledger.Entry(f"order:{second.code}", ledger.household_account(other), "clearing:x", D("7.00"), "Commande")
    ledger.post([entry], now=make.now())
    assert [cards.tell_uncharged(now=make.now()) for _tick in range(2)] == [1, 0]
    assert lines() == [[(first.code, "8,40\xa0€")], [(second.code, "7,00\xa0€")]]
