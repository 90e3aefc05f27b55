"""Invitations: a link sent to one address, good once and for fourteen days."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from hub import inviting, notices
from hub.models import Activity, Host, HostInvitation, Letter, Member, Notice
from hub.models.people import hash_of
from producers import farms
from producers.models import ProducerInvitation, ProducerPerson
from tests import make

pytestmark = pytest.mark.django_db


def token(of: str = "point") -> str:
    """The word of the newest letter that has not left."""
    return str(Notice.objects.filter(kind=f"invitation-{of}").latest("pk").data["secret"])


@pytest.fixture
def invited() -> HostInvitation:
    point = make.point(name="Grange des Tilleuls")
    return inviting.invite_host(point=point, email=" Nora@Exemple.fr ", by=make.host(point), now=make.now())


def acts() -> list[str]:
    return list(Activity.objects.order_by("pk").values_list("verb", flat=True))


def test_only_the_hash_of_the_link_is_kept_once_the_letter_has_left(
    invited: HostInvitation, mailoutbox: list[Any]
) -> None:
    word = token()
    assert (invited.email, invited.token_hash) == ("nora@exemple.fr", hash_of(word))
    assert notices.send_due(now=make.now()) == 1
    (mail,) = mailoutbox
    assert mail.to == ["nora@exemple.fr"]
    assert mail.subject == "Martine Hôte vous invite à accueillir à Grange des Tilleuls"
    assert f"/invitations/point/{word}/" in mail.body
    letter, notice = Letter.objects.get(), Notice.objects.get()
    assert word not in letter.text
    assert "/invitations/point/…/" in letter.text
    assert notice.data == {"place": "Grange des Tilleuls", "by": "Martine Hôte"}


def test_the_link_is_forgotten_when_its_letter_is_given_up(invited: HostInvitation, monkeypatch: Any) -> None:
    def away(*args: Any, **kwargs: Any) -> None:
        raise OSError("no mail server")

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", away)
    at = make.now()
    for _attempt in range(notices.MAX_ATTEMPTS):
        assert notices.send_due(now=at, limit=1) == 0
        at += timedelta(hours=5)
    notice = Notice.objects.get()
    assert notice.given_up_at is not None
    assert "secret" not in notice.data


def test_one_accepts_with_one_press_and_the_inviter_is_told(client: Client, invited: HostInvitation) -> None:
    nora = make.member("nora@exemple.fr", first_name="Nora")
    client.force_login(nora)
    url = f"/invitations/point/{token()}/"
    assert "Accueillir à Grange des Tilleuls" in client.get(url).content.decode()
    assert client.post(f"{url}reponse/").headers["Location"] == "/mon-point/"
    invited.refresh_from_db()
    assert (invited.used_by, invited.state(make.now())) == (nora, "used")
    assert list(Host.objects.filter(member=nora).values_list("point", "until")) == [(invited.point_id, None)]
    assert acts() == ["invitation.sent", "invitation.accepted", "host.appointed"]
    told = Notice.objects.get(kind="invitation-accepted")
    assert (told.member, told.data["name"]) == (invited.invited_by, "Nora")


def test_accepting_twice_changes_nothing(client: Client, invited: HostInvitation) -> None:
    nora, word = make.member("nora@exemple.fr"), token()
    for _time in range(2):
        inviting.accept_as_host(token=word, member=nora, now=make.now())
    assert Host.objects.filter(member=nora).count() == 1
    assert acts() == ["invitation.sent", "invitation.accepted", "host.appointed"]
    client.force_login(nora)
    page = client.get(f"/invitations/point/{word}/")
    assert page.status_code == 410
    assert "Vous avez déjà accepté" in page.content.decode()


def used(invitation: HostInvitation) -> None:
    inviting.accept_as_host(token=token(), member=make.member(), now=make.now())


def withdrawn(invitation: HostInvitation) -> None:
    inviting.withdraw(invitation=invitation, by=invitation.invited_by, now=make.now())


def too_old(invitation: HostInvitation) -> None:
    HostInvitation.objects.update(created_at=make.now() - timedelta(days=14))


@pytest.mark.parametrize(("end", "words"), [(used, "déjà servi"), (withdrawn, "retirée"), (too_old, "trop ancienne")])
def test_a_link_that_is_over_says_why_and_gives_nothing(
    client: Client, invited: HostInvitation, end: Callable[[HostInvitation], None], words: str
) -> None:
    word, stranger = token(), make.member()
    end(invited)
    before = (list(Host.objects.values_list("pk", "member", "until")), acts())
    for visitor in (None, stranger):
        if visitor:
            client.force_login(visitor)
        page = client.get(f"/invitations/point/{word}/")
        assert page.status_code == 410
        assert words in page.content.decode()
    answer = client.post(f"/invitations/point/{word}/reponse/", follow=True)
    assert answer.status_code == 410
    with pytest.raises(inviting.InvitationOver):
        inviting.accept_as_host(token=word, member=stranger, now=make.now())
    assert (list(Host.objects.values_list("pk", "member", "until")), acts()) == before


def test_a_link_nobody_knows_has_a_page_too(client: Client, invited: HostInvitation) -> None:
    page = client.get("/invitations/point/inconnu/")
    assert page.status_code == 404
    assert "pas complet" in page.content.decode()
    # The link of a point opens no farm.
    assert client.get(f"/invitations/ferme/{token()}/").status_code == 404


def test_a_stranger_signs_up_or_in_and_comes_back(client: Client, invited: HostInvitation) -> None:
    url = f"/invitations/point/{token()}/"
    page = client.get(url).content.decode()
    query = f"next=%2Finvitations%2Fpoint%2F{token()}%2F&amp;email=nora%40exemple.fr"
    assert f'href="/sign-in/signup/?{query}"' in page
    assert f'href="/sign-in/login/?{query}"' in page
    assert f"{url}reponse/" not in page
    assert client.post(f"{url}reponse/").headers["Location"].startswith("/sign-in/login/?next=")
    assert Host.objects.count() == 1


def test_somebody_else_is_told_who_accepts(client: Client, invited: HostInvitation) -> None:
    client.force_login(make.member("autre@exemple.fr"))
    page = client.get(f"/invitations/point/{token()}/").content.decode()
    assert "nora@exemple.fr" in page
    assert "autre@exemple.fr" in page


def test_an_address_waits_for_one_answer(invited: HostInvitation) -> None:
    again: dict[str, Any] = {"point": invited.point, "email": "NORA@exemple.fr", "by": invited.invited_by}
    with pytest.raises(inviting.AlreadyInvited):
        inviting.invite_host(**again, now=make.now())
    assert (HostInvitation.objects.count(), Notice.objects.count()) == (1, 1)
    with pytest.raises(IntegrityError, match="hub_hostinvitation_once"), transaction.atomic():
        HostInvitation.objects.create(
            point=invited.point, email="Nora@exemple.fr", token_hash="x", invited_by=invited.invited_by, created_at=make.now()
        )  # fmt: skip
    too_old(invited)
    newer = inviting.invite_host(**again, now=make.now())
    invited.refresh_from_db()
    assert invited.withdrawn_at is not None
    assert list(HostInvitation.objects.pending()) == [newer]
    with pytest.raises(IntegrityError, match="one_end"), transaction.atomic():
        HostInvitation.objects.filter(pk=invited.pk).update(used_at=make.now())


def test_a_host_is_not_invited_again(invited: HostInvitation) -> None:
    host = invited.invited_by
    with pytest.raises(inviting.AlreadyThere):
        inviting.invite_host(point=invited.point, email=host.email, by=host, now=make.now())
    assert HostInvitation.objects.count() == 1


def test_a_new_link_replaces_the_old_one(invited: HostInvitation) -> None:
    first, later = token(), make.now() + timedelta(days=20)
    with pytest.raises(inviting.SentJustNow):
        inviting.resend(invitation=invited, by=invited.invited_by, now=make.now())
    assert token() == first
    inviting.resend(invitation=invited, by=invited.invited_by, now=later)
    assert token() != first
    nora = make.member()
    with pytest.raises(inviting.InvitationOver):
        inviting.accept_as_host(token=first, member=nora, now=later)
    inviting.accept_as_host(token=token(), member=nora, now=later + timedelta(days=13))
    with pytest.raises(inviting.InvitationOver):
        inviting.resend(invitation=invited, by=invited.invited_by, now=later + timedelta(days=13))
    with pytest.raises(inviting.InvitationOver):
        inviting.withdraw(invitation=invited, by=invited.invited_by, now=later + timedelta(days=13))


# The page of the point


def test_a_host_invites_resends_and_withdraws_from_the_page_of_their_point(client: Client) -> None:
    point = make.point()
    client.force_login(make.host(point))
    url = f"/mon-point/{point.code}/"
    assert client.get("/mon-point/").headers["Location"] == url
    assert client.post(f"{url}invitations/", {"email": "pas une adresse"}).status_code == 422
    assert client.post(f"{url}invitations/", {"email": "Nora@exemple.fr"}).status_code == 302
    answer = client.post(f"{url}invitations/", {"email": "nora@exemple.fr"})
    assert answer.status_code == 422
    assert "déjà invitée" in answer.content.decode()
    assert "nora@exemple.fr" in client.get(url).content.decode()
    HostInvitation.objects.update(created_at=make.now() - timedelta(days=1))
    client.post(f"{url}invitations/renvoi/", {"email": "nora@exemple.fr"})
    assert Notice.objects.count() == 2
    client.post(f"{url}invitations/retrait/", {"email": "nora@exemple.fr"})
    assert HostInvitation.objects.pending().count() == 0
    assert client.post(f"{url}invitations/renvoi/", {"email": "nora@exemple.fr"}).status_code == 404
    assert acts() == ["invitation.sent", "invitation.sent", "invitation.withdrawn"]


def test_the_host_of_another_point_invites_nobody_here(client: Client, invited: HostInvitation) -> None:
    url = f"/mon-point/{invited.point.code}/"
    for stranger in (make.host(make.point()), make.household().members.get(), make.farmer(make.producer())):
        client.force_login(stranger)
        assert client.get(url).status_code == 404
        for act in ("invitations/", "invitations/renvoi/", "invitations/retrait/", "hotes/retrait/"):
            assert client.post(url + act, {"email": "nora@exemple.fr"}).status_code == 404
    invited.refresh_from_db()
    assert (HostInvitation.objects.count(), invited.withdrawn_at) == (1, None)


def test_only_a_coordinator_takes_a_point_back_from_its_host(client: Client) -> None:
    point = make.point()
    host = make.host(point)
    url = f"/mon-point/{point.code}/hotes/retrait/"
    client.force_login(host)
    assert client.post(url, {"email": host.email}).status_code == 404
    client.force_login(make.coordinator())
    client.post(url, {"email": host.email})
    assert not Host.objects.current().exists()
    assert acts() == ["host.dismissed"]
    assert client.post(url, {"email": host.email}).status_code == 404
    client.force_login(host)
    assert client.get(f"/mon-point/{point.code}/").status_code == 404


# Farms


def test_somebody_invited_keeps_the_catalogue(client: Client) -> None:
    farm, coordinator = make.producer(), make.coordinator()
    client.force_login(coordinator)
    url = f"/equipe/{farm.code}/"
    assert client.post(f"{url}invitations/", {"email": "paul@exemple.fr"}).status_code == 302
    assert "paul@exemple.fr" in client.get(url).content.decode()
    paul = make.member("paul@exemple.fr")
    client.force_login(paul)
    link = f"/invitations/ferme/{token('producer')}/"
    assert farm.name in client.get(link).content.decode()
    for _time in range(2):
        assert client.post(f"{link}reponse/").headers["Location"] == "/catalogue/"
    assert client.get(f"/catalogue/{farm.code}/").status_code == 200
    assert list(ProducerPerson.objects.values_list("member", "producer")) == [(paul.pk, farm.pk)]
    assert acts() == ["invitation.sent", "invitation.accepted", "producer.entrusted"]
    assert set(Activity.objects.values_list("producer_code", flat=True)) == {farm.code}
    with pytest.raises(inviting.AlreadyThere):
        farms.invite(producer=farm, email="Paul@exemple.fr", by=coordinator, now=make.now())
    assert ProducerInvitation.objects.count() == 1


def test_a_farm_is_taken_out_of_somebodys_hands(client: Client) -> None:
    farm = make.producer()
    farmer = make.farmer(farm)
    client.force_login(make.coordinator())
    client.post(f"/equipe/{farm.code}/personnes/retrait/", {"email": farmer.email})
    assert not ProducerPerson.objects.exists()
    assert acts() == ["producer.parted"]
    client.force_login(farmer)
    assert client.get(f"/catalogue/{farm.code}/").status_code == 404


def test_only_coordinators_see_the_team(client: Client) -> None:
    point, farm = make.point(), make.producer()
    for stranger in (make.host(point), make.farmer(farm), make.household().members.get()):
        client.force_login(stranger)
        assert client.get("/equipe/").status_code == 404
        assert client.get(f"/equipe/{farm.code}/").status_code == 404
        assert client.post("/equipe/coordination/", {"email": stranger.email}).status_code == 404
        assert client.post(f"/equipe/{farm.code}/invitations/", {"email": "a@exemple.fr"}).status_code == 404
    assert not ProducerInvitation.objects.exists()
    assert not any(m.is_coordinator for m in Member.objects.all())


def test_the_team_asks_the_same_number_of_questions_whatever_its_size(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    coordinator = make.coordinator()
    for _n in range(6):
        point, farm = make.point(), make.producer()
        make.host(point)
        make.farmer(farm)
        inviting.invite_host(point=point, email="a@exemple.fr", by=coordinator, now=make.now())
    client.force_login(coordinator)
    client.get("/equipe/")
    with django_assert_max_num_queries(12):
        assert client.get("/equipe/").content.decode().count("1 invitation en attente") == 6
