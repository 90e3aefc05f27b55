"""Money back to the card that paid: by itself, once, and told where the card refuses."""

import functools
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from distribution import reconcile, refunds, settlement, tasks, transfers
from distribution.models import Refund
from hub import ledger
from hub.models import Notice, Transfer
from hub.money import money
from orders import cards, leaving, ordering, payments
from orders.models import CardPayment, CardRefund, Order
from tests import make
from tests.distribution.card_refunds import balances, chosen, everything, sweep
from tests.distribution.day import a_day
from tests.forging import forge
from tests.paying import captured, save
from tests.stand_in import StandIn

pytestmark = pytest.mark.django_db
D = Decimal
SLOW, FAILING = "4000 0000 0000 7726", "4000 0000 0000 5126"


def test_what_was_missing_at_the_counter_is_never_taken_and_not_offered_either(stripe_server: StandIn) -> None:
    at = make.collection(make.point(payment_methods=["card"]))
    farm, home = make.producer(at.point), make.household()
    bread = make.packaging(farm, "4.20")
    save(home)
    payments.receive(
        household=home, amount=D(50), means="transfer", key="p", received_by=make.coordinator(), now=make.now()
    )
    day = a_day({bread: 2}, farms=[farm], at=at, home=home, payment_method="card")
    cards.place_holds(now=make.now())
    day.arrive()
    day.act("short", day.orders[0], bread, quantity=1, reason="broken")
    day.confirm()
    settlement.settle(collection=at, now=make.now())
    cards.take_due(now=make.now())
    payment = CardPayment.objects.get()
    assert payment.captured is not None
    assert (payment.captured.amount, Refund.objects.count()) == (D("4.20"), 0)
    assert ledger.balance(f"household:{home.code}") == D(50)


def test_the_money_goes_back_to_the_card_by_itself_and_once(stripe_server: StandIn) -> None:
    day, payment, _bread = captured()
    before = ledger.balance("stripe")
    refund = chosen(day)
    assert (transfers.to_households(), transfers.to_cards()) == ([], [refund])
    for _again in range(3):
        sweep()
    assert [one["amount"] for one in stripe_server.world.all("refund")] == [420]
    refund.refresh_from_db()
    assert (refund.paid_at is not None, refund.paid_by, transfers.to_cards()) == (True, None, [])
    assert balances(refund) == (D(0), before - D("4.20"), D(0))
    assert ledger.balance("hub:income") == D("-4.20")
    payment.refresh_from_db()
    assert payment.refunded.amount == D("4.20")
    assert reconcile.differences() == []
    net = sum(one["net"] for one in stripe_server.world.all("balance_transaction"))
    assert ledger.balance("stripe") == D(net) / 100


def test_the_sweep_of_the_minute_does_all_of_it(stripe_server: StandIn) -> None:
    day, _payment, _bread = captured()
    refund = chosen(day)
    tasks.cards()
    tasks.cards()
    refund.refresh_from_db()
    assert refund.paid_at is not None
    assert len(stripe_server.world.all("refund")) == 1


def test_an_answer_lost_or_a_sweep_killed_anywhere_still_ends_in_one_refund(stripe_server: StandIn) -> None:
    day, _payment, _bread = captured()
    refund = chosen(day)
    stripe_server.faults.cut["refunds$"] = 2
    for _minute in range(2):
        assert cards.send_refunds(now=make.now()) == 0
        assert refunds.note_cards(now=make.now()) == 0
    assert cards.send_refunds(now=make.now()) == 1  # and the sweep dies here
    sweep()
    sweep()
    assert len(stripe_server.world.all("refund")) == 1
    assert Transfer.objects.filter(reference__startswith="card-refund:").count() == 1
    refund.refresh_from_db()
    assert refund.paid_at is not None


def test_while_it_goes_to_the_card_nobody_sends_it_another_way(stripe_server: StandIn) -> None:
    day, _payment, _bread = captured(SLOW)
    refund = chosen(day)
    sweep()
    before = everything()
    for act in (
        lambda: refunds.choose(refund=refund, choice="credit", by=refund.household.members.get(), now=make.now()),
        lambda: refunds.pay(refund=refund, by=make.coordinator(), now=make.now()),
    ):
        with pytest.raises(refunds.OnItsWay):
            act()
    assert everything() == before
    stripe_server.skip(days=6)
    cards.reread(now=make.now() + cards.EVERY)
    refunds.note_cards(now=make.now())
    refund.refresh_from_db()
    assert refund.paid_at is not None
    assert balances(refund)[0] == 0


def test_what_is_on_its_way_back_buys_nothing_more(stripe_server: StandIn, client: Client) -> None:
    day, _payment, _bread = captured()
    back = chosen(day)
    home = back.household
    at = make.collection(make.point(payment_methods=["account"]))
    bread = make.packaging(make.producer(at.point), "4.20")
    make.offer(bread, at, packs=None)
    make.join(home, at.point)
    before = everything()
    with pytest.raises(ordering.AccountTooLow) as refusal:
        ordering.place(household=home, collection=at, wish={bread.pk: 1}, by=None, now=make.now())
    assert refusal.value.data == {"missing": "4.20"}
    assert "en route vers vous" in str(refusal.value)
    assert (everything(), Order.objects.filter(collection=at).count()) == (before, 0)
    client.force_login(home.members.get())
    assert "en route vers vous" in client.get("/solde/").content.decode()
    sweep()
    assert (balances(back)[0], leaving.leaving(home)) == (D(0), D(0))


def test_what_the_treasurer_has_to_send_buys_nothing_more_and_two_refunds_share_what_is_there() -> None:
    treasurer, home = make.coordinator(), make.household()
    make_refund = functools.partial(Refund.objects.create, household=home, amount=money(D(4)), created_at=make.now())
    one, two = (make_refund(collection=make.collection()) for _nth in range(2))
    payments.receive(household=home, amount=D(7), means="transfer", key="p", received_by=treasurer, now=make.now())
    by = home.members.get()
    for _again in range(2):
        refunds.choose(refund=one, choice="refund", by=by, now=make.now())
    assert leaving.leaving(home) == D(4)
    with pytest.raises(refunds.AlreadySpent):
        refunds.choose(refund=two, choice="refund", by=by, now=make.now())
    assert list(Refund.objects.order_by("pk").values_list("choice", flat=True)) == ["refund", "waiting"]
    refunds.pay(refund=one, by=treasurer, now=make.now())
    assert (leaving.leaving(home), balances(one)[0]) == (D(0), D(3))


def test_a_card_that_sends_it_back_weeks_later_is_reversed_once_and_told(stripe_server: StandIn) -> None:
    day, payment, _bread = captured(FAILING)
    before = ledger.balance("stripe")
    refund = chosen(day)
    sweep()
    assert Refund.objects.filter(paid_at__isnull=False).count() == 1
    stripe_server.skip(days=6)
    for _again in range(2):
        cards.reread(now=make.now() + cards.DAILY)
        refunds.note_cards(now=make.now())
    refund.refresh_from_db()
    payment.refresh_from_db()
    assert (refund.paid_at, payment.refunded.amount) == (None, D(0))
    assert balances(refund) == (D("4.20"), before, D(0))
    assert transfers.to_households() == [refund]
    assert list(Notice.objects.filter(kind="card-refund-failed").values_list("data__amount", flat=True)) == [
        "4,20\xa0€"
    ]
    assert reconcile.differences() == []
    sweep()
    assert len(stripe_server.world.all("refund")) == 1  # never by itself again
    refunds.pay(refund=refund, by=make.coordinator(), now=make.now())
    assert balances(refund) == (D(0), before, D("-4.20"))
    assert reconcile.differences() == []


def test_a_refund_stripe_will_not_make_is_the_treasurers(stripe_server: StandIn, client: Client) -> None:
    day, payment, _bread = captured()
    refund = chosen(day)
    stripe_server.dispute(stripe_server.world.get(payment.stripe_id, "payment_intent")["latest_charge"])
    sweep()
    assert CardRefund.objects.get().failure == "charge_disputed"
    assert transfers.to_households() == [refund]
    client.force_login(make.coordinator())
    page = client.get("/reversements/").content.decode()
    assert "La carte l’a renvoyé" in page
    client.force_login(refund.household.members.get())
    page = client.get("/solde/").content.decode()
    assert "donnez un IBAN" in page
    typed = {"choice": "refund", "send_to": "FR76 3000 6000 0112 3456 7890 189"}
    client.post(f"/solde/remboursements/{day.collection.code}/", typed)
    refund.refresh_from_db()
    assert (refund.send_to, refund.card_refund.state) == ("FR7630006000011234567890189", "failed")  # type: ignore[union-attr]


def test_what_was_paid_in_another_way_is_sent_in_another_way(stripe_server: StandIn) -> None:
    day, payment, _bread = captured()
    CardPayment.objects.filter(pk=payment.pk).update(refunded=D("8.00"))  # most of it went back before
    refund = chosen(day)
    sweep()
    assert CardRefund.objects.count() == 0
    assert transfers.to_households() == [refund]


def test_the_database_gives_back_no_more_than_was_taken(stripe_server: StandIn) -> None:
    _day, payment, _bread = captured()
    with pytest.raises(IntegrityError, match="orders_cardpayment_refunded_within_captured"), transaction.atomic():
        CardPayment.objects.filter(pk=payment.pk).update(refunded=D("8.41"))
    with pytest.raises(IntegrityError, match="orders_cardrefund_state_stamped"), transaction.atomic():
        CardRefund.objects.create(payment=payment, key="x", amount=D(1), state="done", asked_at=make.now())


def test_the_database_keeps_a_refund_that_the_card_took(stripe_server: StandIn) -> None:
    day, _payment, _bread = captured()
    refund = chosen(day)
    sweep()
    with pytest.raises(IntegrityError, match="UPDATE refused"), transaction.atomic():
        Refund.objects.filter(pk=refund.pk).update(paid_at=None)
    with pytest.raises(IntegrityError, match="UPDATE refused"), transaction.atomic():
        Refund.objects.filter(pk=refund.pk).update(card_refund=None)


@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE orders_cardpayment SET refunded = 1",
        "DELETE FROM hub_transfer WHERE reference LIKE 'card-refund:%'",
    ],
)
def test_reconciliation_sees_a_forged_refund(stripe_server: StandIn, forgery: str) -> None:
    day, _payment, _bread = captured()
    chosen(day)
    sweep()
    assert reconcile.differences() == []
    forge(forgery)
    assert {one.invariant for one in reconcile.differences()} == {7}
