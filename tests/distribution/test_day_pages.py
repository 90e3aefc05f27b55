"""The screens of the day: they work with plain forms, and only for those who run the point."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from distribution import settlement
from distribution.models import Arrival, Confirmation, Handover, HandoverAction
from hub.context import navigation
from orders.models import Payment
from tests import make
from tests.distribution.day import a_day

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(client: Client) -> SimpleNamespace:
    make.fees()
    at = make.collection()
    farm = make.producer(at.point)
    bread, chicken = make.packaging(farm, "4.20"), make.weighed(farm)
    day = a_day({bread: 3, chicken: 1}, {bread: 1}, farms=[farm], at=at)
    client.force_login(day.host)
    first, second = day.orders
    return SimpleNamespace(
        client=client,
        day=day,
        farm=farm,
        bread=bread,
        chicken=chicken,
        first=first,
        second=second,
        root=f"/jour-j/{at.code}/",
    )


def act(scene: SimpleNamespace, **data: Any) -> Any:
    return scene.client.post(f"{scene.root}remise/{scene.first.code}/actes/", data)


def test_a_whole_day_with_plain_forms(scene: SimpleNamespace) -> None:
    assert scene.client.get("/jour-j/").headers["Location"] == scene.root
    scene.client.post(f"{scene.root}arrivees/{scene.farm.code}/", {"state": "arrived"})
    assert Arrival.objects.get().producer == scene.farm
    page = scene.client.get(f"{scene.root}remise/{scene.first.code}/").content.decode()
    assert scene.bread.product.name in page
    act(scene, kind="weighed", line=scene.chicken.code, kg="1,92")
    assert scene.day.line(scene.first, scene.chicken).weight_g == 1920
    act(scene, kind="short", line=scene.bread.code, quantity="1", reason="broken")
    act(scene, kind="paid", amount="29,52", means="cash")
    assert Payment.objects.get().amount.amount * 100 == 2952
    answer = act(scene, kind="collected", by="Yann")
    assert answer.headers["Location"] == f"{scene.root}remise/"
    assert Handover.objects.get().order == scene.first
    closing = f"{scene.root}cloture/"
    assert scene.client.post(closing).status_code == 422
    assert not Confirmation.objects.exists()
    told = {f"fate-{scene.second.code}": "given"}
    asked = scene.client.post(closing, told)  # the hand-over goes on by the clock
    assert (asked.status_code, Confirmation.objects.exists()) == (422, False)
    assert "pas finie à l’heure dite" in asked.content.decode()
    assert scene.client.post(closing, told | {"early": "1"}).status_code == 302
    assert Confirmation.objects.get().uncollected == {scene.second.code: "given"}
    assert "Distribution close" in scene.client.get(closing).content.decode()


def test_the_fate_of_all_orders_is_told_once_and_that_of_single_ones_apart(scene: SimpleNamespace) -> None:
    scene.day.arrive()
    scene.day.act("weighed", scene.first, scene.chicken, grams=1800)
    closing, first, second = f"{scene.root}cloture/", f"fate-{scene.first.code}", f"fate-{scene.second.code}"
    assert scene.client.post(closing, {"all": "", first: "kept", second: "", "early": "1"}).status_code == 422
    asked = scene.client.post(closing, {"all": "given", first: "kept", second: ""})
    assert (asked.status_code, Confirmation.objects.exists()) == (422, False)
    assert asked.content.decode().count('<option value="given" selected>') == 1, "what was chosen stays so"
    assert scene.client.post(closing, {"all": "given", first: "kept", second: "", "early": "1"}).status_code == 302
    assert Confirmation.objects.get().uncollected == {scene.first.code: "kept", scene.second.code: "given"}


def test_a_form_sent_twice_counts_once(scene: SimpleNamespace) -> None:
    sent = {"kind": "paid", "amount": "5", "means": "cash", "uid": "8a0e3c9e-8a43-4a1b-9a07-5a3d6a6a7d10"}
    act(scene, **sent)
    act(scene, **sent)
    assert Payment.objects.count() == 1


def test_the_second_host_is_told_who_was_first(scene: SimpleNamespace) -> None:
    act(scene, kind="collected", confirmed="1", by="Yann")
    other = make.host(scene.day.collection.point)
    scene.client.force_login(other)
    answer = act(scene, kind="collected", confirmed="1", by="Nora")
    assert answer.headers["Location"] == f"{scene.root}remise/{scene.first.code}/"
    page = scene.client.get(answer.headers["Location"]).content.decode()
    assert f"{scene.day.host} a déjà remis ce panier" in page.replace("&#x27;", "’")
    assert Handover.objects.get().collected_by == "Yann"


def test_a_heavy_weight_is_asked_again_in_place(scene: SimpleNamespace) -> None:
    answer = act(scene, kind="weighed", line=scene.chicken.code, kg="19,2")
    assert answer.status_code == 422
    assert 'name="confirmed"' in answer.content.decode()
    assert 'value="19,2"' in answer.content.decode()
    assert not HandoverAction.objects.exists()
    assert act(scene, kind="weighed", line=scene.chicken.code, kg="19,2", confirmed="1").status_code == 302


def test_an_amount_nobody_can_read_is_asked_again_and_nothing_is_lost(scene: SimpleNamespace) -> None:
    answer = act(scene, kind="paid", amount="douze", means="cheque", note="CA 12")
    assert (answer.status_code, Payment.objects.exists()) == (422, False)
    page = text(answer)
    assert "Saisissez un montant en euros et centimes, par exemple 12,50." in page
    assert ('value="douze"' in page, 'value="cheque" selected' in page, 'value="CA 12"' in page) == (True, True, True)


@pytest.mark.parametrize("kg", ["", "lourd", "NaN", "-1", "0", "1e9"])
def test_a_weight_nobody_can_read_is_refused(scene: SimpleNamespace, kg: str) -> None:
    assert act(scene, kind="weighed", line=scene.chicken.code, kg=kg).status_code == 422
    assert not HandoverAction.objects.exists()


def test_goods_that_were_not_weighed_leave_only_when_said_twice(scene: SimpleNamespace) -> None:
    answer = act(scene, kind="collected")
    assert answer.status_code == 422
    assert "1 ligne reste à peser" in answer.content.decode()
    assert (Handover.objects.exists(), HandoverAction.objects.exists()) == (False, False)
    assert act(scene, kind="collected", confirmed="1").status_code == 302
    assert Handover.objects.get().order == scene.first


def test_undo_brings_back(scene: SimpleNamespace) -> None:
    act(scene, kind="collected", confirmed="1")
    page = scene.client.get(f"{scene.root}remise/").content.decode()
    uid = HandoverAction.objects.get().uid
    assert f"/actes/{uid}/annulation/" in page
    answer = scene.client.post(f"{scene.root}actes/{uid}/annulation/")
    assert answer.headers["Location"] == f"{scene.root}remise/{scene.first.code}/"
    assert not Handover.objects.exists()


def test_searching_answers_the_part(scene: SimpleNamespace) -> None:
    answer = scene.client.get(f"{scene.root}remise/?q=2", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in answer
    assert scene.second.code in answer
    assert scene.first.code not in answer


def test_strangers_find_nothing(scene: SimpleNamespace) -> None:
    stranger = make.host(make.point())
    scene.client.force_login(stranger)
    paths = ["", "remise/", f"remise/{scene.first.code}/", "cloture/"]
    assert [scene.client.get(scene.root + path).status_code for path in paths] == [404] * 4
    assert act(scene, kind="collected").status_code == 404
    scene.client.force_login(scene.first.household.members.get())
    assert scene.client.get(scene.root).status_code == 404
    scene.client.logout()
    assert scene.client.get(scene.root).status_code == 302
    assert not HandoverAction.objects.exists()


@pytest.mark.parametrize("households", [2, 12])
def test_the_counter_costs_the_same_for_all(client: Client, households: int, django_assert_num_queries: Any) -> None:
    at = make.collection()
    farm = make.producer(at.point)
    bread = make.packaging(farm, "4.20")
    day = a_day(*[{bread: 1} for _n in range(households)], farms=[farm], at=at)
    client.force_login(day.host)
    client.get(f"/jour-j/{at.code}/remise/")
    with django_assert_num_queries(11):
        client.get(f"/jour-j/{at.code}/remise/")


def test_after_the_confirmation_the_pages_say_what_was_told(scene: SimpleNamespace) -> None:
    scene.day.arrive()
    scene.day.act("weighed", scene.first, scene.chicken, grams=1800)
    scene.day.act("collected", scene.first, by="")
    scene.client.post(f"{scene.root}cloture/", {f"fate-{scene.second.code}": "given", "early": "1"})
    assert Confirmation.objects.get().uncollected == {scene.second.code: "given"}
    closing = scene.client.get(f"{scene.root}cloture/")
    assert [(one.order, told) for one, told in closing.context["waiting"]] == [(scene.second.code, "given")]
    assert "<select" not in closing.content.decode()
    assert "donné à une association" in closing.content.decode()
    counter = scene.client.get(f"{scene.root}remise/").content.decode()
    assert f"{scene.root}cloture/" in counter
    assert "1 commande non retirée" in counter
    assert [one.code for one in scene.client.get("/jour-j/").context["over"]] == [scene.day.collection.code]


def test_what_is_above_the_maximum_is_said_as_it_is_billed(scene: SimpleNamespace) -> None:
    page = text(scene.client.get(f"{scene.root}remise/{scene.first.code}/"))
    assert "prévu 1,8 kg, facturé jusqu’à 2,3 kg · 11,00 €/kg" in page
    assert "maximum annoncé" not in page
    act(scene, kind="weighed", line=scene.chicken.code, kg="2,5")
    page = text(scene.client.get(f"{scene.root}remise/{scene.first.code}/"))
    assert (
        "Au-dessus du maximum annoncé : le foyer paie 2,3 kg, soit 25,30 €, et la ferme en reçoit sa part. "
        "Personne ne paie les 200 g de plus : la ferme les offre."
    ) in page
    line = next(one for one in settlement.lines(scene.day.collection) if one.weighed)
    settled = settlement.settled_line(line)
    assert (settled.final, settled.producer, settled.host, settled.hub) == (
        Decimal("25.30"), Decimal("20.24"), Decimal("2.02"), Decimal("3.04"),
    )  # fmt: skip
    act(scene, kind="weighed", line=scene.chicken.code, kg="2,3")
    assert "maximum annoncé" not in text(scene.client.get(f"{scene.root}remise/{scene.first.code}/"))


def test_farms_to_come_are_counted_in_right_french(scene: SimpleNamespace) -> None:
    page = text(scene.client.get(scene.root))
    assert "0 <small>sur 1 ferme</small>" in page
    assert 'aria-label="Fermes arrivées : 0 sur 1"' in page


def test_once_confirmed_the_page_leads_to_what_can_still_be_done(scene: SimpleNamespace) -> None:
    closing = f"{scene.root}cloture/"
    page = text(scene.client.get(closing))
    assert ("Reprendre la remise" in page, "Revoir la remise" in page) == (True, False)
    scene.day.arrive()
    scene.day.act("weighed", scene.first, scene.chicken, grams=1800)
    scene.day.act("collected", scene.first, by="")
    scene.client.post(closing, {f"fate-{scene.second.code}": "given", "early": "1"})
    page = text(scene.client.get(closing))
    assert ("Reprendre la remise" in page, "Revoir la remise" in page) == (False, True)
    assert "rend de l’argent au foyer ou corrige le prochain relevé de la ferme" in page
    assert "/comptes/" not in page
    scene.client.force_login(make.coordinator())
    page = text(scene.client.get(closing))
    assert '<a href="/comptes/">rendre de l’argent à un foyer</a>' in page
    assert '<a href="/reversements/correction/">corriger le relevé d’une ferme</a>' in page


def test_a_coordinator_keeps_their_own_navigation(scene: SimpleNamespace) -> None:
    assert str(shown(scene.client, scene.root)["links"][0].label) == "Jour J"
    scene.client.force_login(make.coordinator())
    for page in ("", "remise/", "cloture/", f"remise/{scene.first.code}/changement/", "prolongation/"):
        here = shown(scene.client, scene.root + page)
        assert (here["space"], here["current"]) == ("coordinator", "/semaine/"), page
    assert '<a class="link" href="/semaine/' in text(scene.client.get(f"{scene.root}prolongation/"))


def shown(client: Client, path: str) -> dict[str, Any]:
    answer = client.get(path)
    return navigation(path, answer.context["my_spaces"], answer.context["space"])


def text(answer: Any) -> str:
    return str(answer.content.decode().replace("\u202f", " ").replace("\xa0", " "))
