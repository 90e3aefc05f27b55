"""Our books against Stripe: nothing to say of honest ones, and each corruption named once, to the cent."""

from datetime import time, timedelta
from decimal import Decimal
from time import monotonic
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from distribution.books import overdue, stripe
from distribution.models import Payout, StripeCheck, StripeFinding
from hub import calendar, closings, ledger, notices
from hub.models import Notice, StripeMovement
from orders import cards
from orders.models import CardPayment, CardRefund, Order
from tests import make
from tests.distribution.farms import farm_of, owed
from tests.distribution.test_payouts_at_stripe import begin, ready, sweep
from tests.distribution.test_statements import issue, sold
from tests.forging import forge
from tests.orders.by_card import held, settle
from tests.orders.by_card import sale as card_sale
from tests.orders.by_debit import CONTESTED, later, sent
from tests.stand_in import StandIn
from tests.stand_in.afterwards import pay_out

pytestmark = pytest.mark.django_db
D = Decimal
sale = card_sale


@pytest.fixture
def paid(sale: SimpleNamespace) -> SimpleNamespace:
    """A chicken paid by card, 1.50 of it given back; the coordinator."""
    held(sale)
    settle(sale, "18.70")
    assert cards.take_due(now=make.now()) == 1
    sale.coordinator = make.coordinator()
    cards.refund(payment=CardPayment.objects.get(), amount=D("1.50"), key="once", by=sale.coordinator, now=make.now())
    assert cards.send_refunds(now=make.now()) == 1
    sale.refund = CardRefund.objects.get().stripe_id
    sale.payment = CardPayment.objects.get().stripe_id
    return sale


def tomorrow(days: int = 1) -> Any:
    """Noon of a coming day: late enough for the day's comparison."""
    return make.now().replace(hour=12, minute=0, second=0) + timedelta(days=days)


def findings(check: StripeCheck | None) -> list[tuple[str, str, str, str]]:
    assert check is not None
    return list(check.findings.order_by("what", "subject").values_list("what", "subject", "found", "expected"))


def test_honest_books_equal_stripes_balance(paid: SimpleNamespace) -> None:
    check = stripe.check_due(now=tomorrow())
    assert findings(check) == []
    assert check is not None
    # 18.70 less 0.53 of fees, less 1.50
    assert check.ledger.amount == check.summed.amount == check.balance.amount == D("16.67")
    assert list(StripeMovement.objects.order_by("pk").values_list("kind", "subject", "amount", "fee").order_by("kind")) == [
        ("charge", paid.payment, D("18.70"), D("0.53")), ("refund", paid.refund, D("-1.50"), D("0.00")),
    ]  # fmt: skip
    assert Notice.objects.filter(kind="stripe-alarm").count() == 0


def test_a_day_is_compared_once_and_not_before_four(paid: SimpleNamespace) -> None:
    day = calendar.local_date(tomorrow())
    assert stripe.check_due(now=calendar.wall_to_utc(day, stripe.HOUR) - timedelta(minutes=1)) is None
    assert stripe.check_due(now=calendar.wall_to_utc(day, stripe.HOUR)) is not None
    assert stripe.check_due(now=tomorrow()) is None
    assert stripe.check_due(now=tomorrow(2)) is not None
    assert StripeCheck.objects.count() == 2
    assert StripeMovement.objects.count() == 2


CORRUPTIONS = {
    "dropped": ("DELETE FROM hub_transfer WHERE reference = 'card-refund:once'", "missing", "refund", "", "-1.50"),
    "wrong": (
        "UPDATE hub_transfer SET amount = 18.00 WHERE reference LIKE 'card:%:1'", "wrong", "payment",
        "18.00 − 0.53", "18.70 − 0.53",
    ),
    "no fee": (
        "DELETE FROM hub_transfer WHERE reference LIKE 'card:%:fee'", "wrong", "payment", "18.70", "18.70 − 0.53",
    ),
    "hidden": (
        "UPDATE hub_transfer SET amount = amount + CASE WHEN reference LIKE '%:fee' THEN 0.40 ELSE 0.40 END"
        " WHERE reference LIKE 'card:%'", "wrong", "payment", "19.10 − 0.93", "18.70 − 0.53",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", CORRUPTIONS)
def test_each_corruption_is_named(paid: SimpleNamespace, what: str) -> None:
    statement, kind, subject, found, expected = CORRUPTIONS[what]
    forge(statement)
    assert findings(stripe.check_due(now=tomorrow())) == [(kind, getattr(paid, subject), found, expected)]


def test_an_extra_posting_is_named(paid: SimpleNamespace) -> None:
    home = ledger.household_account(paid.home)
    ledger.post([ledger.Entry("invented", "stripe", home, D("7.00"), "x")], now=make.now())
    check = stripe.check_due(now=tomorrow())
    assert findings(check) == [("extra", "invented", "7.00", "")]
    assert check is not None
    assert (check.ledger.amount, check.balance.amount) == (D("23.67"), D("16.67"))


def test_a_movement_nobody_knows_is_named_and_what_is_under_way_is_not(paid: SimpleNamespace) -> None:
    fee = paid.stripe.world.balance("stripe_fee", -200, "fee_unknown")
    assert findings(stripe.check_due(now=tomorrow())) == [("missing", fee["source"], "", "-2.00")]
    recent = ledger.Entry("just now", "stripe", ledger.household_account(paid.home), D("1.00"), "x")
    ledger.post([recent], now=tomorrow(2) - timedelta(minutes=30))
    assert [row[1] for row in findings(stripe.check_due(now=tomorrow(2)))] == [fee["source"]]


def test_what_stripe_paid_out_must_have_been_seen_at_the_bank(paid: SimpleNamespace) -> None:
    paid.stripe.world.skipped += 8 * 24 * 3600
    payout = pay_out(paid.stripe.world, {"amount": "1600", "currency": "eur"})
    day = tomorrow(9)
    assert findings(stripe.check_due(now=day)) == []
    assert findings(stripe.check_due(now=day + timedelta(days=11))) == [("missing", payout["id"], "", "-16.00")]
    ledger.post([ledger.Entry("bank:1:1", "bank:unmatched", "stripe", D("16.00"), "x")], now=day)
    assert findings(stripe.check_due(now=day + timedelta(days=12))) == []
    ledger.post([ledger.Entry("bank:2:1", "bank:unmatched", "stripe", D("16.00"), "x")], now=day)
    assert findings(stripe.check_due(now=day + timedelta(days=13))) == [("extra", "bank:2:1", "-16.00", "")]
    ledger.reverse("bank:2:1", memo="x", now=day)
    assert findings(stripe.check_due(now=day + timedelta(days=14))) == []


def test_a_transfer_to_a_farm_stands_for_the_postings_of_all_its_statements(stripe_server: StandIn) -> None:
    farm = farm_of(owed("5.20")[0])
    issue(farm, sold(farm, "10.00"))
    due = Payout.objects.filter(producer=farm).select_related("statement", "producer").order_by("pk")
    begin(ready(stripe_server, list(due)))
    sweep()
    assert len(stripe_server.world.all("transfer")) == 1
    stripe.fetch(make.now())
    # All that our books do not know is what the test itself put on Stripe's balance.
    assert [(one.what, one.subject) for one in stripe.differences(tomorrow())] == [("missing", "ch_before")]
    forge("DELETE FROM hub_transfer WHERE reference LIKE 'payout:%' AND amount = 8.00")
    wrong = stripe.differences(tomorrow())[1]
    assert (wrong.what, wrong.amount, wrong.their_amount) == ("wrong", D("-4.16"), D("-12.16"))


def test_a_first_fetch_that_ends_half_way_is_gone_on_with(
    paid: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An account with a past: what was fetched of it stays, and nothing is compared before all of it is there."""
    monkeypatch.setattr(stripe, "BEGINNING", make.now() - timedelta(days=100))
    world = paid.stripe.world
    with world.lock:
        for days in (95, 50, 12):
            world.balance("stripe_fee", -days, f"fee_{days}")["created"] = world.now() - days * 24 * 3600
    paid.stripe.faults.slow = 0.3
    assert stripe.check_due(now=tomorrow(), until=monotonic() + 0.1) is None
    assert list(StripeMovement.objects.values_list("subject", flat=True)) == ["fee_95"]
    paid.stripe.faults.slow = 0
    before = len(paid.stripe.calls)
    assert [one[1] for one in findings(stripe.check_due(now=tomorrow()))] == ["fee_12", "fee_50", "fee_95"]
    fetched = [call.sent["created"] for call in paid.stripe.calls[before:] if call.path == "/v1/balance_transactions"]
    assert [len(one) for one in fetched] == [2, 2, 2, 1]  # months, and what there is since
    assert StripeMovement.objects.count() == 5


def test_coordinators_are_told_of_each_finding_once(paid: SimpleNamespace) -> None:
    forge("DELETE FROM hub_transfer WHERE reference = 'card-refund:once'")
    for day in (1, 2):
        stripe.check_due(now=tomorrow(day))
    (told,) = Notice.objects.filter(kind="stripe-alarm")
    assert (told.member, told.data["number"]) == (paid.coordinator, 1)
    ledger.post([ledger.Entry("invented", "stripe", "cash:x", D("7.00"), "x")], now=make.now())
    stripe.check_due(now=tomorrow(3))
    assert [one.data["lines"][0]["subject"] for one in Notice.objects.filter(kind="stripe-alarm").order_by("pk")] == [
        paid.refund, "invented",
    ]  # fmt: skip
    Notice.objects.exclude(kind="stripe-alarm").delete()
    assert notices.send_due(now=tomorrow(3)) == 2
    assert mail.outbox[0].subject == "Nos livres et Stripe diffèrent sur 1 mouvement"
    line = f"- {paid.refund}, pas dans nos livres (dans nos livres –, chez Stripe -1.50)"
    assert line in str(mail.outbox[0].body).splitlines()
    first, second = StripeFinding.objects.order_by("pk")
    assert (first.first.day, first.last.day) == (calendar.local_date(tomorrow(1)), calendar.local_date(tomorrow(3)))
    assert second.first == second.last


def test_stripe_away_is_asked_again_and_nothing_is_written(paid: SimpleNamespace, settings: Any) -> None:
    settings.STRIPE_API_BASE = "http://localhost:9"
    assert stripe.check_due(now=tomorrow()) is None
    assert StripeCheck.objects.count() == 0
    settings.STRIPE_API_BASE = paid.stripe.url
    assert stripe.check_due(now=tomorrow()) is not None


def test_without_cards_nothing_is_compared(client: Client) -> None:
    assert stripe.check_due(now=tomorrow()) is None
    client.force_login(make.coordinator())
    assert "Aucune carte n’est acceptée ici" in client.get("/livres/controles/").content.decode()


def test_many_movements_come_in_pages(stripe_server: StandIn) -> None:
    for number in range(205):
        stripe_server.world.balance("charge", 100 + number, f"ch_{number}", 10)
    assert stripe.fetch(make.now()) == 205
    assert stripe.fetch(make.now()) == 205
    assert len(stripe.differences(tomorrow())) == 205


def test_the_page(paid: SimpleNamespace, client: Client) -> None:
    client.force_login(paid.coordinator)
    assert "Pas encore comparé" in client.get("/livres/controles/").content.decode()
    stripe.check_due(now=tomorrow())
    assert "chaque mouvement est une fois dans nos livres" in client.get("/livres/controles/").content.decode()
    forge("DELETE FROM hub_transfer WHERE reference = 'card-refund:once'")
    stripe.check_due(now=tomorrow(2))
    page = client.get("/livres/controles/").content.decode()
    assert paid.refund in page
    assert "pas dans nos livres" in page


# What waits too long


def test_nothing_waits_on_a_good_day(paid: SimpleNamespace) -> None:
    assert overdue.read(make.now()) == []


def test_each_kind_of_delay_is_counted_with_its_oldest(sale: SimpleNamespace) -> None:
    payment = held(sale)
    noon = calendar.wall_to_utc(make.today(), time(12))  # days are closed some hours after they have ended
    long_ago = noon - timedelta(days=9)
    Order.objects.update(settled_at=long_ago)
    forge(f"UPDATE orders_cardpayment SET capture_before = '{noon + timedelta(hours=20)}'")
    Notice.objects.create(kind="test", key="test", email="nora@exemple.fr", due_at=long_ago)
    CardRefund.objects.create(
        payment=payment, key="x", amount=D("1.00"), asked_at=long_ago, asked_by=make.coordinator()
    )
    entry = ledger.Entry("old", "bank", "hub:income", D("1.00"), "x")
    ledger.post([entry], now=long_ago)
    closings.close_due(now=long_ago + timedelta(days=2))
    found = overdue.read(noon)
    assert [one.number for one in found] == [1, 1, 1, 1, 7]
    assert [str(one.name) for one in found] == [
        "Réservations sur carte qui prennent fin d’ici un jour",
        "Commandes réglées dont la carte n’a pas été débitée",
        "Remboursements sur carte que Stripe n’a pas faits",
        "Messages qui ne sont pas partis",
        "Jours qui ne sont pas clos",
    ]


def test_the_fee_of_a_debit_taken_back_is_claimed_with_the_debit(stripe_server: StandIn) -> None:
    row = sent(make.household(), CONTESTED)
    stripe_server.skip(days=6)
    cards.reread(now=later(20))
    cards.read_disputes(now=later(6))
    row.refresh_from_db()
    assert row.state == "returned"
    assert stripe.fetch(later(20)) == 2
    assert stripe.differences(later(40)) == []
