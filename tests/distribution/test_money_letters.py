"""Messages about money: each once, with the right words, to the right people."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from distribution import refunds, settlement, statements, telling_money
from distribution.models import Payout, Refund
from hub import notices
from hub.models import Letter, Notice
from tests import make
from tests.distribution.day import a_day

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def scene() -> SimpleNamespace:
    """A settled collection: a farm with two people, a household of two whose refund waits."""
    make.fees()
    at = make.collection()
    farm = make.producer(at.point, name="Ferme des Ormeaux", iban="FR7630006000011234567890189")
    people = [make.farmer(farm), make.farmer(farm)]
    home = make.household("Le Bihan")
    make.member(household=home, first_name="Nour", language="en")
    bread = make.packaging(farm, "4.20")
    day = a_day({bread: 2}, farms=[farm], at=at, home=home)
    day.arrive()
    day.act("paid", day.orders[0], amount="8.40", means="cash")
    day.act("short", day.orders[0], bread, quantity=1, reason="broken")
    day.confirm()
    settlement.settle(collection=at, now=make.now())
    return SimpleNamespace(at=at, farm=farm, people=people, home=home, refund=Refund.objects.get())


def kinds() -> dict[str, int]:
    """How many notices of each kind, those about the final amount apart."""
    return {
        kind: Notice.objects.filter(kind=kind).count()
        for kind in Notice.objects.exclude(kind="adjusted").values_list("kind", flat=True)
    }


def letters(kind: str) -> list[Letter]:
    notices.send_due(now=make.now() + timedelta(hours=1))
    return list(Letter.objects.filter(notice__kind=kind).order_by("pk"))


def test_a_farm_is_told_of_its_statement_and_of_the_transfer_once(scene: SimpleNamespace) -> None:
    statement = statements.issue(producer=scene.farm, week=scene.at.week, now=make.now())
    assert statement is not None
    assert statements.issue(producer=scene.farm, week=scene.at.week, now=make.now()) is None
    for _again in range(2):
        statements.pay(payout=Payout.objects.get(), by=make.coordinator(), now=make.now())
    assert kinds() == {"statement-issued": 2, "payout-paid": 2}
    issued, paid = letters("statement-issued")[0], letters("payout-paid")[0]
    assert plain(issued.subject) == f"Votre relevé de la semaine {int(scene.at.week[-2:])} : 3,36 €"
    assert f"/releves/{scene.farm.code}/{statement.number}/" in issued.text
    assert plain(paid.subject) == "3,36 € en route vers Ferme des Ormeaux"
    assert "finissant par 0189" in paid.text
    assert "FR76" not in paid.text


def test_a_refund_waits_and_asks_once_per_interval(scene: SimpleNamespace) -> None:
    start = scene.refund.created_at
    told = []
    for days in range(80):
        for _again in range(2):
            told += [days] * telling_money.remind_due(now=start + days * DAY + timedelta(minutes=1))
    assert told == [day for day in (0, 7, 14, 21, 28, 56) for _member in range(2)]
    scene.refund.refresh_from_db()
    assert scene.refund.choice == "waiting", "nothing is decided for anybody"


def test_after_a_long_silence_one_message_not_many(scene: SimpleNamespace) -> None:
    assert telling_money.remind_due(now=scene.refund.created_at + 40 * DAY) == 2
    assert telling_money.remind_due(now=scene.refund.created_at + 40 * DAY) == 0


def test_a_choice_ends_the_reminders(scene: SimpleNamespace) -> None:
    refunds.choose(refund=scene.refund, choice="credit", by=scene.home.members.first(), now=make.now())
    assert telling_money.remind_due(now=make.now() + 30 * DAY) == 0


def test_it_reads_well_in_the_members_language(scene: SimpleNamespace) -> None:
    telling_money.remind_due(now=make.now())
    by_address = {letter.recipients: letter for letter in letters("refund-waiting")}
    assert len(by_address) == 2
    french, english = (
        next(letter for letter in by_address.values() if letter.subject.startswith(start))
        for start in ("4,20\u00a0€ de manquants", "€4.20 for what was missing")
    )
    assert "/solde/" in french.text
    assert "/solde/" in english.text
    assert english.text.startswith("Hello Nour,")


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\xa0", " ")
