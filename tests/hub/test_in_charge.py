"""Whom the cooperative's messages go to: who holds the role now and still signs in."""

import pytest

from hub import in_charge
from tests import make

pytestmark = pytest.mark.django_db


def test_coordinators_of_now() -> None:
    first, left, blocked = make.coordinator(), make.coordinator(), make.coordinator()
    make.member()
    left.roles.update(revoked_at=make.now())
    blocked.is_active = False
    blocked.save()
    assert list(in_charge.coordinators()) == [first]


def test_hosts_of_now() -> None:
    at = make.point()
    first, left, blocked = make.host(at), make.host(at), make.host(at)
    make.host(make.point())
    left.hostings.update(until=make.today())
    blocked.is_active = False
    blocked.save()
    assert list(in_charge.hosts(at.pk)) == [first]
