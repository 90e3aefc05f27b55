"""Money for the balance, against the stand-in and as a file for the bank: announced, asked once, counted when it is there,
reversed when it is taken back."""

import hashlib
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test import Client
from lxml import etree

from distribution import erasing, reconcile, tasks
from hub import calendar, ledger
from hub.identifiers import WrongNumber, creditor_id
from hub.models import Household, Hub, Notice, StripeEvent, Transfer
from hub.refusals import AnotherFact
from orders import cards, debits
from orders.models import DebitFile, Mandate, TopUp
from tests import make
from tests.stand_in import StandIn
from tests.stand_in.browsing import browse, save_on

pytestmark = pytest.mark.django_db
D = Decimal
GOOD, EMPTY, CONTESTED = "AT611904300234573201", "AT051904300235473205", "AT591904300235473203"
FRENCH = "FR7630006000011234567890189"
MANDATE = """INSERT INTO orders_mandate (household_id, rail, reference, holder, iban, last4, customer, method, notice_days,
        consent, signed_at, signed_by_id)
    SELECT household_id, rail, 'another', holder, {iban}, last4, customer, method, {days}, consent, signed_at, signed_by_id
    FROM orders_mandate"""
NS = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.008.001.08"}


@pytest.fixture(autouse=True)
def no_memory() -> None:
    cache.delete("stripe:disputes-read")


def signed(home: Household, iban: str = GOOD, days: int = 2) -> Mandate:
    """A mandate signed on the hosted page."""
    page = debits.begin_signing(household=home, success_url="http://localhost/", cancel_url="", now=make.now())
    assert browse(page.url, iban=iban)[0] == 303
    by = home.members.get()
    return debits.finish_signing(household=home, session=page.session, notice_days=days, by=by, now=make.now())


def asked(home: Household, amount: str = "30", means: str = "debit", key: str = "k", parts: int = 1) -> list[TopUp]:
    by = home.members.get()
    return debits.top_up(household=home, amount=D(amount), means=means, key=key, by=by, now=make.now(), parts=parts)


def later(days: int) -> Any:
    return make.now() + timedelta(days=days)


def sent(home: Household, iban: str = GOOD) -> TopUp:
    """Announced and at the bank."""
    signed(home, iban)
    asked(home)
    assert debits.announce_due(now=make.now()) == 1
    assert debits.ask_due(now=later(2)) == 1
    return TopUp.objects.get()


def reread() -> TopUp:
    assert cards.reread(now=later(20))
    return TopUp.objects.get()


def balance(home: Household) -> Decimal:
    return ledger.balance(f"household:{home.code}")


def everything() -> list[Any]:
    models = (Mandate, TopUp, DebitFile, Transfer, Notice)
    return [list(model.objects.order_by("pk").values()) for model in models]


def told(kind: str) -> int:
    return Notice.objects.filter(kind=kind).count()


# By direct debit at Stripe


def test_a_debit_is_announced_asked_and_counted_when_it_is_there(stripe_server: StandIn) -> None:
    home = make.household()
    mandate = signed(home)
    assert (mandate.last4, mandate.iban, mandate.consent) == ("3201", "", debits.consent(2))
    asked(home)
    assert debits.ask_due(now=later(30)) == 0  # nothing is debited unannounced
    for _again in range(2):
        debits.announce_due(now=make.now())
    assert told("debit-announced") == 1
    assert debits.ask_due(now=later(1)) == 0
    for _again in range(2):
        debits.ask_due(now=later(2))
    assert (TopUp.objects.get().state, balance(home)) == ("processing", D(0))
    stripe_server.skip(days=6)
    for _again in range(2):
        assert reread().state == "paid"
    assert (balance(home), ledger.balance("stripe"), ledger.balance("stripe:fees")) == (D(30), D("29.65"), D("0.35"))
    assert [one["amount"] for one in stripe_server.world.all("payment_intent")] == [3000]
    assert reconcile.differences() == []


def test_without_shorter_notice_it_is_announced_fourteen_days_before(stripe_server: StandIn) -> None:
    home = make.household()
    signed(home, days=14)
    row = asked(home)[0]
    assert row.due_on == calendar.local_date(make.now()) + timedelta(days=14)
    late = make.now() + timedelta(days=10)  # the sweep was away: it comes later rather than unannounced
    debits.announce_due(now=late)
    row.refresh_from_db()
    assert row.due_on == calendar.local_date(late) + timedelta(days=14)


def test_a_bank_that_says_no_leaves_the_balance_as_it_was(stripe_server: StandIn) -> None:
    home = make.household()
    sent(home, EMPTY)
    stripe_server.skip(days=6)
    for _again in range(2):
        row = reread()
    assert (row.state, row.failure, balance(home), told("debit-failed")) == ("failed", "insufficient_funds", D(0), 1)
    assert debits.ask_due(now=later(40)) == 0


def test_what_the_bank_takes_back_weeks_later_is_reversed_once_and_told(stripe_server: StandIn) -> None:
    make.coordinator()
    home = make.household()
    row = sent(home, CONTESTED)
    stripe_server.skip(days=6)
    cards.reread(now=later(20))
    number = stripe_server.world.all("dispute")[0]["id"]
    for copy in range(5):
        StripeEvent.objects.create(
            stripe_id=f"e{copy}", kind="charge.dispute.created", subject=number, received_at=make.now()
        )
        cards.apply_events(now=make.now())
    row.refresh_from_db()
    assert (row.state, balance(home), told("debit-returned"), told("dispute-opened")) == ("returned", D(0), 1, 1)
    assert ledger.balance("disputes") == 0
    net = sum(one["net"] for one in stripe_server.world.all("balance_transaction"))
    assert ledger.balance("stripe") == D(net) / 100
    assert reconcile.differences() == []


def test_events_alone_bring_it_home(stripe_server: StandIn) -> None:
    home = make.household()
    row = sent(home)
    stripe_server.skip(days=6)
    StripeEvent.objects.create(
        stripe_id="e1", kind="payment_intent.succeeded", subject=row.stripe_id, received_at=make.now()
    )
    assert cards.apply_events(now=make.now()) == 1
    assert balance(home) == D(30)


@pytest.mark.parametrize("number", [6, pytest.param(100, marks=pytest.mark.full)])
def test_answers_lost_after_the_change_end_in_one_debit_each(stripe_server: StandIn, number: int) -> None:
    homes = [make.household() for _nth in range(number)]
    for home in homes:
        signed(home)
        asked(home)
    debits.announce_due(now=make.now())
    stripe_server.faults.cut["payment_intents$"] = number
    for _minute in range(2 * number + 1):
        debits.ask_due(now=later(2))
    assert len(stripe_server.world.all("payment_intent")) == number
    stripe_server.skip(days=6)
    cards.reread(now=later(20))
    assert [balance(home) for home in homes] == [D(30)] * number
    assert Transfer.objects.filter(reference__startswith="topup:").count() == 2 * number
    net = sum(one["net"] for one in stripe_server.world.all("balance_transaction"))
    assert ledger.balance("stripe") == D(net) / 100


def test_the_sweep_of_the_minute_announces_and_asks(stripe_server: StandIn) -> None:
    home = make.household()
    signed(home)
    asked(home)
    tasks.cards()
    assert told("debit-announced") == 1
    TopUp.objects.update(due_on=calendar.local_date(make.now()), announced_at=later(-2))
    tasks.cards()
    assert TopUp.objects.get().state == "processing"


# By card


def test_a_card_pays_on_the_page_and_counts_once(stripe_server: StandIn) -> None:
    home = make.household()
    row = asked(home, "50", "card")[0]
    stripe_server.faults.cut["sessions$"] = 1
    with pytest.raises(Exception, match="APIConnectionError"):
        debits.pay_by_card(top_up=row, success_url="http://localhost/", cancel_url="", now=make.now())
    urls = {
        debits.pay_by_card(top_up=row, success_url="http://localhost/", cancel_url="", now=make.now())
        for _twice in "ab"
    }
    assert len(urls) == len(stripe_server.world.all("checkout.session")) == 1
    assert balance(home) == 0
    save_on(urls.pop())
    for _again in range(2):
        debits.read_page_again(top_up=TopUp.objects.get(), now=make.now())
    assert (TopUp.objects.get().state, balance(home)) == ("paid", D(50))
    assert ledger.balance("stripe") == D("49.00")
    assert reconcile.differences() == []


def test_a_page_nobody_pays_on_is_given_up(stripe_server: StandIn) -> None:
    row = asked(make.household(), "50", "card")[0]
    debits.pay_by_card(top_up=row, success_url="http://localhost/", cancel_url="", now=make.now())
    stripe_server.world.all("checkout.session")[0].update(status="expired", url=None)
    assert reread().state == "cancelled"


# Instalments and refusals


def test_instalments_add_up_to_the_cent_and_are_asked_for_once(stripe_server: StandIn) -> None:
    home = make.household()
    signed(home)
    first = asked(home, "100.00", parts=3)
    assert [row.pk for row in asked(home, "100.00", parts=3)] == [row.pk for row in first]
    for changed in ({"amount": "90.00", "parts": 3}, {"amount": "100.00", "parts": 2}):
        with pytest.raises(AnotherFact):
            asked(home, **changed)  # type: ignore[arg-type]
    rows = TopUp.objects.order_by("number")
    assert [row.amount.amount for row in rows] == [D("33.34"), D("33.33"), D("33.33")]
    days = [row.due_on for row in rows]
    assert days[0] == calendar.local_date(make.now()) + timedelta(days=2)
    assert [(day.year * 12 + day.month) - (days[0].year * 12 + days[0].month) for day in days] == [0, 1, 2]
    assert debits.announce_due(now=make.now()) == 1


@pytest.mark.parametrize(
    ("amount", "means", "parts"),
    [
        ("9.99", "debit", 1), ("500.01", "debit", 1), ("29.99", "debit", 3), ("NaN", "debit", 1), ("10.001", "debit", 1),
        ("50", "debit", 13), ("50", "debit", 0), ("50", "card", 2), ("50", "cheque", 1),
    ],
)  # fmt: skip
def test_what_is_not_offered_is_refused_and_changes_nothing(
    stripe_server: StandIn, amount: str, means: str, parts: int
) -> None:
    home = make.household()
    signed(home)
    before = everything()
    with pytest.raises(debits.BadTopUp):
        asked(home, amount, means, parts=parts)
    assert everything() == before


def test_without_a_mandate_nothing_is_debited(stripe_server: StandIn) -> None:
    with pytest.raises(debits.BadTopUp):
        asked(make.household())
    assert TopUp.objects.count() == 0


def test_a_mandate_taken_back_gives_up_what_was_to_come(stripe_server: StandIn) -> None:
    home = make.household()
    mandate = signed(home)
    asked(home)
    debits.announce_due(now=make.now())
    for _twice in range(2):
        debits.revoke(mandate=mandate, by=home.members.get(), now=make.now())
    assert TopUp.objects.get().state == "cancelled"
    assert debits.ask_due(now=later(3)) == 0


def test_another_households_page_signs_nothing(stripe_server: StandIn) -> None:
    page = debits.begin_signing(household=make.household(), success_url="http://x/", cancel_url="", now=make.now())
    browse(page.url, iban=GOOD)
    home = make.household()
    with pytest.raises(debits.NoMandate):
        debits.finish_signing(
            household=home, session=page.session, notice_days=2, by=home.members.get(), now=make.now()
        )
    assert Mandate.objects.count() == 0


# Through the bank


@pytest.fixture
def bank() -> Hub:
    hub = Hub.get()
    hub.name, hub.legal_name, hub.iban = "La Musette", "Coopérative La Musette", "FR1420041010050500013M02606"
    hub.creditor_id = "FR72ZZZ123456"
    hub.save()
    return hub


def at_bank(home: Household) -> Mandate:
    return debits.sign_at_bank(
        household=home, iban=FRENCH, holder="Élodie Morel", notice_days=2, by=home.members.get(), now=make.now()
    )


def written(home: Household, key: str = "k", days: int = 0) -> DebitFile:
    asked(home, key=key)
    debits.announce_due(now=later(days))
    return debits.write_file(by=make.coordinator(), now=later(days))


def said(file: DebitFile, path: str) -> list[str]:
    return [str(found.text) for found in etree.fromstring(bytes(file.content)).iterfind(f".//p:{path}", NS)]


def test_the_file_is_valid_says_what_was_signed_and_is_written_once(bank: Hub) -> None:
    home = make.household()
    mandate = at_bank(home)
    file = written(home)
    row = TopUp.objects.get()
    assert file.sha256 == hashlib.sha256(bytes(file.content)).hexdigest()
    assert (said(file, "SeqTp"), said(file, "MndtId"), said(file, "EndToEndId")) == (
        ["FRST"],
        [mandate.reference],
        [row.code],
    )
    assert said(file, "DbtrAcct/p:Id/p:IBAN") == [FRENCH]
    assert said(file, "CdtrSchmeId/p:Id/p:PrvtId/p:Othr/p:Id") == ["FR72ZZZ123456"]
    assert (said(file, "InstdAmt"), said(file, "ReqdColltnDt")) == (["30.00"], [row.due_on.isoformat()])
    assert (row.state, row.file) == ("processing", file)
    before = everything()
    with pytest.raises(debits.NothingToWrite):
        debits.write_file(by=make.coordinator(), now=make.now())
    assert everything() == before


def test_the_second_debit_of_a_mandate_recurs(bank: Hub) -> None:
    home = make.household()
    at_bank(home)
    debits.mark(top_up=_only(written(home)), result="paid", by=make.coordinator(), now=make.now())
    assert said(written(home, key="k2", days=1), "SeqTp") == ["RCUR"]


def _only(file: DebitFile) -> TopUp:
    return TopUp.objects.get(file=file)


def test_the_results_are_posted_once_and_a_return_reverses(bank: Hub) -> None:
    home, by = make.household(), make.coordinator()
    at_bank(home)
    row = _only(written(home))
    with pytest.raises(debits.NothingToWrite):
        debits.mark(top_up=row, result="lost", by=by, now=make.now())
    for _twice in range(2):
        debits.mark(top_up=row, result="paid", by=by, now=make.now())
    assert (balance(home), ledger.balance("bank")) == (D(30), D(30))
    with pytest.raises(debits.NothingToWrite):
        debits.mark(top_up=row, result="failed", by=by, now=make.now())
    for _twice in range(2):
        debits.mark(top_up=row, result="returned", by=by, now=make.now())
    assert (balance(home), ledger.balance("bank"), told("debit-returned")) == (D(0), D(0), 1)
    assert reconcile.differences() == []


@pytest.mark.parametrize("iban", ["FR7630006000011234567890188", "", "FR76"])
def test_a_wrong_account_signs_nothing(bank: Hub, iban: str) -> None:
    home = make.household()
    with pytest.raises((WrongNumber, debits.NoMandate)):
        debits.sign_at_bank(
            household=home, iban=iban, holder="Élodie", notice_days=2, by=home.members.get(), now=make.now()
        )
    assert Mandate.objects.count() == 0


def test_a_creditor_identifier_is_checked_by_its_digits() -> None:
    assert creditor_id("de98 zzz 09999999999") == "DE98ZZZ09999999999"
    assert creditor_id("") == ""
    for wrong in ("DE97ZZZ09999999999", "FR", "12ZZZ34", "DE98ZZZ0999999999é"):
        with pytest.raises(WrongNumber):
            creditor_id(wrong)


# What the database keeps


def test_the_database_keeps_debits_as_they_were(bank: Hub) -> None:
    home = make.household()
    at_bank(home)
    row = _only(written(home))
    debits.mark(top_up=row, result="paid", by=make.coordinator(), now=make.now())
    attacks = (
        ("UPDATE orders_topup SET amount = amount + 1", "append-only"),
        ("UPDATE orders_topup SET state = 'due', paid_at = NULL", "append-only"),
        ("DELETE FROM orders_topup", "append-only"),
        ("UPDATE orders_debitfile SET sha256 = ''", "append-only"),
        ("DELETE FROM orders_debitfile", "append-only"),
        ("UPDATE orders_mandate SET notice_days = notice_days + 1", "append-only"),
        ("UPDATE orders_mandate SET iban = ''", "append-only"),
        ("DELETE FROM orders_mandate", "append-only"),
        (MANDATE.format(iban="iban", days=1), "orders_mandate_notice"),
        (MANDATE.format(iban="''", days=2), "orders_mandate_rail_has_account"),
    )
    for attack, refusal in attacks:
        with pytest.raises(IntegrityError, match=refusal), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(attack)
    other = make.household()
    at_bank(other)
    asked(other)
    with pytest.raises(IntegrityError, match="orders_topup_announced_first"), transaction.atomic():
        TopUp.objects.filter(household=other).update(state="processing")


@pytest.mark.parametrize(
    "forgery",
    ["UPDATE orders_topup SET state = 'due', paid_at = NULL", "DELETE FROM hub_transfer WHERE reference LIKE 'topup:%'",
     "UPDATE orders_topup SET \"of\" = 2"],
)  # fmt: skip
def test_reconciliation_sees_a_forged_top_up(bank: Hub, forgery: str) -> None:
    home = make.household()
    at_bank(home)
    debits.mark(top_up=_only(written(home)), result="paid", by=make.coordinator(), now=make.now())
    assert reconcile.differences() == []
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(forgery)
        cursor.execute("SET LOCAL session_replication_role = origin")
    assert {one.invariant for one in reconcile.differences()} == {7}


def test_an_erased_household_leaves_no_account_number(bank: Hub) -> None:
    home = make.household()
    at_bank(home)
    asked(home)
    erasing.erase(household=home, by=None, now=make.now())
    mandate = Mandate.objects.get()
    assert (mandate.iban, mandate.holder, mandate.last4, TopUp.objects.get().state) == ("", "", "", "cancelled")


# Pages


def test_a_household_allows_debits_adds_and_gives_up(stripe_server: StandIn, client: Client) -> None:
    home = make.household()
    client.force_login(home.members.get())
    url = "/solde/approvisionner/"
    assert "par carte" in client.get(url).content.decode()
    page = client.post(f"{url}autorisation/", {"mandate-notice_days": "2"}).headers["Location"]
    _status, back, _html = browse(page, iban=GOOD)
    assert client.get(back.removeprefix("http://localhost:8000")).headers["Location"] == url
    assert (Mandate.objects.get().notice_days, Mandate.objects.get().household) == (2, home)
    key = "top-up:un-formulaire"
    refused = client.post(url, {"amount": "5", "means": "debit", "parts": "1", "key": key})
    assert (refused.status_code, TopUp.objects.count()) == (422, 0)
    for _twice in range(2):
        assert client.post(url, {"amount": "60", "means": "debit", "parts": "2", "key": key}).status_code == 302
    assert TopUp.objects.count() == 2
    changed = client.post(url, {"amount": "80", "means": "debit", "parts": "1", "key": key})
    assert (changed.status_code, TopUp.objects.count()) == (409, 2)
    assert f'value="{key}"' not in changed.content.decode(), "sent again, it is another sum"
    assert client.get(url).content.decode().count("30,00") >= 2
    code = TopUp.objects.order_by("number")[0].code
    client.post(f"{url}{code}/annulation/")
    assert TopUp.objects.get(code=code).state == "cancelled"
    card = client.post(url, {"amount": "20", "means": "card", "key": "top-up:autre"}).headers["Location"]
    _status, back = save_on(card)
    client.get(back.removeprefix("http://localhost:8000"))
    assert balance(home) == D(20)
    other = make.household()
    client.force_login(other.members.get())
    assert client.post(f"{url}{code}/annulation/").status_code == 404


def test_while_stripe_is_away_nothing_is_lost(stripe_server: StandIn, client: Client) -> None:
    client.force_login(make.household().members.get())
    stripe_server.faults.away = True
    answer = client.post("/solde/approvisionner/", {"amount": "20", "means": "card", "key": "top-up:k"}, follow=True)
    assert "ne répond pas" in answer.content.decode()
    answer = client.post("/solde/approvisionner/autorisation/", {"mandate-notice_days": "14"}, follow=True)
    assert "ne répond pas" in answer.content.decode()


def test_the_coordinator_writes_downloads_and_answers(bank: Hub, client: Client) -> None:
    home = make.household("Morel")
    client.force_login(home.members.get())
    url = "/solde/approvisionner/"
    wrong = {"mandate-notice_days": "2", "mandate-holder": "Élodie", "mandate-iban": "FR7630006000011234567890188"}
    assert (client.post(f"{url}autorisation/", wrong).status_code, Mandate.objects.count()) == (422, 0)
    client.post(f"{url}autorisation/", wrong | {"mandate-iban": FRENCH})
    client.post(url, {"amount": "30", "means": "debit", "parts": "1", "key": "top-up:k"})
    debits.announce_due(now=make.now())
    client.force_login(make.coordinator())
    assert "Morel" in client.get("/prelevements/").content.decode()
    make.prove(client, client.post("/prelevements/fichier/").headers["Location"])
    assert client.post("/prelevements/fichier/").headers["Location"] == "/prelevements/"
    file = DebitFile.objects.get()
    assert client.get(f"/prelevements/fichiers/{file.code}/").content == bytes(file.content)
    row = TopUp.objects.get()
    client.post(f"/prelevements/{row.code}/resultat/", {"result": "paid"})
    assert balance(home) == D(30)


def test_the_coordination_sees_how_far_each_debit_of_stripes_is(stripe_server: StandIn, client: Client) -> None:
    row = sent(make.household("Foyer Prélevé"), GOOD)
    debits.top_up(
        household=row.household, amount=D(60), means="debit", key="more", by=row.household.members.get(), now=make.now(), parts=2
    )  # fmt: skip
    client.force_login(make.coordinator())
    listed = client.get("/prelevements/").context["by_stripe"]
    assert [(one.state, one.amount.amount) for one in listed] == [("due", D(30)), ("due", D(30)), ("processing", D(30))]
    one, _other = listed[:2]
    debits.cancel(top_up=one, by=row.household.members.get(), now=make.now())
    assert one not in client.get("/prelevements/").context["by_stripe"]
