"""Keys for programs: made and shown once, checked on every call, taken back. The database holds only their hash."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from hub import activity
from hub.calendar import local_date
from hub.models import ApiToken, Member
from hub.refusals import Refusal

PREFIX = "cabas_"  # makes a key that leaked recognisable for programs that look for such
MOST_TOKENS = 20
CALLS_A_MINUTE = 600
"""What one key may ask for in a minute of the clock; beyond it, calls are answered 429."""


class BadScopes(Refusal):
    """No scope, or one that does not exist."""

    code = "bad-scopes"
    status = 422


class BadName(Refusal):
    """A key needs a name by which its owner knows it again."""

    code = "bad-name"
    status = 422


class TooManyTokens(Refusal):
    """Twenty keys are enough for anybody."""

    code = "too-many-tokens"


class TooManyCalls(Refusal):
    """The key was used too often within a minute; `data["retry_after"]` is in seconds."""

    code = "too-many-calls"
    status = 429


@dataclass(frozen=True)
class Minted:
    """A new token with its secret, which nobody can be shown again."""

    token: ApiToken
    secret: str


def mint(*, member: Member, name: str, scopes: Iterable[str], now: datetime) -> Minted:
    """A new key for a member's programs. Raises BadScopes, BadName, TooManyTokens."""
    wanted, called = set(scopes), " ".join(name.split())
    if not wanted or not wanted <= set(ApiToken.Scope.values):
        raise BadScopes(_("Say what the key opens."), scopes=sorted(wanted))
    if not 1 <= len(called) <= 60:
        raise BadName(_("Give the key a name of at most 60 characters."))
    secret = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        Member.objects.select_for_update(no_key=True, of=("self",)).get(pk=member.pk)
        if member.api_tokens.active().count() >= MOST_TOKENS:
            raise TooManyTokens(_("You have twenty keys already: revoke one that is no longer used."))
        token = ApiToken.objects.create(
            member=member, name=called, token_hash=_hash(secret), created_at=now,
            scopes=[scope for scope in ApiToken.Scope.values if scope in wanted],
        )  # fmt: skip
        activity.record(verb="token.made", subject=called, by=member, now=now, data={"scopes": token.scopes})
    return Minted(token, secret)


def revoke(*, token: ApiToken, by: Member, now: datetime) -> None:
    """Make a key worthless from this moment. Doing it again changes nothing."""
    with transaction.atomic():
        if ApiToken.objects.active().filter(pk=token.pk).update(revoked_at=now):
            activity.record(verb="token.revoked", subject=token.name, by=by, now=now)


def owner(secret: str, *, now: datetime) -> ApiToken | None:
    """The token a program shows, with its member; None when it opens nothing. Counts the call, in two statements.

    A key of somebody inactive or erased opens nothing. Raises TooManyCalls beyond CALLS_A_MINUTE.
    """
    minute = now.replace(second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE hub_apitoken t SET last_used_on = %(today)s, counted_from = %(minute)s,
                      calls = CASE WHEN t.counted_from = %(minute)s THEN t.calls + 1 ELSE 1 END
               FROM hub_member m LEFT JOIN hub_household h ON h.id = m.household_id
               WHERE m.id = t.member_id AND t.token_hash = %(hash)s AND t.revoked_at IS NULL
                     AND m.is_active AND h.erased_at IS NULL
               RETURNING t.id, t.calls""",
            {"today": local_date(now), "minute": minute, "hash": _hash(secret)},
        )
        found = cursor.fetchone()
    if found is None:
        return None
    if found[1] > CALLS_A_MINUTE:
        wait = max(1, round((minute + timedelta(minutes=1) - now).total_seconds()))
        raise TooManyCalls(_("Too many calls: wait a moment."), retry_after=wait)
    return ApiToken.objects.select_related("member").get(pk=found[0])


def _hash(secret: str) -> str:
    """A random secret of 256 bits needs no salt and no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()
