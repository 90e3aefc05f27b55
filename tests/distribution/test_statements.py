"""Statements: net to the cent, numbers without gaps, stated once, payouts once."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from distribution import payouts, settlement, statements
from distribution.documents import render_statement
from distribution.fingerprints import fingerprint
from distribution.models import Payout, Statement, StatementBlock
from hub import calendar, ledger
from hub.models import Series, Transfer
from producers.models import Producer
from tests import make
from tests.distribution.day import Day, a_day

D = Decimal
pytestmark = pytest.mark.django_db


def sold(farm: Producer, *amounts: str) -> Day:
    """A settled collection where one household bought one pack at each price."""
    at = make.collection()
    make.supply(farm, at.point)
    day = a_day({make.packaging(farm, amount): 1 for amount in amounts}, farms=[farm], at=at)
    day.arrive()
    day.confirm()
    assert settlement.settle(collection=day.collection, now=make.now())
    return day


def issue(farm: Producer, day: Day) -> Statement:
    made = statements.issue(producer=farm, week=day.collection.week, now=make.now())
    assert made is not None
    return made


@pytest.fixture
def farm() -> Producer:
    make.fees("8", "12")
    return make.producer(iban="FR7630006000011234567890189")


def test_the_worked_example(farm: Producer) -> None:
    statement = issue(farm, sold(farm, "5.20"))
    content = statement.content
    assert statement.net.amount == Decimal("4.16")
    assert [(e["what"], e["percent"], e["net"], e["vat"], e["gross"]) for e in content["entries"]] == [
        ("sales", None, "4.93", "0.27", "5.20"),
        ("host-fee", "8", None, None, "-0.42"),
        ("hub-fee", "12", "-0.52", "-0.10", "-0.62"),
    ]
    assert content["rates"] == [{"rate": "5.5", "net": "4.93", "vat": "0.27", "gross": "5.20"}]
    assert content["account_end"] == "0189"
    assert statement.sha256 == fingerprint(Statement.objects.get().content)


def test_vat_on_the_fee_follows_the_total_of_the_document(farm: Producer) -> None:
    """Three collections whose fees are 0.62 each hold 3 x 0.10 of VAT apart, 0.31 together."""
    days = [sold(farm, "5.20") for _n in range(3)]
    assert ledger.balance("hub:vat") == Decimal("0.30")
    statement = issue(farm, days[0])
    assert statement.content["entries"][2]["vat"] == "-0.31"
    assert (ledger.balance("hub:vat"), ledger.balance("hub:income")) == (Decimal("0.31"), Decimal("1.55"))
    assert ledger.trial_balance() == 0
    assert StatementBlock.objects.count() == 3


def test_deposits_go_to_the_farm_without_fees(farm: Producer) -> None:
    at = make.collection()
    make.supply(farm, at.point)
    bottle, jar = make.packaging(farm, "5.00", deposit=D("0.30")), make.packaging(farm, "1.00", deposit=D("0.10"))
    day = a_day({bottle: 3, jar: 2}, {bottle: 1}, farms=[farm], at=at)
    day.arrive()
    day.act("short", day.orders[0], bottle, quantity=1, reason="broken")
    day.confirm()
    settlement.settle(collection=day.collection, now=make.now())
    assert ledger.balance("deposits") == D("1.10")
    statement = issue(farm, day)
    deposits = statement.content["entries"][-1]
    assert (deposits["what"], deposits["gross"], deposits["vat"]) == ("deposits", "1.10", None)
    assert deposits["note"].replace("\N{NO-BREAK SPACE}", " ") == "2 × 0,10 €, 3 × 0,30 €"
    assert statement.net.amount == D("13.60") + D("1.10")
    assert (ledger.balance("deposits"), ledger.balance(f"producer:{farm.code}")) == (D(0), D("14.70"))
    assert Payout.objects.get().amount.amount == D("14.70")


def test_what_is_missing_is_told_with_its_reason(farm: Producer) -> None:
    at = make.collection()
    make.supply(farm, at.point)
    jam, chicken = make.packaging(farm, "5.00"), make.weighed(farm)
    day = a_day({jam: 3, chicken: 1}, {jam: 1}, farms=[farm], at=at)
    day.arrive()
    day.act("short", day.orders[0], jam, quantity=2, reason="broken")
    day.act("weighed", day.orders[0], chicken, grams=2400)
    day.confirm()
    settlement.settle(collection=day.collection, now=make.now())
    rows = {row["product"]: row for row in issue(farm, day).content["collections"][0]["rows"]}
    jam_row, chicken_row = rows[jam.product.name], rows[chicken.product.name]
    assert (jam_row["ordered"], jam_row["delivered"], jam_row["gross"]) == (4, 2, "10.00")
    assert [gone["quantity"] for gone in jam_row["missing"]] == [2]
    assert (chicken_row["weight_g"], chicken_row["gross"]) == (2300, "25.30")


def test_a_farm_without_vat_sees_none(farm: Producer) -> None:
    farm.vat_regime = Producer.VatRegime.FRANCHISE
    farm.save()
    content = issue(farm, sold(farm, "5.20")).content
    assert (content["rates"], content["entries"][0]["vat"]) == ([], None)
    assert "293 B" in content["vat_note"]


def test_stated_once_and_the_late_one_goes_on_the_next(farm: Producer) -> None:
    first = sold(farm, "5.20")
    one = issue(farm, first)
    assert statements.issue(producer=farm, week=first.collection.week, now=make.now()) is None
    late = sold(farm, "3.00")
    two = issue(farm, late)
    assert [block["collection"] for block in two.content["collections"]] == [late.collection.code]
    assert [one.number[-4:], two.number[-4:]] == ["0001", "0002"]


def test_a_number_rolled_back_is_given_again(farm: Producer) -> None:
    day = sold(farm, "5.20")

    class Cut(Exception):
        pass

    def cut_off() -> None:
        with transaction.atomic():
            issue(farm, day)
            raise Cut

    with pytest.raises(Cut):
        cut_off()
    assert not Series.objects.exists()
    year = calendar.local_date(make.now()).year
    assert issue(farm, day).number == f"R-{year}-0001"


def test_a_new_year_in_paris_begins_its_numbers_with_one(farm: Producer) -> None:
    """At half past eleven at night in UTC it has begun already."""
    days = [sold(one, "5.20") for one in (farm, make.producer(), make.producer())]
    last, first, second = (datetime(2030, 12, 31, hour, 30, tzinfo=UTC) for hour in (22, 23, 23))
    made = [
        statements.issue(producer=day.farms[0], week=day.collection.week, now=now)
        for day, now in zip(days, (last, first, second), strict=True)
    ]
    assert [one.number for one in made if one] == ["R-2030-0001", "R-2031-0001", "R-2031-0002"]


def test_issued_when_all_is_settled_or_on_monday_at_six(farm: Producer) -> None:
    done = sold(farm, "5.20")
    at = make.collection()
    make.supply(farm, at.point)
    a_day({make.packaging(farm, "2.00"): 1}, farms=[farm], at=at)
    assert at.week == done.collection.week
    monday = statements.deadline(at.week)
    assert monday.astimezone(calendar.zone()).strftime("%a %H:%M") == "Mon 06:00"
    assert statements.issue_due(now=monday - timedelta(seconds=1)) == []
    assert [one.producer for one in statements.issue_due(now=monday)] == [farm]
    assert statements.issue_due(now=monday) == []


def test_a_payout_is_paid_once(farm: Producer) -> None:
    issue(farm, sold(farm, "5.20"))
    payout, treasurer = Payout.objects.get(), make.coordinator()
    for _again in range(2):
        statements.pay(payout=payout, by=treasurer, now=make.now())
    assert ledger.balance(f"producer:{farm.code}") == 0
    assert ledger.balance("bank") == Decimal("-4.16")
    assert Transfer.objects.filter(reference__startswith="payout:").count() == 1


def test_without_an_account_nothing_is_paid(farm: Producer) -> None:
    farm.iban = ""
    farm.save()
    issue(farm, sold(farm, "5.20"))
    with pytest.raises(payouts.NotPayable):
        statements.pay(payout=Payout.objects.get(), by=make.coordinator(), now=make.now())
    assert Payout.objects.get().paid_at is None
    assert ledger.balance(f"producer:{farm.code}") == Decimal("4.16")


def test_an_issued_statement_is_never_changed(farm: Producer) -> None:
    statement = issue(farm, sold(farm, "5.20"))
    with pytest.raises(IntegrityError), transaction.atomic():
        Statement.objects.filter(pk=statement.pk).update(net=Decimal("9.99"))
    statement.refresh_from_db()
    assert statement.net.amount == Decimal("4.16")


def test_it_prints(farm: Producer) -> None:
    content = issue(farm, sold(farm, "5.20", "3.10")).content
    assert render_statement(content, "pdf").startswith(b"%PDF")
    assert render_statement(content, "csv").count(b"\r\n") == 3
