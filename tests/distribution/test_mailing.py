"""Sheets as PDF: to farms at the close, to hosts and those on duty the day before, once each, and again by hand."""

import io
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from pypdf import PdfReader

from distribution import closing, mailing, printing, reminding
from distribution.models import Duty
from hub import calendar, notices
from hub.models import Activity, Collection, Member, Notice
from tests import make
from tests.distribution import week as weeks
from tests.distribution.week import Week

pytestmark = pytest.mark.django_db


@pytest.fixture
def week(settings: Any, tmp_path: Path) -> Week:
    """A closed week whose PDFs are kept in a folder of the test's own, Ana on duty."""
    settings.MEDIA_ROOT = tmp_path
    made = weeks.build()
    ana = make.member(first_name="Ana")
    for member, role in ((ana, "Accueil"), (made.host, "Caisse"), (None, "Fromages")):
        Duty.objects.create(collection=made.collection, role=role, member=member)
    make.passed(made.collection)
    closing.close_due(now=make.now())
    return made


def send(now: datetime) -> list[Any]:
    """What leaves at a moment."""
    before = len(mail.outbox)
    notices.send_due(now=now, attach=mailing.FILES)
    return mail.outbox[before:]


def words(pdf: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def test_a_farm_gets_its_three_sheets_once(week: Week) -> None:
    Notice.objects.exclude(member=week.gardener).delete()
    (letter,) = send(make.now() + timedelta(minutes=2))
    code = week.garden.code
    assert [(name, kind) for name, _content, kind in letter.attachments] == [
        (f"{week.collection.code}-{sheet}-{code}.pdf", "application/pdf")
        for sheet in ("bon-de-livraison", "bons-membres", "feuille-de-recolte")
    ]
    for name, content, _kind in letter.attachments:
        text = words(content)
        assert week.carrots.product.name in text, name
        assert week.chicken.product.name not in text, name
    assert send(make.now() + timedelta(minutes=4)) == []


def tomorrow(hour: int) -> datetime:
    return calendar.wall_to_utc(calendar.local_date(make.now()) + timedelta(days=2), time(hour))


def test_hosts_and_those_on_duty_get_theirs_the_day_before(week: Week) -> None:
    Notice.objects.all().delete()
    starts = tomorrow(18)
    Collection.objects.update(starts_at=starts, ends_at=starts + timedelta(hours=2))
    noon = tomorrow(12) - timedelta(days=1)
    reminding.queue_due(now=noon - timedelta(minutes=1))
    assert Notice.objects.count() == 0
    for _time in range(2):
        reminding.queue_due(now=noon)
    assert sorted(Notice.objects.values_list("kind", "member__first_name")) == [
        ("sheets-duty", "Ana"), ("sheets-host", "Martine")
    ]  # fmt: skip
    letters = {letter.to[0]: letter for letter in send(noon + timedelta(minutes=1))}
    packet = letters[week.host.email].attachments
    assert [name for name, _content, _kind in packet] == [f"{week.collection.code}.pdf"]
    chosen = printing.chosen(week.collection, sorted(printing.CHOSEN))
    assert bytes(packet[0][1]) == printing.packet(chosen)
    ana = Member.objects.get(first_name="Ana")
    text = words(bytes(letters[ana.email].attachments[0][1]))
    for name in ("Ana", "Bahri", "Zo"):
        assert name.casefold() in text.casefold()


def test_sheets_go_out_again_by_hand(week: Week, client: Client) -> None:
    send(make.now() + timedelta(minutes=2))
    client.force_login(week.host)
    page = client.get(f"/impressions/{week.collection.code}/")
    shown = page.context["sendings"]
    assert [(one.name, str(one.what)) for one in shown] == [
        (farm.name, str(mailing.CARRIERS["close-producer"])) for farm in (week.garden, week.yard)
    ]
    sent = {"notice": shown[0].notice.key, "uid": "8a0e3c9e-8a43-4a1b-9a07-5a3d6a6a7d10"}
    url = f"/impressions/{week.collection.code}/envois/"
    for _tap in range(2):
        assert client.post(url, sent).status_code == 302
    (letter,) = send(make.now() + timedelta(minutes=5))
    assert (letter.to, len(letter.attachments)) == ([week.gardener.email], 3)
    assert list(Activity.objects.filter(verb="notice.sent-again").values_list("member", "data")) == [
        (week.host.pk, {"key": sent["uid"], "notice": sent["notice"]})
    ]
    told = Notice.objects.get(kind="close-order", member__household=week.homes["Zoé"])
    assert client.post(url, {"notice": told.key}).status_code == 404
    client.force_login(make.host(make.point()))
    assert client.post(url, sent).status_code == 404


def test_what_failed_is_tried_again_at_once_and_an_invitation_is_not(week: Week) -> None:
    boss = make.coordinator()
    Notice.objects.exclude(kind="close-host").delete()
    failed = Notice.objects.get()
    Notice.objects.update(attempts=8, error="away", given_up_at=make.now(), due_at=make.now() + timedelta(hours=9))
    assert send(make.now() + timedelta(minutes=1)) == []
    for _tap in range(2):
        notices.send_again(notice=failed, by=boss, now=make.now(), key="tap")
    assert len(send(make.now() + timedelta(minutes=1))) == 1
    assert Notice.objects.get().sent_at is not None
    Notice.objects.update(kind="invitation-point")
    with pytest.raises(notices.CannotSendAgain):
        notices.send_again(notice=Notice.objects.get(), by=boss, now=make.now(), key="other")
    assert Notice.objects.count() == 1
