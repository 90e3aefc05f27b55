"""An order that is to be paid by card and for which somebody takes money all the same: it is never paid twice."""

import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from distribution import acts, settlement
from hub import ledger, notices
from hub.models import Collection, Household, Notice
from orders import cards, debits, payments
from orders.cards.mending import NotRefused
from orders.models import CardPayment, Order, SavedCard
from producers.models import Packaging
from tests import make
from tests.distribution.day import Day, a_day
from tests.orders.by_card import CARD, D, held, place, sale, settle
from tests.paying import save
from tests.program import program
from tests.stand_in import StandIn
from tests.stand_in.browsing import save_on

__all__ = ["sale"]

pytestmark = pytest.mark.django_db
POOR = "4000 0000 0000 0341"


def by_card(number: str = CARD) -> tuple[Day, Household, Packaging]:
    """Two loaves at 4.20 ordered by card and counted; nothing was asked of Stripe yet."""
    at = make.collection(make.point(payment_methods=["card", "at-point"]))
    farm, home = make.producer(at.point), make.household("Morel")
    bread = make.packaging(farm, "4.20")
    save(home, number)
    return a_day({bread: 2}, farms=[farm], at=at, home=home, payment_method="card"), home, bread


def settled(day: Day) -> None:
    day.arrive()
    day.act("collected", day.orders[0])
    day.confirm()
    settlement.settle(collection=day.collection, now=make.now())


def intents(server: StandIn) -> list[tuple[str, int]]:
    return [(one["status"], one["amount_received"]) for one in server.world.all("payment_intent")]


def test_what_was_taken_for_a_refused_card_is_not_charged_when_it_is_confirmed(
    stripe_server: StandIn, client: Any
) -> None:
    day, home, _bread = by_card(POOR)
    cards.place_holds(now=make.now())
    day.act("paid", day.orders[0], amount="8.40", means="cash")
    settled(day)
    save(home, CARD)
    refused = CardPayment.objects.get()
    with translation.override("fr"), pytest.raises(NotRefused, match="Plus rien n’est à payer par carte"):
        cards.confirm_again(payment=refused, return_url="http://localhost/", now=make.now())
    client.force_login(home.members.get())
    page = client.get(f"/ma-commande/{day.collection.code}/").content.decode()
    assert f"/ma-commande/{day.collection.code}/carte/" not in page
    out = program(home.members.get()).get(f"collections/{day.collection.code}/order").json()["payment"]
    assert (out["state"], out["paid"]["amount"], out["held"]["amount"]) == ("paid", "8.40", "0.00")
    cards.place_holds(now=make.now())
    cards.release_refused(now=make.now() + timedelta(hours=13))
    cards.take_due(now=make.now())
    assert CardPayment.objects.get().state == "released"
    assert intents(stripe_server) == [("canceled", 0)]
    assert ledger.balance(f"household:{home.code}") == 0


def test_confirmed_between_the_cash_and_the_settlement_only_the_rest_is_charged(stripe_server: StandIn) -> None:
    day, home, _bread = by_card(POOR)
    cards.place_holds(now=make.now())
    day.act("paid", day.orders[0], amount="5.00", means="cash")
    save(home, CARD)
    payment = CardPayment.objects.get()
    assert cards.confirm_again(payment=payment, return_url="http://localhost/", now=make.now()) == ""
    settled(day)
    assert cards.take_due(now=make.now()) == 1
    payment.refresh_from_db()
    assert (payment.state, payment.captured.amount) == ("captured", D("3.40"))
    assert ledger.balance(f"household:{home.code}") == 0


@pytest.mark.parametrize(("cash", "charged"), [("8.40", 0), ("8.00", 0), ("7.90", 50), ("3.00", 540)])
def test_a_hold_is_charged_for_what_is_left(stripe_server: StandIn, cash: str, charged: int) -> None:
    """Less than Stripe charges stays on the household's account."""
    day, home, _bread = by_card()
    cards.place_holds(now=make.now())
    day.act("paid", day.orders[0], amount=cash, means="cheque")
    settled(day)
    assert cards.take_due(now=make.now()) == 1
    assert intents(stripe_server) == [("succeeded", charged) if charged else ("canceled", 0)]
    assert ledger.balance(f"household:{home.code}") == D(cash) + D(charged) / 100 - D("8.40")


@pytest.mark.parametrize(("fault", "charged"), [("refused", 840), ("cut", 540)])
def test_cash_given_back_after_the_charge_was_asked_for(stripe_server: StandIn, fault: str, charged: int) -> None:
    """The other sum is charged where Stripe did nothing. Where its answer was lost what was charged stands, and the household
    owes the rest."""
    day, home, _bread = by_card()
    cards.place_holds(now=make.now())
    action = day.act("paid", day.orders[0], amount="3.00", means="cash")
    settled(day)
    getattr(stripe_server.faults, fault)["capture$"] = 1
    assert cards.take_due(now=make.now()) == 0
    acts.undo_action(action, by=day.host, now=make.now())
    assert cards.take_due(now=make.now()) == 1
    assert intents(stripe_server) == [("succeeded", charged)]
    assert ledger.balance(f"household:{home.code}") == D(charged) / 100 - D("8.40")


def test_paid_while_stripe_was_away_nothing_is_held_afterwards(stripe_server: StandIn) -> None:
    day, home, _bread = by_card()
    stripe_server.faults.away = True
    assert cards.place_holds(now=make.now()) == 0
    day.act("paid", day.orders[0], amount="8.40", means="cash")
    settled(day)
    stripe_server.faults.away = False
    cards.place_holds(now=make.now())
    assert CardPayment.objects.get().state == "released"
    assert intents(stripe_server) == []
    assert ledger.balance(f"household:{home.code}") == 0


def test_unpaid_while_stripe_was_away_it_is_held_and_charged_after_the_settlement(stripe_server: StandIn) -> None:
    day, home, _bread = by_card()
    stripe_server.faults.away = True
    cards.place_holds(now=make.now())
    settled(day)
    stripe_server.faults.away = False
    assert cards.place_holds(now=make.now()) == 1
    assert cards.take_due(now=make.now()) == 1
    assert intents(stripe_server) == [("succeeded", 840)]
    assert ledger.balance(f"household:{home.code}") == 0


@pytest.mark.parametrize("asked", [False, True])
def test_a_sale_cancelled_while_stripe_was_away_holds_nothing(sale: SimpleNamespace, asked: bool) -> None:
    """Also where Stripe had made the hold and its answer was lost: it is found and let go."""
    save(sale.home)
    order = place(sale)
    make.counted(sale.at)
    if asked:
        sale.stripe.faults.cut["payment_intents$"] = 1
    sale.stripe.faults.away = not asked
    cards.place_holds(now=make.now())
    assert CardPayment.objects.get().state == "due"
    sale.stripe.faults.away = False
    Collection.objects.filter(pk=sale.at.pk).update(status="cancelled", cancelled_at=make.now())
    cards.place_holds(now=make.now())
    cards.take_due(now=make.now())
    assert CardPayment.objects.get(order=order).state == "released"
    assert intents(sale.stripe) == ([("canceled", 0)] if asked else [])
    assert ledger.balance(f"household:{sale.home.code}") == 0


def test_a_card_replaced_while_stripe_was_away_is_not_held_on(sale: SimpleNamespace) -> None:
    save(sale.home)
    place(sale)
    make.counted(sale.at)
    sale.stripe.faults.away = True
    cards.place_holds(now=make.now())
    sale.stripe.faults.away = False
    new = save(sale.home, "5555 5555 5555 4444")
    for _sweep in range(2):
        cards.place_holds(now=make.now())
    rows = CardPayment.objects.order_by("number").values_list("number", "state", "card")
    assert [(number, state, card == new.pk) for number, state, card in rows] == [
        (1, "released", False),
        (2, "held", True),
    ]
    assert intents(sale.stripe) == [("requires_capture", 0)]


def test_an_account_for_debits_is_saved_as_no_card(sale: SimpleNamespace) -> None:
    card, member = save(sale.home), sale.home.members.get()
    page = debits.begin_signing(
        household=sale.home, success_url="http://localhost/", cancel_url="http://localhost/", now=make.now()
    )
    save_on(page.url, "FR1420041010050500013M02606")
    with pytest.raises(cards.NoCard):
        cards.finish_saving(household=sale.home, session=page.session, by=member, now=make.now())
    assert SavedCard.objects.usable().get() == card
    with pytest.raises(IntegrityError, match="orders_savedcard_usable_is_a_card"), transaction.atomic():
        SavedCard.objects.filter(pk=card.pk).update(brand="")


def test_the_page_says_estimate_maximum_held_and_paid_and_what_is_left(sale: SimpleNamespace, client: Any) -> None:
    """Estimate and maximum, what is held, cash beside the card; then what was charged and what is owed, also by mail."""
    held(sale)
    order = Order.objects.get()
    client.force_login(sale.home.members.get())
    assert rows(client, sale) == ["Total estimé 28,20 €", "Au maximum 33,70 €"]
    assert "33,70 € réservés" in read(client, sale)
    payments.receive(
        household=sale.home, amount=D("2.00"), means="cash", key="c", received_by=make.coordinator(), now=make.now(),
        order=order, point=sale.at.point,
    )  # fmt: skip
    assert rows(client, sale)[-1] == "Réglé sur place 2,00 €"
    settle(sale, "40.00")
    assert rows(client, sale) == ["Total 40,00 €", "Réglé sur place 2,00 €"]
    cards.take_due(now=make.now())
    assert rows(client, sale) == [
        "Total 40,00 €", "Réglé sur place 2,00 €", "Payé par carte 33,70 €", "Reste à payer, sur votre solde 4,30 €",
    ]  # fmt: skip
    told = Notice.objects.get(kind="card-charged-part")
    assert (told.data["charged"], told.data["left"]) == ("33,70\N{NO-BREAK SPACE}€", "4,30\N{NO-BREAK SPACE}€")
    assert notices.send_due(now=make.now()) > 0


def test_what_a_balance_covers_is_not_owed(sale: SimpleNamespace, client: Any) -> None:
    payments.receive(
        household=sale.home, amount=D("4.30"), means="transfer", key="t", received_by=make.coordinator(), now=make.now()
    )
    held(sale)
    settle(sale, "40.00")
    cards.take_due(now=make.now())
    client.force_login(sale.home.members.get())
    assert rows(client, sale)[-2:] == ["Pris sur votre solde 4,30 €", "Reste à payer, sur votre solde 2,00 €"]


def read(client: Any, sale: SimpleNamespace) -> str:
    page = client.get(f"/ma-commande/{sale.at.code}/").content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", page).replace("\N{NO-BREAK SPACE}", " ").replace("\u202f", " ").split())


def rows(client: Any, sale: SimpleNamespace) -> list[str]:
    """The rows under the table of what was ordered."""
    page = client.get(f"/ma-commande/{sale.at.code}/").content.decode()
    foot = page.split("<tfoot>")[1].split("</tfoot>")[0].replace("\N{NO-BREAK SPACE}", " ").replace("\u202f", " ")
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in foot.split("</tr>")[:-1]]
