"""The second factor of those who see everybody's money: an authenticator app or a passkey, beside the e-mailed code."""

from allauth.mfa.models import Authenticator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from hub import pages
from hub.models import Member

PROOFS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
# Where in the session the page is kept that somebody wanted to see and had no second factor for.
WANTED = "wanted_page"


def is_set_up(member: Member) -> bool:
    """Whether the member has one. Signing in then asks for it, so whoever is in has shown it."""
    return bool(Authenticator.objects.filter(user=member, type__in=PROOFS).exists())


def ask(request: HttpRequest) -> HttpResponse:
    """Say how to set one up. The pages that do so lead back to what was wanted, or to the form that was sent."""
    if wanted := pages.here(request):
        request.session[WANTED] = wanted
    return render(request, "hub/second_factor.html", status=403)


def shown(request: HttpRequest) -> None:
    """Whoever has one is where they wanted to be: no page leads back any more."""
    request.session.pop(WANTED, None)
