"""Money for the balance, against the stand-in and as a file for the bank: announced, asked once, counted when it is there,
reversed when it is taken back."""

from datetime import timedelta

import pytest

from distribution import reconcile, tasks
from hub import calendar, ledger
from hub.models import StripeEvent, Transfer
from hub.refusals import AnotherFact
from orders import cards, debits
from orders.models import Mandate, TopUp
from tests import make
from tests.orders.by_debit import (
    CONTESTED,
    EMPTY,
    GOOD,
    D,
    asked,
    balance,
    everything,
    later,
    no_memory,
    reread,
    sent,
    signed,
    told,
)
from tests.stand_in import StandIn
from tests.stand_in.browsing import browse, save_on

__all__ = ["no_memory"]

pytestmark = pytest.mark.django_db


# By direct debit at Stripe


def test_a_debit_is_announced_asked_and_counted_when_it_is_there(stripe_server: StandIn) -> None:
    home = make.household()
    mandate = signed(home)
    assert (mandate.last4, mandate.iban, mandate.consent) == ("3201", "", debits.consent(2))
    asked(home)
    assert debits.ask_due(now=later(30)) == 0  # nothing is debited unannounced
    for _again in range(2):
        debits.announce_due(now=make.now())
    assert told("debit-announced") == 1
    assert debits.ask_due(now=later(1)) == 0
    for _again in range(2):
        debits.ask_due(now=later(2))
    assert (TopUp.objects.get().state, balance(home)) == ("processing", D(0))
    stripe_server.skip(days=6)
    for _again in range(2):
        assert reread().state == "paid"
    assert (balance(home), ledger.balance("stripe"), ledger.balance("stripe:fees")) == (D(30), D("29.65"), D("0.35"))
    assert [one["amount"] for one in stripe_server.world.all("payment_intent")] == [3000]
    assert reconcile.differences() == []


def test_without_shorter_notice_it_is_announced_fourteen_days_before(stripe_server: StandIn) -> None:
    home = make.household()
    signed(home, days=14)
    row = asked(home)[0]
    assert row.due_on == calendar.local_date(make.now()) + timedelta(days=14)
    late = make.now() + timedelta(days=10)  # the sweep was away: it comes later rather than unannounced
    debits.announce_due(now=late)
    row.refresh_from_db()
    assert row.due_on == calendar.local_date(late) + timedelta(days=14)


def test_a_bank_that_says_no_leaves_the_balance_as_it_was(stripe_server: StandIn) -> None:
    home = make.household()
    sent(home, EMPTY)
    stripe_server.skip(days=6)
    for _again in range(2):
        row = reread()
    assert (row.state, row.failure, balance(home), told("debit-failed")) == ("failed", "insufficient_funds", D(0), 1)
    assert debits.ask_due(now=later(40)) == 0


def test_what_the_bank_takes_back_weeks_later_is_reversed_once_and_told(stripe_server: StandIn) -> None:
    make.coordinator()
    home = make.household()
    row = sent(home, CONTESTED)
    stripe_server.skip(days=6)
    cards.reread(now=later(20))
    number = stripe_server.world.all("dispute")[0]["id"]
    for copy in range(5):
        StripeEvent.objects.create(
            stripe_id=f"e{copy}", kind="charge.dispute.created", subject=number, received_at=make.now()
        )
        cards.apply_events(now=make.now())
    row.refresh_from_db()
    assert (row.state, balance(home), told("debit-returned"), told("dispute-opened")) == ("returned", D(0), 1, 1)
    assert ledger.balance("disputes") == 0
    net = sum(one["net"] for one in stripe_server.world.all("balance_transaction"))
    assert ledger.balance("stripe") == D(net) / 100
    assert reconcile.differences() == []


def test_events_alone_bring_it_home(stripe_server: StandIn) -> None:
    home = make.household()
    row = sent(home)
    stripe_server.skip(days=6)
    StripeEvent.objects.create(
        stripe_id="e1", kind="payment_intent.succeeded", subject=row.stripe_id, received_at=make.now()
    )
    assert cards.apply_events(now=make.now()) == 1
    assert balance(home) == D(30)


@pytest.mark.parametrize("number", [6, pytest.param(100, marks=pytest.mark.full)])
def test_answers_lost_after_the_change_end_in_one_debit_each(stripe_server: StandIn, number: int) -> None:
    homes = [make.household() for _nth in range(number)]
    for home in homes:
        signed(home)
        asked(home)
    debits.announce_due(now=make.now())
    stripe_server.faults.cut["payment_intents$"] = number
    for _minute in range(2 * number + 1):
        debits.ask_due(now=later(2))
    assert len(stripe_server.world.all("payment_intent")) == number
    stripe_server.skip(days=6)
    cards.reread(now=later(20))
    assert [balance(home) for home in homes] == [D(30)] * number
    assert Transfer.objects.filter(reference__startswith="topup:").count() == 2 * number
    net = sum(one["net"] for one in stripe_server.world.all("balance_transaction"))
    assert ledger.balance("stripe") == D(net) / 100


def test_the_sweep_of_the_minute_announces_and_asks(stripe_server: StandIn) -> None:
    home = make.household()
    signed(home)
    asked(home)
    tasks.cards()
    assert told("debit-announced") == 1
    TopUp.objects.update(due_on=calendar.local_date(make.now()), announced_at=later(-2))
    tasks.cards()
    assert TopUp.objects.get().state == "processing"


# By card


def test_a_card_pays_on_the_page_and_counts_once(stripe_server: StandIn) -> None:
    home = make.household()
    row = asked(home, "50", "card")[0]
    stripe_server.faults.cut["sessions$"] = 1
    with pytest.raises(Exception, match="APIConnectionError"):
        debits.pay_by_card(top_up=row, success_url="http://localhost/", cancel_url="", now=make.now())
    urls = {
        debits.pay_by_card(top_up=row, success_url="http://localhost/", cancel_url="", now=make.now())
        for _twice in "ab"
    }
    assert len(urls) == len(stripe_server.world.all("checkout.session")) == 1
    assert balance(home) == 0
    save_on(urls.pop())
    for _again in range(2):
        debits.read_page_again(top_up=TopUp.objects.get(), now=make.now())
    assert (TopUp.objects.get().state, balance(home)) == ("paid", D(50))
    assert ledger.balance("stripe") == D("49.00")
    assert reconcile.differences() == []


def test_a_page_nobody_pays_on_is_given_up(stripe_server: StandIn) -> None:
    row = asked(make.household(), "50", "card")[0]
    debits.pay_by_card(top_up=row, success_url="http://localhost/", cancel_url="", now=make.now())
    stripe_server.world.all("checkout.session")[0].update(status="expired", url=None)
    assert reread().state == "cancelled"


# Instalments and refusals


def test_instalments_add_up_to_the_cent_and_are_asked_for_once(stripe_server: StandIn) -> None:
    home = make.household()
    signed(home)
    first = asked(home, "100.00", parts=3)
    assert [row.pk for row in asked(home, "100.00", parts=3)] == [row.pk for row in first]
    for changed in ({"amount": "90.00", "parts": 3}, {"amount": "100.00", "parts": 2}):
        with pytest.raises(AnotherFact):
            asked(home, **changed)  # type: ignore[arg-type]
    rows = TopUp.objects.order_by("number")
    assert [row.amount.amount for row in rows] == [D("33.34"), D("33.33"), D("33.33")]
    days = [row.due_on for row in rows]
    assert days[0] == calendar.local_date(make.now()) + timedelta(days=2)
    assert [(day.year * 12 + day.month) - (days[0].year * 12 + days[0].month) for day in days] == [0, 1, 2]
    assert debits.announce_due(now=make.now()) == 1


@pytest.mark.parametrize(
    ("amount", "means", "parts"),
    [
        ("9.99", "debit", 1), ("500.01", "debit", 1), ("29.99", "debit", 3), ("NaN", "debit", 1), ("10.001", "debit", 1),
        ("50", "debit", 13), ("50", "debit", 0), ("50", "card", 2), ("50", "cheque", 1),
    ],
)  # fmt: skip
def test_what_is_not_offered_is_refused_and_changes_nothing(
    stripe_server: StandIn, amount: str, means: str, parts: int
) -> None:
    home = make.household()
    signed(home)
    before = everything()
    with pytest.raises(debits.BadTopUp):
        asked(home, amount, means, parts=parts)
    assert everything() == before


def test_without_a_mandate_nothing_is_debited(stripe_server: StandIn) -> None:
    with pytest.raises(debits.BadTopUp):
        asked(make.household())
    assert TopUp.objects.count() == 0


def test_a_mandate_taken_back_gives_up_what_was_to_come(stripe_server: StandIn) -> None:
    home = make.household()
    mandate = signed(home)
    asked(home)
    debits.announce_due(now=make.now())
    for _twice in range(2):
        debits.revoke(mandate=mandate, by=home.members.get(), now=make.now())
    assert TopUp.objects.get().state == "cancelled"
    assert debits.ask_due(now=later(3)) == 0


def test_another_households_page_signs_nothing(stripe_server: StandIn) -> None:
    page = debits.begin_signing(household=make.household(), success_url="http://x/", cancel_url="", now=make.now())
    browse(page.url, iban=GOOD)
    home = make.household()
    with pytest.raises(debits.NoMandate):
        debits.finish_signing(
            household=home, session=page.session, notice_days=2, by=home.members.get(), now=make.now()
        )
    assert Mandate.objects.count() == 0
