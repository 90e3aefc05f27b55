"""The coordinator's week: what waits for somebody, what was sent or not, which work is late."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from distribution import board, closing, mailing, printing, upkeep
from distribution.models import MinimumDecision
from hub import calendar, notices
from hub.models import Activity, Collection, Notice
from hub.money import money
from tests import make
from tests.distribution import week as weeks
from tests.distribution.week import Week

pytestmark = pytest.mark.django_db


@pytest.fixture
def week(settings: Any, tmp_path: Path) -> Week:
    """A week that closes with a farm below its minimum; PDFs are kept in a folder of the test's own."""
    settings.MEDIA_ROOT = tmp_path
    return weeks.build(yard_minimum="100")


def jobs(minutes: int = 6) -> dict[str, int]:
    return {str(words): many for words, many in upkeep.read(now=make.now() + timedelta(minutes=minutes)).jobs}


def page(client: Client, week: Week) -> Any:
    client.force_login(make.coordinator())
    return client.get(f"/semaine/{week.collection.week}/")


def test_who_has_not_published_and_who_is_below(week: Week, client: Client) -> None:
    make.passed(week.collection)
    closing.close_due(now=make.now())
    answer = page(client, week)
    shown = answer.context["board"]
    assert answer.status_code == 200
    assert [one.name for one in shown.unpublished] == sorted([week.garden.name, week.yard.name])
    assert [(one.producer, one.ordered, one.minimum) for one in shown.minimums] == [
        (week.yard, money("59.40"), money("100"))
    ]
    words = answer.content.decode()
    assert f"/minimums/{week.collection.code}/{week.yard.code}/" in words
    assert "/annulation/" in words
    asked = client.get(f"/minimums/{week.collection.code}/{week.yard.code}/")
    assert (asked.context["households"], list(asked.context["products"])) == (
        2, [{"name": week.chicken.product.name, "label": week.chicken.label, "packs": 3}],
    )  # fmt: skip


def test_a_week_that_is_over_is_told_as_over(week: Week, client: Client) -> None:
    assert "Remis jusqu’ici" in page(client, week).content.decode()
    past = client.get(f"/semaine/{calendar.shift_week(week.collection.week, -4)}/").content.decode()
    assert "<dt>Remis</dt>" in past
    assert "jusqu’ici" not in past
    assert "Pas encore publié" not in past


def test_late_work_is_named_and_what_waits_for_an_answer_is_not(week: Week) -> None:
    assert jobs() == {}
    Collection.objects.update(opens_at=make.now() - timedelta(days=3), closes_at=make.now() - timedelta(minutes=1))
    assert jobs(3) == {}
    assert jobs() == {"ventes à clore": 1}
    closing.close_due(now=make.now())
    assert jobs() == {"messages à envoyer": Notice.objects.count()}
    closing.decide(decision_row=MinimumDecision.objects.get(), choice="deliver", by=None, now=make.now())
    assert jobs() == {"ventes à clore": 1, "messages à envoyer": Notice.objects.count()}
    closing.close_due(now=make.now())
    assert jobs() == {"PDF à produire": 11, "messages à envoyer": Notice.objects.count()}
    printing.render_missing(now=make.now())
    notices.send_due(now=make.now(), attach=mailing.FILES)
    assert jobs() == {}


def test_what_could_not_be_sent_is_sent_again(week: Week, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    make.passed(week.collection)
    closing.close_due(now=make.now())

    def refuse(self: Any) -> int:
        raise ConnectionRefusedError("mail server away")

    with monkeypatch.context() as away:
        away.setattr("django.core.mail.EmailMessage.send", refuse)
        notices.send_due(now=make.now())
    assert (Notice.objects.failing().count(), len(mail.outbox)) == (1, 0)
    answer = page(client, week)
    (failure,) = answer.context["board"].upkeep.failures
    assert "mail server away" in answer.content.decode()
    sent = {"notice": failure.notice.key, "uid": str(failure.uid)}
    for _tap in range(2):
        client.post("/semaine/messages/renvoi/", sent)
    assert Activity.objects.filter(verb="notice.sent-again").count() == 1
    notices.send_due(now=make.now() + timedelta(seconds=1))
    assert [letter.to for letter in mail.outbox] == [[failure.notice.member.email]]
    shown = page(client, week).context["board"].upkeep
    assert (shown.failing, shown.sent) == (0, 1)
    client.force_login(week.host)
    assert client.post("/semaine/messages/renvoi/", sent).status_code == 404


def test_the_board_takes_as_many_statements_for_one_point_as_for_many(week: Week) -> None:
    after, counts = calendar.shift_week(week.collection.week, 1), []
    for more in (0, 8):
        for _nth in range(more):
            make.producer(make.collection(make.point()).point)
        with CaptureQueriesContext(connection) as seen:
            board.read(week.collection.week, next_week=after, now=make.now())
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_a_cancelled_distribution_stays_on_the_board_with_its_reason(client: Client) -> None:
    week = weeks.build()
    assert page(client, week).context["board"].cancelled == []
    closing.cancel(collection=week.collection, reason="Route coupée", by=make.coordinator(), now=make.now())
    shown = page(client, week)
    (row,) = shown.context["board"].cancelled
    assert (row.code, shown.context["board"].rows) == (week.collection.code, [])
    section = shown.content.decode().split('id="gone"')[1].split("</section>")[0]
    assert f'href="/jour-j/{week.collection.code}/annulation/"' in section
    assert "Route coupée" in section
