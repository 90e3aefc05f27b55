"""A stranger finds a point, sees its next sale, and joins it; a member of it sees how to get in."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from hub.models import Membership
from tests import make

pytestmark = pytest.mark.django_db


def test_a_stranger_sees_where_when_and_whose_food(client: Client) -> None:
    point = make.point(
        code="grange", name="Grange des Tilleuls", city="Saint-Gonlay", access_note="code 1234", phone="06 11 22 33 44"
    )
    make.producer(point, name="Ferme du Gué")
    make.producer(name="Ferme d’ailleurs")
    make.collection(point)
    make.collection(point, status="cancelled", cancelled_at=make.now())
    assert 'href="/points/grange/"' in client.get("/points/?q=gonlay").content.decode()
    page = client.get("/points/grange/")
    text = page.content.decode()
    assert "Ferme du Gué" in text
    assert "Ferme d’ailleurs" not in text
    assert [open_ for _row, open_ in page.context["dates"]] == [True]
    assert "commandes ouvertes" in text
    assert "code 1234" not in text
    assert "06 11 22 33 44" not in text
    assert 'href="/sign-in/signup/?next=/points/grange/"' in text
    assert 'href="/sign-in/login/?next=/points/grange/"' in text


@pytest.mark.parametrize(("joining", "status"), [("request", "requested"), ("open", "accepted")])
def test_a_member_joins_from_the_page_of_the_point(client: Client, joining: str, status: str) -> None:
    point = make.point(code="grange", joining=joining, access_note="code 1234")
    home = make.household()
    client.force_login(home.members.get())
    assert 'action="/points/grange/adhesion/"' in client.get("/points/grange/").content.decode()
    for _time in range(2):
        client.post("/points/grange/adhesion/", {"message": "Bonjour"})
    mine = Membership.objects.get()
    assert (mine.point, mine.status, mine.message) == (point, status, "Bonjour")
    text = client.get("/points/grange/").content.decode()
    assert ("code 1234" in text) == (status == "accepted")
    for _time in range(2):
        client.post("/points/grange/depart/")
    assert Membership.objects.get().status == "ended"
    assert 'action="/points/grange/adhesion/"' in client.get("/points/grange/").content.decode()


def test_a_closed_point_has_no_page(client: Client) -> None:
    make.point(code="grange", archived_at=make.now() - timedelta(days=1))
    assert client.get("/points/grange/").status_code == 404
    client.force_login(make.household().members.get())
    assert client.post("/points/grange/adhesion/").status_code == 404
    assert not Membership.objects.exists()


def test_the_page_of_a_point_asks_the_same_number_of_questions_whatever_it_shows(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    point = make.point(code="grange")
    for _n in range(8):
        make.producer(point)
        make.collection(point)
    client.get("/points/grange/")
    with django_assert_max_num_queries(5):
        assert client.get("/points/grange/").status_code == 200


def test_home_says_that_a_request_waits(client: Client) -> None:
    home, point = make.household(), make.point()
    client.force_login(home.members.get())
    client.post(f"/points/{point.code}/adhesion/")
    assert "Votre demande est partie" in client.get("/").content.decode()
    Membership.objects.update(status="accepted", accepted_at=make.now())
    assert "Votre demande est partie" not in client.get("/").content.decode()
