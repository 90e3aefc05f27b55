"""Money, ten at once: payouts, refunds, corrections, credit notes, debits, boxes. Each act happens once, with exact states.

Every race runs twice: as it is, and with its locks taken away and all threads waiting for each other between looking and
writing. If the second still came out right, the first would prove nothing.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from django.db import DatabaseError
from django.db.models import QuerySet
from django.utils.module_loading import import_string

from distribution import correcting, credit_notes, payouts, reconcile, refunds, sale_invoices
from distribution.boxes import counting
from distribution.models import CashCount, Correction, Invoice, Payout, PayoutRun, Refund, Statement
from hub import ledger, locks
from hub.models import Activity, Hub, Transfer
from hub.refusals import Refusal
from orders import debits, payments
from orders.models import DebitFile, Payment, TopUp
from tests import make
from tests.distribution import invoices as build
from tests.distribution.farms import cooperative, numbers, owed
from tests.orders.by_debit import asked, at_bank, later
from tests.races.test_ordering_races import all_at_once

D = Decimal
MANY = 10
PATIENCE = 1.5  # seconds for which a thread waits for the others; one that was refused before never comes

pytestmark = pytest.mark.usefixtures("committed")


@dataclass
class Race:
    """Acts to run at once, what is looked at afterwards, and what must be seen: how often each answer, and the state.

    `meet` is what a thread calls between looking and writing.
    """

    acts: list[Callable[[], Any]]
    state: Callable[[], Any]
    expected: tuple[dict[Any, int], Any]
    meet: str

    def run(self) -> tuple[dict[Any, int], Any]:
        return dict(Counter(all_at_once(self.acts))), self.state()


def count(verb: str) -> int:
    return Activity.objects.filter(verb=verb).count()


def posted(prefix: str) -> list[str]:
    return sorted(Transfer.objects.filter(reference__startswith=prefix).values_list("reference", flat=True))


def states() -> list[tuple[int, str, str]]:
    return list(Payout.objects.order_by("pk").values_list("attempt", "state", "reason"))


def a_run(rail: str, *prices: str) -> PayoutRun:
    cooperative()
    return payouts.start(rail=rail, numbers=numbers(owed(*prices)), by=make.coordinator(), now=make.now())


# Payouts


def runs_over_the_same_payouts() -> Race:
    due, by = owed("5.20", "10.00"), make.coordinator()
    cooperative()

    def start() -> str:
        return payouts.start(rail="file", numbers=numbers(due), by=by, now=make.now()).number

    year = make.today().year
    return Race(
        [start] * MANY,
        lambda: (states(), list(PayoutRun.objects.values_list("number", flat=True)), count("payout-run.started")),
        ({f"V-{year}-0001": 1, "not-payable": MANY - 1}, ([(1, "in-run", "")] * 2, [f"V-{year}-0001"], 1)),
        "distribution.payouts.starting.next_number",
    )


def sending_the_same_file() -> Race:
    run, by = a_run("file", "5.20", "10.00"), make.coordinator()
    return Race(
        [lambda: payouts.sent(run=run, by=by, now=make.now())] * MANY,
        lambda: (states(), ledger.balance("bank"), len(posted("payout:")), count("payout-run.sent")),
        ({True: 1, False: MANY - 1}, ([(1, "sent", "")] * 2, D("-12.16"), 2, 1)),
        "distribution.payouts.moving.post",
    )


def sending_and_giving_up() -> Race:
    """One of both happens, wholly: sent and posted, or due again and not."""
    run, by = a_run("file", "5.20"), make.coordinator()

    def sent() -> str:
        try:
            payouts.sent(run=run, by=by, now=make.now())
        except payouts.GivenUp:
            return "seen"
        return "seen"

    def withdraw() -> str:
        payouts.withdraw(run=run, by=by, now=make.now())
        return "seen"

    def consistent() -> bool:
        left = [(1, "sent", "")], D("-4.16"), 1, 0
        stayed = [(1, "failed", "withdrawn"), (2, "due", "")], D("0.00"), 0, 1
        return (states(), ledger.balance("bank"), count("payout-run.sent"), count("payout-run.withdrawn")) in (
            left, stayed,
        )  # fmt: skip

    return Race([sent, withdraw] * (MANY // 2), consistent, ({"seen": MANY}, True), "hub.activity.record")


def giving_up_the_same_run() -> Race:
    run, by = a_run("hand", "5.20", "10.00"), make.coordinator()
    return Race(
        [lambda: payouts.withdraw(run=run, by=by, now=make.now())] * MANY,
        lambda: (states(), ledger.balance("bank"), count("payout-run.withdrawn")),
        ({2: 1, 0: MANY - 1}, ([(1, "failed", "withdrawn")] * 2 + [(2, "due", "")] * 2, D("0.00"), 1)),
        "distribution.payouts.moving.fail",
    )


def noting_by_hand_one_and_all() -> Race:
    """Half of them note the first transfer, half all that are left: each is booked once, whoever comes first."""
    run, by = a_run("hand", "5.20", "10.00"), make.coordinator()
    (first, _second) = numbers(list(Payout.objects.order_by("pk")))

    def note(of: list[str] | None) -> str:
        payouts.made(run=run, numbers=of, by=by, now=make.now())
        return "seen"

    def state() -> Any:
        told = count("payout-run.made"), count("payout.paid")
        return states(), ledger.balance("bank"), len(posted("payout:")), told in ((1, 0), (1, 1))

    return Race(
        [partial(note, [first]), partial(note, None)] * (MANY // 2), state,
        ({"seen": MANY}, ([(1, "paid", "")] * 2, D("-12.16"), 2, True)),
        "distribution.payouts.moving.post",
    )  # fmt: skip


def taking_the_same_payout_back() -> Race:
    run, by = a_run("hand", "5.20"), make.coordinator()
    payouts.made(run=run, by=by, now=make.now())
    payout = Payout.objects.get()
    return Race(
        [lambda: payouts.take_back(payout=payout, reason="mistake", by=by, now=make.now())] * MANY,
        lambda: (states(), ledger.balance("bank"), posted("payout:"), count("payout.taken-back")),
        (
            {None: MANY},
            (
                [(1, "failed", "mistake"), (2, "due", "")], D("0.00"),
                [f"payout:{payout.number}", f"payout:{payout.number}:reversed"], 1,
            ),
        ),
        "distribution.payouts.moving.fail",
    )  # fmt: skip


# What households get back


def granting_the_same_refund() -> Race:
    build.cooperative()
    make.fees()
    farm, by = build.farm(), make.coordinator()
    (order,) = build.settled(farm, {make.packaging(farm, "10.00"): 1}).orders
    order.refresh_from_db()

    def grant(amount: str) -> str:
        return str(refunds.grant(order=order, amount=D(amount), by=by, now=make.now()).amount.amount)

    def state() -> Any:
        refund = Refund.objects.get()
        return refund.amount.amount == ledger.balance(ledger.household_account(order.household)) + D("10.00"), count(
            "refund.granted"
        )

    return Race([partial(grant, "3.00")] * MANY, state, ({"3.00": MANY}, (True, 1)), "distribution.refunds.money")


def paying_the_same_refund() -> Race:
    race = granting_the_same_refund()
    race.acts[0]()
    refund, by = Refund.objects.select_related("household").get(), make.coordinator()
    home = ledger.household_account(refund.household)
    payments.receive(
        household=refund.household, amount=D("10.00"), means="transfer", key="k", received_by=by, now=make.now()
    )
    refunds.choose(refund=refund, choice="refund", by=by, now=make.now())
    return Race(
        [lambda: refunds.pay(refund=refund, by=by, now=make.now())] * MANY,
        lambda: (ledger.balance(home), ledger.balance("bank"), len(posted("refund:")), count("refund.paid")),
        ({None: MANY}, (D("0.00"), D("7.00"), 1, 1)),
        "hub.ledger.post",
    )


def stated() -> Statement:
    build.cooperative(vat_registered=True)
    make.fees()
    farm = build.mandated()
    return build.stated(farm, build.settled(farm, {make.packaging(farm, "100.00"): 1}))


def giving_back_the_same_fee() -> Race:
    """Of a fee of 12 €, ten people give back 5 € each: two can."""
    statement, by = stated(), make.coordinator()

    def give(nth: int) -> str:
        correcting.correct(
            producer=statement.producer, amount=D("5.00"), words="Geste", key=f"fee-{nth}", by=by, now=make.now(),
            about=statement, about_fee=True,
        )  # fmt: skip
        return "given"

    return Race(
        [partial(give, nth) for nth in range(MANY)],
        lambda: (Correction.objects.count(), len(posted("correction:")), ledger.balance(f"producer:{statement.producer.code}")),
        ({"given": 2, "no-correction": MANY - 2}, (2, 2, D("90.00"))),
        "hub.ledger.post",
    )  # fmt: skip


def taking_back_the_same_invoice() -> Race:
    """Of an invoice of 100 €, ten credit notes of 30 €: three can."""
    statement, by = stated(), make.coordinator()
    order = statement.blocks.get().collection.orders.get()
    invoice = sale_invoices.issue(
        order=order, producer=statement.producer, buyer=build.household(), by=by, now=make.now()
    )
    year = make.today().year

    def take() -> str:
        credit_notes.issue(invoice=invoice, amounts={0: D("30.00")}, reason="Abîmé", by=by, now=make.now())
        return "issued"

    return Race(
        [take] * MANY,
        lambda: (
            credit_notes.left(Invoice.objects.get(pk=invoice.pk)),
            sorted(Invoice.objects.values_list("number", flat=True)),
        ),
        (
            {"issued": 3, "credit-too-high": MANY - 3},
            ([D("10.00")], [*(f"AM-{year}-{nth:04d}" for nth in range(1, 4)), f"M-{year}-0001"]),
        ),
        "distribution.invoicing.issue",
    )  # fmt: skip


# Debits and boxes


def with_a_bank() -> Any:
    hub = Hub.get()
    hub.name, hub.legal_name, hub.iban = "La Musette", "Coopérative La Musette", "FR1420041010050500013M02606"
    hub.creditor_id = "FR72ZZZ123456"
    hub.save()
    home = make.household()
    at_bank(home)
    return home


def asking_for_the_same_sum() -> Race:
    home = with_a_bank()
    return Race(
        [lambda: tuple(row.number for row in asked(home, amount="100", parts=3))] * MANY,
        lambda: (list(TopUp.objects.order_by("number").values_list("amount", "of")), count("top-up.asked")),
        ({(1, 2, 3): MANY}, ([(D("33.34"), 3), (D("33.33"), 3), (D("33.33"), 3)], 1)),
        "orders.debits.planning._parts",
    )


def writing_the_same_debits() -> Race:
    home, by = with_a_bank(), make.coordinator()
    asked(home)
    debits.announce_due(now=make.now())

    def write() -> str:
        debits.write_file(by=by, now=make.now())
        return "written"

    return Race(
        [write] * MANY,
        lambda: (list(TopUp.objects.values_list("state", "sequence")), DebitFile.objects.count(), count("debits.written")),
        ({"written": 1, "nothing-to-write": MANY - 1}, ([("processing", "FRST")], 1, 1)),
        "orders.debits.files.write",
    )  # fmt: skip


def writing_and_giving_up_the_same_debit() -> Race:
    """It goes to the bank, or it is given up; never both."""
    home, by = with_a_bank(), make.coordinator()
    (row,) = asked(home)
    debits.announce_due(now=make.now())

    def write() -> str:
        try:
            debits.write_file(by=by, now=make.now())
        except debits.NothingToWrite:
            return "seen"
        return "seen"

    def give_up() -> str:
        try:
            debits.cancel(top_up=row, by=by, now=make.now())
        except Refusal:
            return "seen"
        return "seen"

    def state() -> bool:
        row.refresh_from_db()
        found = (row.state, row.file_id is None, DebitFile.objects.count(), count("top-up.cancelled"))
        return found in (("processing", False, 1, 0), ("cancelled", True, 0, 1))

    return Race([write, give_up] * (MANY // 2), state, ({"seen": MANY}, True), "hub.activity.record")


def receiving_the_same_debits() -> Race:
    home, by = with_a_bank(), make.coordinator()
    asked(home)
    debits.announce_due(now=make.now())
    debits.write_file(by=by, now=make.now())
    code = TopUp.objects.get().code
    return Race(
        [lambda: debits.receive(codes=[code], by=by, now=later(3))] * MANY,
        lambda: (
            TopUp.objects.get().state, ledger.balance(ledger.household_account(home)), posted("topup:"),
            count("debits.received"),
        ),
        ({None: MANY}, ("paid", D("30.00"), [f"topup:{code}"], 1)),
        "orders.debits.files.credit_all",
    )  # fmt: skip


def counting_the_same_box() -> Race:
    """Ten people count 15 € where 20 € should lie, on ten sheets: one count, one difference; the others count again."""
    point, home, by = make.point(), make.household(), make.coordinator()
    payments.receive(
        household=home, amount=D("20.00"), means="cash", key="k", received_by=by, now=make.now(), point=point
    )

    def tell(nth: int) -> str:
        counting.count(
            point=point, means="cash", counted=D("15.00"), seen=D("20.00"), key=f"c{nth}", by=by, now=make.now(), note="?"
        )  # fmt: skip
        return "counted"

    return Race(
        [partial(tell, nth) for nth in range(MANY)],
        lambda: (CashCount.objects.count(), ledger.balance(f"cash:{point.code}"), ledger.balance("cash:differences")),
        ({"counted": 1, "box-changed": MANY - 1}, (1, D("15.00"), D("5.00"))),
        "distribution.boxes.counting._post",
    )


def taking_the_same_payment_back() -> Race:
    home, by = make.household(), make.coordinator()
    payment = payments.receive(
        household=home, amount=D("20.00"), means="cheque", key="k", received_by=by, now=make.now()
    )
    return Race(
        [lambda: payments.undo(payment=payment, by=by, now=make.now())] * MANY,
        lambda: (posted("payment:"), ledger.balance("cheques"), count("payment.undone"), Payment.objects.count()),
        ({None: MANY}, (["payment:k", "payment:k:reversed"], D("0.00"), 1, 1)),
        "hub.ledger.reverse",
    )


RACES = [
    runs_over_the_same_payouts, sending_the_same_file, sending_and_giving_up, giving_up_the_same_run, noting_by_hand_one_and_all,
    taking_the_same_payout_back, granting_the_same_refund, paying_the_same_refund, giving_back_the_same_fee,
    taking_back_the_same_invoice, asking_for_the_same_sum, writing_the_same_debits,
    writing_and_giving_up_the_same_debit, receiving_the_same_debits, counting_the_same_box, taking_the_same_payment_back,
]  # fmt: skip


@pytest.mark.parametrize("race", RACES, ids=lambda race: race.__name__)
def test_at_once_it_happens_once(race: Callable[[], Race]) -> None:
    made = race()
    assert made.run() == made.expected
    assert reconcile.differences() == []
    assert ledger.trial_balance() == 0


@pytest.mark.parametrize("race", RACES, ids=lambda race: race.__name__)
def test_without_its_lock_the_same_race_is_lost(race: Callable[[], Race], monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control."""
    made = race()
    unlocked(made.meet, monkeypatch)
    try:
        found = made.run()
    except DatabaseError:
        return  # the database's own constraint is hit: somebody is told of an error instead of an answer
    assert found != made.expected


def unlocked(meet: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No row and no account is held any more, and all threads have looked before the first one writes."""
    for lock in ("own_household", "own_box"):
        monkeypatch.setattr(locks, lock, lambda _key: None)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, *_args, **_options: rows)
    real: Any = import_string(meet)
    everybody = Barrier(MANY)

    def after_all_have_looked(*args: Any, **values: Any) -> Any:
        with suppress(BrokenBarrierError):
            everybody.wait(PATIENCE)
        return real(*args, **values)

    monkeypatch.setattr(meet, after_all_have_looked)
