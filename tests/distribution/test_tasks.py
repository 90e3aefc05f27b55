"""The tick does what is due; a part that fails keeps no other from running."""

from typing import Any

import pytest

from distribution import closing, tasks
from distribution.models import Closing
from hub.celery import app
from hub.models import Collection, Letter
from hub.stripe_gateway.asking import TIMEOUT
from tests import make
from tests.distribution import week as weeks
from tests.faults import test_card_kills
from tests.stand_in import StandIn

pytestmark = pytest.mark.django_db


def test_one_tick_closes_and_sends(monkeypatch: pytest.MonkeyPatch) -> None:
    week = weeks.build()
    make.passed(week.collection)
    asked: list[str] = []
    monkeypatch.setattr(tasks.papers, "delay", lambda: asked.append("papers"))
    tasks.sweep()
    assert Closing.objects.get().announced_at is not None
    # what carries PDFs leaves with the papers
    assert (Letter.objects.count(), asked) == (4, ["papers"])
    for _tick in range(2):
        tasks.papers()
        tasks.sweep()
        assert Letter.objects.count() == 6


def test_a_tick_says_open_of_what_has_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks.papers, "delay", lambda: None)
    sale = make.collection(status="planned")
    tasks.sweep()
    sale.refresh_from_db()
    assert (sale.status, sale.opened_at is not None) == ("open", True)


def test_all_that_asks_stripe_ends_before_its_task_is_told_to(
    stripe_server: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many sweeps there are: once the time is over, none of them asks anything."""
    assert app.conf.task_soft_time_limit >= tasks.ASKING + 3 * TIMEOUT
    test_card_kills.all_due(stripe_server)
    monkeypatch.setattr(tasks, "ASKING", 0)
    before = len(stripe_server.calls)
    tasks.cards()
    tasks.payouts()
    assert len(stripe_server.calls) == before
    monkeypatch.undo()
    tasks.cards()
    test_card_kills.check(stripe_server)


def test_a_part_that_fails_keeps_no_other_from_running() -> None:
    ran: list[str] = []

    def fails() -> None:
        ran.append("fails")
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        tasks.run_all([lambda: ran.append("first"), fails, lambda: ran.append("last")])
    assert ran == ["first", "fails", "last"]


def test_a_collection_whose_close_fails_keeps_no_other_from_closing(monkeypatch: pytest.MonkeyPatch) -> None:
    broken, sound = make.passed(make.collection()), make.passed(make.collection())
    real = closing.close_collection

    def close(*, collection: Collection, now: Any) -> bool:
        if collection.pk == broken.pk:
            raise ValueError("broken")
        return real(collection=collection, now=now)

    monkeypatch.setattr(closing, "close_collection", close)
    with pytest.raises(ValueError, match="broken"):
        closing.close_due(now=make.now())
    assert list(Closing.objects.values_list("collection", flat=True)) == [sound.pk]
