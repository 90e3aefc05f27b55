"""Dangerous settings are named by `manage.py check`; web server and worker refuse to start with them in production."""

import sys
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register, run_checks
from django.core.exceptions import ImproperlyConfigured

from hub import environment


def _secrets() -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if settings.SECRET_KEY == settings.INSECURE_SECRET_KEY:
        found.append(
            Error("SECRET_KEY is missing: set it, or SECRET_KEY_FILE, to 50 random characters.", id="hub.E001")
        )
    return found


def _names() -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if not settings.ALLOWED_HOSTS:
        found.append(Error("ALLOWED_HOSTS is missing: name the host people type.", id="hub.E002"))
    elif "*" in settings.ALLOWED_HOSTS:
        found.append(Error("ALLOWED_HOSTS must not be *: name the host people type.", id="hub.E003"))
    if not settings.HTTPS and urlsplit(settings.SITE_URL).hostname != "localhost":
        found.append(Error("SITE_URL must begin with https://.", id="hub.E004"))
    return found


def _mail() -> list[CheckMessage]:
    if settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        return []
    return [checks.Warning("EMAIL_URL is missing: nobody can receive the code to sign in with.", id="hub.W001")]


def _stripe() -> list[CheckMessage]:
    keys = [settings.STRIPE_SECRET_KEY, settings.STRIPE_PUBLISHABLE_KEY, settings.STRIPE_WEBHOOK_SECRET]
    found: list[CheckMessage] = []
    if any(keys) and not all(keys):
        found.append(
            Error(
                "STRIPE_SECRET_KEY, STRIPE_PUBLISHABLE_KEY and STRIPE_WEBHOOK_SECRET belong together: set all or none.",
                id="hub.E005",
            )
        )
    if len({"_live_" in key for key in keys[:2] if key}) > 1:
        found.append(Error("One of the Stripe keys is live and the other is for tests.", id="hub.E006"))
    if settings.STRIPE_API_BASE and "_live_" in settings.STRIPE_SECRET_KEY:
        found.append(Error("STRIPE_API_BASE is for a stand-in: it must not see a live key.", id="hub.E007"))
    return found


def _web_server() -> list[CheckMessage]:
    """What only the web server reads, so that a mistake is seen before it starts."""
    found: list[CheckMessage] = []
    for read in (environment.port, environment.web_workers):
        try:
            read()
        except ImproperlyConfigured as mistake:
            found.append(Error(str(mistake), id="hub.E012"))
    return found


def _loopback_only() -> list[CheckMessage]:
    outside = [host for host in settings.ALLOWED_HOSTS if host not in [*settings.LOOPBACK, "testserver"]]
    if not outside:
        return []
    mode = "DEBUG" if settings.DEBUG else "DEMO"
    return [
        Error(f"{mode} must be off where other machines can connect: ALLOWED_HOSTS names {outside[0]}.", id="hub.E008")
    ]


@register("cabas")
def dangerous_settings(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Everything a mistaken environment can open, for the kind of installation the settings describe."""
    if settings.PRODUCTION:
        return [*_secrets(), *_names(), *_mail(), *_stripe(), *_web_server()]
    return [*_loopback_only(), *_stripe(), *_web_server()]


@register("cabas", deploy=True)
def not_for_people(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """`check --deploy` is asked about the real thing, so DEBUG and DEMO are errors there."""
    return [
        Error(f"{name} is on: it is for this machine only.", id=f"hub.E{number}")
        for name, number in (("DEBUG", "010"), ("DEMO", "011"))
        if getattr(settings, name)
    ]


def refuse_to_boot() -> None:
    """End the process with one sentence per error. Called by the web server and the worker, which run no checks."""
    errors = [message for message in run_checks(tags=["cabas"]) if message.is_serious()]
    if errors:
        sys.exit("\n".join(f"{error.id}: {error.msg}" for error in errors))
