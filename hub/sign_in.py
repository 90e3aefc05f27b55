"""Signing in: allauth does it; here is only what this cooperative decides."""

from allauth.account.adapter import DefaultAccountAdapter


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """allauth's adapter as it is, for now one place to change its manners."""
