"""What the cooperative may give back of an order paid by card: never more than was taken, nor what somebody else gives back."""

from decimal import Decimal

import pytest
from django.test import Client

from distribution import correcting, refunds
from distribution.models import Refund
from orders import cards
from orders.models import CardRefund, Dispute
from tests import make
from tests.distribution.card_refunds import everything, granted, sweep
from tests.paying import captured
from tests.stand_in import StandIn

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.mark.parametrize("amount", ["8.41", "0", "-1", "1.001", "NaN"])
def test_more_than_the_order_came_to_is_refused_and_changes_nothing(stripe_server: StandIn, amount: str) -> None:
    day, _payment, _bread = captured()
    before = everything()
    with pytest.raises(refunds.NothingToGrant):
        granted(day, amount)
    assert everything() == before


def test_nothing_is_given_back_while_the_bank_is_asked_for_it_too(stripe_server: StandIn) -> None:
    """Neither granted, nor sent to the card, nor by the treasurer; a dispute that is won ends it."""
    day, payment, _bread = captured()
    waiting = granted(day)
    charge = stripe_server.world.get(payment.stripe_id, "payment_intent")["latest_charge"]
    number = stripe_server.dispute(charge)["id"]
    cards.read_disputes(now=make.now())
    refunds.choose(refund=waiting, choice="refund", by=waiting.household.members.get(), now=make.now())
    before = everything()
    sweep()
    with pytest.raises(refunds.Contested):
        refunds.pay(refund=waiting, by=make.coordinator(), now=make.now())
    assert everything() == before
    assert CardRefund.objects.count() == 0
    stripe_server.decide(number, won=True)
    cards.read_disputes(now=make.now())
    sweep()
    waiting.refresh_from_db()
    assert waiting.card_refund is not None


def test_nothing_is_granted_for_an_order_that_is_contested(stripe_server: StandIn) -> None:
    day, payment, _bread = captured()
    stripe_server.dispute(stripe_server.world.get(payment.stripe_id, "payment_intent")["latest_charge"])
    cards.read_disputes(now=make.now())
    before = everything()
    with pytest.raises(refunds.Contested):
        granted(day)
    assert everything() == before


def test_what_the_farm_gave_back_is_not_granted_as_well(stripe_server: StandIn) -> None:
    day, _payment, _bread = captured()
    farm, home, by = day.farms[0], day.orders[0].household, make.coordinator()
    correcting.correct(
        producer=farm, amount=D("-5.00"), words="Moisi", key="one", household=home, by=by, now=make.now()
    )
    before = everything()
    with pytest.raises(refunds.NothingToGrant, match="3,40"):
        granted(day, "3.41")
    assert everything() == before
    granted(day, "3.40")
    with pytest.raises(correcting.NoCorrection):
        correcting.correct(
            producer=farm, amount=D("-0.01"), words="Rassis", key="two", household=home, by=by, now=make.now()
        )


def test_the_same_grant_again_is_one_and_another_is_refused(stripe_server: StandIn) -> None:
    day, _payment, _bread = captured()
    assert granted(day) == granted(day)
    before = everything()
    with pytest.raises(refunds.NothingToGrant):
        granted(day, "1.00")
    assert everything() == before


@pytest.mark.parametrize(("taken", "charged"), [(True, False), (True, True), (False, False)])
def test_what_the_bank_took_back_is_not_given_back_again(stripe_server: StandIn, taken: bool, charged: bool) -> None:
    """While the bank has the money of a dispute, and once the cooperative bears it; not where it came back, or is owed anew."""
    day, payment, _bread = captured()
    state = Dispute.State.LOST if charged else Dispute.State.OPEN if taken else Dispute.State.WON
    closed = None if state == Dispute.State.OPEN else make.now()
    Dispute.objects.create(
        payment=payment, stripe_id="du_1", amount=payment.captured, state=state, taken=taken, charged=charged,
        opened_at=make.now(), checked_at=make.now(), closed_at=closed, settled_at=closed if charged else None,
        settled_by=make.coordinator() if charged else None,
    )  # fmt: skip
    before = everything()
    if taken and not charged:
        with pytest.raises(refunds.Contested, match="a déjà cet argent"):
            granted(day)
        assert everything() == before
    else:
        assert granted(day).amount.amount == D("4.20")


def test_the_treasurer_offers_money_back_from_the_account(stripe_server: StandIn, client: Client) -> None:
    day, _payment, _bread = captured()
    order = day.orders[0]
    client.force_login(make.coordinator())
    address = f"/comptes/{order.household.code}/remboursement/"
    make.prove(client, client.post(address).headers["Location"])
    refused = client.post(address, {"order": order.code, "amount": "99"})
    assert (refused.status_code, Refund.objects.count()) == (422, 0)
    assert "8,40" in refused.content.decode()
    assert client.post(address, {"order": order.code, "amount": "4,20"}).status_code == 302
    assert Refund.objects.get().choice == "waiting"
    client.force_login(order.household.members.get())
    client.post(f"/solde/remboursements/{day.collection.code}/", {"choice": "refund"})
    page = client.get("/solde/").content.decode()
    assert "en route vers Visa •••• 4242" in page
