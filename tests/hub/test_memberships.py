"""A host answers those who ask to join their point, and nobody else's host can."""

import pytest
from django.test import Client

from hub import joining, notices
from hub.models import Letter, Membership, Notice
from tests import make

pytestmark = pytest.mark.django_db


def asked() -> Membership:
    home, point = make.household(), make.point()
    return joining.ask(household=home, point=point, message="Bonjour", by=home.members.get(), now=make.now())


@pytest.mark.parametrize(("answer", "status"), [("yes", "accepted"), ("no", "refused")])
def test_a_host_decides_and_the_household_is_told(client: Client, answer: str, status: str) -> None:
    membership = asked()
    host = make.host(membership.point)
    client.force_login(host)
    assert [row.pk for row in client.get("/membres/").context["requests"]] == [membership.pk]
    url = f"/membres/{membership.point.code}/{membership.household.code}/"
    assert client.post(url, {"answer": answer}).status_code == 302
    membership.refresh_from_db()
    assert (membership.status, membership.decided_by) == (status, host)
    assert client.post(url, {"answer": answer}).status_code == 404
    assert list(Notice.objects.values_list("kind", flat=True)) == [f"membership-{status}"]


def test_every_message_of_joining_can_be_sent(mailoutbox: list[object]) -> None:
    home, point = make.household(), make.point(name="La Grange")
    make.host(point)
    membership = joining.ask(household=home, point=point, message="Bonjour", by=home.members.get(), now=make.now())
    joining.accept(membership=membership, by=home.members.get(), now=make.now())
    other = asked()
    joining.refuse(membership=other, by=home.members.get(), now=make.now())
    assert notices.send_due(now=make.now()) == 3
    assert len(mailoutbox) == 3
    assert {
        "La Grange" in letter.text + letter.subject
        for letter in Letter.objects.exclude(notice__data__point=other.point.name)
    } == {True}


def test_the_host_of_another_point_finds_nothing(client: Client) -> None:
    membership = asked()
    client.force_login(make.host(make.point()))
    assert list(client.get("/membres/").context["requests"]) == []
    url = f"/membres/{membership.point.code}/{membership.household.code}/"
    assert client.post(url, {"answer": "yes"}).status_code == 404
    client.force_login(make.household().members.get())
    assert client.get("/membres/").status_code == 404
    membership.refresh_from_db()
    assert membership.status == "requested"
