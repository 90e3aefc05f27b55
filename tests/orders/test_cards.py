"""Paying by card, against the stand-in: saved once, held before, captured after, whatever happens on the way."""

from datetime import timedelta
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from distribution import amending, closing
from hub import ledger, notices
from hub.models import Activity, Letter, Notice
from orders import cards, ordering
from orders.models import CardPayment, Order, SavedCard
from tests import make
from tests.orders.by_card import ASKS, CARD, POOR, D, held, place, sale, settle
from tests.paying import save
from tests.stand_in.browsing import save_on

__all__ = ["sale"]

pytestmark = pytest.mark.django_db


# Saving


def test_a_card_is_saved_once_with_the_consent_that_was_shown(sale: SimpleNamespace) -> None:
    page = cards.begin_saving(
        household=sale.home, success_url="http://localhost/", cancel_url="http://localhost/", now=make.now()
    )
    save_on(page.url, "4000 0025 0000 3155")
    first, again = (
        cards.finish_saving(household=sale.home, session=page.session, by=sale.home.members.get(), now=make.now())
        for _time in range(2)
    )
    assert first == again
    assert (first.last4, first.expires, first.removed_at) == ("3155", "2031-12", None)
    assert (str(first), first.last_month) == ("Visa •••• 3155", "12/2031")
    assert first.consent == cards.consent()
    assert list(Activity.objects.values_list("verb", flat=True)) == ["card.saved"]
    save(sale.home, CARD)
    assert list(SavedCard.objects.usable().values_list("last4", flat=True)) == ["4242"]


def test_a_page_of_another_household_saves_nothing(sale: SimpleNamespace) -> None:
    other = make.household("Barbier")
    page = cards.begin_saving(
        household=other, success_url="http://localhost/", cancel_url="http://localhost/", now=make.now()
    )
    save_on(page.url)
    with pytest.raises(cards.NoCard):
        cards.finish_saving(household=sale.home, session=page.session, by=sale.home.members.get(), now=make.now())
    assert SavedCard.objects.count() == 0


def test_a_card_an_order_counts_on_is_not_removed(sale: SimpleNamespace) -> None:
    card = save(sale.home)
    place(sale)
    with pytest.raises(cards.CardInUse):
        cards.forget(card=card, by=sale.home.members.get(), now=make.now())
    assert SavedCard.objects.usable().get() == card
    place(sale, {})
    cards.forget(card=card, by=sale.home.members.get(), now=make.now())
    assert not SavedCard.objects.usable().exists()
    assert sale.stripe.world.get(card.method, "payment_method")["customer"] is None


# Ordering never asks Stripe


def test_an_order_by_card_needs_a_card_and_asks_nobody(sale: SimpleNamespace) -> None:
    with pytest.raises(ordering.CardNeeded):
        place(sale)
    assert Order.objects.count() == 0
    save(sale.home)
    asked = len(sale.stripe.calls)
    sale.stripe.faults.away = True
    place(sale)
    place(sale, {sale.bread: 3})
    assert len(sale.stripe.calls) == asked


def test_without_stripe_a_point_takes_no_cards(sale: SimpleNamespace, settings: Any) -> None:
    save(sale.home)
    settings.STRIPE_SECRET_KEY = ""
    with pytest.raises(ordering.NoSuchPayment):
        place(sale)
    assert Order.objects.count() == 0
    assert cards.place_holds(now=make.now()) == cards.take_due(now=make.now()) == 0


# Holding


def test_the_greatest_amount_shown_is_held_once(sale: SimpleNamespace) -> None:
    payment = held(sale)
    order = Order.objects.get()
    assert payment.amount.amount == order.maximum_total.amount == D("33.70")  # 2.3 kg × 11 + 2 × 4.20
    assert (payment.state, payment.number) == ("held", 1)
    assert payment.capture_before is not None
    for _again in range(2):
        assert cards.place_holds(now=make.now()) == 0
    assert [one["amount"] for one in sale.stripe.world.all("payment_intent")] == [3370]
    assert ledger.trial_balance() == 0
    assert ledger.balance("stripe") == 0


def test_what_is_held_is_what_was_shown_to_the_cent(sale: SimpleNamespace) -> None:
    """Weighed lines are rounded one by one on the member's page, and so they are held, changes after the close as well."""
    chance = Random(8)
    farm = make.producer(sale.at.point)
    packs = []
    for _product in range(30):
        grams = chance.randint(100, 4_000)
        price = f"{chance.randint(1, 4_999) / 100:.2f}"
        packs.append(make.weighed(farm, price, content=grams, max_content=grams + chance.randint(1, 999)))
        make.offer(packs[-1], sale.at)
    for _home in range(25):
        sale.home = make.household()
        make.join(sale.home, sale.at.point)
        save(sale.home)
        place(sale, {pack: chance.randint(1, 3) for pack in chance.sample(packs, chance.randint(2, 4))})
    make.passed(sale.at)
    assert closing.close_due(now=make.now()) == [sale.at.code]
    for order in Order.objects.order_by("pk")[:5]:
        line = order.lines.order_by("pk").first()
        assert line is not None
        change = amending.Change(1, line, seen=line.due)
        amending.amend_order(
            order=order, changes=[change], reason="member", by=make.host(sale.at.point), now=make.now(), key=order.code
        )
    assert cards.place_holds(now=make.now()) == 25
    shown = dict(Order.objects.values_list("pk", "maximum_total"))
    assert dict(CardPayment.objects.values_list("order", "amount")) == shown
    assert {one["amount"] for one in sale.stripe.world.all("payment_intent")} == {
        int(most * 100) for most in shown.values()
    }


def test_a_hand_over_more_than_three_days_away_waits(sale: SimpleNamespace) -> None:
    save(sale.home)
    place(sale)
    make.counted(sale.at)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE hub_collection SET starts_at = starts_at + interval '4 days', ends_at = ends_at + interval '4 days'"
        )
    assert cards.place_holds(now=make.now()) == 0
    assert cards.place_holds(now=make.now() + timedelta(hours=24)) == 1


def test_before_the_count_and_for_other_payments_nothing_is_held(sale: SimpleNamespace) -> None:
    save(sale.home)
    place(sale)
    assert cards.place_holds(now=make.now()) == 0
    place(sale, method="at-point")
    make.counted(sale.at)
    assert cards.place_holds(now=make.now()) == 0
    assert CardPayment.objects.count() == 0


def test_while_stripe_is_away_holds_wait_and_follow_once(sale: SimpleNamespace) -> None:
    save(sale.home)
    place(sale)
    make.counted(sale.at)
    sale.stripe.faults.away = True
    assert cards.place_holds(now=make.now()) == 0
    assert CardPayment.objects.get().state == "due"
    sale.stripe.faults.away = False
    sale.stripe.faults.cut["payment_intents$"] = 1
    assert cards.place_holds(now=make.now()) == 0
    assert cards.place_holds(now=make.now()) == 1
    assert len(sale.stripe.world.all("payment_intent")) == 1


def test_a_hold_that_ran_out_is_placed_again(sale: SimpleNamespace) -> None:
    payment = held(sale)
    sale.stripe.skip(days=5)
    assert cards.reread(now=make.now() + timedelta(minutes=11))
    payment.refresh_from_db()
    assert payment.state == "released"
    assert cards.place_holds(now=make.now()) == 1
    assert list(CardPayment.objects.order_by("number").values_list("number", "state")) == [(1, "released"), (2, "held")]


# Refusals


def test_a_refusal_is_told_once_and_mended_with_the_bank(sale: SimpleNamespace) -> None:
    payment = held(sale, ASKS)
    assert (payment.state, payment.refusal) == ("refused", "authentication_required")
    cards.place_holds(now=make.now())
    assert list(Notice.objects.values_list("kind", flat=True)) == ["card-refused"]
    page = cards.confirm_again(payment=payment, return_url="http://localhost/", now=make.now())
    payment.refresh_from_db()
    assert payment.state == "refused"
    save_on(page, answer="yes")
    assert cards.read_again(payment=payment, now=make.now()).state == "held"


@pytest.mark.parametrize(
    ("number", "subject", "asks"),
    [
        (POOR, "Votre carte a été refusée\u202f: il en faut une autre pour votre commande", False),
        (ASKS, "Merci de confirmer le paiement de votre commande", True),
    ],
)
def test_the_mail_says_what_helps(sale: SimpleNamespace, number: str, subject: str, asks: bool) -> None:
    """A declined card is declined again; where the bank only asks, confirming helps."""
    held(sale, number)
    notices.send_due(now=make.now() + timedelta(hours=1))
    letter = Letter.objects.get(notice__kind="card-refused")
    assert (letter.subject, "confirmation" in letter.text) == (subject, asks)


def test_a_refusal_is_mended_with_another_card(sale: SimpleNamespace) -> None:
    payment = held(sale, POOR)
    new = save(sale.home, CARD)
    assert cards.confirm_again(payment=payment, return_url="http://localhost/", now=make.now()) == ""
    payment.refresh_from_db()
    assert (payment.state, payment.card, payment.refusal) == ("held", new, "")


def test_nobody_mends_and_the_order_is_paid_at_the_point(sale: SimpleNamespace) -> None:
    payment = held(sale, POOR)
    assert cards.release_refused(now=make.now() + timedelta(hours=11)) == 0
    late = make.now() + timedelta(hours=13)
    assert cards.release_refused(now=late) == 1
    assert cards.release_refused(now=late) == 0
    assert cards.place_holds(now=late) == 0  # a sweep killed here asks nothing of the card again
    assert cards.pay_refused_at_point(now=late) == 1
    assert cards.pay_refused_at_point(now=late) == 0
    payment.refresh_from_db()
    assert (payment.state, Order.objects.get().payment_method) == ("released", "at-point")
    assert sorted(Notice.objects.values_list("kind", flat=True)) == ["card-at-point", "card-refused"]
    assert {one["status"] for one in sale.stripe.world.all("payment_intent")} == {"canceled"}
    assert cards.place_holds(now=late) == 0


# Taking


def test_what_was_handed_over_is_captured_and_the_books_say_so(sale: SimpleNamespace) -> None:
    payment = held(sale)
    settle(sale, "29.52")
    assert cards.take_due(now=make.now()) == 1
    assert cards.take_due(now=make.now()) == 0
    payment.refresh_from_db()
    assert (payment.state, payment.captured.amount) == ("captured", D("29.52"))
    assert ledger.balance(f"household:{sale.home.code}") == 0
    assert ledger.balance("stripe:fees") == D("0.69")  # 1.5 % + 0.25
    assert ledger.balance("stripe") == D("28.83")
    assert sum(one["net"] for one in sale.stripe.world.all("balance_transaction")) == 2883


def test_a_heavier_weight_is_never_charged_above_what_was_shown(sale: SimpleNamespace) -> None:
    payment = held(sale)
    settle(sale, "40.00")
    cards.take_due(now=make.now())
    payment.refresh_from_db()
    assert payment.captured.amount == D("33.70")
    assert ledger.balance(f"household:{sale.home.code}") == D("-6.30")
    assert [one["amount_received"] for one in sale.stripe.world.all("payment_intent")] == [3370]


@pytest.mark.parametrize("final", ["0.00", "0.49"])
def test_nothing_to_speak_of_releases_the_hold(sale: SimpleNamespace, final: str) -> None:
    payment = held(sale)
    settle(sale, final)
    assert cards.take_due(now=make.now()) == 1
    payment.refresh_from_db()
    assert (payment.state, payment.captured) == ("released", None)
    assert ledger.balance("stripe") == 0


def test_a_cancelled_order_releases_the_hold(sale: SimpleNamespace) -> None:
    payment = held(sale)
    Order.objects.update(cancelled_at=make.now())
    cards.take_due(now=make.now())
    payment.refresh_from_db()
    assert payment.state == "released"


def test_a_capture_whose_answer_was_lost_is_posted_once(sale: SimpleNamespace) -> None:
    held(sale)
    settle(sale, "29.52")
    sale.stripe.faults.cut["capture$"] = 1
    assert cards.take_due(now=make.now()) == 0
    assert ledger.balance("stripe:fees") == 0
    assert cards.reread(now=make.now() + timedelta(minutes=11))
    assert cards.take_due(now=make.now()) == 0
    assert ledger.balance("stripe") == D("28.83")


def test_the_database_takes_no_capture_above_the_hold(sale: SimpleNamespace) -> None:
    payment = held(sale)
    with pytest.raises(IntegrityError, match="orders_cardpayment_captured_within_hold"), transaction.atomic():
        CardPayment.objects.filter(pk=payment.pk).update(state="captured", captured=payment.amount.amount + 1)
    with pytest.raises(ValueError, match="held -> refused"):
        payment.move_to(CardPayment.State.REFUSED, make.now())
