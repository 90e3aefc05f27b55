"""Writes that may be sent twice: the first answer to a key is kept, in the transaction of the act, and given again."""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja.responses import NinjaJSONEncoder
from pydantic import BaseModel

from hub.models import IdempotencyKey, Member
from hub.refusals import Refusal
from hub.wire import problems
from hub.wire.calls import caller

HEADER = "Idempotency-Key"
KEPT = timedelta(days=7)
_KEY = re.compile(r"[\x21-\x7e]{1,200}")


class KeyReused(Refusal):
    """The key was sent before with another write."""

    code = "idempotency-key-reused"


class BadKey(Refusal):
    """A key has 1 to 200 visible ASCII characters."""

    code = "bad-idempotency-key"
    status = 422


def once(status: int = 200) -> Callable[[Callable[..., Any]], Callable[..., HttpResponse]]:
    """Decorates a write: answers with `status` (204 where there is nothing to say), once for each Idempotency-Key.

    A refusal is an answer too and is kept; malformed input and faults of ours are not. Without the header a write is as
    repeatable as its act.
    """

    def decorate(write: Callable[..., Any]) -> Callable[..., HttpResponse]:
        @wraps(write)
        def written(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            key = _key(request)
            if key is None:
                return _answer(*_act(write, status, request, *args, **kwargs))
            member, fingerprint = caller(request), _fingerprint(request)
            with transaction.atomic():
                if not _claim(member, key, fingerprint, timezone.now()):
                    return _again(member, key, fingerprint)
                code, body = _act(write, status, request, *args, **kwargs)
                IdempotencyKey.objects.filter(member=member, key=key).update(status=code, body=body)
            return _answer(code, body)

        return written

    return decorate


def forget_old(*, now: datetime) -> int:
    """Delete keys of more than a week ago; returns how many."""
    return IdempotencyKey.objects.filter(created_at__lt=now - KEPT).delete()[0]


def _key(request: HttpRequest) -> str | None:
    key = request.headers.get(HEADER)
    if key is not None and not _KEY.fullmatch(key):
        raise BadKey(_("An Idempotency-Key has 1 to 200 visible characters."))
    return key


def _act(write: Callable[..., Any], status: int, *args: Any, **kwargs: Any) -> tuple[int, Any]:
    """Status and body of the answer. A refused act has rolled back what it did itself."""
    try:
        with transaction.atomic():
            given = write(*args, **kwargs)
    except Refusal as refusal:
        return refusal.status, json.loads(json.dumps(problems.of_refusal(refusal), cls=NinjaJSONEncoder))
    return (204, None) if given is None else (status, _plain(given))


def _plain(given: BaseModel) -> Any:
    return given.model_dump(mode="json")


def _claim(member: Member, key: str, fingerprint: str, now: datetime) -> bool:
    """Whether the key is new. Waits for another transaction that has just claimed it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO hub_idempotencykey (member_id, key, request_hash, status, created_at)
               VALUES (%s, %s, %s, 0, %s) ON CONFLICT DO NOTHING""",
            [member.pk, key, fingerprint, now],
        )
        return bool(cursor.rowcount)


def _again(member: Member, key: str, fingerprint: str) -> HttpResponse:
    first = IdempotencyKey.objects.get(member=member, key=key)
    if first.request_hash != fingerprint:
        raise KeyReused(_("This key was used for another request."), key=key)
    response = _answer(first.status, first.body)
    response["Idempotent-Replayed"] = "true"
    return response


def _answer(status: int, body: Any) -> HttpResponse:
    if status == 204:
        return HttpResponse(status=204)
    return problems.answer(body) if status >= 400 else JsonResponse(body, status=status)


def _fingerprint(request: HttpRequest) -> str:
    """What makes a write the same: method, address and body; of a form, its fields and files, since the boundary varies."""
    parts = [str(request.method), request.get_full_path()]
    if request.content_type == "multipart/form-data":
        parts += [f"{name}={values}" for name, values in sorted(request.POST.lists())]
        for name, files in sorted(request.FILES.lists()):
            for file in files:
                parts += [name, str(file.name), hashlib.sha256(file.read()).hexdigest()]
                file.seek(0)
    else:
        parts.append(hashlib.sha256(request.body).hexdigest())
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
