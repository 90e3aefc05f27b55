"""Races of payouts: started, sent, given up, noted by hand, taken back."""

from decimal import Decimal
from functools import partial
from typing import Any

from distribution import payouts
from distribution.models import Payout, PayoutRun
from hub import ledger
from tests import make
from tests.distribution.farms import cooperative, numbers, owed
from tests.races.at_once import MANY, Race, count, posted

D = Decimal


def states() -> list[tuple[int, str, str]]:
    return list(Payout.objects.order_by("pk").values_list("attempt", "state", "reason"))


def a_run(rail: str, *prices: str) -> PayoutRun:
    cooperative()
    return payouts.start(rail=rail, numbers=numbers(owed(*prices)), by=make.coordinator(), now=make.now())


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


RACES = [
    runs_over_the_same_payouts,
    sending_the_same_file,
    sending_and_giving_up,
    giving_up_the_same_run,
    noting_by_hand_one_and_all,
    taking_the_same_payout_back,
]
