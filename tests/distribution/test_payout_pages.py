"""Paying farms on screen: chosen, proved, followed, taken back; without a bank account nobody can be chosen."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from distribution import payouts, reconcile
from distribution.models import Payout, PayoutRun
from hub import ledger
from tests import make
from tests.distribution.farms import cooperative, farm_of, numbers, owed

pytestmark = pytest.mark.django_db
NEW = "/reversements/nouveau/"


@pytest.fixture
def scene(client: Client) -> SimpleNamespace:
    """Three farms to pay, one of them without an account; the treasurer has just shown who they are."""
    cooperative()
    due = owed("5.20", "10.00", "20.00")
    poor = farm_of(due[2])
    poor.iban = ""
    poor.save()
    by = make.coordinator()
    client.force_login(by)
    return SimpleNamespace(due=due, poor=poor, by=by)


def text(answer: Any) -> str:
    return str(answer.content.decode().replace("\u202f", " ").replace("\xa0", " "))


def test_all_that_can_be_paid_is_chosen_and_the_rest_says_what_to_do(scene: SimpleNamespace, client: Client) -> None:
    asked = client.get(NEW)
    assert asked.headers["Location"].startswith("/sign-in/2fa/reauthenticate/?next=")
    assert make.prove(client, asked.headers["Location"]).headers["Location"] == NEW
    answer = client.get(NEW)
    page = text(answer)
    assert [
        (one.statement.number, chosen) for (choice, chosen) in answer.context["free"] for one in [choice.payout]
    ] == [(number, True) for number in numbers(scene.due[:2])]
    assert [one.payout for one in answer.context["blocked"]] == [scene.due[2]]
    assert page.count(' name="number"') == page.count(" checked") == 2
    assert "n’a pas encore donné de compte bancaire" in page
    assert "12,16 €" in page
    assert "3000 6000" not in page


def test_a_run_by_file_from_the_list_to_the_last_word(scene: SimpleNamespace, client: Client) -> None:
    make.prove(client)
    begun = client.post(NEW, {"rail": "file", "number": numbers(scene.due[:2])})
    assert begun.headers["Location"] == "/reversements/lots/V-2026-0001/"
    page = text(client.get(begun.headers["Location"]))
    assert "Télécharger le fichier" in page
    assert "Hélène Coordination" in page
    files = [client.get("/reversements/lots/V-2026-0001/fichier.xml") for _again in range(2)]
    assert files[0].content == files[1].content == payouts.file_of(PayoutRun.objects.get())
    assert files[0].headers["Content-Disposition"] == 'attachment; filename="virements-V-2026-0001.xml"'

    for _again in range(2):
        client.post("/reversements/lots/V-2026-0001/envoi/")
    assert str(ledger.balance("bank")) == "-12.16"
    first = scene.due[0].statement.number
    client.post(f"/reversements/lots/V-2026-0001/{first}/retour/", {"reason": "rejected"})
    client.post("/reversements/lots/V-2026-0001/execution/")
    page = text(client.get("/reversements/lots/V-2026-0001/"))
    assert "rejeté par la banque" in page
    assert "1 relevé n’a pas été payé par ce lot" in page
    overview = text(client.get("/reversements/"))
    assert "essai 2" in overview
    assert "V-2026-0001" in overview
    assert reconcile.differences() == []


def test_a_run_by_hand_is_left_and_found_again(scene: SimpleNamespace, client: Client) -> None:
    make.prove(client)
    client.post(NEW, {"rail": "hand", "number": numbers(scene.due[:2])})
    overview = text(client.get("/reversements/"))
    assert "0 sur 2 virements terminés" in overview
    number = scene.due[0].statement.number
    client.post(f"/reversements/lots/V-2026-0001/{number}/virement/")
    assert list(Payout.objects.order_by("pk").values_list("state", flat=True)) == ["paid", "in-run", "due"]
    client.post("/reversements/lots/V-2026-0001/virements/")
    client.post(f"/reversements/lots/V-2026-0001/{number}/retour/", {"reason": "mistake"})
    assert [one.state for one in Payout.objects.order_by("pk")] == ["failed", "paid", "due", "due"]
    assert "noté par erreur" in text(client.get("/reversements/lots/V-2026-0001/"))
    client.post("/reversements/lots/V-2026-0001/retrait/")
    assert reconcile.differences() == []


def test_a_run_that_another_coordinator_gave_up_is_not_said_to_be_at_the_bank(
    scene: SimpleNamespace, client: Client
) -> None:
    make.prove(client)
    address = client.post(NEW, {"rail": "file", "number": numbers(scene.due[:2])}).headers["Location"]
    payouts.withdraw(run=PayoutRun.objects.get(), by=make.coordinator(), now=make.now())
    for step in (client.post(f"{address}envoi/", follow=True), client.get(f"{address}fichier.xml", follow=True)):
        page = text(step)
        assert "Ce lot a été abandonné" in page
        assert "Les fermes sont prévenues" not in page
    assert (str(ledger.balance("bank")), Payout.objects.due().count()) == ("0.00", 3)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"rail": "hand"}, "Choisissez au moins un relevé"),
        ({"rail": "hand", "number": ["blocked"]}, "compte bancaire"),
        ({"rail": "hand", "number": ["R-1999-0001"]}, "R-1999-0001"),
        ({"rail": "pigeon", "number": ["free"]}, "Choisissez comment payer"),
        ({"rail": "connect", "number": ["free"]}, "Stripe n’est pas configuré ici"),
    ],
)
def test_what_cannot_be_paid_is_said_and_nothing_begins(
    scene: SimpleNamespace, client: Client, typed: dict[str, Any], said: str
) -> None:
    make.prove(client)
    names = {"blocked": scene.due[2].statement.number, "free": scene.due[0].statement.number}
    chosen = {key: [names.get(one, one) for one in value] if key == "number" else value for key, value in typed.items()}
    answer = client.post(NEW, chosen)
    assert (answer.status_code, PayoutRun.objects.count()) == (422, 0)
    assert said in text(answer)
    assert {one.state for one in Payout.objects.all()} == {"due"}


def test_every_act_on_a_run_asks_for_the_proof(scene: SimpleNamespace, client: Client) -> None:
    run = payouts.start(rail="file", numbers=numbers(scene.due[:1]), by=scene.by, now=make.now())
    other = payouts.start(rail="hand", numbers=numbers(scene.due[1:2]), by=scene.by, now=make.now())
    file, hand = f"/reversements/lots/{run.number}", f"/reversements/lots/{other.number}"
    number = scene.due[1].statement.number
    answers = [client.get(f"{file}/fichier.xml")] + [
        client.post(address)
        for address in (
            NEW, f"{file}/envoi/", f"{file}/execution/", f"{hand}/virements/", f"{hand}/retrait/",
            f"{hand}/{number}/virement/", f"{hand}/{number}/retour/",
        )
    ]  # fmt: skip
    assert {answer.headers["Location"][:30] for answer in answers} == {"/sign-in/2fa/reauthenticate/?n"}
    assert [one.state for one in Payout.objects.order_by("pk")] == ["in-run", "in-run", "due"]
    client.force_login(make.farmer(scene.due[0].producer))
    assert [client.get(page).status_code for page in (NEW, f"{file}/", f"{file}/fichier.xml")] == [404] * 3
    assert client.post(f"{file}/envoi/").status_code == 404


def test_the_page_of_an_empty_week(client: Client) -> None:
    client.force_login(make.coordinator())
    make.prove(client)
    assert "Rien à verser" in text(client.get(NEW)) or "Rien à payer" in text(client.get(NEW))
    assert client.get("/reversements/lots/V-2026-0001/").status_code == 404


@pytest.mark.parametrize("farms", [1, 7])
def test_the_pages_cost_the_same_for_all(client: Client, farms: int, django_assert_max_num_queries: Any) -> None:
    cooperative()
    due = owed(*["5.20"] * (farms + 1))
    run = payouts.start(rail="file", numbers=numbers(due[:-1]), by=None, now=make.now())
    client.force_login(make.coordinator())
    make.prove(client)
    for page, most in (("/reversements/", 18), (NEW, 14), (f"/reversements/lots/{run.number}/", 12)):
        with django_assert_max_num_queries(most):
            assert client.get(page).status_code == 200


def test_a_run_begun_by_a_button_pressed_twice_is_found_again(scene: SimpleNamespace, client: Client) -> None:
    make.prove(client)
    chosen = {"rail": "file", "number": numbers(scene.due[:2])}
    assert [client.post(NEW, chosen).headers["Location"] for _twice in range(2)] == [
        "/reversements/lots/V-2026-0001/"
    ] * 2
    assert PayoutRun.objects.count() == 1
    # Other statements, another way, or somebody else: the list is looked at again.
    for other in (chosen | {"number": numbers(scene.due[:1])}, chosen | {"rail": "hand"}):
        assert client.post(NEW, other).status_code == 422
    client.force_login(make.coordinator())
    make.prove(client)
    assert (client.post(NEW, chosen).status_code, PayoutRun.objects.count()) == (422, 1)


def test_taking_out_of_a_run_of_which_nothing_is_left_says_so(scene: SimpleNamespace, client: Client) -> None:
    make.prove(client)
    address = client.post(NEW, {"rail": "hand", "number": numbers(scene.due[:1])}).headers["Location"]
    client.post(f"{address}virements/")
    before = list(Payout.objects.order_by("pk").values())
    answer = text(client.post(f"{address}retrait/", follow=True))
    assert "Il ne restait rien à retirer" in answer
    assert list(Payout.objects.order_by("pk").values()) == before
