"""The bank's pages: a statement read, looked at, written; a line led by hand; nobody else looks in."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from distribution import payouts, reconcile
from distribution.bank import using
from distribution.models import BankFile, BankLine, BankMatch, Payout
from hub import ledger
from hub.models import Household, Hub, Member, Transfer
from orders import payments
from tests import make
from tests.distribution.bank_files import IBAN, csv
from tests.distribution.farms import numbers, owed

D = Decimal
pytestmark = pytest.mark.django_db


@pytest.fixture
def treasurer(client: Client) -> Member:
    Hub.objects.update_or_create(pk=1, defaults={"name": "La Musette", "iban": IBAN})
    person = make.coordinator()
    client.force_login(person)
    make.prove(client)
    return person


def text(answer: Any) -> str:
    return str(answer.content.decode().replace("\u202f", " ").replace("\xa0", " "))


def send(client: Client, content: bytes, name: str = "releve.csv") -> Any:
    return client.post("/banque/", {"statement": SimpleUploadedFile(name, content)})


def written(client: Client, *lines: tuple[str, str]) -> BankLine:
    """A statement of today, read and written by the pages; its first line."""
    page = send(client, csv(*lines, day=make.today())).headers["Location"]
    client.post(f"{page}ecriture/")
    return BankLine.objects.order_by("pk")[0]


def test_a_statement_is_looked_at_before_it_is_written(treasurer: Member, client: Client) -> None:
    home = make.household("Le Bihan")
    above = "Solde initial;;;100,00"
    content = csv((f"VIR {home.code}", "50,00"), ("VIR INCONNU", "12,00"), above=above)
    page = send(client, content).headers["Location"]
    shown = text(client.get(page))
    assert [words in shown for words in ("VIR INCONNU", "+12,00 €", "Écrire 2 lignes", "rien n’est encore écrit")] == [
        True
    ] * 4
    assert (BankLine.objects.count(), Transfer.objects.count()) == (0, 0)
    for _again in range(2):
        assert client.post(f"{page}ecriture/").headers["Location"] == "/banque/"
    assert ledger.balance(f"household:{home.code}") == D("50.00")
    shown = text(client.get("/banque/"))
    assert [words in shown for words in ("12,00 € <small>1 ligne</small>", "VIR INCONNU", "162,00 €")] == [
        True,
        True,
        False,
    ]
    assert BankFile.objects.get().content == []
    assert "2 <small>sur 2" in text(client.get(page))
    assert "Virement reçu" in text(client.get(f"/comptes/{home.code}/"))


@pytest.mark.parametrize(("name", "content"), [("releve.csv", b"%PDF-1.7"), ("x.xml", b"<a/>"), ("x.csv", b"a;b\n1;2")])
def test_what_is_no_statement_is_told_and_nothing_is_kept(
    treasurer: Member, client: Client, name: str, content: bytes
) -> None:
    answer = send(client, content, name)
    assert (answer.status_code, BankFile.objects.count()) == (422, 0)
    assert 'id="file-errors"' in text(answer)
    assert client.post("/banque/", {}).status_code == 422


def test_a_line_is_led_by_hand_split_and_taken_back(treasurer: Member, client: Client) -> None:
    make.household("Le Bihan")
    make.household("Le Goff")
    line = written(client, ("VIR COLLECTIF", "80,00"))
    page = f"/banque/lignes/{line.pk}/"
    typed = {"kind": "household", "household": "le", "amount": "50,00", "key": "bank:1"}
    answer = client.post(f"{page}affectation/", typed)
    assert answer.status_code == 422
    assert "Plusieurs portent ce nom" in text(answer)
    assert client.post(f"{page}affectation/", typed | {"household": "bihan"}).headers["Location"] == page
    assert "reste 30,00 €" in text(client.get("/banque/"))
    rest = {"kind": "household", "household": "goff", "amount": "30", "key": "bank:2"}
    assert client.post(f"{page}affectation/", rest).headers["Location"] == "/banque/"
    assert ledger.balance("bank:unmatched") == 0
    for _again in range(2):
        assert client.post(f"{page}affectation/1/annulation/").headers["Location"] == page
    assert ledger.balance("bank:unmatched") == D("50.00")
    assert "Le Bihan" in text(client.get(page))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"household": "zzz"}, "Personne à ce nom"),
        ({"household": ""}, "Dites quel foyer"),
        ({"amount": "80,01"}, "Il reste au plus 80,00 €"),
        ({"amount": "0"}, "supérieur à zéro"),
        ({"kind": "ignored"}, "Dites pourquoi"),
        ({"kind": "linked"}, "linked"),
        ({"key": "x"}, "Rouvrez la page"),
    ],
)
def test_what_makes_no_sense_is_told(treasurer: Member, client: Client, typed: dict[str, str], said: str) -> None:
    make.household("Le Bihan")
    line = written(client, ("VIR COLLECTIF", "80,00"))
    values = {"kind": "household", "household": "bihan", "amount": "10", "key": "bank:1"} | typed
    answer = client.post(f"/banque/lignes/{line.pk}/affectation/", values)
    assert (answer.status_code, BankMatch.objects.count()) == (422, 0)
    assert said in text(answer)


def test_what_it_may_be_is_one_press_away(treasurer: Member, client: Client) -> None:
    home = make.household("Le Bihan")
    payments.receive(household=home, amount=D(30), means="transfer", key="p1", received_by=treasurer, now=make.now())
    line = written(client, ("VIR SEPA CAMILLE LE BIHAN", "30,00"))
    shown = text(client.get("/banque/"))
    assert "d’après le nom" in shown
    assert "Paiement reçu, noté le" in shown
    movement = {"movement": "payment:p1", "key": "bank:1"}
    for _again in range(2):
        client.post(f"/banque/lignes/{line.pk}/affectation/", movement)
    assert (ledger.balance(f"household:{home.code}"), ledger.balance("bank")) == (D("30.00"), D("30.00"))
    assert "a trouvé sa place" in text(client.get("/banque/"))
    client.post(f"/comptes/{home.code}/encaissements/p1/annulation/")
    assert ledger.balance(f"household:{home.code}") == D("30.00"), "the bank has shown it"


def test_money_announced_after_its_line_came_is_pointed_out(treasurer: Member, client: Client) -> None:
    home = make.household("Le Bihan")
    written(client, (f"VIR {home.code}", "30,00"))
    payments.receive(household=home, amount=D(30), means="transfer", key="p1", received_by=treasurer, now=make.now())
    assert "compté deux fois ?" in text(client.get("/banque/"))


def test_bank_and_books_side_by_side(treasurer: Member, client: Client) -> None:
    """Opening 100, lines 62: the bank says 162, and the books know nothing of what was there before."""
    above = "Solde initial;;;100,00\nSolde au 24/11/2026;;;162,00"
    content = csv(("VIR A", "50,00"), ("VIR B", "12,00"), above=above)
    client.post(send(client, content).headers["Location"] + "ecriture/")
    assert "il ne manque rien" in text(client.get("/banque/"))
    later = csv(("VIR C", "5,00"), above="Solde initial;;;170,00\nSolde au 26/11/2026;;;175,00", day=make.today())
    client.post(send(client, later).headers["Location"] + "ecriture/")
    assert "Il manque 8,00 € entre les soldes et les lignes" in text(client.get("/banque/"))


def test_lines_are_found_by_words_and_amounts(treasurer: Member, client: Client) -> None:
    written(client, ("VIR ÉLOÏSE", "50,00"), ("CB MARCHE", "-12,34"))
    for words, found in (("eloise", "VIR ÉLOÏSE"), ("12,34", "CB MARCHE"), ("cb marche", "CB MARCHE")):
        page = client.get("/banque/lignes/", {"q": words})
        assert [line.label for line in page.context["page"]] == [found]
    assert "Aucune ligne de ce genre" in text(client.get("/banque/lignes/", {"q": "zzz"}))


def test_money_moves_only_for_who_has_just_shown_who_they_are(client: Client) -> None:
    Hub.objects.update_or_create(pk=1, defaults={"name": "La Musette", "iban": IBAN})
    client.force_login(make.coordinator())
    page = send(client, csv(("VIR", "5,00"))).headers["Location"]
    assert client.post(f"{page}ecriture/").headers["Location"].startswith("/sign-in/2fa/reauthenticate/")
    assert BankLine.objects.count() == 0


@pytest.mark.parametrize("count", [1, 30])
def test_the_page_costs_the_same_for_many_lines(
    treasurer: Member, client: Client, count: int, django_assert_max_num_queries: Any
) -> None:
    homes: list[Household] = [make.household(f"Famille{n}") for n in range(count)]
    for home in homes:
        payments.receive(
            household=home, amount=D(30), means="transfer", key=home.code, received_by=treasurer, now=make.now()
        )
    written(client, *((f"VIR CAMILLE {home.name}", "30,00") for home in homes))
    with django_assert_max_num_queries(32):
        assert client.get("/banque/").status_code == 200


def test_a_run_of_payouts_debited_as_one_sum_is_one_press_away(treasurer: Member, client: Client) -> None:
    due = owed("5.20", "10.00")
    run = payouts.start(rail="hand", numbers=numbers(due), by=treasurer, now=make.now())
    payouts.made(run=run, by=treasurer, now=make.now())
    line = written(client, ("VIR SEPA EMIS REMISE 2 OPERATIONS", "-12,16"))
    page = client.get("/banque/")
    assert f"Remise {run.number}, 2 reversements" in text(page)
    guess = page.context["waiting"][0].suggestions[0]
    for _again in range(2):
        client.post(f"/banque/lignes/{line.pk}/affectation/", {"movement": guess.references, "key": "bank:1"})
    assert (BankMatch.objects.count(), ledger.balance("bank")) == (2, D("-12.16"))
    with pytest.raises(using.SeenAtTheBank):
        payouts.take_back(payout=Payout.objects.get(pk=due[0].pk), reason="rejected", by=treasurer, now=make.now())
    assert Payout.objects.get(pk=due[0].pk).state == "paid"
    assert reconcile.differences() == []


def test_a_balance_that_jumps_is_told_before_anything_is_written(treasurer: Member, client: Client) -> None:
    rows = ("22/11/2026;VIR A;100,00;1 100,00", "24/11/2026;VIR B;50,00;1 104,90")
    page = send(client, "\n".join(["Date;Libellé;Montant;Solde", *rows]).encode()).headers["Location"]
    shown = text(client.get(page))
    assert "Entre « VIR A » (dim. 22 nov.) et « VIR B » (mar. 24 nov.), le solde bouge de −45,10 €" in shown
    assert "1 000,00 €" in shown
    assert BankLine.objects.count() == 0


def test_what_the_named_household_had_announced_is_suggested_first(treasurer: Member, client: Client) -> None:
    home = make.household("Le Bihan")
    payments.receive(household=home, amount=D(50), means="transfer", key="p1", received_by=treasurer, now=make.now())
    payments.receive(household=home, amount=D(70), means="transfer", key="p2", received_by=treasurer, now=make.now())
    line = written(client, (f"VIR {home.code}", "60,00"))
    answer = client.get("/banque/")
    guesses = answer.context["waiting"][0].suggestions
    assert [(one.why, one.movement.reference if one.movement else "", one.household) for one in guesses] == [
        ("named", "payment:p1", None), ("reference", "", home),
    ]  # fmt: skip
    assert "50,00 € ; le reste de la ligne attend ensuite" in text(answer)
    client.post(f"/banque/lignes/{line.pk}/affectation/", {"movement": "payment:p1", "key": "k"})
    assert BankMatch.objects.get().linked == Transfer.objects.get(reference="payment:p1")
    assert ledger.balance("bank:unmatched") == D("10.00")
    assert reconcile.differences() == []


def test_movements_are_told_in_the_readers_language(treasurer: Member, client: Client) -> None:
    due = owed("5.20")
    run = payouts.start(rail="hand", numbers=numbers(due), by=treasurer, now=make.now())
    payouts.made(run=run, by=treasurer, now=make.now())
    number = numbers(due)[0]
    written(client, (f"VIR {number}", "-4,16"), ("FRAIS", "-1,00"))
    for language, words in (("fr", f"Reversement du relevé {number}"), ("en", f"Payout of statement {number}")):
        Member.objects.filter(pk=treasurer.pk).update(language=language)
        client.cookies["django_language"] = language
        shown = [
            text(client.get(path))
            for path in ("/banque/lignes/", f"/banque/lignes/{BankLine.objects.order_by('pk')[0].pk}/")
        ]
        assert [words in page for page in shown] == [True, True], language
