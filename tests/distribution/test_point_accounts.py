"""The account a point is paid to: two people know it, and its changes are told and kept masked."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from hub import identifiers, payees
from hub.models import Activity, Member, Notice, PointAccount
from tests import make
from tests.distribution.farms import IBANS
from tests.distribution.point_parts import change

pytestmark = pytest.mark.django_db


def test_a_change_is_told_to_hosts_and_coordinators_and_kept_masked() -> None:
    point, by = make.point(), make.coordinator()
    host, other = make.host(point), make.host(make.point())
    assert [change(point, by) for _again in range(2)] == [True, False]
    account = PointAccount.objects.get()
    assert (account.holder, account.iban, account.iban_confirmed_at) == ("Amis des Tilleuls", IBANS[2], None)
    told = set(Notice.objects.filter(kind="point-account").values_list("member", flat=True))
    assert (by.pk in told, host.pk in told, other.pk in told) == (True, True, False)
    (act,) = Activity.objects.filter(verb="point.bank-account")
    assert act.data["after"] == identifiers.masked(IBANS[2])
    assert IBANS[2] not in str(act.data) + str(list(Notice.objects.values_list("data", flat=True)))


def test_another_coordinator_confirms_and_nobody_oneself() -> None:
    point, by = make.point(), make.coordinator()
    change(point, by)
    account, someone = PointAccount.objects.get(), make.coordinator()

    def confirm(member: Member) -> bool:
        return payees.confirm_of_point(account=account, seen=account.as_shown, by=member, now=make.now())

    with pytest.raises(payees.NotToConfirm):
        confirm(by)
    assert PointAccount.objects.get().account_waits_until(make.now()) is not None
    assert [confirm(someone) for _again in range(2)] == [True, False]
    assert PointAccount.objects.get().account_waits_until(make.now()) is None


@pytest.mark.parametrize(
    ("fields", "error"),
    [({"iban": "FR7630006000011234567890188"}, identifiers.WrongNumber), ({"holder": ""}, ValidationError)],
)
def test_a_wrong_number_changes_nothing(fields: dict[str, str], error: type[Exception]) -> None:
    point, by = make.point(), make.coordinator()
    with pytest.raises(error):
        change(point, by, **fields)
    assert (PointAccount.objects.count(), Notice.objects.count(), Activity.objects.count()) == (0, 0, 0)


@pytest.fixture
def coordinator(client: Client) -> Client:
    """Of a coordinator who has just shown who they are."""
    client.force_login(make.coordinator())
    make.prove(client)
    return client


def test_the_coordinator_enters_the_account_and_sees_a_wrong_one_refused(coordinator: Client) -> None:
    point = make.point()
    url = reverse("hub:point-account", args=[point.code])
    wrong = coordinator.post(url, {"holder": "Amis", "iban": "FR76 3000 6000 0112 3456 7890 188", "bic": ""})
    assert (wrong.status_code, PointAccount.objects.count()) == (422, 0)
    assert "Amis" in wrong.content.decode()
    coordinator.post(url, {"holder": "Amis", "iban": "FR76 3000 6000 0112 3456 7890 189", "bic": ""})
    assert PointAccount.objects.get().iban == IBANS[0]


@pytest.mark.parametrize("fields", [{"iban": IBANS[0]}, {"holder": "Quelqu’un d’autre"}])
def test_only_the_account_that_was_on_the_page_is_confirmed(coordinator: Client, fields: dict[str, str]) -> None:
    point, by = make.point(), make.coordinator()
    change(point, by)
    shown = PointAccount.objects.get()
    page = coordinator.get(reverse("hub:point-account", args=[point.code])).content.decode()
    assert f'<input type="hidden" name="seen" value="{shown.as_shown}">' in page
    # Between her page and her click somebody gives another account, or another holder.
    change(point, by, **fields)
    before = (list(PointAccount.objects.values()), Activity.objects.count(), Notice.objects.count())
    url = reverse("hub:point-account-confirmation", args=[point.code])
    for sent in ({"seen": shown.as_shown}, {}):
        answer = coordinator.post(url, sent, follow=True).content.decode()
        assert "Le compte a été modifié depuis que vous avez ouvert cette page" in answer
        assert (list(PointAccount.objects.values()), Activity.objects.count(), Notice.objects.count()) == before
    coordinator.post(url, {"seen": PointAccount.objects.get().as_shown})
    assert PointAccount.objects.get().account_waits_until(make.now()) is None
