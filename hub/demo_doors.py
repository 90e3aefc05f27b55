"""Sign-in links of the demo: signed, for one role each, good only from this machine and only under DEMO."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from hub.models import Host, Member, Role
from hub.refusals import Words

SALT = "hub.demo"
LOOPBACK = ("127.0.0.1", "::1")
# The second factor of those who have one, the same in every village: it proves nothing and is printed for whoever tries it.
SECOND_FACTOR = base64.b32encode(hashlib.sha1(b"cabas: the village", usedforsecurity=False).digest()).decode()
PERIOD = 30  # seconds a code lives, RFC 6238


@dataclass(frozen=True)
class Door:
    """A role of the village and the member who plays it."""

    role: Words
    member: Member
    path: str
    secret: str
    """What an authenticator app is fed with, "" where nobody asks the member for a second factor."""

    @property
    def url(self) -> str:
        return settings.SITE_URL + self.path


def open_to(request: HttpRequest) -> bool:
    """Only a browser on this machine, reached without a proxy between."""
    return request.META.get("REMOTE_ADDR") in LOOPBACK and "HTTP_X_FORWARDED_FOR" not in request.META


def doors() -> list[Door]:
    """One door per role, each to somebody of the village who holds it. Empty before the village is built."""
    found = [
        (
            _("household"),
            "member",
            Member.objects.filter(household__memberships__status="accepted").order_by("pk").first(),
        ),
        (_("farmer"), "producer", Member.objects.filter(producer_roles__isnull=False).order_by("pk").first()),
        (_("host"), "host", _host()),
        (
            _("coordinator"),
            "coordinator",
            Member.objects.filter(roles__in=Role.objects.current()).order_by("pk").first(),
        ),
    ]
    asked = set(Authenticator.objects.filter(type=Authenticator.Type.TOTP).values_list("user", flat=True))
    return [
        Door(
            role,
            member,
            f"{reverse('hub:demo_door', args=[token_for(member)])}?space={space}",
            SECOND_FACTOR if member.pk in asked else "",
        )
        for role, space, member in found
        if member
    ]


def _host() -> Member | None:
    """A host, rather one whose hand-over is under way."""
    busy = Host.objects.current().filter(point__collections__status="in_progress").values("member")
    any_host = Member.objects.filter(pk__in=Host.objects.current().values("member")).order_by("pk")
    return any_host.filter(pk__in=busy).first() or any_host.first()


def token_for(member: Member) -> str:
    """A signed word that stands for a member."""
    return signing.dumps(member.pk, salt=SALT)


def member_of(token: str) -> Member | None:
    """The member a token stands for; None when it was not signed here."""
    try:
        return Member.objects.filter(pk=signing.loads(token, salt=SALT), is_active=True).first()
    except signing.BadSignature:
        return None


def give_second_factor(member: Member) -> None:
    """Set up the village's authenticator app for somebody who has none. Again, nothing happens."""
    Authenticator.objects.get_or_create(
        user=member, type=Authenticator.Type.TOTP, defaults={"data": {"secret": get_adapter().encrypt(SECOND_FACTOR)}}
    )


def code_at(now: datetime) -> str:
    """The six digits that the village's authenticator app shows, by RFC 6238."""
    counter = int(now.timestamp()) // PERIOD
    digest = hmac.digest(base64.b32decode(SECOND_FACTOR), counter.to_bytes(8), "sha1")
    at = digest[-1] & 0x0F
    return f"{(int.from_bytes(digest[at : at + 4]) & 0x7FFFFFFF) % 1_000_000:06d}"
