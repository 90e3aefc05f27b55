"""Idempotency keys do not pile up."""

from datetime import timedelta

import pytest

from hub.models import IdempotencyKey
from hub.wire import once
from tests import make

pytestmark = pytest.mark.django_db


def test_keys_are_forgotten_after_a_week() -> None:
    person, now = make.member(), make.now()
    for days in (0, 6, 8):
        IdempotencyKey.objects.create(
            member=person, key=f"k{days}", request_hash="0" * 64, status=200, created_at=now - timedelta(days=days)
        )
    assert once.forget_old(now=now) == 1
    assert list(IdempotencyKey.objects.order_by("created_at").values_list("key", flat=True)) == ["k6", "k0"]
    assert once.forget_old(now=now) == 0
