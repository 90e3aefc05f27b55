"""What cannot be read or is asked the wrong way is answered in words, and changes nothing."""

import pytest
from django.test import Client

from hub.form_fields import whole
from orders import wishes
from orders.models import Order
from tests import make

pytestmark = pytest.mark.django_db
LONG = "9" * 5000


def test_a_method_that_is_not_taken_is_said_in_words(client: Client) -> None:
    client.force_login(make.household().members.get())
    answer = client.get("/points/x/depart/", headers={"Accept": "text/html,*/*"})
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert "Cette adresse ne reçoit que ce qu’une page envoie" in answer.content.decode()
    bare = client.get("/points/x/depart/")
    assert (bare.status_code, bare.headers["Allow"], bare.content) == (405, "POST", b"")


@pytest.mark.parametrize("field", [{"note": "a\0b"}, {"q-\0": "1"}, {"add": "\0"}, {"notice": "\0"}, {"amount": "\0"}])
@pytest.mark.parametrize(
    "address",
    ["/ma-commande/{}/envoi/", "/boutique/{}/souhait/", "/impressions/{}/envois/", "/semaine/messages/renvoi/",
     "/jour-j/{}/remise/x/actes/", "/sign-in/login/"],
)  # fmt: skip
def test_nul_is_refused_in_words(client: Client, address: str, field: dict[str, str]) -> None:
    sale = make.collection()
    client.force_login(make.coordinator())
    answer = client.post(address.format(sale.code), field)
    assert answer.status_code == 400
    assert "un caractère qui ne peut pas être enregistré" in answer.content.decode()


def test_nul_in_an_address_is_refused_in_words(client: Client) -> None:
    client.force_login(make.coordinator())
    assert [
        client.get(url).status_code
        for url in ("/points/?q=%00", "/points/?%00=q", "/prix-juste/?price=%00", "/points/?q=0")
    ] == [
        400,
        400,
        400,
        200,
    ]


@pytest.mark.parametrize("number", ["99999999999", LONG, "-1", "1e3", "１"])
def test_numbers_nobody_means_are_refused_in_words(client: Client, number: str) -> None:
    point = make.point(payment_methods=["at-point"])
    farm, sale, home = make.producer(point), make.collection(point), make.household()
    make.join(home, point)
    pack = make.packaging(farm)
    make.offer(pack, sale, 10)
    wishes.save(household=home, collection=sale, quantities={pack.pk: 2}, note="", revision=None, now=make.now())
    client.force_login(home.members.get())
    saving, htmx = f"/boutique/{sale.code}/souhait/", {"HX-Request": "true"}
    for typed in ({f"q-{pack.code}": number, f"s-{pack.code}": "2"}, {f"q-{pack.code}": "3", f"s-{pack.code}": number}):
        answer = client.post(saving, typed, headers=htmx)
        assert answer.status_code == 200
        assert 'role="status"' in answer.content.decode()
    sent = {"payment_method": "at-point", "revision": number}
    assert client.post(f"/ma-commande/{sale.code}/envoi/", sent).status_code == 409
    sent = {"payment_method": "at-point", f"q-{pack.code}": number}
    assert client.post(f"/ma-commande/{sale.code}/envoi/", sent).status_code == 422
    assert wishes.current(home, sale) == {pack.pk: 2}
    assert not Order.objects.exists()


def test_whole_numbers() -> None:
    read = [whole(text, 1000) for text in (" 7 ", "0", "000000000012", "1000", "1001", LONG, "", "x", "+1", "1_0", "²")]
    assert read == [7, 0, 12, 1000, None, None, None, None, None, None, None]
