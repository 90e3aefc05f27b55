"""The first coordinator comes from a command; the last one stays."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client

from hub import roles
from hub.models import Activity, Member, Role
from tests import make

pytestmark = pytest.mark.django_db


def coordinators() -> list[str]:
    return sorted(Role.objects.current().coordinators().values_list("member__email", flat=True))


def test_the_command_makes_the_first_coordinator_once() -> None:
    out = StringIO()
    for _time in range(2):
        call_command(
            "coordinator", "Helene@Exemple.fr", "--first-name", "Hélène", "--last-name", "Marchand", stdout=out
        )
    person = Member.objects.get()
    assert (person.email, person.full_name, person.is_staff) == ("helene@exemple.fr", "Hélène Marchand", False)
    assert person.household is not None
    assert coordinators() == ["helene@exemple.fr"]
    assert "/sign-in/login/" in out.getvalue()
    (act,) = Activity.objects.all()
    assert (act.verb, act.member) == ("role.granted", None)


def test_the_command_takes_a_member_and_may_open_the_admin_site() -> None:
    member = make.member("nora@exemple.fr", first_name="Nora")
    call_command("coordinator", "NORA@exemple.fr", "--support", stdout=StringIO())
    member.refresh_from_db()
    assert (member.first_name, member.is_staff, member.is_superuser) == ("Nora", True, True)
    assert coordinators() == ["nora@exemple.fr"]


def test_the_command_wants_an_address() -> None:
    with pytest.raises(CommandError, match="not an e-mail address"):
        call_command("coordinator", "helene")
    assert not Member.objects.exists()


def test_a_coordinator_appoints_and_dismisses_another(client: Client) -> None:
    first, second = make.coordinator(), make.member("nora@exemple.fr")
    client.force_login(first)
    asked = client.post("/equipe/coordination/", {"email": "nora@exemple.fr"})
    assert "reauthenticate" in asked.headers["Location"]
    assert coordinators() == [first.email]
    make.prove(client)
    assert client.post("/equipe/coordination/", {"email": "Nora@exemple.fr"}).status_code == 302
    assert coordinators() == sorted([first.email, second.email])
    assert client.post("/equipe/coordination/retrait/", {"email": second.email}).headers["Location"] == "/equipe/"
    assert coordinators() == [first.email]
    assert list(Activity.objects.order_by("pk").values_list("verb", "subject", "member")) == [
        ("role.granted", f"member:{second.pk}", first.pk),
        ("role.revoked", f"member:{second.pk}", first.pk),
    ]


def test_nobody_is_appointed_who_is_not_a_member(client: Client) -> None:
    client.force_login(make.coordinator())
    make.prove(client)
    answer = client.post("/equipe/coordination/", {"email": "inconnu@exemple.fr"})
    assert answer.status_code == 422
    assert "Aucun membre" in answer.content.decode()
    assert (len(coordinators()), Member.objects.count()) == (1, 1)


def test_the_last_coordinator_stays(client: Client) -> None:
    last = make.coordinator()
    client.force_login(last)
    make.prove(client)
    answer = client.post("/equipe/coordination/retrait/", {"email": last.email}, follow=True)
    assert "dernière personne" in answer.content.decode()
    with pytest.raises(roles.LastCoordinator):
        roles.dismiss_coordinator(member=last, by=last, now=make.now())
    assert coordinators() == [last.email]
    assert not Activity.objects.exists()


def test_the_database_keeps_the_last_coordinator_too() -> None:
    last = make.coordinator()
    with pytest.raises(IntegrityError, match="last coordinator"), transaction.atomic():
        Role.objects.update(revoked_at=make.now())
    with pytest.raises(IntegrityError, match="last coordinator"), transaction.atomic():
        Role.objects.all().delete()
    assert coordinators() == [last.email]


def test_an_inactive_colleague_does_not_count() -> None:
    last, gone = make.coordinator(), make.coordinator()
    Member.objects.filter(pk=gone.pk).update(is_active=False)
    with pytest.raises(roles.LastCoordinator):
        roles.dismiss_coordinator(member=last, by=last, now=make.now())
    roles.dismiss_coordinator(member=gone, by=last, now=make.now())
    assert coordinators() == [last.email]
