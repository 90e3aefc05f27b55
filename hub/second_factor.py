"""The second factor of those who see everybody's money: an authenticator app or a passkey, beside the e-mailed code."""

from allauth.mfa.models import Authenticator

from hub.models import Member

PROOFS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def is_set_up(member: Member) -> bool:
    """Whether the member has one. Signing in then asks for it, so whoever is in has shown it."""
    return bool(Authenticator.objects.filter(user=member, type__in=PROOFS).exists())
