"""Two at once: one link, and two coordinators who dismiss each other."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction

from hub import inviting, roles
from hub.models import Activity, Host, HostInvitation, Member, Notice, Role
from tests import make
from tests.races.test_ordering_races import all_at_once

pytestmark = pytest.mark.usefixtures("committed")

ROUNDS = 6


def accept(word: str, member: Member) -> Callable[[], int | None]:
    def act() -> int | None:
        return inviting.accept_as_host(token=word, member=member, now=make.now()).used_by_id

    return act


def test_one_link_makes_one_host() -> None:
    for _round in range(ROUNDS):
        point = make.point()
        inviting.invite_host(point=point, email="nora@exemple.fr", by=make.coordinator(), now=make.now())
        word = Notice.objects.filter(kind="invitation-point").latest("pk").data["secret"]
        answers = all_at_once([accept(word, make.member()), accept(word, make.member())])
        (winner,) = [answer for answer in answers if answer != "invitation-over"]
        assert answers.count("invitation-over") == 1
        assert list(Host.objects.filter(point=point).values_list("member", flat=True)) == [winner]
        assert HostInvitation.objects.get(point=point).used_by_id == winner


def test_the_same_person_pressing_twice_is_one_host() -> None:
    point, nora = make.point(), make.member()
    inviting.invite_host(point=point, email="nora@exemple.fr", by=make.coordinator(), now=make.now())
    word = Notice.objects.get().data["secret"]
    answers = all_at_once([accept(word, nora)] * 4)
    assert answers == [nora.pk] * 4
    assert Host.objects.count() == 1
    assert Activity.objects.filter(verb="invitation.accepted").count() == 1
    assert Notice.objects.filter(kind="invitation-accepted").count() == 1


def test_two_coordinators_who_dismiss_each_other_leave_one() -> None:
    first, second = make.coordinator(), make.coordinator()
    for _round in range(ROUNDS):
        answers = all_at_once(
            [
                lambda: roles.dismiss_coordinator(member=first, by=second, now=make.now()),
                lambda: roles.dismiss_coordinator(member=second, by=first, now=make.now()),
            ]
        )
        assert sorted(map(str, answers)) == ["None", "last-coordinator"]
        assert Role.objects.current().count() == 1
        for one in (first, second):
            roles.appoint_coordinator(email=one.email, by=one, now=make.now())


def test_the_database_alone_keeps_one() -> None:
    """Without the act's locks: the trigger makes the second wait and then refuses it."""
    both = [make.coordinator(), make.coordinator()]

    def revoke(pk: int) -> str:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("UPDATE hub_role SET revoked_at = now() WHERE member_id = %s", [pk])
                cursor.execute("SELECT pg_sleep(0.05)")
        except IntegrityError:
            return "refused"
        return "done"

    answers = all_at_once([lambda pk=member.pk: revoke(pk) for member in both])  # type: ignore[misc]
    assert sorted(answers) == ["done", "refused"]
    assert Role.objects.current().count() == 1
