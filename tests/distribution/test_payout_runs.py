"""Runs of payouts: each payout leaves once, to the account written down; what fails is due again, in the books as well."""

from datetime import timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from lxml import etree

from distribution import payouts, reconcile
from distribution.models import Payout, PayoutFile, PayoutRun
from hub import ledger, sepa
from hub.credit_transfers import SCHEMA
from hub.models import Activity, Hub, Notice, Transfer
from tests import make
from tests.bench import meters
from tests.distribution.farms import IBANS, cooperative, farm_of, numbers, owed, owed_to

D = Decimal
pytestmark = pytest.mark.django_db
NAMESPACE = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}


def begin(rail: str, due: list[Payout]) -> PayoutRun:
    cooperative()
    return payouts.start(rail=rail, numbers=numbers(due), by=make.coordinator(), now=make.now())


def states() -> list[tuple[int, str, str]]:
    """(attempt, state, reason) of every payout."""
    return list(Payout.objects.order_by("pk").values_list("attempt", "state", "reason"))


def read(content: bytes, path: str) -> list[str]:
    found: Any = etree.fromstring(content).xpath(f"{path}/text()", namespaces=NAMESPACE)
    return [str(one) for one in found]


def test_by_hand_one_then_all_each_once() -> None:
    due, by = owed("5.20", "10.00", "20.00"), make.coordinator()
    run = begin("hand", due)
    assert (run.number[:7], {one.iban for one in run.payouts.all()}) == ("V-2026-", set(IBANS))
    for _again in range(2):
        payouts.made(run=run, numbers=[due[1].number], by=by, now=make.now())
    assert ledger.balance("bank") == D("-8.00")
    assert [payouts.made(run=run, by=by, now=make.now()) for _again in range(2)] == [2, 0]
    assert ledger.balance("bank") == D("-28.16")
    assert [owed_to(farm_of(one)) for one in due] == [0, 0, 0]
    assert states() == [(1, "paid", "")] * 3
    assert Transfer.objects.filter(reference__startswith="payout:").count() == 3
    assert reconcile.differences() == []


def test_the_file_is_valid_kept_and_the_same_each_time() -> None:
    due = owed("5.20", "10.00", name="Les Près Verts & Fils «été»")
    run = begin("file", due)
    content = payouts.file_of(run)
    sepa.validate(content, SCHEMA)
    assert read(content, "//p:MsgId") == [run.number]
    assert read(content, "//p:EndToEndId") == numbers(due)
    assert read(content, "//p:InstdAmt") == ["4.16", "8.00"]
    assert read(content, "//p:GrpHdr/p:CtrlSum") == ["12.16"]
    assert read(content, "//p:CdtrAcct//p:IBAN") == [farm_of(one).iban for one in due]
    assert read(content, "//p:Cdtr/p:Nm") == ["Les Pres Verts + Fils ete"] * 2
    assert read(content, "//p:Dbtr/p:Nm") == ["Les Paniers + Cie, SCIC"]
    assert read(content, "//p:DbtrAcct//p:IBAN") == [IBANS[0]]
    kept = PayoutFile.objects.get()
    assert (kept.sha256, kept.transfers, kept.total.amount) == (sha256(content).hexdigest(), 2, D("12.16"))
    assert payouts.file_of(PayoutRun.objects.get()) == content
    assert ledger.balance("bank") == 0, "a file that the bank does not have has moved nothing"


def test_an_invalid_file_is_not_kept() -> None:
    with pytest.raises(etree.DocumentInvalid):
        sepa.validate(b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"/>', SCHEMA)


def test_sent_books_once_and_a_rejection_books_back_and_is_due_again() -> None:
    due, by = owed("5.20", "10.00"), make.coordinator()
    run = begin("file", due)
    assert [payouts.sent(run=run, by=by, now=make.now()) for _again in range(2)] == [True, False]
    assert (ledger.balance("bank"), states()) == (D("-12.16"), [(1, "sent", "")] * 2)
    for _again in range(2):
        payouts.take_back(payout=due[0], reason="rejected", by=by, now=make.now())
    assert (ledger.balance("bank"), owed_to(farm_of(due[0]))) == (D("-8.00"), D("4.16"))
    assert states() == [(1, "failed", "rejected"), (1, "sent", ""), (2, "due", "")]
    assert [payouts.executed(run=run, by=by, now=make.now()) for _again in range(2)] == [1, 0]
    assert reconcile.differences() == []

    again = begin("file", [Payout.objects.get(attempt=2)])
    assert read(payouts.file_of(again), "//p:EndToEndId") == [due[0].number]
    payouts.sent(run=again, by=by, now=make.now())
    payouts.executed(run=again, by=by, now=make.now())
    assert states() == [(1, "failed", "rejected"), (1, "paid", ""), (2, "paid", "")]
    assert (ledger.balance("bank"), owed_to(farm_of(due[0]))) == (D("-12.16"), D(0))
    assert sorted(
        Transfer.objects.filter(reference__startswith="payout:").values_list("reference", flat=True)
    ) == sorted(
        [f"payout:{number}" for number in numbers(due)]
        + [f"payout:{due[0].number}:reversed", f"payout:{due[0].number}:2"]
    )
    assert reconcile.differences() == []


def test_what_was_noted_by_mistake_is_posted_back_not_edited() -> None:
    due, by = owed("5.20"), make.coordinator()
    farmer = make.farmer(farm_of(due[0]))
    run = begin("hand", due)
    payouts.made(run=run, by=by, now=make.now())
    payouts.take_back(payout=due[0], reason="mistake", by=by, now=make.now())
    assert (ledger.balance("bank"), owed_to(farm_of(due[0]))) == (D(0), D("4.16"))
    assert states() == [(1, "failed", "mistake"), (2, "due", "")]
    assert list(Notice.objects.filter(member=farmer).order_by("pk").values_list("kind", flat=True)) == [
        "payout-paid", "payout-returned",
    ]  # fmt: skip
    run = begin("hand", list(Payout.objects.due()))
    payouts.made(run=run, by=by, now=make.now())
    assert Notice.objects.filter(member=farmer, kind="payout-paid").count() == 2
    assert reconcile.differences() == []


def test_what_has_not_left_is_taken_out_of_the_run() -> None:
    due, by = owed("5.20", "10.00"), make.coordinator()
    run = begin("hand", due)
    payouts.made(run=run, numbers=[due[0].number], by=by, now=make.now())
    assert [payouts.withdraw(run=run, by=by, now=make.now()) for _again in range(2)] == [1, 0]
    assert states() == [(1, "paid", ""), (1, "failed", "withdrawn"), (2, "due", "")]
    assert (payouts.made(run=run, by=by, now=make.now()), ledger.balance("bank")) == (0, D("-4.16"))
    assert reconcile.differences() == []


def test_a_file_of_a_run_that_was_given_up_reaches_no_bank() -> None:
    due, by = owed("5.20", "10.00"), make.coordinator()
    run = begin("file", due)
    payouts.withdraw(run=run, by=by, now=make.now())
    refused(payouts.GivenUp, lambda: payouts.sent(run=run, by=by, now=make.now()))
    refused(payouts.GivenUp, lambda: payouts.file_of(run))
    again = begin("file", list(Payout.objects.due()))
    assert payouts.sent(run=again, by=by, now=make.now())
    refused(payouts.GivenUp, lambda: payouts.sent(run=run, by=by, now=make.now()))
    assert ledger.balance("bank") == D("-12.16")
    assert reconcile.differences() == []


def refused(kind: type[Exception], act: Any) -> str:
    """The words of a refusal, which has changed nothing."""
    before = (states(), PayoutRun.objects.count(), Transfer.objects.count(), Activity.objects.count())
    with pytest.raises(kind) as caught, transaction.atomic():
        act()
    assert (states(), PayoutRun.objects.count(), Transfer.objects.count(), Activity.objects.count()) == before
    return str(caught.value)


def test_a_farm_without_an_account_is_not_paid_and_named() -> None:
    cooperative()
    due = owed("5.20", "10.00")
    farm = farm_of(due[0])
    farm.iban = ""
    farm.save()
    words = refused(payouts.NotPayable, lambda: begin("hand", due))
    assert words == f"{farm.name}\u202f: Cette ferme n’a pas encore donné de compte bancaire."
    assert begin("hand", due[1:]).payouts.count() == 1


def test_an_account_that_was_just_changed_waits_or_is_confirmed() -> None:
    due = owed("5.20")
    farm = farm_of(due[0])
    farm.iban_changed_at = make.now() - timedelta(hours=47)
    farm.save()
    assert "personne ne l’a confirmé" in refused(payouts.NotPayable, lambda: begin("hand", due))
    # The database refuses the same by its own clock.
    cooperative()
    run = PayoutRun.objects.create(number="V-0", rail="hand", started_at=make.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Payout.objects.update(state="in-run", run=run, iban=farm.iban)
    farm.iban_confirmed_at = make.now()
    farm.save()
    assert begin("hand", due).payouts.count() == 1


def test_two_days_after_the_change_it_is_paid_without_a_word() -> None:
    due = owed("5.20")
    farm_of(due[0]).iban_changed_at = make.now() - timedelta(hours=48)
    farm_of(due[0]).save()
    assert begin("hand", due).payouts.count() == 1


def test_nothing_chosen_no_such_rail_and_no_account_to_pay_from() -> None:
    due = owed("5.20")
    start: dict[str, Any] = {"by": None, "now": make.now()}
    assert refused(payouts.NothingChosen, lambda: payouts.start(rail="hand", numbers=[], **start))
    assert refused(payouts.NothingChosen, lambda: payouts.start(rail="post", numbers=numbers(due), **start))
    Hub.objects.update(iban="")
    assert "IBAN" in refused(payouts.NotPayable, lambda: payouts.start(rail="file", numbers=numbers(due), **start))
    assert refused(payouts.NotPayable, lambda: payouts.start(rail="connect", numbers=numbers(due), **start))
    assert "R-1999-0001" in refused(
        payouts.NotPayable, lambda: payouts.start(rail="hand", numbers=["R-1999-0001"], **start)
    )


def test_in_one_live_run_at_most() -> None:
    due = owed("5.20", "10.00")
    begin("hand", due[:1])
    assert due[0].number in refused(payouts.NotPayable, lambda: begin("file", due))


def test_what_was_paid_or_is_due_is_not_taken_back_so() -> None:
    due, by = owed("5.20", "10.00"), make.coordinator()
    run = begin("hand", due[:1])
    for one in due:
        refused(
            payouts.TakenBack, lambda one=one: payouts.take_back(payout=one, reason="mistake", by=by, now=make.now())
        )
    payouts.made(run=run, by=by, now=make.now())
    refused(payouts.TakenBack, lambda: payouts.take_back(payout=due[0], reason="withdrawn", by=by, now=make.now()))
    refused(payouts.NotSent, lambda: payouts.executed(run=begin("file", due[1:]), by=by, now=make.now()))


MOVES = {
    "due": {"in-run"}, "in-run": {"sent", "paid", "failed"}, "sent": {"paid", "failed"}, "paid": {"failed"},
    "failed": set(),
}  # fmt: skip


def in_state(state: str) -> Payout:
    due, by = owed("5.20"), make.coordinator()
    if state != "due":
        run = begin("file" if state == "sent" else "hand", due)
        if state == "sent":
            payouts.sent(run=run, by=by, now=make.now())
        if state in {"paid", "failed"}:
            payouts.made(run=run, by=by, now=make.now())
        if state == "failed":
            payouts.take_back(payout=due[0], reason="mistake", by=by, now=make.now())
    return Payout.objects.get(attempt=1)


@pytest.mark.parametrize("state", MOVES)
def test_the_database_holds_the_table_of_moves(state: str) -> None:
    """Whatever else a statement would set, a move that is not in the table is refused, and each one that is goes."""
    payout, now = in_state(state), make.now()
    run = payout.run or PayoutRun.objects.create(number="V-0", rail="hand", started_at=now)
    stamps: dict[str, dict[str, Any]] = {
        "due": {"run": None, "iban": "", "paid_at": None, "sent_at": None, "posted_at": None, "failed_at": None},
        "in-run": {"run": run, "iban": farm_of(payout).iban},
        "sent": {"sent_at": now, "posted_at": payout.posted_at or now, "paid_at": None},
        "paid": {"paid_at": now, "posted_at": payout.posted_at or now},
        "failed": {"failed_at": now, "reason": "rejected"},
    }
    for wanted in MOVES:
        if wanted == state:
            continue
        try:
            with transaction.atomic():
                Payout.objects.filter(pk=payout.pk).update(state=wanted, **stamps[wanted])
                moved = True
                transaction.set_rollback(True)
        except IntegrityError:
            moved = False
        assert (wanted, moved) == (wanted, wanted in MOVES[state])
    assert {State: set(to) for State, to in Payout.MOVES.items()} == MOVES


@pytest.mark.parametrize(
    "change",
    ["amount = amount + 1", "iban = 'FR1420041010050500013M02606'", "destination = 'acct_1'", "attempt = 2",
     "run_id = NULL", "posted_at = now()", "paid_at = now()"],
)  # fmt: skip
def test_amount_and_account_are_frozen_in_a_run(change: str) -> None:
    begin("hand", owed("5.20"))
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE distribution_payout SET {change}")


def test_a_second_live_payout_of_a_statement_is_refused() -> None:
    due = owed("5.20")[0]
    with pytest.raises(IntegrityError), transaction.atomic():
        Payout.objects.create(
            statement=due.statement, attempt=2, producer=due.producer, amount=due.amount, created_at=make.now()
        )


def test_a_change_of_account_after_the_start_does_not_move_the_money() -> None:
    due = owed("5.20")
    run = begin("file", due)
    farm = farm_of(due[0])
    before, farm.iban = farm.iban, IBANS[2]
    farm.save()
    assert read(payouts.file_of(run), "//p:CdtrAcct//p:IBAN") == [before]
    assert run.payouts.get().iban == before


def test_acts_cost_the_same_for_all() -> None:
    """Starting, sending and executing a run of six farms asks as much of the database as a run of two."""
    begin("file", owed("5.20"))  # the first makes the year's series of numbers
    few, many = asked(2), asked(6)
    assert few == many
    assert max(few) <= 24


def asked(farms: int) -> list[int]:
    """How many statements of SQL each act on a run of so many farms takes."""
    due, by, runs = owed(*["5.20"] * farms), make.coordinator(), list[PayoutRun]()
    start = meters.statements(
        lambda: runs.append(payouts.start(rail="file", numbers=numbers(due), by=by, now=make.now()))
    )
    sent = meters.statements(lambda: payouts.sent(run=runs[0], by=by, now=make.now()))
    return [start, sent, meters.statements(lambda: payouts.executed(run=runs[0], by=by, now=make.now()))]
