"""The pages of debits: a household's, and the coordination's."""

import pytest
from django.test import Client

from hub.models import Hub
from orders import debits
from orders.models import DebitFile, Mandate, TopUp
from tests import make
from tests.orders.by_debit import FRENCH, GOOD, D, balance, bank, no_memory, sent
from tests.stand_in import StandIn
from tests.stand_in.browsing import browse, save_on

__all__ = ["bank", "no_memory"]

pytestmark = pytest.mark.django_db


# Pages


def test_a_household_allows_debits_adds_and_gives_up(stripe_server: StandIn, client: Client) -> None:
    home = make.household()
    client.force_login(home.members.get())
    url = "/solde/approvisionner/"
    shown = client.get(url).content.decode()
    assert "par carte" in shown
    page = client.post(f"{url}autorisation/", {"mandate-notice_days": "2"}).headers["Location"]
    _status, back, _html = browse(page, iban=GOOD)
    assert client.get(back.removeprefix("http://localhost:8000")).headers["Location"] == url
    mandate = Mandate.objects.get()
    assert (mandate.notice_days, mandate.household, "au moins 2 jours" in mandate.consent) == (2, home, True)
    assert f'<p class="small" data-notice="2">{mandate.consent}</p>' in shown, (
        "what is kept was read before it was agreed to"
    )
    key = "top-up:un-formulaire"
    refused = client.post(url, {"amount": "5", "means": "debit", "parts": "1", "key": key})
    assert (refused.status_code, TopUp.objects.count()) == (422, 0)
    for _twice in range(2):
        assert client.post(url, {"amount": "60", "means": "debit", "parts": "2", "key": key}).status_code == 302
    assert TopUp.objects.count() == 2
    changed = client.post(url, {"amount": "80", "means": "debit", "parts": "1", "key": key})
    assert (changed.status_code, TopUp.objects.count()) == (409, 2)
    assert f'value="{key}"' not in changed.content.decode(), "sent again, it is another sum"
    page = client.get(url).content.decode()
    assert page.count("30,00") >= 2
    assert 0 < page.index("1/2</span>") < page.index("2/2</span>"), "what comes first stands first"
    code = TopUp.objects.order_by("number")[0].code
    client.post(f"{url}{code}/annulation/")
    assert TopUp.objects.get(code=code).state == "cancelled"
    assert [one.state for one in TopUp.objects.next_first()] == ["due", "cancelled"]
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
    carrot = client.post(f"{url}autorisation/", wrong | {"mandate-iban": FRENCH, "mandate-holder": "🥕"})
    said = carrot.content.decode()
    assert (carrot.status_code, "en lettres" in said, f'value="{FRENCH}"' in said) == (422, True, True)
    assert Mandate.objects.count() == 0
    client.post(f"{url}autorisation/", wrong | {"mandate-iban": FRENCH})
    client.post(url, {"amount": "30", "means": "debit", "parts": "1", "key": "top-up:k"})
    debits.announce_due(now=make.now())
    client.force_login(make.coordinator())
    assert "Morel" in client.get("/prelevements/").content.decode()
    first = {"first": TopUp.objects.get().code}
    assert f'name="first" value="{first["first"]}"' in client.get("/prelevements/").content.decode()
    make.prove(client, client.post("/prelevements/fichier/", first).headers["Location"])
    for _twice in range(2):  # a button pressed twice leads to the file that was just made
        answer = client.post("/prelevements/fichier/", first, follow=True)
        file = DebitFile.objects.get()
        assert answer.redirect_chain == [("/prelevements/", 302)]
        assert f"Le fichier {file.code} est écrit" in answer.content.decode()
    nothing = client.post("/prelevements/fichier/", follow=True).content.decode()
    assert ("Aucun prélèvement" in nothing, DebitFile.objects.count()) == (True, 1)
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
