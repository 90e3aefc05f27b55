"""Signing in: allauth does it; here is only what this cooperative decides."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter

from hub.models import Hub


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """Its messages are signed by the cooperative."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """allauth renders subjects without a request, so no context processor gives them the cooperative's name."""
        super().send_mail(template_prefix, email, {"hub": Hub.get()} | context)
