"""Cards after the charge: money given back, what Stripe tells, the pages, the counter, who leaves."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from distribution import erasing
from hub import ledger, stripe_gateway
from hub.models import CollectionPoint, StripeEvent
from hub.refusals import AnotherFact
from orders import cards, debits
from orders.models import CardRefund, Order, SavedCard
from producers.models import Offer
from tests import make
from tests.orders.by_card import ASKS, CARD, POOR, D, event, held, post_event, sale, settle
from tests.orders.by_debit import asked, later, signed
from tests.paying import save
from tests.program import program
from tests.stand_in.browsing import save_on

__all__ = ["sale"]

pytestmark = pytest.mark.django_db


# Giving back


def test_a_refund_goes_back_once_and_never_above_what_was_paid(sale: SimpleNamespace) -> None:
    payment = held(sale)
    settle(sale, "29.52")
    cards.take_due(now=make.now())
    payment.refresh_from_db()
    treasurer = make.coordinator()
    for _twice in range(2):
        cards.refund(payment=payment, amount=D("4.20"), key="r1", by=treasurer, now=make.now())
    with pytest.raises(AnotherFact):
        cards.refund(payment=payment, amount=D("4.30"), key="r1", by=treasurer, now=make.now())
    for wrong in ("25.33", "0", "-1", "1.001", "NaN"):
        with pytest.raises(cards.TooMuch):
            cards.refund(payment=payment, amount=D(wrong), key="r2", by=treasurer, now=make.now())
    sale.stripe.faults.broken["refunds$"] = 1
    assert cards.send_refunds(now=make.now()) == 0
    assert cards.send_refunds(now=make.now()) == 1
    assert cards.send_refunds(now=make.now()) == 0
    assert [one["amount"] for one in sale.stripe.world.all("refund")] == [420]
    assert CardRefund.objects.get().done_at is not None
    assert ledger.balance(f"household:{sale.home.code}") == D("-4.20")
    assert ledger.balance("stripe") == D("24.63")
    payment.refresh_from_db()
    assert payment.refunded.amount == D("4.20")


# Hearing from Stripe


def test_an_event_is_kept_once_and_only_says_what_to_read(sale: SimpleNamespace, client: Any) -> None:
    payment = held(sale)
    for _time in range(5):
        assert post_event(client, sale.stripe, event(1, payment.stripe_id)) == 200
    assert post_event(client, sale.stripe, event(2, "pi_nobody")) == 200
    assert StripeEvent.objects.count() == 2
    assert cards.apply_events(now=make.now()) == 2
    payment.refresh_from_db()
    assert payment.state == "held"  # the event said cancelled, Stripe itself does not
    stripe_gateway.release(key="release:x", payment=payment.stripe_id, now=make.now())
    assert post_event(client, sale.stripe, event(3, payment.stripe_id)) == 200
    assert cards.apply_events(now=make.now()) == 1
    payment.refresh_from_db()
    assert payment.state == "released"


def test_events_wait_while_stripe_is_away(sale: SimpleNamespace, client: Any) -> None:
    payment = held(sale)
    post_event(client, sale.stripe, event(1, payment.stripe_id))
    sale.stripe.faults.away = True
    assert cards.apply_events(now=make.now()) == 0
    assert not cards.reread(now=make.now() + timedelta(minutes=11))
    assert StripeEvent.objects.waiting().count() == 1


def test_a_strangers_event_is_refused_and_keeps_nothing(sale: SimpleNamespace, client: Any) -> None:
    body = event(1, "pi_1")
    assert post_event(client, sale.stripe, body, **{"Stripe-Signature": "t=1,v1=00"}) == 400
    assert post_event(client, sale.stripe, b"\xff\xfe") == 400
    assert client.post("/stripe/evenements/", b"x" * 1_000_001, content_type="application/json").status_code == 413
    assert client.get("/stripe/evenements/").status_code == 405
    assert StripeEvent.objects.count() == 0


def test_genuine_events_are_answered_whatever_they_tell_of(sale: SimpleNamespace, client: Any) -> None:
    nothing = b'{"id": "evt_1", "type": "balance.available", "data": {"object": {"object": "balance"}}}'
    assert post_event(client, sale.stripe, nothing) == 200
    assert post_event(client, sale.stripe, event(2, "pi_" + "x" * 300)) == 200
    for wrong in (b"e" * 81, b"evt_\\u0000", b"evt_\\ud800"):
        body = b'{"id": "%s", "type": "charge.updated", "data": {"object": {"id": "ch_1"}}}' % wrong
        assert post_event(client, sale.stripe, body) == 400
    assert StripeEvent.objects.count() == 0


# Pages


def test_a_household_saves_replaces_and_removes_its_card(sale: SimpleNamespace, client: Any) -> None:
    client.force_login(sale.home.members.get())
    assert b"Stripe" in client.get("/mon-compte/carte/").content
    url = client.post("/mon-compte/carte/enregistrement/")["Location"]
    _status, back = save_on(url, "4000 0025 0000 3155")
    page = client.get(back.removeprefix("http://localhost:8000"), follow=True).content.decode()
    assert "3155" in page
    assert client.post("/mon-compte/carte/retrait/", follow=True).status_code == 200
    assert not SavedCard.objects.usable().exists()
    sale.stripe.faults.away = True
    assert client.post("/mon-compte/carte/enregistrement/")["Location"] == "/mon-compte/carte/"
    assert client.get("/mon-compte/carte/retour/?page=cs_nothing")["Location"] == "/mon-compte/carte/"


def test_a_household_confirms_a_refused_payment_from_its_order(sale: SimpleNamespace, client: Any) -> None:
    payment = held(sale, ASKS)
    client.force_login(sale.home.members.get())
    address = f"/ma-commande/{sale.at.code}/"
    assert f"{address}carte/" in client.get(address).content.decode()
    bank = client.post(f"{address}carte/")["Location"]
    _status, back = save_on(bank, answer="yes")
    page = client.get(back.removeprefix("http://localhost:8000"), follow=True).content.decode()
    payment.refresh_from_db()
    assert payment.state == "held"
    assert "33,70" in page
    other = make.household()
    make.join(other, sale.at.point)
    client.force_login(other.members.get())
    assert client.post(f"{address}carte/").status_code == 404


@pytest.mark.parametrize(
    ("policy", "otherwise"),
    [("at-point", "sinon vous payez à la distribution"), ("release", "sinon la commande est annulée")],
)
def test_who_was_declined_is_led_to_another_card(
    sale: SimpleNamespace, client: Any, policy: str, otherwise: str
) -> None:
    CollectionPoint.objects.update(refused_card=policy)
    held(sale, POOR)
    client.force_login(sale.home.members.get())
    page = client.get(f"/ma-commande/{sale.at.code}/").content.decode()
    assert ("La carte a été refusée." in page, otherwise in page, "demande de confirmer" in page) == (True, True, False)
    save(sale.home, CARD)
    page = client.post(f"/ma-commande/{sale.at.code}/carte/", follow=True).content.decode()
    assert ("33,70" in page, "La carte a été refusée." in page) == (True, False)


# At the counter


@pytest.mark.parametrize(
    ("number", "words", "pays"),
    [(CARD, "par carte, rien à régler ici", False), (POOR, "carte refusée, 19,80", True)],
)
def test_the_host_sees_who_pays_on_the_spot_after_all(
    sale: SimpleNamespace, client: Any, number: str, words: str, pays: bool
) -> None:
    held(sale, number, wish={sale.chicken: 1})
    client.force_login(make.host(sale.at.point))
    page = client.get(f"/jour-j/{sale.at.code}/remise/{Order.objects.get().code}/").content.decode()
    assert words in " ".join(page.replace("\u00a0", " ").replace("\u202f", " ").split())
    assert ('name="amount"' in page) is pays


# Leaving


def test_an_erased_household_is_erased_at_stripe_too_when_it_answers(sale: SimpleNamespace) -> None:
    stays = make.household()
    save(stays)
    method, customer = save(sale.home).method, save(sale.home).customer
    assert cards.forget_erased(now=make.now()) == 0
    erasing.erase(household=sale.home, by=None, now=make.now())
    sale.stripe.faults.away = True
    assert cards.forget_erased(now=make.now()) == 0
    sale.stripe.faults.away = False
    sale.stripe.faults.cut["customers/"] = 1
    assert cards.forget_erased(now=make.now()) == 0
    assert cards.forget_erased(now=make.now()) == 1
    assert cards.forget_erased(now=make.now()) == 0
    left = [one["id"] for one in sale.stripe.world.all("customer")]
    assert (len(left), customer in left) == (1, False)
    assert sale.stripe.world.get(method, "payment_method")["customer"] is None


def test_a_removed_card_and_a_mandate_taken_back_are_removed_at_stripe_too(sale: SimpleNamespace, client: Any) -> None:
    """As soon as nothing is asked of them, whatever became of the answer when they were removed."""
    payment = held(sale)
    first, second = payment.card, save(sale.home)  # the new card replaces the one something is held on
    mandate = signed(sale.home)
    asked(sale.home)
    debits.announce_due(now=make.now())
    debits.ask_due(now=later(2))
    debits.revoke(mandate=mandate, by=sale.home.members.get(), now=make.now())
    assert cards.forget_removed(now=make.now()) == 0
    settle(sale, "29.52")
    cards.take_due(now=make.now())
    client.force_login(sale.home.members.get())
    sale.stripe.faults.cut["detach"] = 2
    assert "Carte retirée." in client.post("/mon-compte/carte/retrait/", follow=True).content.decode()
    assert [cards.forget_removed(now=make.now()) for _tick in range(3)] == [0, 2, 0]
    sale.stripe.skip(days=6)
    cards.reread(now=later(20))
    assert [cards.forget_removed(now=make.now()) for _tick in range(2)] == [1, 0]
    saved = [sale.stripe.world.get(one.method, "payment_method")["customer"] for one in (first, second, mandate)]
    assert saved == [None, None, None]


def test_programs_see_what_is_held_and_what_is_charged(sale: SimpleNamespace) -> None:
    mine, path = program(sale.home.members.get()), f"collections/{sale.at.code}/order"
    line = {"offer": Offer.objects.get(packaging=sale.bread).code, "quantity": 2}

    def told() -> tuple[str, str, str, str]:
        payment = mine.get(path).json()["payment"]
        return payment["method"], payment["state"], payment["paid"]["amount"], payment["held"]["amount"]

    asked = {"lines": [line], "payment_method": "card"}
    assert mine.put(path, asked).json()["refusal"] == "card-needed"
    save(sale.home, CARD)
    assert mine.put(path, asked).status_code == 200
    assert told() == ("card", "due", "0.00", "0.00")
    make.counted(sale.at)
    cards.place_holds(now=make.now())
    assert told() == ("card", "held", "0.00", "8.40")
    settle(sale, "8.40")
    cards.take_due(now=make.now())
    assert told() == ("card", "paid", "8.40", "0.00")
