"""Boxes counted, money carried to the bank, cheques and those that bounce: once each, and back by reversals."""

from decimal import Decimal
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from pypdf import PdfReader

from distribution import reconcile
from distribution.bank import importing, using
from distribution.boxes import counting, depositing
from distribution.boxes.refusals import Changed, NoSuchCheque, NotInTheBox, OnASlip, Unexplained
from distribution.models import BankDeposit, BankMatch, BouncedCheque, CashCount
from hub import ledger
from hub.models import Hub, Notice, Transfer
from hub.refusals import AnotherFact
from orders import payments
from orders.models import Payment
from tests import make
from tests.distribution.bank_files import IBAN, csv
from tests.forging import forge

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def scene() -> SimpleNamespace:
    """Forty euros in the box, twelve of local currency, two cheques."""
    at, home = make.point(name="Les Tilleuls"), make.household("Le Bihan")
    host, treasurer = make.host(at), make.coordinator()
    for key, means, amount in (("c", "cash", 40), ("l", "local", 12), ("q1", "cheque", 30), ("q2", "cheque", 25)):
        payments.receive(
            household=home, amount=D(amount), means=means, key=key, received_by=host, now=make.now(), point=at,
            note="CA 0012" if key == "q1" else "",
        )  # fmt: skip
    return SimpleNamespace(at=at, home=home, host=host, treasurer=treasurer, purse=f"household:{home.code}")


def count(scene: SimpleNamespace, counted: str, seen: str = "40", key: str = "box:1", note: str = "") -> CashCount:
    return counting.count(
        point=scene.at,
        means="cash",
        counted=D(counted),
        seen=D(seen),
        key=key,
        by=scene.host,
        now=make.now(),
        note=note,
    )


def test_a_difference_is_explained_posted_and_taken_back(scene: SimpleNamespace) -> None:
    assert count(scene, "40").transfer is None
    with pytest.raises(Unexplained, match="−2,00"):
        count(scene, "38", key="box:2", note=" ")
    for _again in range(2):
        made = count(scene, "38", key="box:2", note="monnaie rendue")
    assert (ledger.balance(f"cash:{scene.at.code}"), ledger.balance("cash:differences")) == (D(38), D(2))
    with pytest.raises(AnotherFact):
        count(scene, "37", key="box:2", note="monnaie rendue")
    with pytest.raises(Changed):
        count(scene, "41", key="box:3", note="x")
    count(scene, "38.50", seen="38", key="box:4", note="retrouvé")
    assert (ledger.balance(f"cash:{scene.at.code}"), ledger.balance("cash:differences")) == (D("38.50"), D("1.50"))
    for _again in range(2):
        counting.undo(count=made, by=scene.host, now=make.now())
    assert (ledger.balance(f"cash:{scene.at.code}"), ledger.balance("cash:differences")) == (D("40.50"), D("-0.50"))
    assert reconcile.differences() == []


def test_cash_carried_to_the_bank_is_found_on_its_statement(scene: SimpleNamespace) -> None:
    Hub.objects.update_or_create(pk=1, defaults={"iban": IBAN})
    for amount in ("40.01", "0", "-1", "1.001", "NaN"):
        with pytest.raises(NotInTheBox):
            depositing.deposit(
                point=scene.at, means="cash", amount=D(amount), key="box:x", by=scene.host, now=make.now()
            )
    for _again in range(2):
        made = depositing.deposit(
            point=scene.at, means="cash", amount=D(35), key="box:1", by=scene.host, now=make.now()
        )
    with pytest.raises(AnotherFact):
        depositing.deposit(point=scene.at, means="cash", amount=D(4), key="box:1", by=scene.host, now=make.now())
    assert (ledger.balance(f"cash:{scene.at.code}"), ledger.balance("bank")) == (D(5), D(35))
    content = csv((f"VERSEMENT ESPECES {made.number}", "35,00"), day=make.today())
    file = importing.preview(content=content, file_name="x", by=scene.treasurer, now=make.now())
    importing.confirm(file=file, by=scene.treasurer, now=make.now())
    assert (ledger.balance("bank"), BankMatch.objects.get().linked) == (D(35), made.transfer)
    with pytest.raises(using.SeenAtTheBank):
        depositing.undo(deposit=made, by=scene.host, now=make.now())
    using.undo(match=BankMatch.objects.get(), by=scene.treasurer, now=make.now())
    for _again in range(2):
        depositing.undo(deposit=made, by=scene.host, now=make.now())
    assert ledger.balance(f"cash:{scene.at.code}") == D(40)
    assert reconcile.differences() == []


@pytest.mark.parametrize(("means", "key", "amount"), [("cash", "c", "40"), ("local", "l", "12")])
def test_what_was_carried_to_the_bank_is_not_taken_back_out_of_the_box(
    scene: SimpleNamespace, client: Client, means: str, key: str, amount: str
) -> None:
    made = depositing.deposit(
        point=scene.at, means=means, amount=D(amount) - 1, key="box:1", by=scene.host, now=make.now()
    )
    box, before = f"{means}:{scene.at.code}", (D(1), D("107.00"), D(amount) - 1)
    client.force_login(scene.treasurer)
    undo = f"/comptes/{scene.home.code}/encaissements/{key}/annulation/"
    said = client.post(undo, follow=True).content.decode()
    assert "a été porté à la banque" in said
    with pytest.raises(IntegrityError, match="no longer holds"), transaction.atomic():
        payments.undo(payment=Payment.objects.get(key=key), by=scene.host, now=make.now())
    assert (ledger.balance(box), ledger.balance(scene.purse), ledger.balance("bank")) == before
    assert Payment.objects.get(key=key).undone_at is None
    depositing.undo(deposit=made, by=scene.treasurer, now=make.now())
    client.post(undo)
    assert (ledger.balance(box), ledger.balance(scene.purse)) == (D(0), D("107.00") - D(amount))
    assert reconcile.differences() == []


def test_local_currency_is_exchanged_at_par(scene: SimpleNamespace) -> None:
    depositing.deposit(point=scene.at, means="local", amount=D(12), key="box:1", by=scene.host, now=make.now())
    assert (ledger.balance(f"local:{scene.at.code}"), ledger.balance("bank")) == (D(0), D(12))
    assert reconcile.differences() == []


def test_cheques_go_on_one_numbered_slip(scene: SimpleNamespace) -> None:
    assert [one.key for one in depositing.in_hand()] == ["q1", "q2"]
    for chosen in ([], ["q1", "nothing"], ["c"]):
        with pytest.raises(NoSuchCheque):
            depositing.hand_in(cheques=chosen, key="box:x", by=scene.treasurer, now=make.now())
    for _again in range(2):
        slip = depositing.hand_in(cheques=["q1", "q2"], key="box:1", by=scene.treasurer, now=make.now())
    with pytest.raises(AnotherFact):
        depositing.hand_in(cheques=["q1"], key="box:1", by=scene.treasurer, now=make.now())
    assert (slip.number[-5:], ledger.balance("cheques"), ledger.balance("bank")) == ("-0001", D(0), D(55))
    with pytest.raises(NoSuchCheque):
        depositing.hand_in(cheques=["q1"], key="box:2", by=scene.treasurer, now=make.now())
    with pytest.raises(OnASlip, match=slip.number):
        depositing.refuse_if_carried(Payment.objects.get(key="q1"))
    with pytest.raises(IntegrityError), transaction.atomic():
        payments.undo(payment=Payment.objects.get(key="q1"), by=scene.host, now=make.now())
    for _again in range(2):
        depositing.undo(deposit=slip, by=scene.treasurer, now=make.now())
    assert (ledger.balance("cheques"), [one.key for one in depositing.in_hand()]) == (D(55), ["q1", "q2"])
    again = depositing.hand_in(cheques=["q2"], key="box:3", by=scene.treasurer, now=make.now())
    assert again.number[-5:] == "-0002"
    assert reconcile.differences() == []


def test_a_bounced_cheque_is_owed_again_and_told(scene: SimpleNamespace) -> None:
    cheque = Payment.objects.get(key="q1")
    with pytest.raises(NoSuchCheque):
        depositing.bounce(payment=cheque, key="box:b", by=scene.treasurer, now=make.now())
    slip = depositing.hand_in(cheques=["q1"], key="box:1", by=scene.treasurer, now=make.now())
    for _again in range(2):
        made = depositing.bounce(payment=cheque, key="box:b", by=scene.treasurer, now=make.now(), reason="provision")
    with pytest.raises(AnotherFact):
        depositing.bounce(
            payment=Payment.objects.get(key="q2"), key="box:b", by=scene.treasurer, now=make.now(), reason="provision"
        )
    assert (ledger.balance(scene.purse), ledger.balance("bank")) == (D(77), D(0))
    assert list(Notice.objects.values_list("kind", "member")) == [("cheque-bounced", scene.home.members.get().pk)]
    with pytest.raises(NoSuchCheque):
        depositing.bounce(payment=cheque, key="box:again", by=scene.treasurer, now=make.now())
    with pytest.raises(OnASlip):
        depositing.undo(deposit=slip, by=scene.treasurer, now=make.now())
    for _again in range(2):
        depositing.undo_bounce(bounced=made, by=scene.treasurer, now=make.now())
    assert (ledger.balance(scene.purse), ledger.balance("bank")) == (D(107), D(30))
    assert reconcile.differences() == []


FORGERIES = [
    ("count's difference", "UPDATE distribution_cashcount SET counted = counted + 1, note = 'x'"),
    ("carried to the bank", "UPDATE distribution_bankdeposit SET amount = amount + 1 WHERE kind = 'cash'"),
    ("a slip is not", "UPDATE distribution_bankdeposit SET amount = amount + 1 WHERE kind = 'cheques'"),
    ("cheques in hand", "UPDATE distribution_depositedcheque SET undone_at = now()"),
    ("a bounced cheque", "UPDATE distribution_bouncedcheque SET undone_at = now()"),
]


@pytest.mark.parametrize(("what", "forgery"), FORGERIES)
def test_each_forgery_is_seen(scene: SimpleNamespace, what: str, forgery: str) -> None:
    count(scene, "41", note="trouvé")
    depositing.deposit(point=scene.at, means="cash", amount=D(5), key="box:2", by=scene.host, now=make.now())
    depositing.hand_in(cheques=["q1"], key="box:3", by=scene.treasurer, now=make.now())
    depositing.bounce(payment=Payment.objects.get(key="q1"), key="box:4", by=scene.treasurer, now=make.now())
    assert reconcile.differences() == []
    forge(forgery)
    assert [one.what for one in reconcile.differences() if what in one.what] != []


def text(answer: Any) -> str:
    return str(answer.content.decode().replace("\u202f", " ").replace("\xa0", " "))


def test_a_host_counts_the_own_box_by_coins_and_notes(scene: SimpleNamespace, client: Client) -> None:
    client.force_login(scene.host)
    page = f"/caisses/{scene.at.code}/"
    assert client.get("/caisses/").headers["Location"] == page
    assert "40,00 €" in text(client.get(page))
    typed = {"n-20": "1", "n-2": "9", "n-0.50": "1", "other": "1,00", "seen": "40.00", "key": "box:1", "note": ""}
    answer = client.post(f"{page}cash/comptage/", typed)
    assert answer.status_code == 422
    assert "39,50 €" in text(answer)
    assert 'name="n-2" value="9"' in text(answer)
    for _again in range(2):
        assert client.post(f"{page}cash/comptage/", typed | {"note": "monnaie"}).headers["Location"] == page
    made = CashCount.objects.get()
    assert (made.counted.amount, made.sheet, made.note) == (D("39.50"), {"20": 1, "2": 9, "0.50": 1}, "monnaie")
    late = client.post(f"{page}cash/comptage/", typed | {"note": "x", "key": "box:2"})
    assert late.status_code == 422
    assert 'name="seen" value="39.50"' in text(late)
    assert client.post(f"{page}cash/versement/", {"amount": "39,50", "key": "box:3"}).headers["Location"] == page
    assert client.post(f"{page}cash/versement/", {"amount": "1", "key": "box:4"}).status_code == 422
    assert client.post(f"{page}gold/comptage/", typed).status_code == 404
    assert client.get(f"{page}?means=local").status_code == 200
    assert client.post(f"{page}local/comptage/", {"counted": "12", "seen": "12", "key": "box:5"}).status_code == 302
    assert client.post(f"/versements/{BankDeposit.objects.get().number}/annulation/").headers["Location"] == page
    assert client.post(f"{page}comptages/box:1/annulation/").headers["Location"] == page
    assert reconcile.differences() == []


def test_a_host_sees_no_other_box_and_no_cheques(scene: SimpleNamespace, client: Client) -> None:
    other = make.point()
    made = depositing.deposit(point=scene.at, means="cash", amount=D(5), key="box:2", by=scene.host, now=make.now())
    client.force_login(make.host(other))
    pages = [f"/caisses/{scene.at.code}/", "/cheques/", f"/cheques/bordereaux/{made.number}.pdf"]
    assert [client.get(page).status_code for page in pages] == [404] * 3
    assert client.post(f"/versements/{made.number}/annulation/").status_code == 404


def test_the_treasurer_hands_cheques_in_with_a_slip_on_paper(scene: SimpleNamespace, client: Client) -> None:
    Hub.objects.update_or_create(pk=1, defaults={"name": "La Musette", "iban": IBAN})
    client.force_login(scene.treasurer)
    make.prove(client)
    assert "55,00 €" in text(client.get("/caisses/"))
    assert client.post("/cheques/", {"key": "box:1"}).status_code == 409
    client.post("/cheques/", {"cheque": ["q1", "q2"], "key": "box:1"})
    slip = BankDeposit.objects.get()
    file = client.get(f"/cheques/bordereaux/{slip.number}.pdf")
    words = " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(file.content)).pages).split())
    for said in ("Le Bihan", "CA 0012", slip.number, "2 chèques", "55,00", "FR14 2004 1010 0505 0001 3M02 606"):
        assert said in words.replace("\u202f", " ").replace("\xa0", " ")
    client.post("/cheques/q1/rejet/", {"reason": "sans provision", "key": "box:2"})
    assert "revenu impayé" in text(client.get("/cheques/"))
    assert client.post(f"/comptes/{scene.home.code}/encaissements/q1/annulation/").status_code == 302
    assert Payment.objects.get(key="q1").undone_at is None
    client.post(f"/cheques/rejets/{BouncedCheque.objects.get().key}/annulation/")
    client.post(f"/versements/{slip.number}/annulation/")
    assert Transfer.objects.filter(reference=f"deposit:{slip.number}:reversed").exists()
    assert reconcile.differences() == []
