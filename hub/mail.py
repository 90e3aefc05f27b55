"""Every message that leaves is kept as a `Letter`; in the demo that is all that happens to it."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import make_msgid
from django.utils import timezone

from hub.models import Letter, Notice

SECRET = "secret"  # noqa: S105  (the name of an entry)
"""The word of a notice that its reader alone may know, such as the token of a link. It is forgotten once sent."""


def remember(mail: EmailMessage, *, now: datetime, notice: Notice | None = None) -> Letter:
    """Keep a message as it left. Its Message-ID makes keeping it twice harmless."""
    message_id = mail.extra_headers.setdefault("Message-ID", make_msgid())
    secret = str(notice.data.get(SECRET, "")) if notice else ""
    html = next((str(part[0]) for part in getattr(mail, "alternatives", []) if part[1] == "text/html"), "")
    letter, _made = Letter.objects.update_or_create(
        message_id=message_id,
        defaults={
            "notice": notice,
            "recipients": ", ".join(mail.recipients()),
            "subject": str(mail.subject)[:300],
            "text": _without(secret, str(mail.body)),
            "html": _without(secret, html),
            "attachments": [_attachment(part) for part in mail.attachments],
            "sent_at": now,
        },
    )
    return letter


def _without(secret: str, words: str) -> str:
    """The words as they are kept. The demo has no other mailbox than its page, so there they stay whole."""
    return words.replace(secret, "…") if secret and not settings.DEMO else words


def _attachment(part: object) -> dict[str, str | int]:
    name, content = part[0], part[1]  # type: ignore[index]
    return {"name": str(name), "size": len(content)}


class LetterBackend(BaseEmailBackend):
    """For the demo: messages are kept to be read on its page, and go nowhere."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Keep each message; returns how many."""
        for mail in email_messages:
            remember(mail, now=timezone.now())
        return len(email_messages)
