"""A point's part: stated once from what settlement booked, paid like a farm's statement."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from distribution import payouts, point_statements, reconcile, statements, transfers
from distribution.models import Payout, PayoutRun, PointStatement
from hub import ledger
from hub.models import Member, Notice, PointAccount
from tests import make
from tests.bench import meters
from tests.distribution.farms import IBANS, farm_of, owed
from tests.distribution.point_parts import give_account, sold, stated
from tests.distribution.test_payout_runs import read
from tests.forging import forge

D = Decimal
pytestmark = pytest.mark.django_db


def test_a_week_is_stated_once_to_the_cent_and_owed() -> None:
    statement = stated("10.00", "5.20")
    assert (statement.number[:7], statement.net.amount) == ("H-2026-", D("1.22"))
    assert [one.net.amount for one in statement.blocks.order_by("pk")] == [D("0.80"), D("0.42")]
    assert ledger.balance(f"host:{statement.point.code}") == D("1.22")
    due = Payout.objects.get(point_statement=statement)
    assert (due.state, due.amount.amount, due.books) == ("due", D("1.22"), f"host:{statement.point.code}")
    again = point_statements.issue(point=statement.point, week=statement.week, now=make.now())
    assert (again, PointStatement.objects.count(), Payout.objects.count()) == (None, 1, 1)
    assert reconcile.differences() == []


def test_the_sweep_waits_for_the_whole_week_or_for_its_monday() -> None:
    make.fees("8", "12")
    first = make.collection()
    other = make.collection(first.point)
    sold(first)
    monday = statements.deadline(first.week)
    if other.week == first.week:
        assert point_statements.issue_due(now=monday - timedelta(seconds=1)) == []
    (statement,) = point_statements.issue_due(now=monday)
    assert [one.collection for one in statement.blocks.all()] == [first]
    assert point_statements.issue_due(now=monday) == []
    sold(other)
    (later,) = point_statements.issue_due(now=monday)
    assert (later.net.amount, int(later.number[-4:])) == (D("0.80"), int(statement.number[-4:]) + 1)
    assert reconcile.differences() == []


def test_without_a_part_nothing_is_stated() -> None:
    make.fees("0", "12")
    at = make.collection()
    sold(at)
    assert point_statements.issue_due(now=statements.deadline(at.week)) == []
    assert (PointStatement.objects.count(), reconcile.differences()) == (0, [])


def test_paid_in_the_run_of_the_farms_by_file_and_taken_back() -> None:
    statement, by = stated("10.00"), make.coordinator()
    farm = owed("5.20")[0]
    host = make.host(statement.point)
    every = sorted([statement.number, farm.number])
    run = payouts.start(rail="file", numbers=every, by=by, now=make.now())
    content = payouts.file_of(run)
    assert read(content, "//p:EndToEndId") == [statement.number, farm.number]
    assert read(content, "//p:InstdAmt") == ["0.80", "4.16"]
    assert read(content, "//p:Cdtr/p:Nm")[0] == "Amis des Tilleuls"
    assert read(content, "//p:CdtrAcct//p:IBAN") == [IBANS[2], farm_of(farm).iban]
    assert [payouts.sent(run=run, by=by, now=make.now()) for _again in range(2)] == [True, False]
    account = f"host:{statement.point.code}"
    assert (ledger.balance("bank"), ledger.balance(account)) == (D("-4.96"), D(0))
    due = statement.payouts.get()
    for _again in range(2):
        payouts.take_back(payout=due, reason="rejected", by=by, now=make.now())
    assert (ledger.balance("bank"), ledger.balance(account)) == (D("-4.16"), D("0.80"))
    assert list(statement.payouts.order_by("pk").values_list("attempt", "state")) == [(1, "failed"), (2, "due")]
    assert [payouts.executed(run=run, by=by, now=make.now()) for _again in range(2)] == [1, 0]
    assert sorted(Notice.objects.filter(member=host).values_list("kind", "key")) == [
        ("point-payout-paid", f"point-payout-paid:{statement.number}:{host.pk}"),
        ("point-payout-returned", f"point-payout-returned:{statement.number}:{host.pk}"),
    ]
    assert reconcile.differences() == []


def test_by_hand_each_once() -> None:
    statement, by = stated("10.00", "20.00"), make.coordinator()
    run = payouts.start(rail="hand", numbers=[statement.number], by=by, now=make.now())
    typed = transfers.to_make()
    assert [(one.to, one.account, one.label) for one in typed] == [("Amis des Tilleuls", IBANS[2], statement.number)]
    assert [payouts.made(run=run, by=by, now=make.now()) for _again in range(2)] == [1, 0]
    assert ledger.balance("bank") == D("-2.40")
    assert reconcile.differences() == []


def refused(statement: PointStatement, rail: str = "file") -> str:
    with pytest.raises(payouts.NotPayable) as why:
        payouts.start(rail=rail, numbers=[statement.number], by=make.coordinator(), now=make.now())
    assert (PayoutRun.objects.count(), statement.payouts.get().state) == (0, "due")
    return str(why.value)


def test_nothing_is_paid_without_an_account_or_to_one_just_changed() -> None:
    statement = stated("10.00")
    PointAccount.objects.all().delete()
    assert "Aucun compte" in refused(statement)
    give_account(statement.point, iban_changed_at=make.now() - timedelta(hours=47))
    assert "attend" in refused(statement)
    PointAccount.objects.update(iban_changed_at=make.now() - timedelta(hours=49))
    payouts.start(rail="hand", numbers=[statement.number], by=make.coordinator(), now=make.now())


def test_stripe_pays_no_point(settings: Any) -> None:
    settings.STRIPE_SECRET_KEY = "sk_test_stand_in"
    assert "virement" in refused(stated("10.00"), "connect")


ATTACKS = {
    "pay to an account of one's own": """UPDATE distribution_payout
        SET state = 'in-run', run_id = {run}, iban = 'FR1420041010050500013M02606'""",
    "pay an account just changed": """UPDATE hub_pointaccount SET iban_changed_at = now(), iban_confirmed_at = NULL;
        UPDATE distribution_payout SET state = 'in-run', run_id = {run}, iban = (SELECT iban FROM hub_pointaccount)""",
    "pay more": "UPDATE distribution_payout SET amount = amount + 1",
    "pay another point": "UPDATE distribution_payout SET point_id = (SELECT max(id) FROM hub_collectionpoint)",
    "a second payout": """INSERT INTO distribution_payout
            (point_statement_id, attempt, point_id, amount, currency, state, iban, bic, destination, stripe_id, reason, created_at)
        SELECT point_statement_id, 2, point_id, amount, currency, 'due', '', '', '', '', '', now() FROM distribution_payout""",
    "a farm and a point": "UPDATE distribution_payout SET producer_id = (SELECT min(id) FROM producers_producer)",
    "edit a statement": "UPDATE distribution_pointstatement SET net = net + 1",
    "delete a statement": "DELETE FROM distribution_pointstatement",
    "state a part twice": """INSERT INTO distribution_pointstatementblock (statement_id, collection_id, net, currency)
        SELECT statement_id, collection_id, net, currency FROM distribution_pointstatementblock""",
    "state what is not settled": """INSERT INTO distribution_pointstatementblock (statement_id, collection_id, net, currency)
        SELECT statement_id, (SELECT max(id) FROM hub_collection), 50, currency FROM distribution_pointstatementblock""",
    "an account without a holder": "UPDATE hub_pointaccount SET holder = ''",
    "an account that is none": "UPDATE hub_pointaccount SET iban = 'FR00'",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_database_refuses(attack: str) -> None:
    statement = stated("10.00")
    make.collection(make.point())
    run = PayoutRun.objects.create(number="V-2026-9999", rail="hand", started_at=make.now())
    before = list(Payout.objects.values()), list(PointStatement.objects.values()), list(PointAccount.objects.values())
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ATTACKS[attack].format(run=run.pk))
    after = list(Payout.objects.values()), list(PointStatement.objects.values()), list(PointAccount.objects.values())
    assert (after, statement.blocks.count(), reconcile.differences()) == (before, 1, [])


@pytest.mark.parametrize(
    ("forgery", "what"),
    [
        ("UPDATE distribution_pointstatement SET net = net + 1", "a point’s statement is not its part of what was sold there"),
        ("UPDATE distribution_pointstatement SET number = 'H-2026-0009'", "numbers of points’ statements have a gap"),
        ("DELETE FROM distribution_payout", "a statement is paid more than once, or more than its net"),
        (
            "UPDATE hub_transfer SET amount = amount + 1 WHERE reference LIKE 'payout:%'",
            "a point is not owed what was stated or waits to be, less what was paid",
        ),
        (
            "DELETE FROM hub_transfer WHERE reference LIKE 'payout:%'",
            "a payout is not in the books as its state says",
        ),
    ],
)  # fmt: skip
def test_reconcile_finds_what_was_forged(forgery: str, what: str) -> None:
    statement, by = stated("10.00"), make.coordinator()
    run = payouts.start(rail="hand", numbers=[statement.number], by=by, now=make.now())
    payouts.made(run=run, by=by, now=make.now())
    assert reconcile.differences() == []
    forge(forgery)
    assert what in {one.what for one in reconcile.differences()}


def pay(due: list[str], by: Member) -> None:
    run = payouts.start(rail="file", numbers=due, by=by, now=make.now())
    payouts.sent(run=run, by=by, now=make.now())


def test_as_many_statements_of_sql_for_many_points() -> None:
    by, counted = make.coordinator(), []
    for points in (1, 1, 3):
        due = [stated("10.00").number for _nth in range(points)]
        counted.append(meters.statements(lambda due=due: pay(due, by)))  # type: ignore[misc]
    assert counted[1] == counted[2]
