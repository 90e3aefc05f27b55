"""A real browser on a real server, on a database of its own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings as conf
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.db import connections
from django.test import Client, override_settings
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from hub.models import Member
from tests.conftest import FILES_AS_THEY_ARE

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
PHONE: ViewportSize = {"width": 390, "height": 844}
TABLET: ViewportSize = {"width": 1180, "height": 820}


@pytest.fixture(scope="module")
def browser(tests_database: None) -> Iterator[Browser]:
    """Debian's Chromium. While Playwright's loop runs in this thread, Django keeps another set of connections for it:
    each set is closed before the other is used, since a database that is cloned may have no session open."""
    connections.close_all()
    with sync_playwright() as playwright, pytest.MonkeyPatch.context() as patch:
        # The tests' own queries are as synchronous as ever.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(FLAGS))
        yield chromium
        chromium.close()
        connections.close_all()


@contextmanager
def serving() -> Iterator[str]:
    """The address of a server on the database in use."""
    with override_settings(ALLOWED_HOSTS=["localhost"], **FILES_AS_THEY_ARE):
        thread = LiveServerThread("localhost", StaticFilesHandler)
        thread.daemon = True
        thread.start()
        thread.is_ready.wait()
        if thread.error:
            raise thread.error
        yield f"http://localhost:{thread.port}"
        thread.terminate()


def signed_in(browser: Browser, site: str, member: Member | None, **options: Any) -> BrowserContext:
    """A browser that nobody, or a member, is signed in with; in French."""
    context = browser.new_context(base_url=site, locale="fr-FR", **options)
    if member is not None:
        client = Client()
        client.force_login(member, backend="allauth.account.auth_backends.AuthenticationBackend")
        cookie = client.cookies[conf.SESSION_COOKIE_NAME]
        context.add_cookies([{"name": conf.SESSION_COOKIE_NAME, "value": cookie.value, "url": site}])
    return context


@pytest.fixture
def site(committed: str) -> Iterator[str]:
    """The address of a server on the test's own database."""
    with serving() as address:
        yield address


@pytest.fixture
def open_as(browser: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """Opens a page as a member on a phone (or a tablet, or without JavaScript); a script error fails the test."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def opener(member: Member | None, *, viewport: ViewportSize = PHONE, javascript: bool = True) -> Page:
        context = signed_in(browser, site, member, viewport=viewport, java_script_enabled=javascript)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield opener
    for context in contexts:
        context.close()
    assert errors == []
