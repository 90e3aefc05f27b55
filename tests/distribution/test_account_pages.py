"""A household's balance, its refunds and receipts on screen, and who sees them."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from distribution import accounts, receipts, refunds, settlement
from distribution.models import Refund
from hub import ledger
from hub.models import Hub
from orders import payments
from tests import make
from tests.distribution.day import a_day, order

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def scene() -> SimpleNamespace:
    """Fifty euros on the account; an order of 8.40 of which one loaf is missing, settled; one that is on its way."""
    make.fees()
    at = make.collection(make.point(payment_methods=["account"]))
    farm = make.producer(at.point)
    bread = make.packaging(farm, "4.20")
    home = make.household("Le Bihan")
    treasurer = make.coordinator()
    payments.receive(
        household=home, amount=D(50), means="transfer", key="v1", received_by=treasurer, now=make.now(), note="CMB"
    )
    day = a_day({bread: 2}, farms=[farm], at=at, home=home)
    day.arrive()
    day.act("short", day.orders[0], bread, quantity=1, reason="broken")
    day.confirm()
    settlement.settle(collection=at, now=make.now())
    receipts.issue(collection=at, now=make.now())
    open_sale = make.collection(make.point(payment_methods=["account"]))
    make.supply(farm, open_sale.point)
    jam = make.packaging(farm, "6.00")
    make.offer(jam, open_sale)
    coming = order({jam: 2}, open_sale, home=home)
    return SimpleNamespace(
        day=day, home=home, person=home.members.get(), refund=Refund.objects.get(), treasurer=treasurer,
        coming=coming, at=at,
    )  # fmt: skip


def test_every_movement_in_plain_words_with_its_balance(scene: SimpleNamespace) -> None:
    with translation.override("fr"):
        account = accounts.read(scene.home)
    code = scene.day.orders[0].code
    assert [(one.words, str(one.amount.amount), str(one.balance.amount)) for one in account.movements] == [
        (f"Commande {code}", "-4.20", "45.80"),
        ("Virement reçu", "50.00", "50.00"),
    ]
    assert (account.balance.amount, account.engaged.amount, account.left.amount) == (D("45.80"), D("12.00"), D("33.80"))
    assert [one.code for one in account.orders] == [scene.coming.code]
    assert account.owed is None


def test_the_page_tells_what_is_held_how_to_pay_and_what_waits(scene: SimpleNamespace, client: Client) -> None:
    Hub.objects.update_or_create(pk=1, defaults={"iban": "FR1420041010050500013M02606"})
    client.force_login(scene.person)
    page = client.get("/solde/").content.decode().replace("\u202f", " ").replace("\xa0", " ")
    for words in ("45,80 €", "33,80 €", "4,20 € de manquants", "FR14 2004 1010 0505 0001 3M02 606", scene.home.code):
        assert words in page
    assert "choice" in page
    assert f'href="/centimes/{scene.day.orders[0].code}/"' in page


def test_a_code_for_the_banks_app_asks_for_what_is_owed(scene: SimpleNamespace, client: Client) -> None:
    client.force_login(scene.person)
    assert "giro_code" not in client.get("/solde/").context, "the cooperative has given no account"
    Hub.objects.update_or_create(
        pk=1, defaults={"iban": "FR1420041010050500013M02606", "legal_name": "SCIC La Musette"}
    )
    page = client.get("/solde/")
    transfer = ["BCD", "002", "1", "SCT", "", "SCIC La Musette", "FR1420041010050500013M02606"]
    assert page.context["giro_code"].split("\n") == [*transfer, "", "", "", scene.home.code]
    assert "Code pour l’appli de ma banque" in page.content.decode()
    purse = ledger.household_account(scene.home)
    ledger.post([ledger.Entry("settle:9:order:XYZ", purse, "clearing:c9", D("50.80"), "x")], now=make.now())
    assert client.get("/solde/").context["giro_code"].split("\n")[7] == "EUR5.00"


def test_somebody_who_owes_reads_what(client: Client) -> None:
    home = make.household()
    ledger.post(
        [ledger.Entry("settle:1:order:ABC234", ledger.household_account(home), "clearing:c", D("5.20"), "x")],
        now=make.now(),
    )
    client.force_login(home.members.get())
    page = client.get("/solde/").content.decode()
    assert "À régler" in page
    assert "5,20" in page


def test_credit_or_refund_is_the_households_choice(scene: SimpleNamespace, client: Client) -> None:
    client.force_login(scene.person)
    address = f"/solde/remboursements/{scene.at.code}/"
    assert client.post(address, {"choice": "waiting"}).status_code == 422
    assert client.post(address, {}).status_code == 422
    scene.refund.refresh_from_db()
    assert (scene.refund.choice, scene.refund.chosen_at) == ("waiting", None)
    mistyped = client.post(address, {"choice": "refund", "send_to": "FR76 3000 6000 0112 3456 7890 188"})
    assert mistyped.status_code == 422
    assert 'value="FR76 3000 6000 0112 3456 7890 188"' in mistyped.content.decode(), (
        "what was typed is there to be mended"
    )
    scene.refund.refresh_from_db()
    assert (scene.refund.choice, scene.refund.send_to) == ("waiting", "")
    assert (
        client.post(address, {"choice": "refund", "send_to": " FR76 3000 6000 0112 3456 7890 189 "}).status_code == 302
    )
    scene.refund.refresh_from_db()
    assert (scene.refund.choice, scene.refund.send_to) == ("refund", "FR7630006000011234567890189")
    assert client.post(address, {"choice": "credit"}).status_code == 302
    scene.refund.refresh_from_db()
    assert (scene.refund.choice, scene.refund.send_to) == ("credit", "")
    assert ledger.balance(f"household:{scene.home.code}") == D("45.80")


def test_what_was_spent_cannot_be_sent_back_as_well(scene: SimpleNamespace, client: Client) -> None:
    refunds.choose(refund=scene.refund, choice="refund", by=scene.person, now=make.now())
    purse = ledger.household_account(scene.home)
    ledger.post([ledger.Entry("settle:9:order:XYZ", purse, "clearing:c9", D("44.00"), "x")], now=make.now())
    with pytest.raises(refunds.AlreadySpent):
        refunds.pay(refund=scene.refund, by=scene.treasurer, now=make.now())
    refunds.choose(refund=scene.refund, choice="credit", by=scene.person, now=make.now())
    client.force_login(scene.person)
    assert client.post(f"/solde/remboursements/{scene.at.code}/", {"choice": "refund"}).status_code == 409
    scene.refund.refresh_from_db()
    assert (scene.refund.choice, scene.refund.paid_at, ledger.balance("bank")) == ("credit", None, D(50))


def test_a_stranger_finds_nothing(scene: SimpleNamespace, client: Client) -> None:
    client.force_login(make.household().members.get())
    code = scene.day.orders[0].code
    assert client.post(f"/solde/remboursements/{scene.at.code}/", {"choice": "refund"}).status_code == 404
    assert client.get(f"/documents/recus/{code}/").status_code == 404
    client.force_login(make.member())
    assert client.get("/solde/").status_code == 404
    scene.refund.refresh_from_db()
    assert scene.refund.choice == "waiting"


def test_the_receipt_is_downloaded_in_the_readers_language(scene: SimpleNamespace, client: Client) -> None:
    code = scene.day.orders[0].code
    client.force_login(scene.person)
    assert f"/documents/recus/{code}/" in client.get(f"/ma-commande/{scene.at.code}/").content.decode()
    french = client.get(f"/documents/recus/{code}/")
    assert french.content.startswith(b"%PDF")
    assert f"recu-{code}.pdf" in french.headers["Content-Disposition"]
    scene.person.language = "en"
    scene.person.save()
    english = client.get(f"/documents/recus/{code}/")
    assert f"receipt-{code}.pdf" in english.headers["Content-Disposition"]
    assert english.content != french.content
    assert client.get(f"/documents/recus/{scene.coming.code}/").status_code == 404


@pytest.mark.parametrize("payments_made", [1, 12])
def test_the_page_costs_the_same_for_all(
    client: Client, payments_made: int, django_assert_max_num_queries: Any
) -> None:
    home = make.household()
    for nth in range(payments_made):
        payments.receive(
            household=home, amount=D(1), means="cheque", key=f"k{nth}", received_by=make.member(), now=make.now()
        )
    client.force_login(home.members.get())
    with django_assert_max_num_queries(15):
        assert client.get("/solde/").status_code == 200


def test_pages_of_fifty_movements(client: Client) -> None:
    home = make.household()
    purse = ledger.household_account(home)
    ledger.post([ledger.Entry(f"x:{n}", "bank", purse, D(1), f"virement {n}") for n in range(53)], now=make.now())
    account = accounts.read(home)
    assert (len(account.movements), account.more, account.movements[0].words) == (50, True, "virement 52")
    rest = accounts.read(home, page=2)
    assert ([one.words for one in rest.movements], rest.more) == (["virement 2", "virement 1", "virement 0"], False)
    assert [one.balance.amount for one in rest.movements] == [D(3), D(2), D(1)]
