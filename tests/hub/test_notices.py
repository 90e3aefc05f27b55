"""Messages leave once, are tried again when the mail server is away, and can be read again."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from hub import notices
from hub.models import Letter, Notice
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def words(tmp_path: Any, settings: Any) -> None:
    """A template for the kind `test`."""
    (tmp_path / "emails").mkdir()
    (tmp_path / "emails" / "test.txt").write_text("Bonjour {{ member.first_name }}\n\nIl reste {{ left }} jours.\n")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]


def notice(**fields: Any) -> Notice:
    values = {"kind": "test", "key": "fact:1", "due_at": make.now(), "data": {"left": 3}} | fields
    return Notice(**values)


def test_a_fact_is_told_once_and_kept(words: None) -> None:
    person = make.member("camille@exemple.fr", first_name="Camille")
    for _twice in range(2):
        notices.queue([notice(member=person)])
        notices.send_due(now=make.now())
    assert [(m.subject, m.body, m.to) for m in mail.outbox] == [
        ("Bonjour Camille", "Il reste 3 jours.\n", ["camille@exemple.fr"])
    ]
    assert list(Letter.objects.values_list("subject", "text", "notice__key")) == [
        ("Bonjour Camille", "Il reste 3 jours.\n", "fact:1")
    ]


def test_what_is_not_due_waits(words: None) -> None:
    notices.queue([notice(email="a@exemple.fr", due_at=make.now() + timedelta(hours=1))])
    assert notices.send_due(now=make.now()) == 0
    assert notices.send_due(now=make.now() + timedelta(hours=2)) == 1


def test_a_dead_mail_server_loses_nothing(words: None, monkeypatch: pytest.MonkeyPatch) -> None:
    notices.queue([notice(email="a@exemple.fr")])

    def refuse(self: Any) -> int:
        raise ConnectionRefusedError("mail server away")

    with monkeypatch.context() as away:
        away.setattr("django.core.mail.EmailMessage.send", refuse)
        assert notices.send_due(now=make.now()) == 0
    row = Notice.objects.get()
    assert (row.sent_at, row.attempts, row.error, Letter.objects.count()) == (None, 1, "mail server away", 0)
    assert notices.send_due(now=make.now()) == 0
    assert notices.send_due(now=make.now() + timedelta(minutes=3)) == 1
