"""Reconciliation: nothing to report of an honest week, and each corruption seen."""

from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.core.management import call_command

from distribution import closing, correcting, payouts, reconcile, refunds, settlement, statements
from distribution.models import Payout, Refund, Sheet
from tests import make
from tests.distribution import week as weeks
from tests.distribution.day import a_day
from tests.distribution.farms import cooperative, farm_of, numbers, owed
from tests.forging import forge

pytestmark = pytest.mark.django_db


@pytest.fixture
def week() -> SimpleNamespace:
    """A settled, stated and paid week; its books are forged below, in the test's own transaction."""
    make.fees()
    at = make.collection()
    farm = make.producer(at.point, iban="FR7630006000011234567890189")
    bread, chicken = make.packaging(farm, "4.20"), make.weighed(farm)
    bottle = make.packaging(farm, "3.00", deposit=Decimal("0.30"))
    day = a_day({bread: 3, chicken: 1, bottle: 2}, {bread: 1}, {bread: 2}, farms=[farm], at=at)
    day.arrive()
    day.act("weighed", day.orders[0], chicken, grams=2500)
    day.act("short", day.orders[0], bread, quantity=1, reason="broken")
    paid = day.act("paid", day.orders[0], amount="10.00", means="cash")
    day.act("paid", day.orders[1], amount="4.20", means="cheque")
    day.act("undo", of=str(paid.uid))
    day.act("paid", day.orders[2], amount="8.40", means="cash")
    day.act("short", day.orders[2], bread, quantity=1, reason="quality")
    day.confirm()
    settlement.settle(collection=day.collection, now=make.now())
    treasurer, refund = make.coordinator(), Refund.objects.get()
    refunds.choose(refund=refund, choice="refund", by=treasurer, now=make.now())
    refunds.pay(refund=refund, by=treasurer, now=make.now())
    statements.issue(producer=farm, week=at.week, now=make.now())
    statements.pay(payout=Payout.objects.get(), by=treasurer, now=make.now())
    return SimpleNamespace(day=day, farm=farm, bread=bread)


def test_an_honest_week_has_no_difference(week: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    assert reconcile.differences() == []
    call_command("reconcile")
    assert capsys.readouterr().out.startswith("0 differences")


FORGERIES = [
    (1, "UPDATE producers_stock SET reserved = reserved + 1"),
    (2, "UPDATE orders_order o SET changed_at = c.closes_at FROM hub_collection c WHERE c.id = o.collection_id"),
    (2, "UPDATE orders_order o SET placed_at = c.closes_at FROM hub_collection c WHERE c.id = o.collection_id"),
    (2, "UPDATE orders_orderline SET due = due + 1, delivered = delivered + 1 WHERE NOT weighed"),
    (2, "UPDATE orders_orderline SET placed_at = now()"),
    (4, "UPDATE orders_orderline SET unit_price = unit_price + 1"),
    (4, "UPDATE orders_orderline SET vat_rate = 20"),
    (4, "UPDATE orders_orderline SET name = 'Autre chose'"),
    (3, "UPDATE orders_order SET basket_number = 9 WHERE basket_number = 2"),
    (3, "UPDATE orders_order SET basket_number = NULL"),
    (5, "UPDATE distribution_statement SET content = jsonb_set(content, '{account_end}', '\"6666\"')"),
    (6, "UPDATE orders_orderline SET delivered = delivered - 1 WHERE NOT weighed"),
    (6, "UPDATE distribution_statement SET number = 'R-2026-0002'"),
    (6, "DELETE FROM hub_transfer WHERE reference LIKE 'statement:%:deposits'"),
    (6, "UPDATE distribution_payout SET amount = amount + 1"),
    (7, "UPDATE distribution_payout SET state = 'failed', failed_at = now(), reason = 'mistake'"),
    (7, "UPDATE distribution_payout SET state = 'due', run_id = NULL, paid_at = NULL, posted_at = NULL"),
    (7, "UPDATE hub_transfer SET amount = amount + 1 WHERE reference LIKE 'payout:%'"),
    (7, "UPDATE hub_transfer SET reference = 'payout:R-1999-0001' WHERE reference LIKE 'payout:%'"),
    (
        7,
        "UPDATE hub_transfer SET credit_id = (SELECT id FROM hub_account WHERE code = 'hub:income')"
        " WHERE reference LIKE 'payout:%'",
    ),
    (6, "UPDATE distribution_statementblock SET net = net + 1"),
    (6, "UPDATE distribution_statement SET content = jsonb_set(content, '{collections,0,rows,0,gross}', '\"99.00\"')"),
    (7, "UPDATE hub_transfer SET amount = amount + 1 WHERE reference LIKE 'settle:%:host'"),
    (7, "UPDATE hub_transfer SET amount = amount + 1 WHERE reference LIKE 'settle:%:order:%'"),
    (7, "UPDATE hub_transfer SET amount = amount + 1 WHERE reference LIKE 'settle:%:producer:%'"),
    (7, "UPDATE hub_transfer SET amount = amount + 1 WHERE reference LIKE '%:reversed'"),
    (7, "DELETE FROM hub_transfer WHERE reference LIKE 'payment:%' AND amount = 4.20"),
    (7, "DELETE FROM hub_transfer WHERE reference LIKE 'payout:%'"),
    (7, "DELETE FROM hub_transfer WHERE reference LIKE 'refund:%'"),
    (7, "UPDATE hub_transfer SET amount = amount + 1 WHERE reference LIKE 'settle:%:hub:%'"),
    (7, "UPDATE hub_transfer SET amount = amount + 1 WHERE reference LIKE 'settle:%:deposits'"),
    (7, "UPDATE hub_account SET kind = 'income' WHERE code = 'hub:vat'"),
    (8, "UPDATE orders_orderline SET host_share = host_share + 1, hub_share = hub_share - 1"),
    (
        8,
        "UPDATE orders_orderline SET final_amount = final_amount + 1, producer_share = producer_share + 1 WHERE weighed",
    ),
    (8, "UPDATE orders_order SET final_total = final_total + 1"),
]


@pytest.mark.parametrize(("invariant", "forgery"), FORGERIES)
def test_each_forgery_is_seen(week: SimpleNamespace, invariant: int, forgery: str) -> None:
    forge(forgery)
    assert invariant in {one.invariant for one in reconcile.differences()}


@pytest.fixture
def closed() -> weeks.Week:
    """A closed collection, its sheets frozen."""
    week = weeks.build()
    make.passed(week.collection)
    closing.close_due(now=make.now())
    return week


FORGED_SHEETS = [
    (4, "UPDATE orders_orderline SET unit_price = unit_price + 1"),
    (4, "UPDATE orders_orderline SET label = 'autre colis'"),
    (5, "UPDATE distribution_sheet SET content = content || '{\"version\": 9}' WHERE kind = 'labels'"),
    (6, "UPDATE orders_orderline SET quantity = quantity + 1, due = due + 1 WHERE weighed"),
]


def test_an_honest_close_has_no_difference(closed: weeks.Week) -> None:
    assert Sheet.objects.filter(kind="packing").exists()
    assert reconcile.differences() == []
    line = closed.order("Éloi").lines.get(packaging=closed.carrots)
    closing.amend(line=line, delta=-1, reason="producer", by=closed.host, now=make.now(), key="one")
    assert reconcile.differences() == []


@pytest.mark.parametrize(("invariant", "forgery"), FORGED_SHEETS)
def test_each_forgery_of_a_closed_sale_is_seen(closed: weeks.Week, invariant: int, forgery: str) -> None:
    forge(forgery)
    assert invariant in {one.invariant for one in reconcile.differences()}


@pytest.fixture
def filed() -> None:
    """A run by file that the bank has, and a correction that no statement tells yet."""
    cooperative()
    due, by = owed("5.20", "10.00"), make.coordinator()
    correcting.correct(
        producer=farm_of(due[0]), amount=Decimal("-1.00"), words="Salades", key="one", by=by, now=make.now()
    )
    run = payouts.start(rail="file", numbers=numbers(due), by=by, now=make.now())
    payouts.sent(run=run, by=by, now=make.now())
    assert reconcile.differences() == []


FORGED_RUNS = [
    (
        "a correction is not in the books",
        "UPDATE hub_transfer SET amount = amount + 1 WHERE reference LIKE 'correction:%'",
    ),
    (
        "a statement is not the sum of its blocks, deposits, corrections and what was owed before",
        "UPDATE distribution_correction SET statement_id = (SELECT min(id) FROM distribution_statement)",
    ),
    ("a file for the bank is not what was kept of it", "UPDATE distribution_payoutfile SET sha256 = repeat('0', 64)"),
    (
        "a file for the bank does not pay what its run does",
        "UPDATE distribution_payoutfile SET content = convert_to(replace(convert_from(content, 'UTF8'), '12.16', '99.16'), 'UTF8')",
    ),
    ("a statement is paid more than once, or more than its net", "UPDATE distribution_payout SET amount = amount + 1"),
]


@pytest.mark.parametrize(("what", "forgery"), FORGED_RUNS)
def test_each_forgery_of_a_run_is_seen(filed: None, what: str, forgery: str) -> None:
    forge(forgery)
    assert what in {one.what for one in reconcile.differences()}


def test_a_difference_ends_the_command_with_1(week: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    forge("UPDATE hub_transfer SET amount = amount + 1 WHERE reference LIKE 'settle:%:host'")
    with pytest.raises(SystemExit) as ended:
        call_command("reconcile", "--json")
    assert ended.value.code == 1
    assert "clearing account" in capsys.readouterr().out
