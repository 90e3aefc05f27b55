"""The treasurer's pages: accounts, what came in, transfers to type, refunds paid once, all under a proof of who it is."""

import re
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from distribution import payouts, reconcile, refunds, settlement, statements, transfers
from distribution.models import Payout, Refund
from hub import ledger
from hub.models import Transfer
from orders.models import Payment
from tests import make
from tests.distribution.day import a_day

pytestmark = pytest.mark.django_db
D = Decimal
IBAN = "FR7630006000011234567890189"
MONEY_MOVES = ("/reversements/a-faire/", "/reversements/a-faire/csv/")


@pytest.fixture
def scene(client: Client) -> SimpleNamespace:
    """A stated week: a farm to pay, a household that wants 4.20 back. The treasurer is signed in."""
    make.fees()
    at = make.collection()
    farm = make.producer(at.point, name="Ferme des Ormeaux", legal_name="EARL des Ormeaux", iban=IBAN, bic="AGRIFRPP")
    bread = make.packaging(farm, "4.20")
    home = make.household("Le Bihan")
    day = a_day({bread: 2}, farms=[farm], at=at, home=home)
    day.arrive()
    day.act("paid", day.orders[0], amount="8.40", means="cash")
    day.act("short", day.orders[0], bread, quantity=1, reason="broken")
    day.confirm()
    settlement.settle(collection=at, now=make.now())
    statement = statements.issue(producer=farm, week=at.week, now=make.now())
    assert statement is not None
    treasurer = make.coordinator()
    client.force_login(treasurer)
    return SimpleNamespace(day=day, at=at, farm=farm, home=home, number=statement.number, refund=Refund.objects.get())


def text(answer: Any) -> str:
    return str(answer.content.decode().replace("\u202f", " ").replace("\xa0", " "))


def test_account_numbers_are_masked_until_one_proves_who_one_is(scene: SimpleNamespace, client: Client) -> None:
    payouts.start(rail="hand", numbers=[scene.number], by=None, now=make.now())
    page = text(client.get("/reversements/lots/V-2026-0001/"))
    assert "FR76 •••• 0189" in page
    assert "3000 6000" not in page
    for address in MONEY_MOVES:
        asked = client.get(address)
        assert (asked.status_code, asked.headers["Location"][:31]) == (302, "/sign-in/2fa/reauthenticate/?ne")
    answer = make.prove(client, client.get(MONEY_MOVES[0]).headers["Location"])
    assert answer.headers["Location"] == MONEY_MOVES[0]
    page = text(client.get(MONEY_MOVES[0]))
    assert "FR76 3000 6000 0112 3456 7890 189" in page
    assert "EARL des Ormeaux" in page


def test_the_list_for_the_bank(scene: SimpleNamespace, client: Client) -> None:
    scene.home.name = "=Le Bihan"
    scene.home.save()
    refunds.choose(refund=scene.refund, choice="refund", send_to=IBAN, by=scene.home.members.get(), now=make.now())
    payouts.start(rail="hand", numbers=[scene.number], by=None, now=make.now())
    make.prove(client)
    answer = client.get(MONEY_MOVES[1])
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.content.decode("utf-8-sig").split("\r\n")[:3] == [
        "nature;beneficiaire;iban;bic;montant;libelle",
        f"reversement;EARL des Ormeaux;{IBAN};AGRIFRPP;3,36;{scene.number}",
        f"remboursement;'=Le Bihan;{IBAN};;4,20;{scene.home.code} {scene.at.code}",
    ]


def test_a_refund_is_marked_as_made_once(scene: SimpleNamespace, client: Client) -> None:
    address = f"/remboursements/{scene.at.code}/{scene.home.code}/"
    make.prove(client)
    client.post(address)
    assert Refund.objects.get().paid_at is None, "nobody asked for it"
    refunds.choose(refund=scene.refund, choice="refund", by=scene.home.members.get(), now=make.now())
    assert "Le Bihan" in text(client.get("/reversements/"))
    for _again in range(2):
        assert client.post(address).headers["Location"] == "/reversements/"
    assert ledger.balance("bank") == D("-4.20")
    assert Transfer.objects.filter(reference__startswith="refund:").count() == 1
    sent = text(client.get("/reversements/")).split('id="sent"')[1].split("</section>")[0]
    sent = re.sub("<[^>]*>", "", sent)
    assert (scene.at.point.name in sent, scene.at.code in sent) == (True, False), "a place and a day, not a code"
    assert reconcile.differences() == []


def test_who_has_not_chosen_yet_is_named_and_leads_to_the_household(scene: SimpleNamespace, client: Client) -> None:
    page = text(client.get("/reversements/"))
    assert '<a href="#undecided">1</a>' in page
    section = page.split('id="undecided"')[1].split("</section>")[0]
    assert f'<a href="/comptes/{scene.home.code}/">Le Bihan</a>' in section
    assert "4,20 €" in section
    refunds.choose(refund=scene.refund, choice="credit", by=scene.home.members.get(), now=make.now())
    page = text(client.get("/reversements/"))
    assert ("undecided" in page, "<dt>Choix attendu du foyer</dt><dd>0</dd>" in page) == (False, True)


def test_money_that_came_in_is_noted_once_and_taken_back_once(scene: SimpleNamespace, client: Client) -> None:
    address = f"/comptes/{scene.home.code}/encaissements/"
    typed = {"amount": "50,00 €", "means": "transfer", "note": "CMB 26/11", "key": "treasury:1"}
    for _again in range(2):
        assert client.post(address, typed).status_code == 302
    assert (ledger.balance(f"household:{scene.home.code}"), ledger.balance("bank")) == (D("54.20"), D("50.00"))
    assert "Virement reçu" in text(client.get(f"/comptes/{scene.home.code}/"))
    for _again in range(2):
        assert client.post(f"{address}treasury:1/annulation/").status_code == 302
    assert (ledger.balance(f"household:{scene.home.code}"), ledger.balance("bank")) == (D("4.20"), D(0))
    assert client.post(f"/comptes/{make.household().code}/encaissements/treasury:1/annulation/").status_code == 404
    assert reconcile.differences() == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"amount": "douze"}, "Ce n’est pas un nombre"),
        ({"amount": "1e3"}, "Ce n’est pas un nombre"),
        ({"amount": "0"}, "supérieur à zéro"),
        ({"amount": "-5"}, "supérieur à zéro"),
        ({"amount": "5,005"}, "au plus deux décimales"),
        ({"means": "gold"}, "gold"),
        ({"means": "cash"}, "point"),
        ({"key": "handover:1"}, "Rouvrez la page"),
    ],
)
def test_what_makes_no_sense_is_told_and_nothing_is_lost(
    scene: SimpleNamespace, client: Client, typed: dict[str, str], said: str
) -> None:
    before = (Payment.objects.count(), Transfer.objects.count())
    values = {"amount": "50", "means": "transfer", "note": "à garder", "key": "treasury:2"} | typed
    answer = client.post(f"/comptes/{scene.home.code}/encaissements/", values)
    assert answer.status_code == 422
    assert said in text(answer)
    assert "à garder" in text(answer)
    assert (Payment.objects.count(), Transfer.objects.count()) == before


def test_cash_lies_in_the_box_of_a_point(scene: SimpleNamespace, client: Client) -> None:
    typed = {"amount": "20", "means": "cash", "point": scene.at.point.code, "key": "treasury:3"}
    assert client.post(f"/comptes/{scene.home.code}/encaissements/", typed).status_code == 302
    assert ledger.balance(f"cash:{scene.at.point.code}") == D("28.40")


def test_households_are_found_by_name_code_or_e_mail_without_accents(scene: SimpleNamespace, client: Client) -> None:
    other = make.household("Quéré")
    cut = f"{other.code[:5]} {other.code[5:]}"
    for words in ("quere", other.code.lower(), cut, other.members.get().email):
        page = text(client.get("/comptes/", {"q": words}))
        assert "Quéré" in page
        assert "Le Bihan" not in page
    assert "Personne à ce nom" in text(client.get("/comptes/", {"q": "zzz"}))


def test_those_who_owe_come_first_without_a_search(scene: SimpleNamespace, client: Client) -> None:
    assert "Personne ne doit rien" in text(client.get("/comptes/"))
    for name, owed in (("Petit", "3.00"), ("Grand", "30.00")):
        purse = ledger.household_account(make.household(name))
        ledger.post([ledger.Entry(f"settle:1:order:{name}", purse, "clearing:c", D(owed), "x")], now=make.now())
    page = text(client.get("/comptes/"))
    assert page.index("Grand") < page.index("Petit")
    assert "−30,00 €" in page


def test_only_coordinators(scene: SimpleNamespace, client: Client) -> None:
    client.force_login(scene.day.host)
    pages = ["/comptes/", f"/comptes/{scene.home.code}/", "/reversements/", *MONEY_MOVES]
    assert [client.get(page).status_code for page in pages] == [404] * 5
    posts = [f"/remboursements/{scene.at.code}/{scene.home.code}/", f"/comptes/{scene.home.code}/encaissements/"]
    assert [client.post(page, {"amount": "5"}).status_code for page in posts] == [404, 404]
    assert (Payout.objects.get().paid_at, Refund.objects.get().paid_at, Payment.objects.count()) == (None, None, 1)


@pytest.mark.parametrize(
    ("account", "right"),
    [
        (IBAN, True),
        ("FR76 3000 6000 0112 3456 7890 189", True),
        ("FR7630006000011234567890188", False),
        ("", False),
        ("chez moi", False),
    ],
)
def test_an_iban_is_checked_by_its_digits(account: str, right: bool) -> None:
    assert transfers.is_iban(account) is right


@pytest.mark.parametrize("farms", [1, 6])
def test_the_pages_cost_the_same_for_all(client: Client, farms: int, django_assert_max_num_queries: Any) -> None:
    make.fees()
    at = make.collection()
    every = [make.producer(at.point, iban=IBAN) for _n in range(farms)]
    day = a_day({make.packaging(farm): 1 for farm in every}, farms=every, at=at)
    day.arrive()
    day.confirm()
    settlement.settle(collection=at, now=make.now())
    for farm in every:
        statements.issue(producer=farm, week=at.week, now=make.now())
    client.force_login(make.coordinator())
    make.prove(client)
    for page, most in (("/reversements/", 16), (MONEY_MOVES[0], 13), ("/comptes/", 13)):
        with django_assert_max_num_queries(most):
            assert client.get(page).status_code == 200
