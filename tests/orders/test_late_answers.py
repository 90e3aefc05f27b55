"""Answers that were lost, orders called off meanwhile, what Stripe will not, and sweeps whose time is over."""

from datetime import timedelta
from decimal import Decimal
from time import monotonic
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache

from hub import ledger, stripe_gateway
from hub.models import StripeCall, StripeEvent
from orders import cards, debits
from orders.cards import holding
from orders.models import CardPayment, Dispute, Order, TopUp
from tests import make
from tests.orders.by_card import event, held, place, post_event, settle
from tests.orders.by_card import sale as card_sale
from tests.orders.by_debit import asked, balance
from tests.orders.test_sweeps import also, held_second, lose, states
from tests.paying import save

pytestmark = pytest.mark.django_db
sale = card_sale


@pytest.mark.parametrize(("final", "change", "state"), [("8.40", "capture", "captured"), ("0", "cancel", "released")])
def test_what_is_read_after_its_answer_was_lost_is_done_in_the_journal(
    sale: SimpleNamespace, final: str, change: str, state: str
) -> None:
    payment = held(sale)
    settle(sale, final)
    sale.stripe.faults.cut[f"/{change}$"] = 1
    assert cards.take_due(now=make.now()) == 0
    calls = StripeCall.objects.filter(kind__in=["capture", "release"])
    assert calls.values_list("state", "error").get() == ("sent", "APIConnectionError")
    assert cards.reread(now=make.now() + timedelta(minutes=11))
    assert states() == [("Morel", state)]
    assert calls.values_list("state", "stripe_id", "error").get() == ("done", payment.stripe_id, "")


def test_a_hold_whose_answer_was_lost_and_that_was_captured_at_stripes_desk_is_paid(sale: SimpleNamespace) -> None:
    """Its holder contests it, which is the first we hear of it."""
    make.coordinator()
    save(sale.home)
    place(sale, {sale.bread: 2})
    make.counted(sale.at)
    sale.stripe.faults.cut["payment_intents$"] = 1
    assert cards.place_holds(now=make.now()) == 0
    (intent,) = sale.stripe.world.all("payment_intent")
    taken = stripe_gateway.capture(key="desk", payment=intent["id"], amount=800, now=make.now())
    sale.stripe.dispute(taken.charge)
    cards.read_disputes(now=make.now())
    payment = CardPayment.objects.get()
    assert (payment.state, payment.stripe_id, Dispute.objects.get().payment) == ("captured", intent["id"], payment)
    assert (balance(sale.home), ledger.balance("disputes")) == (Decimal("8.00"), Decimal("8.00"))
    assert set(StripeCall.objects.values_list("state", flat=True)) == {"done"}
    assert cards.place_holds(now=make.now()) == 0


def test_what_was_called_off_while_stripe_was_away_is_not_held(sale: SimpleNamespace) -> None:
    """Unless it may be held already: then it is asked for once more, and let go."""
    also(sale, "Barbier")
    save(sale.home)
    place(sale)
    make.counted(sale.at)
    sale.stripe.faults.cut["payment_intents$"] = 1
    assert cards.place_holds(now=make.now()) == 0
    assert states() == [("Barbier", "due"), ("Morel", "due")]
    Order.objects.update(cancelled_at=make.now())
    assert cards.place_holds(now=make.now()) == 2
    assert states() == [("Barbier", "held"), ("Morel", "released")]
    assert cards.take_due(now=make.now()) == 1
    assert [one["status"] for one in sale.stripe.world.all("payment_intent")] == ["canceled"]
    assert cards.place_holds(now=make.now()) == 0


def test_a_page_stripe_knows_nothing_of_is_over(sale: SimpleNamespace) -> None:
    (top_up,) = asked(sale.home, means="card")
    debits.pay_by_card(top_up=top_up, success_url="http://localhost/", cancel_url="", now=make.now())
    lose(sale.stripe, TopUp.objects.get().page)
    assert cards.reread(now=make.now() + timedelta(minutes=11))
    assert TopUp.objects.values_list("state", "page").get() == ("cancelled", "")
    assert cards.reread(now=make.now() + timedelta(minutes=22))


def set_at_stripe(sale: SimpleNamespace, payment: CardPayment, **fields: Any) -> None:
    with sale.stripe.world.lock:
        sale.stripe.world.get(payment.stripe_id, "payment_intent").update(fields)


def test_a_hold_stripe_will_not_capture_stays_held_stops_no_other_and_is_taken_later(sale: SimpleNamespace) -> None:
    """Only a hold Stripe knows nothing of is over: what it goes on holding is the cooperative's money."""
    also(sale, "Barbier")
    first = held_second(sale)
    Order.objects.update(settled_at=make.now(), final_total=Decimal("8.40"))
    set_at_stripe(sale, first, amount_capturable=100)
    for _tick in range(2):
        with pytest.raises(ExceptionGroup, match="1 could not be done") as raised:
            cards.take_due(now=make.now())
        assert [one.code for one in raised.value.exceptions] == ["amount_too_large"]  # type: ignore[union-attr]
        assert states() == [("Barbier", "captured"), ("Morel", "held")]
    assert cards.tell_uncharged(now=make.now()) == 0
    set_at_stripe(sale, first, amount_capturable=int(first.amount.amount * 100))
    assert cards.take_due(now=make.now()) == 1
    assert states() == [("Barbier", "captured"), ("Morel", "captured")]


def test_a_refused_payment_stripe_will_not_let_go_of_is_not_given_up(
    sale: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    held(sale, "4000 0000 0000 0341")
    late = make.now() + timedelta(hours=13)
    monkeypatch.setattr("tests.stand_in.payments._CAN_CANCEL", ())
    with pytest.raises(ExceptionGroup, match="1 could not be done"):
        cards.release_refused(now=late)
    assert (states(), cards.pay_refused_at_point(now=late)) == ([("Morel", "refused")], 0)
    monkeypatch.undo()
    sale.stripe.skip(days=1)  # by then Stripe has forgotten that it said no under this key
    assert cards.release_refused(now=late) == 1
    assert (states(), cards.pay_refused_at_point(now=late)) == ([("Morel", "released")], 1)


def briefly(sale: SimpleNamespace) -> float:
    """A time in which one question is asked and not two: each answer takes longer than there is left."""
    sale.stripe.faults.slow = 1
    return monotonic() + 0.8


def test_events_whose_turn_has_not_come_wait_for_the_next_sweep(sale: SimpleNamespace, client: Any) -> None:
    also(sale, "Barbier")
    held_second(sale)
    payments = list(CardPayment.objects.order_by("-pk"))
    for number, subject in enumerate(["pi_nobody", *(one.stripe_id for one in payments), payments[0].stripe_id]):
        post_event(client, sale.stripe, event(number, subject))
    for payment in payments:
        stripe_gateway.release(key=f"release:{payment.key}", payment=payment.stripe_id, now=make.now())
    assert cards.apply_events(now=make.now(), until=briefly(sale)) == 3  # nobody's, and both of the first heard of
    assert [event.subject for event in StripeEvent.objects.waiting()] == [payments[1].stripe_id]
    assert states() == [("Barbier", "held"), ("Morel", "released")]
    assert cards.apply_events(now=make.now(), until=briefly(sale)) == 1
    assert states() == [("Barbier", "released"), ("Morel", "released")]
    assert cards.apply_events(now=make.now()) == 0


def test_a_reading_cut_short_says_so_and_the_next_goes_on(sale: SimpleNamespace) -> None:
    """What was not asked about for the longest comes first, whatever it is."""
    also(sale, "Barbier")
    held_second(sale)
    cache.set("stripe:disputes-read", "yes", 600)
    begun, late = make.now(), make.now() + timedelta(minutes=30)
    for ago, payment in enumerate(CardPayment.objects.order_by("pk"), start=1):
        CardPayment.objects.filter(pk=payment.pk).update(checked_at=begun - timedelta(minutes=ago))
        stripe_gateway.release(key=f"release:{payment.key}", payment=payment.stripe_id, now=begun)
    asked(sale.home, means="card")
    debits.pay_by_card(top_up=TopUp.objects.get(), success_url="http://localhost/", cancel_url="", now=begun)
    TopUp.objects.update(checked_at=begun - timedelta(minutes=1, seconds=30))
    found: list[object] = []
    for _tick in range(3):
        found.append(cards.reread(now=late, until=briefly(sale)))
        found.append(states())
    assert found == [
        False, [("Barbier", "held"), ("Morel", "released")],
        False, [("Barbier", "held"), ("Morel", "released")],
        True, [("Barbier", "released"), ("Morel", "released")],
    ]  # fmt: skip


def test_no_more_than_twenty_holds_are_asked_for_in_a_second(
    sale: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a clock of ours: a call that takes a hundredth of a second is followed by a wait, one that takes long by none."""
    clock, asked_at = [0.0], []
    for name in ("Barbier", "Cadiou", "Derrien"):
        also(sale, name)
    save(sale.home)
    place(sale)
    make.counted(sale.at)
    takes = iter((0.01, 0.01, 0.3, 0.01))

    def ask(payment: CardPayment, *, now: Any) -> stripe_gateway.Payment:
        asked_at.append(round(clock[0], 2))
        clock[0] += next(takes)
        return stripe_gateway.Payment.unmade("failed", "card_declined")

    monkeypatch.setattr(holding, "ask", ask)
    monkeypatch.setattr(holding, "monotonic", lambda: clock[0])
    monkeypatch.setattr(holding, "sleep", lambda seconds: clock.__setitem__(0, clock[0] + seconds))
    assert cards.place_holds(now=make.now()) == 4
    assert asked_at == [0.0, 0.05, 0.1, 0.4]
