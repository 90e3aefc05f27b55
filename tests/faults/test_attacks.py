"""SQL attacks on ledger, orders, sheets and statements: the database refuses them, whoever holds the connection."""

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.db import connections, transaction

from distribution import (
    closing,
    containers,
    fee_invoices,
    paying_back,
    payouts,
    point_statements,
    receipts,
    settlement,
    statements,
)
from distribution.bank import importing
from distribution.boxes import counting, depositing
from distribution.models import Closing, InvoiceFile, KeptPaper, Payout, Receipt, StripeCheck, StripeFinding
from hub import closings, ledger
from hub.models import Hub, Member, PointAccount, StripeMovement
from orders import payments
from orders.models import OrderLine, Payment
from producers import mandates
from tests import make
from tests.distribution import invoices
from tests.distribution.farms import IBANS, farm_of
from tests.faults import attacks_on_cards, life
from tests.faults.attacks import ATTACKS, POST
from tests.faults.databases import application_role, contents, in_a_clone, words_of_connection


@pytest.fixture(scope="module")
def words(tests_database: None, django_db_blocker: Any) -> Iterator[dict[str, dict[str, Any]]]:
    """How each role reaches a database with a settled sale, a counted one and one that is planned."""
    with django_db_blocker.unblock(), in_a_clone("attacked") as database:
        _a_closed_day()
        _a_difference()
        life.prepare()
        make.collection(status="planned")
        closing.close_due(now=make.now())
        settlement.settle_due(now=make.now())
        statements.issue_due(now=make.now())
        (part,) = point_statements.issue_due(now=make.now())
        PointAccount.objects.create(point=part.point, holder="Amis", iban=IBANS[2])
        coordinator = make.coordinator()
        due = Payout.objects.get(producer__iban__gt="")
        Hub.objects.update(iban=farm_of(due).iban)
        number = due.number
        run = payouts.start(rail="file", numbers=[number], by=coordinator, now=make.now())
        payouts.withdraw(run=run, by=coordinator, now=make.now())
        statements.pay(payout=due, by=coordinator, now=make.now())
        _invoice()
        _read_the_bank(coordinator)
        _count_the_box(coordinator)
        _return_a_jar(coordinator)
        _pay_credit_back(coordinator)
        _carry_the_box(coordinator)
        attacks_on_cards.rows(by=coordinator, now=make.now())
        _a_half_made_close()
        _a_paper()
        connections.close_all()
        with application_role(database) as application:
            yield {"application": application, "owner": words_of_connection(database)}


def _invoice() -> None:
    """Fee invoices, one with its file; a mandate that was withdrawn and one that holds."""
    invoices.cooperative()
    first, *_others = fee_invoices.issue_due(now=make.now())
    InvoiceFile.objects.create(invoice=first, xml="<a/>", sha256="f" * 64, size=4, made_at=make.now())
    farm = invoices.mandated()
    mandates.withdraw(producer=farm, by=make.farmer(farm), now=make.now())
    mandates.give(producer=farm, by=make.farmer(farm), now=make.now())


def _return_a_jar(treasurer: Member) -> None:
    """A jar of somebody's came back at a hand-over that is over."""
    jar = OrderLine.objects.filter(deposit__gt=0).select_related("order__household", "producer", "collection").first()
    assert jar is not None
    with transaction.atomic():
        containers.take_back(
            household=jar.order.household, collection=jar.collection, producer=jar.producer.code,
            deposit=jar.deposit.amount, count=1, elsewhere=True, key="jar", by=treasurer, now=make.now(),
        )  # fmt: skip


def _pay_credit_back(treasurer: Member) -> None:
    """A household had credit and has a part of it back."""
    home, now = make.household(), make.now()
    payments.receive(household=home, amount=Decimal(9), means="transfer", key="credit", received_by=treasurer, now=now)
    paying_back.pay_back(household=home, amount=Decimal(4), key="credit", by=treasurer, now=now)


def _carry_the_box(treasurer: Member) -> None:
    """Cash that was carried to the bank, with three euros that were counted and were not there: the box is below zero."""
    at, home, now = make.point(), make.household(), make.now()
    payments.receive(
        household=home, amount=Decimal(6), means="cash", key="carried", received_by=treasurer, now=now, point=at
    )
    counted = counting.count(
        point=at, means="cash", counted=Decimal(9), seen=Decimal(6), key="box:4", by=treasurer, now=now, note="?"
    )
    depositing.deposit(point=at, means="cash", amount=Decimal(9), key="box:5", by=treasurer, now=now)
    counting.undo(count=counted, by=treasurer, now=now)


def _count_the_box(treasurer: Member) -> None:
    """A count with a difference, and a slip with a cheque that bounced."""
    at, home = make.point(), make.household()
    payments.receive(
        household=home, amount=Decimal(40), means="cheque", key="q1", received_by=treasurer, now=make.now()
    )
    counting.count(
        point=at, means="cash", counted=Decimal(3), seen=Decimal(0), key="box:1", by=treasurer, now=make.now(), note="?"
    )
    depositing.hand_in(cheques=["q1"], key="box:2", by=treasurer, now=make.now())
    depositing.bounce(payment=Payment.objects.get(key="q1"), key="box:3", by=treasurer, now=make.now())


def _read_the_bank(treasurer: Member) -> None:
    """A statement whose lines tell of the payment `before` and of a household that had announced nothing."""
    Hub.objects.update_or_create(pk=1, defaults={"iban": "FR1420041010050500013M02606"})
    payer, other = Payment.objects.get(key="before").household, make.household()
    today = f"{make.today():%d/%m/%Y}"
    lines = (
        f"Solde initial;;0,00\n{today};VIR {payer.code};100,00\n{today};VIR {other.code};30,00\nNouveau solde;;130,00\n"
    )
    content = f"Date;Libellé;Montant\n{lines}".encode()
    file = importing.preview(content=content, file_name="releve.csv", by=treasurer, now=make.now())
    importing.confirm(file=file, by=treasurer, now=make.now())


def _a_paper() -> None:
    """A receipt that somebody has had as PDF."""
    receipts.issue_due(now=make.now())
    receipt = Receipt.objects.order_by("pk")[0]
    KeptPaper.objects.create(receipt=receipt, language="fr", sha256="e" * 64, size=4, made_at=make.now())


def _a_half_made_close() -> None:
    """A worker died after the count."""
    at = make.counted(make.collection())
    Closing.objects.create(collection=at, counted_at=make.now())


def _a_closed_day() -> None:
    before = make.now() - timedelta(days=3)
    ledger.post([ledger.Entry("of yesterday", "bank", "hub:income", Decimal(5), "Part")], now=before)
    assert closings.close_due(now=before + timedelta(days=2)) >= 1


def _a_difference() -> None:
    told = StripeMovement.objects.create(stripe_id="txn_1", kind="charge", subject="pi_1", amount=5, at=make.now())
    check = StripeCheck.objects.create(day=make.today(), at=make.now(), movements=1, ledger=0, summed=5, balance=5)
    StripeFinding.objects.create(
        key="missing:pi_1", what="missing", subject=told.subject, found="", expected="5.00", first=check, last=check
    )


@pytest.mark.parametrize("role", ["application", "owner"])
def test_every_attack_is_refused_and_changes_nothing(words: dict[str, dict[str, Any]], role: str) -> None:
    before = contents(words["owner"]["dbname"])
    done = [name for name, attack in ATTACKS.items() if _succeeds(words[role], attack)]
    assert done == []
    assert contents(words["owner"]["dbname"]) == before


def test_without_the_triggers_the_same_attacks_work(words: dict[str, dict[str, Any]]) -> None:
    """Negative control: what is refused above is refused by the triggers, but for what constraints refuse by themselves."""
    refused = [name for name, attack in ATTACKS.items() if not _succeeds(words["owner"], attack, "replica")]
    assert refused == [
        "post a fact twice",
        "move nothing",
        "move less than nothing",
        "give an order to another",
        "a second version 1",
        "state a point's part twice",
        "pay a point a second time",
        "state a sale twice",
        "pay a farm again",
        "a second payout",
        "pay without a run",
        "move a payout back",
        "the same number again",
        "write a line of the bank twice",
        "give a bank line to another",
        "use a bank line twice",
        "hand a cheque in twice",
        "hold what was released",
        "a mandate that was not taken back",
        "a line in a settled order",
        "a change that changes nothing, too late",
    ]


def _succeeds(role: dict[str, Any], attack: str, mode: str = "origin") -> bool:
    """Whether it changed anything. An attack that is not even SQL, or finds no row to attack, is a fault of the test."""
    with psycopg.connect(**role) as session:
        if mode != "origin":
            session.execute(f"SET session_replication_role = {mode}".encode())
        try:
            if session.execute(attack.encode()).rowcount == 0:
                raise AssertionError(f"nothing to attack: {attack}")
            session.execute("SET CONSTRAINTS ALL IMMEDIATE")
        except (psycopg.errors.IntegrityError, psycopg.errors.InsufficientPrivilege):
            session.rollback()
            return False
        session.rollback()
        return True


def test_the_day_a_movement_was_recorded_is_the_databases(words: dict[str, dict[str, Any]]) -> None:
    """A posting cannot be slipped into last month."""
    with psycopg.connect(**words["application"]) as session:
        row = session.execute(
            f"""{POST} SELECT 'slipped in', debit_id, credit_id, 1, currency, '', now(), '2020-01-01', NULL
                FROM hub_transfer WHERE reference = 'payment:before' RETURNING recorded_at > now() - interval '1 minute'"""
        ).fetchone()
        session.rollback()
    assert row == (True,)


# No guard without an attack, no amount without a guard

EVENTS = {"INSERT": 4, "DELETE": 8, "UPDATE": 16, "TRUNCATE": 32}
GUARDS = """SELECT t.tgrelid::regclass::text, t.tgname, t.tgtype FROM pg_trigger t
    WHERE NOT t.tgisinternal AND t.tgname NOT LIKE '%_no_truncate' ORDER BY 1, 2"""
ATTACKED = re.compile(r"(?:UPDATE|INTO|DELETE FROM|TRUNCATE)\s+(\w+)")
NO_GUARDS = {
    "distribution_linechange_moves",
    "distribution_shortage_weighs_anew",
    "distribution_shortage_changed_weighs_anew",
    "orders_orderline_weighs_anew",
}
"""What a trigger does instead of refusing: an amended line's due quantity follows its changes, and a weight is forgotten
when other packs are left than were weighed."""

OPEN = {
    "distribution_minimumdecision": "what a farm had sold when it was asked; its answer is an activity",
    "hub_collectionpoint": "a ceiling for orders to come",
    "hub_vatrate": "a rate; a line keeps its own",
    "orders_order": "its lines, which are guarded, hold it",
    "producers_offer": "a price; a line keeps its own",
    "producers_packaging": "a price; a line keeps its own",
    "producers_producer": "a rate for its fees; an invoice keeps its own",
    "producers_product": "a rate; a line keeps its own",
    "producers_supply": "a minimum for sales to come",
}


def guards(words: dict[str, Any]) -> list[tuple[str, str, int]]:
    with psycopg.connect(**words) as session:
        return [(table, name, kind) for table, name, kind in session.execute(GUARDS)]


def test_every_guard_is_what_stops_an_attack(words: dict[str, dict[str, Any]]) -> None:
    """With one trigger off and all others on, an attack on its table gets past the guards (a constraint may still stop it):
    none is there for show, none is untried."""
    idle = [
        name
        for table, name, _kind in guards(words["owner"])
        if name not in NO_GUARDS and not _works_without(words["owner"], table, name)
    ]
    assert idle == []


def _works_without(owner: dict[str, Any], table: str, name: str) -> bool:
    off = f"ALTER TABLE {table} DISABLE TRIGGER {name}"
    mine = [attack for attack in ATTACKS.values() if ATTACKED.findall(attack)[0] == table]
    return any(_is_guarded(owner, attack) and not _is_guarded(owner, attack, off) for attack in mine)


def _is_guarded(owner: dict[str, Any], attack: str, first: str = "SELECT 1") -> bool:
    """Whether a trigger of ours refuses it."""
    with psycopg.connect(**owner) as session:
        session.execute(first.encode())
        try:
            session.execute(attack.encode())
        except psycopg.errors.RestrictViolation:
            return True
        except psycopg.errors.IntegrityError:
            return False
        finally:
            session.rollback()
    return False


def test_what_is_guarded_is_neither_deleted_nor_emptied(words: dict[str, dict[str, Any]]) -> None:
    """Each table a trigger guards, by two more attacks each, written by nobody."""
    found = guards(words["owner"])
    done = [
        attack
        for table in sorted({table for table, name, _kind in found if name not in NO_GUARDS})
        for attack in (f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE")
        if _succeeds(words["application"], attack)
    ]
    assert done == []


def test_every_amount_is_guarded(words: dict[str, dict[str, Any]]) -> None:
    """A table with an amount of money in it refuses changes and deletion by a trigger, or is named here with the reason."""
    kinds: dict[str, int] = {}
    for table, _name, kind in guards(words["owner"]):
        kinds[table] = kinds.get(table, 0) | kind
    with psycopg.connect(**words["owner"]) as session:
        amounts = session.execute(
            """SELECT DISTINCT table_name FROM information_schema.columns
               WHERE table_schema = 'public' AND data_type = 'numeric' AND numeric_scale = 2 ORDER BY 1"""
        )
        wanted = EVENTS["UPDATE"] | EVENTS["DELETE"]
        assert [row[0] for row in amounts if kinds.get(row[0], 0) & wanted != wanted] == sorted(OPEN)
