"""SIGKILL to a real worker inside every step after the deadline: the next tick finishes, nothing twice, nothing missing."""

import time
from pathlib import Path

import psycopg
import pytest

from tests.faults.databases import (
    Point,
    alone,
    reached,
    stopping,
    words_of_connection,
)
from tests.faults.lives import Outcome, a_life, compare, finish, outcome
from tests.faults.mailbox import Mailbox
from tests.faults.workers import Place, Worker

UPDATE, INSERT = "BEFORE UPDATE ON", "BEFORE INSERT ON"
# In the order a tick passes them. The first write of a step is also the moment between two transactions.
POINTS = [
    Point("count", f"{UPDATE} hub_collection", "NEW.counted_at IS NOT NULL AND OLD.counted_at IS NULL"),
    Point("count", f"{INSERT} distribution_closing"),
    Point("minimums", f"{INSERT} distribution_minimumdecision"),
    Point("minimums", f"{INSERT} hub_notice", "NEW.kind = 'minimum'"),
    Point("minimums", f"{UPDATE} distribution_minimumdecision"),
    Point("minimums", f"{INSERT} distribution_linechange"),
    Point("minimums", f"{UPDATE} producers_stock"),
    Point("minimums", f"{UPDATE} orders_order", "NEW.expected_total <> OLD.expected_total"),
    Point("minimums", f"{UPDATE} distribution_closing", "NEW.minimums_at IS NOT NULL AND OLD.minimums_at IS NULL"),
    Point("numbers", f"{UPDATE} orders_order", "NEW.cancelled_at IS NOT NULL AND OLD.cancelled_at IS NULL"),
    Point("numbers", f"{UPDATE} orders_order", "NEW.basket_number = 2 AND OLD.basket_number IS NULL"),
    Point("numbers", f"{UPDATE} distribution_closing", "NEW.numbered_at IS NOT NULL AND OLD.numbered_at IS NULL"),
    Point("sheets", f"{UPDATE} distribution_closing", "NEW.frozen_at IS NOT NULL AND OLD.frozen_at IS NULL"),
    Point("sheets", f"{INSERT} distribution_sheet", "NEW.kind = 'table-plan'"),
    Point("notices", f"{INSERT} hub_notice", "NEW.kind = 'close-order'"),
    Point("notices", f"{UPDATE} distribution_closing", "NEW.announced_at IS NOT NULL AND OLD.announced_at IS NULL"),
    Point("settlement", f"{UPDATE} orders_orderline", "NEW.final_amount IS NOT NULL AND OLD.final_amount IS NULL"),
    Point("settlement", f"{UPDATE} orders_order", "NEW.settled_at IS NOT NULL AND OLD.settled_at IS NULL"),
    Point("settlement", f"{INSERT} hub_account", "NEW.code = 'hub:income'"),
    Point("settlement", f"{INSERT} hub_transfer", "NEW.reference LIKE 'settle:%:host'"),
    Point("settlement", f"{INSERT} distribution_refund"),
    Point("settlement", f"{UPDATE} hub_collection", "NEW.settled_at IS NOT NULL AND OLD.settled_at IS NULL"),
    Point("settlement", f"{INSERT} hub_activity", "NEW.verb = 'collection.settled'"),
    Point("receipts", f"{INSERT} distribution_receipt"),
    Point("statements", f"{UPDATE} hub_series", "NEW.kind = 'statement' AND NEW.last = 1"),
    Point("statements", f"{INSERT} hub_notice", "NEW.kind = 'statement-issued'"),
    Point("statements", f"{INSERT} distribution_statement", "NEW.number LIKE '%0002'"),
    Point("statements", f"{INSERT} distribution_statementblock"),
    Point("statements", f"{INSERT} distribution_payout"),
    Point("statements", f"{INSERT} hub_activity", "NEW.verb = 'statement.issued'"),
    Point("points' parts", f"{INSERT} distribution_pointstatement"),
    Point("points' parts", f"{INSERT} distribution_pointstatementblock"),
    Point("points' parts", f"{INSERT} distribution_payout", "NEW.point_id IS NOT NULL"),
    Point("points' parts", f"{INSERT} hub_activity", "NEW.verb = 'point-statement.issued'"),
    Point("fee invoices", f"{UPDATE} hub_series", "NEW.kind = 'fee-invoice' AND NEW.last = 1"),
    Point("fee invoices", f"{INSERT} distribution_invoice", "NEW.number LIKE '%0002'"),
    Point("fee invoices", f"{INSERT} hub_activity", "NEW.verb = 'invoice.issued'"),
    Point("plan", f"{INSERT} hub_collection"),
]
SENT = [
    Point("mails", f"{UPDATE} hub_notice", "NEW.sent_at IS NOT NULL AND OLD.sent_at IS NULL"),
    Point("mails", f"{INSERT} hub_letter"),
]
"""The moment between the mail server's word and ours. No sender can close it: the letter goes again under the same
Message-ID, by which mailboxes know it."""
FEW = (
    "minimums: BEFORE INSERT ON distribution_linechange",
    "numbers: BEFORE UPDATE ON orders_order NEW.basket_number = 2 AND OLD.basket_number IS NULL",
    "sheets: BEFORE INSERT ON distribution_sheet NEW.kind = 'table-plan'",
    "settlement: BEFORE INSERT ON hub_transfer NEW.reference LIKE 'settle:%:host'",
    "statements: BEFORE INSERT ON distribution_statement NEW.number LIKE '%0002'",
    "fee invoices: BEFORE INSERT ON distribution_invoice NEW.number LIKE '%0002'",
)


def kill_at(place: Place, point: Point) -> None:
    """A worker's tick ends in the middle of this statement."""
    with stopping(place.database, point) as session, Worker(place) as worker:
        worker.tick()
        reached(session)
        worker.kill()


def test_a_tick_does_all_there_is_to_do_and_the_next_one_nothing(
    due: str, undisturbed: Outcome, tmp_path: Path
) -> None:
    """What the others are compared with is not empty; and two lives without a kill are equal, so the comparison is fair."""
    counts = {table: sum(rows.values()) for table, rows in undisturbed.rows.items()}
    names = (
        "minimumdecision",
        "linechange",
        "sheet",
        "statement",
        "statementblock",
        "pointstatement",
        "pointstatementblock",
        "payout",
        "refund",
        "receipt",
        "invoice",
        "invoicefile",
    )
    assert {name: counts[f"distribution_{name}"] for name in names} == {
        "minimumdecision": 1, "linechange": 3, "sheet": 19, "statement": 2, "statementblock": 2, "pointstatement": 1,
        "pointstatementblock": 1, "payout": 3, "refund": 1, "receipt": 3, "invoice": 2, "invoicefile": 2,
    }  # fmt: skip
    assert (counts["hub_transfer"], counts["hub_letter"], undisturbed.pdfs) == (13, 18, 21)
    with a_life(due, tmp_path) as (place, mailbox):
        finish(place)
        compare(outcome(place, mailbox), undisturbed)
        finish(place)
        compare(outcome(place, mailbox), undisturbed)


def test_killed_again_and_again_a_tick_is_finished_all_the_same(due: str, undisturbed: Outcome, tmp_path: Path) -> None:
    """One worker after the other dies in the same life: inside six steps, and while a letter is on its way."""
    with a_life(due, tmp_path) as (place, mailbox):
        for name in FEW:
            kill_at(place, next(point for point in POINTS if point.name == name))
        kill_while_sending(place, mailbox, 3)
        finish(place)
        compare(outcome(place, mailbox), undisturbed)


@pytest.mark.full
@pytest.mark.parametrize("point", POINTS, ids=lambda point: point.name)
def test_killed_at_any_point_a_tick_is_finished_by_the_next(
    due: str, undisturbed: Outcome, tmp_path: Path, point: Point
) -> None:
    with a_life(due, tmp_path) as (place, mailbox):
        kill_at(place, point)
        finish(place)
        compare(outcome(place, mailbox), undisturbed)


@pytest.mark.full
def test_killed_at_every_point_in_turn_a_tick_is_finished(due: str, undisturbed: Outcome, tmp_path: Path) -> None:
    with a_life(due, tmp_path) as (place, mailbox):
        for point in POINTS:
            kill_at(place, point)
        for letter in (1, 4):
            kill_while_sending(place, mailbox, letter)
        kill_among_papers(place)
        finish(place)
        compare(outcome(place, mailbox), undisturbed)


@pytest.mark.full
@pytest.mark.parametrize("point", SENT, ids=lambda point: point.name)
def test_a_letter_sent_twice_is_the_same_letter(due: str, undisturbed: Outcome, tmp_path: Path, point: Point) -> None:
    """Killed after the mail server's word and before ours is committed: one letter goes again, under its own name."""
    with a_life(due, tmp_path) as (place, mailbox):
        kill_at(place, point)
        finish(place)
        twice = [one for one in mailbox.accepted if mailbox.ids.count(str(one["Message-ID"])) > 1]
        assert len(twice) == 2
        assert twice[0].get_payload() == twice[1].get_payload()
        compare(outcome(place, mailbox), undisturbed, repeated=1)


@pytest.mark.full
def test_killed_among_papers_a_worker_leaves_none_half_written(due: str, undisturbed: Outcome, tmp_path: Path) -> None:
    with a_life(due, tmp_path) as (place, mailbox):
        kill_among_papers(place)
        finish(place)
        compare(outcome(place, mailbox), undisturbed)


def kill_while_sending(place: Place, mailbox: Mailbox, letter: int) -> None:
    """The mail server has heard the letter and not answered yet."""
    mailbox.hang_at, mailbox.begun = letter, 0
    mailbox.hanging.clear()
    mailbox.go_on.clear()
    with Worker(place) as worker:
        worker.tick()
        assert mailbox.hanging.wait(60)
        worker.kill()
    mailbox.go_on.set()
    with psycopg.connect(**words_of_connection(place.database), autocommit=True) as session:
        alone(session)


def kill_among_papers(place: Place) -> None:
    """Some PDFs are there, others not."""
    with Worker(place) as worker:
        worker.tick()
        end = time.monotonic() + 60
        while len(list((place.home / "media").rglob("*.pdf"))) < 3:
            assert time.monotonic() < end
            time.sleep(0.001)
        worker.kill()
