"""Files of debits keep the days that were announced: one block per day and sequence, and a late debit is announced anew."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from lxml import etree

from hub import calendar, sepa
from hub.models import Hub, Notice
from hub.money import money
from orders import debits
from orders.debits.pain008 import SCHEMA
from orders.models import DebitFile, TopUp
from tests import make
from tests.orders.by_debit import FRENCH, NS, D, asked, at_bank, bank, everything, later, told, written

__all__ = ["bank"]
pytestmark = pytest.mark.django_db


def blocks(file: DebitFile) -> list[tuple[str, str, str, list[str]]]:
    """(day, sequence, sum, names of the debits) of each block, as the bank reads them."""
    found = etree.fromstring(bytes(file.content)).iterfind(".//p:PmtInf", NS)
    return [
        (
            str(one.findtext("p:ReqdColltnDt", None, NS)),
            str(one.findtext("p:PmtTpInf/p:SeqTp", None, NS)),
            str(one.findtext("p:CtrlSum", None, NS)),
            [str(name.text) for name in one.iterfind(".//p:EndToEndId", NS)],
        )
        for one in found
    ]


def day(days: int) -> date:
    return calendar.local_date(make.now()) + timedelta(days=days)


def test_the_file_is_valid_against_the_schema_and_one_that_is_not_is_refused_and_not_kept(bank: Hub) -> None:
    home = make.household()
    at_bank(home)
    sepa.validate(bytes(written(home).content), SCHEMA)
    asked(home, key="next")
    debits.announce_due(now=later(8))
    Hub.objects.update(iban="FR")
    before = everything()
    with pytest.raises(etree.DocumentInvalid, match="IBAN"):
        debits.write_file(by=make.coordinator(), now=later(8))
    assert everything() == before


def test_each_debit_keeps_its_announced_day_in_one_file(bank: Hub) -> None:
    first, second, third = (make.household() for _nth in range(3))
    for home in (first, second, third):
        at_bank(home)
    asked(first, "30")
    debits.announce_due(now=make.now())
    asked(second, "40", key="b")
    asked(third, "25.50", key="c")
    TopUp.objects.exclude(household=first).update(due_on=day(4))
    debits.announce_due(now=later(1))
    assert told("debit-announced") == 1
    debits.announce_due(now=later(2))
    a, b, c = TopUp.objects.order_by("pk")
    assert [a.due_on, b.due_on, c.due_on] == [day(2), day(4), day(4)]
    file = debits.write_file(by=make.coordinator(), now=later(1))
    assert blocks(file) == [
        (str(day(2)), "FRST", "30.00", [a.code]),
        (str(day(4)), "FRST", "65.50", [b.code, c.code]),
    ]
    assert list(TopUp.objects.order_by("pk").values_list("due_on", "sequence", "state")) == [
        (day(2), "FRST", "processing"), (day(4), "FRST", "processing"), (day(4), "FRST", "processing"),
    ]  # fmt: skip
    assert (file.collection_on, file.total.amount, file.number) == (day(2), D("95.50"), 3)
    assert told("debit-announced") == 3


def test_a_first_and_a_recurring_debit_of_one_day_are_two_blocks(bank: Hub) -> None:
    old, new = make.household(), make.household()
    at_bank(old)
    written(old)
    at_bank(new)
    asked(old, "20", key="again")
    asked(new, "35")
    debits.announce_due(now=later(1))
    file = debits.write_file(by=make.coordinator(), now=later(1))
    codes = {str(one.amount.amount): one.code for one in TopUp.objects.all()}
    assert sorted(blocks(file)) == [
        (str(day(3)), "FRST", "35.00", [codes["35.00"]]),
        (str(day(3)), "RCUR", "20.00", [codes["20.00"]]),
    ]


def test_a_debit_that_is_too_late_for_its_day_is_announced_anew_and_not_moved_in_silence(bank: Hub) -> None:
    home = make.household()
    at_bank(home)
    asked(home)
    debits.announce_due(now=make.now())
    file = debits.write_file(by=make.coordinator(), now=later(2))  # its day is today
    row = TopUp.objects.get()
    assert (row.due_on, row.announced_at, blocks(file)[0][0]) == (day(4), later_of(row), str(day(4)))
    letters = Notice.objects.filter(kind="debit-announced").order_by("pk")
    assert len(letters) == 2
    assert letters[0].data["day"] != letters[1].data["day"]
    before = everything()
    with pytest.raises(debits.NothingToWrite):
        debits.write_file(by=make.coordinator(), now=later(3))
    assert everything() == before


def later_of(row: TopUp) -> datetime:
    """When its file was written: the second announcement is of that moment."""
    assert row.file is not None
    return row.file.written_at


def test_a_debit_given_up_before_the_file_is_not_in_it(bank: Hub) -> None:
    home, other = make.household(), make.household()
    at_bank(home)
    at_bank(other)
    asked(home)
    asked(other, "40", key="b")
    debits.announce_due(now=make.now())
    mine = TopUp.objects.get(household=home)
    debits.cancel(top_up=mine, by=home.members.get(), now=make.now())
    file = debits.write_file(by=make.coordinator(), now=make.now())
    assert [names for _day, _sequence, _sum, names in blocks(file)] == [[TopUp.objects.get(household=other).code]]
    mine.refresh_from_db()
    assert mine.state == "cancelled"


def test_a_mandate_signed_after_midnight_in_paris_is_dated_there(bank: Hub) -> None:
    home = make.household()
    late = datetime(2026, 7, 14, 22, 30, tzinfo=UTC)  # half past midnight on the fifteenth
    debits.sign_at_bank(household=home, iban=FRENCH, holder="Élodie", notice_days=2, by=home.members.get(), now=late)
    file = written(home)
    signed = etree.fromstring(bytes(file.content)).iterfind(".//p:DtOfSgntr", NS)
    assert [one.text for one in signed] == ["2026-07-15"]


def test_a_file_of_late_debits_costs_the_same_however_many(bank: Hub) -> None:
    costs = []
    for number in (1, 5):
        for nth in range(number):
            home = make.household()
            at_bank(home)
            asked(home, "20", key=f"{number}-{nth}")
        debits.announce_due(now=make.now())
        before = told("debit-announced")
        with CaptureQueriesContext(connection) as asked_for:
            file = debits.write_file(by=make.coordinator(), now=later(2))
        costs.append(len(asked_for))
        assert (file.number, told("debit-announced") - before) == (number, number)
        assert set(file.top_ups.values_list("due_on", flat=True)) == {day(4)}
    assert costs[0] == costs[1]


STATES = list(TopUp.State)


def stamps(state: str) -> dict[str, datetime | None]:
    """When a row of this state was paid and ended."""
    return {
        "paid_at": make.now() if state in ("paid", "returned") else None,
        "ended_at": make.now() if state in ("failed", "cancelled", "returned") else None,
    }


@pytest.mark.parametrize("stripe_id", ["", "pi_1"])
@pytest.mark.parametrize("in_file", [False, True])
def test_the_database_and_the_model_allow_the_same_moves(bank: Hub, in_file: bool, stripe_id: str) -> None:
    home, other = make.household(), make.household()
    at_bank(other)
    file = written(other) if in_file else None
    mandate = at_bank(home)
    found, allowed = [], []
    for old in STATES:
        row = TopUp.objects.create(
            household=home, key=old, means="debit", mandate=mandate, amount=money(20), state=old, due_on=day(2),
            asked_by=home.members.get(), asked_at=make.now(), announced_at=make.now(), file=file, stripe_id=stripe_id,
            **stamps(old),
        )  # fmt: skip
        for new in STATES:
            if new == old:
                continue
            if row.may_move_to(new):
                allowed.append((old, new))
            try:
                with transaction.atomic():
                    values = stamps(new) | ({"paid_at": row.paid_at} if new == "returned" else {})
                    TopUp.objects.filter(pk=row.pk).update(state=new, **values)
                    found.append((old, new))
                    transaction.set_rollback(True)
            except IntegrityError:
                pass
    assert found == allowed
    assert (("failed", "paid") in found, ("cancelled", "paid") in found) == (in_file, bool(stripe_id))
