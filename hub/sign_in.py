"""Signing in: allauth does it; here is only what this cooperative decides."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.models import EmailAddress
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string

from hub.context import SPACES, front_of, spaces_of
from hub.models import Hub, Member, Membership


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """Its messages are signed by the cooperative, and one code is enough."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """allauth renders subjects without a request, so no context processor gives them the cooperative's name."""
        super().send_mail(template_prefix, email, {"hub": Hub.get(), "site_url": settings.SITE_URL} | context)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Home; the space of their role for those who work here and order nowhere."""
        member = request.user
        if not isinstance(member, Member) or Membership.objects.filter(household=member.household_id).exists():
            return settings.LOGIN_REDIRECT_URL
        spaces = spaces_of(member)
        first = next((space.key for space in SPACES if space.key in spaces - {"member"}), "member")
        return front_of(first, spaces)

    def login(self, request: HttpRequest, user: Member) -> None:
        """Signed in: what the session kept for whoever comes back is taken up (`AFTER_SIGN_IN`)."""
        super().login(request, user)
        take_up = import_string(settings.AFTER_SIGN_IN)
        take_up(request, user)

    def pre_login(self, request: HttpRequest, user: Member, **words: Any) -> HttpResponse | None:
        """Whoever typed a code sent to their address has shown that it is theirs.

        allauth knows that only of people who signed up themselves; members who were invited or imported would be asked
        for a second code.
        """
        records = get_authentication_records(request, user)
        if any(record["method"] == "code" and record.get("email") == user.email for record in records):
            EmailAddress.objects.get_or_create(
                user=user, email=user.email, defaults={"verified": True, "primary": True}
            )
        answer: HttpResponse | None = super().pre_login(request, user, **words)
        return answer
