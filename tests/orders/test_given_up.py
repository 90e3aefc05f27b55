"""What was given up and paid all the same counts, once, and is told; what was asked for is not given up any more."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test import Client

from distribution import reconcile
from hub import ledger, stripe_gateway
from hub.models import Household, Notice, StripeEvent
from orders import cards, debits
from orders.debits import asking
from orders.debits.planning import TooLate
from orders.models import TopUp
from tests import make
from tests.forging import forge
from tests.orders.by_debit import D, asked, balance, everything, later, reread, signed, told
from tests.stand_in import StandIn
from tests.stand_in.browsing import save_on

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_memory() -> None:
    cache.delete("stripe:disputes-read")


def page_of(row: TopUp) -> str:
    return debits.pay_by_card(top_up=row, success_url="http://localhost/", cancel_url="", now=make.now())


def give_up(row: TopUp, now: Any = None) -> None:
    debits.cancel(top_up=row, by=row.household.members.get(), now=now or make.now())


def announced(home: Household) -> TopUp:
    signed(home)
    row = asked(home)[0]
    assert debits.announce_due(now=make.now()) == 1
    return row


def theirs(stripe: StandIn) -> Decimal:
    """What Stripe says that it holds for us."""
    return D(sum(one["net"] for one in stripe.world.all("balance_transaction"))) / 100


# By card


def test_on_the_page_of_a_sum_given_up_nobody_pays(stripe_server: StandIn) -> None:
    home = make.household()
    row = asked(home, "60", "card")[0]
    url = page_of(row)
    give_up(row)
    assert [one["status"] for one in stripe_server.world.all("checkout.session")] == ["expired"]
    assert save_on(url)[0] == 410
    row.refresh_from_db()
    assert (row.state, row.page, page_of(row), balance(home)) == ("cancelled", "", "", D(0))
    asks = len(stripe_server.calls)
    reread()
    assert not [
        call for call in stripe_server.calls[asks:] if "sessions" in call.path
    ]  # what is closed is asked no more


def test_what_was_paid_before_it_was_given_up_counts_at_once(stripe_server: StandIn) -> None:
    home = make.household()
    row = asked(home, "60", "card")[0]
    save_on(page_of(row))
    with pytest.raises(TooLate):
        give_up(row)
    row.refresh_from_db()
    assert (row.state, row.ended_at, balance(home), ledger.balance("stripe")) == (
        "paid",
        None,
        D(60),
        theirs(stripe_server),
    )
    assert reconcile.differences() == []


@pytest.mark.parametrize("by_event", [True, False])
def test_given_up_while_stripe_is_away_and_paid_in_the_other_tab_it_counts_once_and_is_told(
    stripe_server: StandIn, by_event: bool
) -> None:
    home = make.household()
    row = asked(home, "60", "card")[0]
    url = page_of(row)
    stripe_server.faults.away = True
    give_up(row)
    stripe_server.faults.away = False
    assert save_on(url)[0] == 303
    row.refresh_from_db()
    assert (row.state, balance(home)) == ("cancelled", D(0))
    for copy in range(2):
        if by_event:
            StripeEvent.objects.create(
                stripe_id=f"e{copy}", kind="checkout.session.completed", subject=row.page, received_at=make.now()
            )
            cards.apply_events(now=make.now())
        else:
            reread()
    row.refresh_from_db()
    assert (row.state, row.ended_at, balance(home), told("top-up-found")) == ("paid", None, D(60), 1)
    assert Notice.objects.get(kind="top-up-found").data["given_up"] is True
    assert ledger.balance("stripe") == theirs(stripe_server) == D("58.85")
    assert reconcile.differences() == []


def test_the_sweep_closes_the_page_that_could_not_be_closed_at_once(stripe_server: StandIn) -> None:
    row = asked(make.household(), "60", "card")[0]
    url = page_of(row)
    stripe_server.faults.cut["expire$"] = 1
    give_up(row)
    assert (reread().state, TopUp.objects.get().page, save_on(url)[0]) == ("cancelled", "", 410)


def test_given_up_while_stripe_makes_the_page_it_is_closed_again(
    stripe_server: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = make.household()
    row = asked(home, "60", "card")[0]
    make_page = stripe_gateway.payment_page

    def meanwhile(**words: Any) -> Any:
        found = make_page(**words)
        give_up(row)  # in the second tab
        return found

    monkeypatch.setattr(stripe_gateway, "payment_page", meanwhile)
    assert page_of(row) == ""
    assert [one["status"] for one in stripe_server.world.all("checkout.session")] == ["expired"]
    assert (TopUp.objects.get().state, balance(home)) == ("cancelled", D(0))


def test_the_household_is_told_on_the_page_that_it_was_paid(stripe_server: StandIn, client: Client) -> None:
    home = make.household()
    client.force_login(home.members.get())
    row = asked(home, "60", "card")[0]
    save_on(page_of(row))
    answer = client.post(f"/solde/approvisionner/{row.code}/annulation/", follow=True).content.decode()
    assert "sur votre solde" in answer
    assert balance(home) == D(60)


# By direct debit


def test_a_debit_whose_answer_was_lost_is_at_the_bank_and_not_given_up(stripe_server: StandIn) -> None:
    home = make.household()
    row = announced(home)
    stripe_server.faults.cut["payment_intents$"] = 1
    assert debits.ask_due(now=later(2)) == 0
    before = everything()
    with pytest.raises(TooLate):
        give_up(row, later(2))
    assert everything() == before
    assert debits.ask_due(now=later(2)) == 1
    stripe_server.skip(days=6)
    assert (reread().state, balance(home)) == ("paid", D(30))
    assert len(stripe_server.world.all("payment_intent")) == 1
    assert reconcile.differences() == []


def test_a_debit_given_up_since_the_sweep_read_it_is_not_asked_for(
    stripe_server: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = make.household()
    row = announced(home)
    mark = asking._at_the_bank

    def meanwhile(one: TopUp) -> TopUp | None:
        give_up(row, later(2))
        return mark(one)

    monkeypatch.setattr(asking, "_at_the_bank", meanwhile)
    assert debits.ask_due(now=later(2)) == 0
    assert (TopUp.objects.get().state, stripe_server.world.all("payment_intent")) == ("cancelled", [])


def test_giving_up_while_stripe_is_asked_comes_too_late(
    stripe_server: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = make.household()
    row = announced(home)
    ask = asking._ask

    def meanwhile(one: TopUp, now: Any) -> Any:
        with pytest.raises(TooLate):
            give_up(row, now)
        return ask(one, now)

    monkeypatch.setattr(asking, "_ask", meanwhile)
    assert debits.ask_due(now=later(2)) == 1
    stripe_server.skip(days=6)
    assert (reread().state, balance(home)) == ("paid", D(30))


def test_a_mandate_taken_back_leaves_what_is_at_the_bank(stripe_server: StandIn) -> None:
    home = make.household()
    row = announced(home)
    second = asked(home, "40", key="k2")[0]
    stripe_server.faults.cut["payment_intents$"] = 1
    debits.ask_due(now=later(2))
    debits.revoke(mandate=row.mandate, by=home.members.get(), now=later(2))  # type: ignore[arg-type]
    assert [one.state for one in TopUp.objects.order_by("pk")] == ["processing", "cancelled"]
    assert debits.ask_due(now=later(2)) == 1  # the answer that was lost
    stripe_server.skip(days=6)
    cards.reread(now=later(20))
    second.refresh_from_db()
    assert (second.state, balance(home), len(stripe_server.world.all("payment_intent"))) == ("cancelled", D(30), 1)


# Another mandate


def test_a_new_mandate_takes_over_what_is_to_come_announced_anew_and_leaves_what_was_asked(
    stripe_server: StandIn,
) -> None:
    home = make.household()
    first = announced(home).mandate
    asked(home, "40", key="k2")
    debits.announce_due(now=make.now())
    assert told("debit-announced") == 2
    stripe_server.faults.cut["payment_intents$"] = 1
    debits.ask_due(now=later(2))
    second = signed(home, "AT321904300235473204")
    asked_for, to_come = TopUp.objects.order_by("pk")
    assert (asked_for.mandate, asked_for.announced_at is None) == (first, False)
    assert (to_come.mandate, to_come.announced_at) == (second, None)
    debits.ask_due(now=later(2))
    assert [one["amount"] for one in stripe_server.world.all("payment_intent")] == [3000]  # unannounced, not asked for
    debits.announce_due(now=later(2))
    letters = Notice.objects.filter(kind="debit-announced").order_by("pk").values_list("data__mandate", flat=True)
    assert list(letters) == [first.reference, first.reference, second.reference]  # type: ignore[union-attr]
    debits.ask_due(now=later(4))
    stripe_server.skip(days=6)
    cards.reread(now=later(20))
    methods = sorted((one["amount"], one["payment_method"]) for one in stripe_server.world.all("payment_intent"))
    assert methods == [(3000, first.method), (4000, second.method)]  # type: ignore[union-attr]
    assert balance(home) == D(70)


# What the database keeps, and what the proofs see


def test_the_database_lets_back_only_what_stripe_knows_and_changes_no_announced_day(stripe_server: StandIn) -> None:
    home = make.household()
    row = announced(home)
    other = signed(make.household(), "AT321904300235473204")
    attacks = [
        "UPDATE orders_topup SET due_on = due_on + 1",
        f"UPDATE orders_topup SET mandate_id = {other.pk}",
    ]
    for attack in attacks:
        refused(attack)
    give_up(row)
    refused("UPDATE orders_topup SET state = 'paid', paid_at = now(), ended_at = NULL")
    refused("UPDATE orders_topup SET state = 'processing', ended_at = NULL")
    refused("UPDATE orders_topup SET state = 'due', ended_at = NULL, stripe_id = 'pi_1'")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE orders_topup SET state = 'processing', ended_at = NULL, stripe_id = 'pi_1'")
    refused("UPDATE orders_topup SET state = 'cancelled', ended_at = now()")
    refused("UPDATE orders_topup SET announced_at = announced_at + interval '1 day'")


def refused(attack: str) -> None:
    before = everything()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack)
    assert everything() == before


def test_reconciliation_sees_a_debit_given_up_after_it_was_asked_for(stripe_server: StandIn) -> None:
    row = announced(make.household())
    debits.ask_due(now=later(2))
    assert reconcile.differences() == []
    forge("UPDATE orders_topup SET state = 'cancelled', ended_at = now()")
    found = [(one.invariant, one.subject) for one in reconcile.differences()]
    assert found == [(7, row.code)]
