"""Two years of silence: told, and a month later erased; never who has money here."""

from datetime import timedelta
from decimal import Decimal

import pytest

from distribution import inactive
from hub import notices
from hub.models import Household, Letter, Notice
from orders import payments
from tests import make


def silent(home: Household, days_ago: int) -> None:
    long_ago = make.now() - timedelta(days=days_ago)
    Household.objects.filter(pk=home.pk).update(created_at=long_ago)
    home.members.update(last_login=long_ago, created_at=long_ago)


@pytest.mark.django_db
def test_who_was_away_for_two_years_is_told_and_a_month_later_erased() -> None:
    gone, here = make.household("Foyer Parti"), make.household("Foyer Présent")
    silent(gone, 701)
    now = make.now()
    assert inactive.erase_due(now=now) == 0
    notices.send_due(now=now)
    letter = Letter.objects.get()
    assert letter.subject == "Votre compte sera effacé"
    assert letter.recipients == gone.members.get().email
    assert inactive.erase_due(now=now + timedelta(days=29)) == 0
    assert inactive.erase_due(now=now + timedelta(days=31)) == 1
    assert inactive.erase_due(now=now + timedelta(days=32)) == 0
    assert [home.erased_at is not None for home in (_again(gone), _again(here))] == [True, False]


@pytest.mark.django_db
def test_who_comes_back_stays() -> None:
    home = make.household()
    silent(home, 701)
    now = make.now()
    inactive.erase_due(now=now)
    home.members.update(last_login=now + timedelta(days=3))
    assert inactive.erase_due(now=now + timedelta(days=40)) == 0
    assert _again(home).erased_at is None


@pytest.mark.django_db
def test_who_has_money_here_is_neither_told_nor_erased() -> None:
    home = make.household()
    payments.receive(
        household=home, amount=Decimal(5), means="transfer", key="old", received_by=make.coordinator(), now=make.now()
    )
    silent(home, 900)
    assert inactive.erase_due(now=make.now()) == 0
    assert Notice.objects.count() == 0


def _again(home: Household) -> Household:
    return Household.objects.get(pk=home.pk)
