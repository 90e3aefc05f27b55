"""Messages: queued in the transaction of their fact, sent by a sweep, each once."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation

from hub.mail import SECRET, remember
from hub.models import Notice

MAX_ATTEMPTS = 8


def queue(notices: Iterable[Notice]) -> None:
    """Write notices in the caller's transaction; a fact that was told before is not told again."""
    Notice.objects.bulk_create(list(notices), ignore_conflicts=True)


def send_due(*, now: datetime, limit: int = 200) -> int:
    """Send what is due, one transaction a message; two senders at once never send the same one. Returns how many left."""
    sent = 0
    while sent < limit and (result := _send_one(now)) is not None:
        sent += result
    return sent


def _send_one(now: datetime) -> int | None:
    """1 when a message left, 0 when it failed and will be tried again later, None when nothing is due."""
    with transaction.atomic():
        notice = Notice.objects.due(now).select_for_update(skip_locked=True).order_by("due_at", "pk").first()
        if notice is None:
            return None
        try:
            _send(notice, now)
        except OSError as error:  # the mail server is away: smtplib's errors are OSErrors
            _put_off(notice, error, now)
            return 0
        notice.sent_at = now
        notice.data.pop(SECRET, None)
        notice.save(update_fields=["sent_at", "data"])
        return 1


def _send(notice: Notice, now: datetime) -> None:
    language = notice.member.language if notice.member else settings.LANGUAGE_CODE
    address = notice.member.email if notice.member else notice.email
    context = {"notice": notice, "member": notice.member, "site_url": settings.SITE_URL, **notice.data}
    with translation.override(language):
        words = render_to_string(f"emails/{notice.kind}.txt", context)
    subject, _newline, text = words.strip().partition("\n")
    message_id = f"<notice-{notice.pk}@{settings.SITE_URL.partition('//')[2].partition(':')[0]}>"
    mail = EmailMultiAlternatives(subject, text.strip() + "\n", to=[address], headers={"Message-ID": message_id})
    mail.send()
    remember(mail, now=now, notice=notice)


def _put_off(notice: Notice, error: OSError, now: datetime) -> None:
    notice.attempts += 1
    notice.error = str(error)[:300]
    notice.due_at = now + timedelta(minutes=2**notice.attempts)
    if notice.attempts >= MAX_ATTEMPTS:
        notice.given_up_at = now
        notice.data.pop(SECRET, None)
    notice.save(update_fields=["attempts", "error", "due_at", "given_up_at", "data"])
