"""Guessing a sign-in code: five tries in five minutes and account, from however many places."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from hub.models import Member
from tests import make

pytestmark = pytest.mark.django_db

WRONG = "ZZZZZZ"


@pytest.fixture
def camille() -> Member:
    return make.member("camille@exemple.fr", first_name="Camille")


def sessions(number: int, email: str) -> list[Client]:
    """As many browsers, at as many addresses, each of which asked for a code."""
    browsers = [Client(REMOTE_ADDR=f"192.0.2.{place}") for place in range(1, number + 1)]
    for browser in browsers:
        browser.post(reverse("account_login"), {"login": email})
    return browsers


def statuses(browsers: list[Client], code: str) -> list[int]:
    return [browser.post(reverse("account_confirm_login_code"), {"code": code}).status_code for browser in browsers]


def test_five_tries_for_an_account_whatever_the_session(camille: Member) -> None:
    browsers = sessions(3, "camille@exemple.fr")
    assert statuses(browsers, WRONG) == [200, 200, 200]
    assert statuses(browsers, WRONG) == [200, 200, 429]


def test_the_right_code_is_refused_once_the_tries_are_used_up(camille: Member) -> None:
    browsers = sessions(3, "camille@exemple.fr")
    right = mail.outbox[-1].subject.split()[0]
    statuses([*browsers[:2], *browsers[:2]], WRONG)
    assert statuses([browsers[0]], WRONG) == [302]
    assert statuses([browsers[2]], right) == [429]
    assert "_auth_user_id" not in browsers[2].session


def test_an_account_that_does_not_exist_is_answered_alike(camille: Member) -> None:
    known, unknown = sessions(2, "camille@exemple.fr"), sessions(2, "personne@exemple.fr")
    rounds = [(statuses(known, WRONG), statuses(unknown, WRONG)) for _round in range(3)]
    assert [known for known, _unknown in rounds] == [unknown for _known, unknown in rounds]
    assert rounds[-1][0] == [302, 429]


def test_others_keep_their_tries(camille: Member) -> None:
    make.member("jo@exemple.fr")
    statuses([*sessions(3, "camille@exemple.fr")] * 2, WRONG)
    (browser,) = sessions(1, "jo@exemple.fr")
    right = mail.outbox[-1].subject.split()[0]
    assert statuses([browser], right) == [302]
    assert "_auth_user_id" in browser.session


def test_the_count_does_not_need_redis(camille: Member, settings: Any) -> None:
    assert settings.CACHES["default"]["BACKEND"] == "django.core.cache.backends.db.DatabaseCache"


@pytest.mark.parametrize("who", ["member", "admin"])
@pytest.mark.parametrize("places", [1, 250], ids=["one address", "many addresses"])
def test_a_thousand_wrong_codes_are_five_tries(who: str, places: int) -> None:
    """Whether somebody guesses from one place or from many: a code is looked at five times in five minutes at most."""
    if who == "admin":
        Member.objects.create_superuser("camille@exemple.fr")
    else:
        make.member("camille@exemple.fr")
    looked_at = 0
    for browser in range(50):
        guesser = Client(REMOTE_ADDR=f"198.51.100.{browser % places}")
        guesser.post(reverse("account_login"), {"login": "camille@exemple.fr"})
        for _guess in range(20):
            answer = guesser.post(reverse("account_confirm_login_code"), {"code": WRONG})
            sent_away = answer.status_code == 302 and not answer.headers["Location"].startswith("/sign-in/")
            assert not sent_away
            looked_at += answer.status_code == 200 and b"aria-invalid" in answer.content
        assert "_auth_user_id" not in guesser.session
    assert 1 <= looked_at <= 5
