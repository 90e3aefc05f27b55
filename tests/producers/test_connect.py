"""A farm's account at Stripe: opened once under a proof, read again, and what Stripe still wants said in words."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from hub import demo_doors
from hub.models import Activity, Member
from hub.stripe_gateway import Away
from producers import connect
from producers.models import ConnectAccount, Producer
from tests import make
from tests.stand_in import StandIn
from tests.stand_in.browsing import browse

pytestmark = pytest.mark.django_db
BACK = "http://localhost/retour/"


@pytest.fixture
def farm() -> Producer:
    return make.producer(name="Ferme des Ormeaux")


@pytest.fixture
def person(farm: Producer) -> Member:
    somebody = make.farmer(farm)
    demo_doors.give_second_factor(somebody)
    return somebody


def begin(farm: Producer, person: Member) -> str:
    return connect.begin(producer=farm, return_url=BACK, refresh_url=BACK, by=person, now=make.now())


def test_one_account_however_often_one_begins(stripe_server: StandIn, farm: Producer, person: Member) -> None:
    stripe_server.faults.cut["accounts"] = 1
    with pytest.raises(Away):
        begin(farm, person)
    assert not ConnectAccount.objects.exists()
    pages = [begin(farm, person) for _again in range(3)]
    assert len(set(pages)) == 3
    assert len(stripe_server.world.all("account")) == ConnectAccount.objects.count() == 1
    assert Activity.objects.filter(verb="producer.connect").count() == 1


def test_an_account_whose_answer_was_lost_for_days_is_found(
    stripe_server: StandIn, farm: Producer, person: Member
) -> None:
    stripe_server.faults.cut["accounts"] = 1
    with pytest.raises(Away):
        begin(farm, person)
    later = make.now() + timedelta(days=3)
    connect.begin(producer=farm, return_url=BACK, refresh_url=BACK, by=person, now=later)
    assert [one["id"] for one in stripe_server.world.all("account")] == [ConnectAccount.objects.get().account]


def test_from_the_farm_s_page_and_back(
    client: Client, stripe_server: StandIn, farm: Producer, person: Member, settings: Any
) -> None:
    settings.SITE_URL = "http://testserver"
    client.force_login(person)
    address = f"/ma-ferme/{farm.code}/stripe/"
    assert "Ouvrir un compte chez Stripe" in client.get(f"/ma-ferme/{farm.code}/").content.decode()
    assert client.post(address).headers["Location"].startswith("/sign-in/2fa/reauthenticate/")
    assert not ConnectAccount.objects.exists()
    make.prove(client)
    hosted = client.post(address).headers["Location"]
    assert hosted.startswith(stripe_server.url)
    assert client.get(f"{address}retour/").status_code == 302
    page = client.get(f"/ma-ferme/{farm.code}/").content.decode()
    assert "le compte bancaire sur lequel Stripe verse, votre identité et votre accord" in page
    assert browse(hosted, act="done")[:2] == (303, f"http://testserver{address}retour/")
    client.get(f"{address}retour/")
    assert "Il peut recevoir les reversements" in client.get(f"/ma-ferme/{farm.code}/").content.decode()
    stranger = make.farmer(make.producer())
    demo_doors.give_second_factor(stranger)
    client.force_login(stranger)
    make.prove(client)
    assert [client.post(address).status_code, client.get(f"{address}retour/").status_code] == [404, 404]


def test_the_sweep_reads_what_is_not_ready_soon_and_the_rest_once_a_day(
    stripe_server: StandIn, farm: Producer, person: Member
) -> None:
    now = make.now()
    hosted = begin(farm, person)
    assert connect.reread(now=now) == 0
    browse(hosted, act="done")
    assert connect.reread(now=now + timedelta(minutes=6)) == 1
    assert ConnectAccount.objects.get().ready
    assert connect.reread(now=now + timedelta(hours=1)) == 0
    assert connect.reread(now=now + timedelta(days=2)) == 1
    stripe_server.faults.away = True
    assert connect.reread(now=now + timedelta(days=4)) == 0


def test_without_stripe_there_is_nothing_to_open(client: Client, farm: Producer, person: Member) -> None:
    client.force_login(person)
    make.prove(client)
    assert "Stripe" not in client.get(f"/ma-ferme/{farm.code}/").content.decode()
    assert client.post(f"/ma-ferme/{farm.code}/stripe/").status_code == 404
