"""What Stripe does not know stops nobody behind it, and is told to those concerned."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from hub import stripe_gateway
from hub.models import Household, Notice, StripeEvent
from orders import cards, debits, ordering
from orders.models import CardPayment, CardRefund, Dispute, Mandate, SavedCard, TopUp
from tests import make
from tests.orders.by_card import event, held, place, post_event, settle
from tests.orders.by_card import sale as card_sale
from tests.orders.by_debit import asked, balance, later, signed
from tests.paying import save
from tests.stand_in import StandIn

pytestmark = pytest.mark.django_db
sale = card_sale


def also(sale: SimpleNamespace, name: str) -> Household:
    """Another household that orders bread by card."""
    home = make.household(name)
    make.join(home, sale.at.point)
    save(home)
    ordering.place(
        household=home, collection=sale.at, wish={sale.bread.pk: 2}, by=None, now=make.now(), payment_method="card"
    )
    return home


def lose(server: StandIn, number: str) -> None:
    """Stripe does not know this object any more."""
    with server.world.lock:
        del server.world.objects[number]


def states() -> list[tuple[str, str]]:
    return list(CardPayment.objects.order_by("pk").values_list("order__household__name", "state"))


@pytest.mark.parametrize("gone", ["customer", "method", "detached"])
def test_a_card_stripe_does_not_know_is_refused_and_the_next_is_held(sale: SimpleNamespace, gone: str) -> None:
    card = save(sale.home)
    place(sale)
    also(sale, "Barbier")
    make.counted(sale.at)
    if gone == "detached":
        stripe_gateway.forget(card.method, now=make.now())
    else:
        lose(sale.stripe, getattr(card, gone))
    assert cards.place_holds(now=make.now()) == 2
    assert states() == [("Morel", "refused"), ("Barbier", "held")]
    assert CardPayment.objects.get(state="refused").refusal == (
        "payment_method_unexpected_state" if gone == "detached" else "resource_missing"
    )
    assert list(Notice.objects.values_list("kind", "member__household__name")) == [("card-refused", "Morel")]
    assert cards.place_holds(now=make.now()) == 0
    assert cards.reread(now=make.now() + timedelta(minutes=11))


def test_another_card_mends_it_on_a_customer_made_anew(sale: SimpleNamespace, client: Any) -> None:
    card = save(sale.home)
    place(sale)
    make.counted(sale.at)
    lose(sale.stripe, card.customer)
    cards.place_holds(now=make.now())
    client.force_login(sale.home.members.get())
    address = f"/ma-commande/{sale.at.code}/"
    page = client.post(f"{address}carte/", follow=True).content.decode()
    assert "La banque a encore refusé" in page
    assert states() == [("Morel", "released"), ("Morel", "refused")]
    assert cards.pay_refused_at_point(now=make.now()) == 0
    new = save(sale.home)
    assert new.customer != card.customer
    assert "le montant est réservé sur votre carte" in client.post(f"{address}carte/", follow=True).content.decode()
    assert states() == [("Morel", "released"), ("Morel", "released"), ("Morel", "held")]
    assert CardPayment.objects.get(state="held").card == new
    assert cards.pay_refused_at_point(now=make.now()) == 0
    assert len(sale.stripe.world.all("payment_intent")) == 1


def test_a_refused_payment_stripe_has_lost_is_asked_for_anew(sale: SimpleNamespace) -> None:
    payment = held(sale, "4000 0000 0000 0341")
    lose(sale.stripe, payment.stripe_id)
    save(sale.home)
    assert cards.confirm_again(payment=payment, return_url="http://localhost/", now=make.now()) == ""
    assert states() == [("Morel", "released"), ("Morel", "held")]


def test_mending_cut_short_is_finished_by_the_sweep(sale: SimpleNamespace) -> None:
    card = save(sale.home)
    place(sale)
    make.counted(sale.at)
    lose(sale.stripe, card.method)
    cards.place_holds(now=make.now())
    save(sale.home)
    sale.stripe.faults.cut["payment_intents$"] = 1
    with pytest.raises(stripe_gateway.Away):
        cards.confirm_again(payment=CardPayment.objects.get(), return_url="http://localhost/", now=make.now())
    assert states() == [("Morel", "released"), ("Morel", "due")]
    assert cards.pay_refused_at_point(now=make.now()) == 0
    assert cards.place_holds(now=make.now()) == 1
    assert states() == [("Morel", "released"), ("Morel", "held")]
    assert len(sale.stripe.world.all("payment_intent")) == 1


def test_nobody_mends_what_stripe_never_made(sale: SimpleNamespace) -> None:
    card = save(sale.home)
    place(sale)
    make.counted(sale.at)
    lose(sale.stripe, card.customer)
    cards.place_holds(now=make.now())
    late = make.now() + timedelta(hours=13)
    assert cards.release_refused(now=late) == 1
    assert states() == [("Morel", "released")]
    assert cards.pay_refused_at_point(now=late) == 1


def test_a_payment_cancelled_meanwhile_is_said_and_not_an_error(sale: SimpleNamespace, client: Any) -> None:
    payment = held(sale, "4000 0000 0000 0341")
    with sale.stripe.world.lock:
        sale.stripe.world.get(payment.stripe_id, "payment_intent").update(status="canceled")
    client.force_login(sale.home.members.get())
    page = client.post(f"/ma-commande/{sale.at.code}/carte/", follow=True)
    assert "rien n’est réservé sur votre carte" in page.content.decode()
    payment.refresh_from_db()
    assert payment.state == "released"


def test_unknown_payments_stop_no_reading_and_are_told_at_the_end(sale: SimpleNamespace, client: Any) -> None:
    also(sale, "Barbier")
    first = held_second(sale)
    for number, payment in enumerate(CardPayment.objects.order_by("pk")):
        post_event(client, sale.stripe, event(number, payment.stripe_id))
    other = CardPayment.objects.exclude(pk=first.pk).get()
    lose(sale.stripe, first.stripe_id)
    with sale.stripe.world.lock:
        sale.stripe.world.get(other.stripe_id, "payment_intent").update(status="canceled")
    with pytest.raises(ExceptionGroup, match="1 could not be done"):
        cards.apply_events(now=make.now())
    assert StripeEvent.objects.waiting().count() == 0
    assert {payment.state for payment in CardPayment.objects.exclude(pk=first.pk)} == {"released"}
    with pytest.raises(ExceptionGroup, match="1 could not be done"):
        cards.reread(now=make.now() + timedelta(minutes=11))
    first.refresh_from_db()
    assert first.state == "held"


def test_a_dispute_of_an_unknown_payment_stops_no_other(sale: SimpleNamespace) -> None:
    """Both were captured while nothing was heard; the newest dispute comes first."""
    also(sale, "Barbier")
    first = held_second(sale)
    other = CardPayment.objects.exclude(pk=first.pk).get()
    for payment in (other, first):
        taken = stripe_gateway.capture(
            key=f"capture:{payment.key}", payment=payment.stripe_id, amount=840, now=make.now()
        )
        sale.stripe.dispute(taken.charge)
    lose(sale.stripe, first.stripe_id)
    with pytest.raises(ExceptionGroup, match="1 could not be done, 1 were"):
        cards.read_disputes(now=make.now())
    assert [dispute.payment for dispute in Dispute.objects.all()] == [other]
    sale.stripe.faults.away = True
    with pytest.raises(stripe_gateway.Away):
        cards.read_disputes(now=make.now())


def held_second(sale: SimpleNamespace) -> CardPayment:
    save(sale.home)
    order = place(sale)
    make.counted(sale.at)
    assert cards.place_holds(now=make.now()) == 2
    return CardPayment.objects.get(order=order)


def test_a_refund_of_a_payment_stripe_does_not_know_fails_alone(sale: SimpleNamespace) -> None:
    payment = held(sale)
    settle(sale, "29.52")
    cards.take_due(now=make.now())
    payment.refresh_from_db()
    cards.refund(payment=payment, amount=Decimal("1"), key="r1", by=None, now=make.now())
    lose(sale.stripe, payment.stripe_id)
    assert cards.send_refunds(now=make.now()) == 1
    assert list(CardRefund.objects.values_list("state", "failure")) == [("failed", "resource_missing")]


@pytest.mark.parametrize("gone", ["customer", "method"])
def test_a_debit_stripe_does_not_know_fails_and_the_next_is_asked(stripe_server: StandIn, gone: str) -> None:
    homes = [make.household(name) for name in ("A", "B")]
    for home in homes:
        signed(home)
        asked(home, key=f"k{home.name}")
    debits.announce_due(now=make.now())
    lose(stripe_server, getattr(Mandate.objects.get(household=homes[0]), gone))
    assert debits.ask_due(now=later(2)) == 2
    assert list(TopUp.objects.order_by("household__name").values_list("household__name", "state", "failure")) == [
        ("A", "failed", "resource_missing"), ("B", "processing", ""),
    ]  # fmt: skip
    assert Notice.objects.filter(kind="debit-failed", member__household=homes[0]).count() == 1
    stripe_server.skip(days=6)
    cards.reread(now=later(20))
    assert [balance(home) for home in homes] == [0, 30]


def test_two_thousand_holds_go_on_at_the_next_tick(sale: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sweep that has no time left ends; what waits is held by the next one, and nothing twice."""
    for name in ("A", "B", "C"):
        also(sale, name)
    make.counted(sale.at)
    monkeypatch.setattr("orders.cards.holding.HOLDING", 0.0)
    assert [cards.place_holds(now=make.now()) for _tick in range(4)] == [1, 1, 1, 0]
    assert {state for _name, state in states()} == {"held"}
    assert len(sale.stripe.world.all("payment_intent")) == 3
    assert SavedCard.objects.count() == 3
