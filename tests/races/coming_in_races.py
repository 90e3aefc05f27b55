"""Races of money that comes in: debits asked, written and received, boxes counted, payments taken back."""

from decimal import Decimal
from functools import partial
from typing import Any

from distribution.boxes import counting
from distribution.models import CashCount
from hub import ledger
from hub.models import Hub
from hub.refusals import Refusal
from orders import debits, payments
from orders.models import DebitFile, Payment, TopUp
from tests import make
from tests.orders.by_debit import asked, at_bank, later
from tests.races.at_once import MANY, Race, count, posted

D = Decimal


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
    asking_for_the_same_sum,
    writing_the_same_debits,
    writing_and_giving_up_the_same_debit,
    receiving_the_same_debits,
    counting_the_same_box,
    taking_the_same_payment_back,
]
