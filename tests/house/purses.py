"""Households' money in the routes' small world: at the bank, in boxes, by card, by debit, given back."""

from decimal import Decimal
from typing import Any

from distribution import paying_back, receipts, refunds, settlement
from distribution.bank import importing
from distribution.boxes import counting, depositing
from distribution.models import Refund
from hub import ledger
from hub.models import CollectionPoint, Household, Hub, Member
from orders import cards, debits, payments
from orders.models import CardPayment, Dispute, Payment
from producers.models import Producer
from tests import make
from tests.distribution.day import a_day
from tests.house.earnings import IBAN
from tests.house.selling import closed
from tests.house.uploads import bank_csv
from tests.stand_in.browsing import save_on


def bank_lines(home: Household, treasurer: Member) -> dict[str, Any]:
    """A statement to write; one that is written, with a line that named a household and one that waits."""
    Hub.objects.update_or_create(pk=1, defaults={"iban": "FR1420041010050500013M02606"})
    contents = (bank_csv(f"VIR {home.code};70,00", "FRAIS;-3,00"), bank_csv("VIR INCONNU;40,00"))
    written, coming = (
        importing.preview(content=content, file_name="releve.csv", by=treasurer, now=make.now()) for content in contents
    )
    importing.confirm(file=written, by=treasurer, now=make.now())
    known, waiting = written.lines.order_by("-amount")
    return {"bank file": coming.code, "known bank line": known.pk, "use": 1, "bank line": waiting.pk}


def boxes(at: CollectionPoint, home: Household, host: Member) -> dict[str, Any]:
    """A box that was counted and partly carried to the bank; a cheque in hand, one handed in and one that bounced."""
    now = make.now()
    for key, means, amount in (("c1", "cash", 30), ("q1", "cheque", 10), ("q2", "cheque", 20), ("q3", "cheque", 40)):
        payments.receive(
            household=home, amount=Decimal(amount), means=means, key=key, received_by=host, now=now, point=at
        )
    held = ledger.balance(f"cash:{at.code}")
    counting.count(
        point=at, means="cash", counted=held + 1, seen=held, key="box:one", by=host, now=now, note="pourboire"
    )
    cash = depositing.deposit(point=at, means="cash", amount=Decimal(5), key="box:two", by=host, now=now)
    slip = depositing.hand_in(cheques=["q2", "q3"], key="box:three", by=host, now=now)
    bounced = depositing.bounce(payment=Payment.objects.get(key="q3"), key="box:four", by=host, now=now)
    return {
        "means": "cash", "count": "box:one", "cash deposit": cash.number, "slip": slip.number, "handed in": "q2",
        "bounced": bounced.key, "cheque": "q1", "in the box": f"{held - 4}",
    }  # fmt: skip


def saved_cards(farm: Producer, fine: Member, refused: Member) -> dict[str, Any]:
    """One household has saved a card; the bank of another has refused to hold what it ordered."""
    for member, number in ((fine, "4242 4242 4242 4242"), (refused, "4000 0027 6000 3184")):
        home = Household.objects.get(members=member)
        page = cards.begin_saving(household=home, success_url="http://localhost/", cancel_url="", now=make.now())
        save_on(page.url, number)
        cards.finish_saving(household=home, session=page.session, by=member, now=make.now())
    point = home.memberships.get().point
    point.payment_methods = ["card"]
    point.save()
    make.supply(farm, point)
    sold_at = closed(point, farm, home)[0]
    cards.place_holds(now=make.now())
    at = make.now()
    Dispute.objects.create(
        payment=CardPayment.objects.get(), stripe_id="du_lost", state="lost", amount=Decimal("4.20"), opened_at=at,
        checked_at=at, closed_at=at,
    )  # fmt: skip
    return {"unpaid": sold_at.code, "dispute": "du_lost"}


def bank_debits(home: Household, by: Member) -> dict[str, Any]:
    """A household debited through the bank: a sum in a file the bank has, and one that is announced."""
    hub = Hub.get()
    hub.iban, hub.creditor_id = hub.iban or IBAN, "FR72ZZZ123456"
    hub.save()
    member = home.members.get()
    debits.sign_at_bank(household=home, iban=IBAN, holder="Camille", notice_days=2, by=member, now=make.now())
    codes: list[str] = []
    for key in ("first", "second"):
        if codes:
            file = debits.write_file(by=by, now=make.now())
        asked = debits.top_up(household=home, amount=Decimal(30), means="debit", key=key, by=member, now=make.now())
        debits.announce_due(now=make.now())
        codes.append(asked[0].code)
    return {"debit": codes[0], "top-up": codes[1], "debit file": file.code}


def short(at: CollectionPoint, farm: Producer, home: Household, treasurer: Member) -> dict[str, Any]:
    """Settled: an order with its receipt, and a missing loaf that was paid for and that the household wants back."""
    past = make.collection(at)
    bread = make.packaging(farm, "4.20")
    day = a_day({bread: 2}, farms=[farm], at=past, home=home)
    day.arrive()
    day.act("paid", day.orders[0], amount="8.40", means="cash")
    day.act("short", day.orders[0], bread, quantity=1, reason="broken")
    day.confirm()
    settlement.settle(collection=past, now=make.now())
    receipts.issue(collection=past, now=make.now())
    refunds.choose(refund=Refund.objects.get(), choice="refund", by=treasurer, now=make.now())
    payments.receive(
        household=home, amount=Decimal(5), means="cheque", key="treasury:world", received_by=treasurer, now=make.now()
    )
    whole = a_day({make.packaging(farm, "1.50"): 1}, farms=[farm], at=make.collection(at), home=home)
    whole.arrive()
    whole.confirm()
    settlement.settle(collection=whole.collection, now=make.now())
    back = a_day({make.packaging(farm, "1.50"): 1}, farms=[farm], at=make.collection(at), home=home)
    back.arrive()
    back.confirm()
    settlement.settle(collection=back.collection, now=make.now())
    back.orders[0].refresh_from_db()
    refund = refunds.grant(order=back.orders[0], amount=Decimal("0.50"), by=treasurer, now=make.now())
    refunds.choose(refund=refund, choice="refund", by=treasurer, now=make.now())
    refunds.pay(refund=refund, by=treasurer, now=make.now())
    paying_back.pay_back(household=home, amount=Decimal("0.50"), key="back:world", by=treasurer, now=make.now())
    return {
        "refunded": back.collection.code,
        "paid back": "back:world",
        "short": past.code,
        "whole order": whole.orders[0].code,
        "settled order": day.orders[0].code,
        "paid": "treasury:world",
    }
