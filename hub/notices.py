"""Messages: queued in the transaction of their fact, sent by a sweep, each once. Some can be done without."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from djmoney.money import Money

from hub import activity
from hub import format as say
from hub.mail import SECRET, remember
from hub.models import Activity, Collection, Member, Notice
from hub.refusals import Refusal, Words

MAX_ATTEMPTS = 8
EVERY = Q()

OPTIONAL: dict[str, Words] = {
    "sale-opened": _("A sale opens at my collection point"),
    "last-day": _("Orders close tomorrow and I have not ordered"),
    "unsent-wish": _("Orders close soon and my order is not sent"),
    "collect-today": _("I collect my order today"),
    "adjusted": _("The final amount differs from my order"),
}
"""The kinds of messages a member may do without, as the account page names them. All others are always sent."""


class CannotSendAgain(Refusal):
    """The secret in the message is not kept."""

    code = "cannot-send-again"


class Attachment(NamedTuple):
    """A file that goes with a message."""

    name: str
    content: bytes
    type: str


Attach = Callable[[Notice], Sequence[Attachment]]
"""Makes the files of a notice."""


def queue(notices: Iterable[Notice]) -> None:
    """Write notices in the caller's transaction; a fact that was told before is not told again."""
    Notice.objects.bulk_create(list(notices), ignore_conflicts=True)


def amount(to: Member, told: Money) -> str:
    """An amount as whoever is told reads it: the words of a message are fixed when its fact is."""
    with translation.override(to.language):
        return say.money(told)


def withdraw(*, collection: Collection, now: datetime) -> None:
    """Reminders of a collection that have not left are not sent any more."""
    waiting = Notice.objects.filter(collection=collection, sent_at=None, given_up_at=None, expires_at__isnull=False)
    waiting.update(given_up_at=now)


def send_due(
    *, now: datetime, limit: int = 200, among: Q = EVERY, attach: Mapping[str, Attach] = MappingProxyType({})
) -> int:
    """Send what is due, one transaction a message; two senders at once never send the same one. Returns how many left.

    `among` limits it to some; `attach` makes the files of the kinds that have some: the packages above know them.
    """
    sent = 0
    while sent < limit and (result := _send_one(now, among, attach)) is not None:
        sent += result
    return sent


def send_again(*, notice: Notice, by: Member, now: datetime, key: str) -> None:
    """Send a message once more: one that failed is tried now, one that left goes out again as a message of its own.

    The same `key` again changes nothing. Raises CannotSendAgain for what carried a secret that is not kept.
    """
    if notice.kind.startswith("invitation-"):
        raise CannotSendAgain(_("This message carries a link that is good once: invite again instead."))
    with transaction.atomic():
        row = Notice.objects.select_for_update(of=("self",)).select_related("collection").get(pk=notice.pk)
        about_to_leave = row.sent_at is None and row.given_up_at is None and not row.attempts
        if about_to_leave or Activity.objects.filter(verb="notice.sent-again", data__key=key).exists():
            return
        if row.sent_at is None:
            row.due_at, row.attempts, row.error, row.given_up_at, row.expires_at = now, 0, "", None, None
            row.save(update_fields=["due_at", "attempts", "error", "given_up_at", "expires_at"])
        else:
            again = Notice(kind=row.kind, member_id=row.member_id, email=row.email, data=row.data)
            again.key, again.collection, again.due_at = f"again:{key}", row.collection, now
            queue([again])
        activity.record(
            verb="notice.sent-again", subject=notice.kind, by=by, now=now, collection=row.collection,
            data={"key": key, "notice": notice.key},
        )  # fmt: skip


def _send_one(now: datetime, among: Q, attach: Mapping[str, Attach]) -> int | None:
    """1 when a message left, 0 when it failed and will be tried again later, None when nothing is due."""
    with transaction.atomic():
        notice = (
            Notice.objects.due(now).filter(among).select_for_update(skip_locked=True).order_by("due_at", "pk").first()
        )
        if notice is None:
            return None
        files = attach[notice.kind](notice) if notice.kind in attach else []
        try:
            _send(notice, files, now)
        except OSError as error:  # the mail server is away: smtplib's errors are OSErrors
            _put_off(notice, error, now)
            return 0
        notice.sent_at = now
        notice.data.pop(SECRET, None)
        notice.save(update_fields=["sent_at", "data"])
        return 1


def _send(notice: Notice, files: Sequence[Attachment], now: datetime) -> None:
    language = notice.member.language if notice.member else settings.LANGUAGE_CODE
    address = notice.member.email if notice.member else notice.email
    leave = unsubscribe_url(notice.member, notice.kind) if notice.member and notice.kind in OPTIONAL else ""
    context = {
        "notice": notice, "member": notice.member, "site_url": settings.SITE_URL, "files": files, "leave_url": leave,
        **notice.data,
    }  # fmt: skip
    with translation.override(language):
        words = render_to_string(f"emails/{notice.kind}.txt", context)
        end = render_to_string("emails/_leave.txt", context) if leave else ""
    subject, _newline, text = words.strip().partition("\n")
    headers = {"Message-ID": f"<notice-{notice.pk}@{settings.SITE_URL.partition('//')[2].partition(':')[0]}>"}
    if leave:  # RFC 8058: one click, without signing in
        headers |= {"List-Unsubscribe": f"<{leave}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    mail = EmailMultiAlternatives(subject, f"{text.strip()}\n{end}", to=[address], headers=headers)
    for file in files:
        mail.attach(*file)
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


def unsubscribe_url(member: Member, kind: str) -> str:
    """The address that ends one kind of messages for one member; whoever holds the mail may use it."""
    token = signing.Signer(salt="unsubscribe").sign_object([member.pk, kind])
    return f"{settings.SITE_URL}{reverse('hub:unsubscribe', args=[token])}"


def read_token(token: str) -> tuple[Member, str] | None:
    """Whom a signed address speaks of, and which kind; None for a forged one, or a kind that is always sent."""
    try:
        pk, kind = signing.Signer(salt="unsubscribe").unsign_object(token)
    except signing.BadSignature:
        return None
    member = Member.objects.filter(pk=pk).first()
    return (member, kind) if member and kind in OPTIONAL else None
