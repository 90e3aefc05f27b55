"""What goes wrong, said as problem JSON (RFC 9457)."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from hub import logs
from hub.refusals import Refusal

CONTENT_TYPE = "application/problem+json"
DOCS = "/api/v1/docs"


class MissingScope(Refusal):
    """The token is good, but was not made for this; `data["scope"]` is what it would need."""

    code = "missing-scope"
    status = 403


class NoSecondFactor(Refusal):
    """A coordinator's programs get in once the coordinator has a second factor."""

    code = "no-second-factor"
    status = 403


class Unacceptable(Refusal):
    """None of the media types asked for exists here; `data["offered"]` are those that do."""

    code = "not-acceptable"
    status = 406


def of_refusal(refusal: Refusal) -> dict[str, Any]:
    """A rule's no: its code, its sentence in the reader's language, its data."""
    return {
        "type": f"{DOCS}#{refusal.code}",
        "title": refusal.code.replace("-", " ").capitalize(),
        "status": refusal.status,
        "detail": str(refusal),
        "refusal": refusal.code,
        "data": refusal.data,
    }


def of_status(status: int, detail: str, **more: Any) -> dict[str, Any]:
    """What the status alone says."""
    return {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}


def answer(problem: dict[str, Any], **headers: str) -> HttpResponse:
    """The problem as a response."""
    response = JsonResponse(problem, status=problem["status"], content_type=CONTENT_TYPE, headers=headers)
    response["Cache-Control"] = "no-store"
    return response


def refused(request: HttpRequest, refusal: Any) -> HttpResponse:
    """Answer a Refusal."""
    wait = {"Retry-After": str(refusal.data["retry_after"])} if "retry_after" in refusal.data else {}
    return answer(of_refusal(refusal), **wait)


def not_there(request: HttpRequest, error: Any = None) -> HttpResponse:
    """Not there, or not yours: nobody learns which."""
    return answer(of_status(404, _("There is nothing here, or it is not yours.")))


def no_token(request: HttpRequest, error: Any = None) -> HttpResponse:
    """No token, or one that opens nothing."""
    detail = _("Send a valid token: Authorization: Bearer …")
    return answer(of_status(401, detail), **{"WWW-Authenticate": 'Bearer realm="Cabas"'})


def malformed(request: HttpRequest, error: Any) -> HttpResponse:
    """Input that is not of the form the call takes, with the path of each bad field."""
    errors = [
        {"place": place, "path": ".".join(str(step) for step in path), "message": one["msg"]}
        for one in error.errors
        for place, *path in [_located(one)]
    ]
    return unreadable(errors)


def unreadable(errors: list[dict[str, str]]) -> HttpResponse:
    """422 with the list of bad fields."""
    return answer(of_status(422, _("Some fields are not as they should be."), errors=errors))


def _located(error: dict[str, Any]) -> tuple[Any, ...]:
    """Where the field is, without the name of the function's own parameter."""
    place, *path = error["loc"]
    return (place, *(path[1:] if place == "body" else path))


def broken(request: HttpRequest, error: Any) -> HttpResponse:
    """A body that cannot be read at all."""
    if isinstance(error.__cause__, RequestDataTooBig):
        return too_big(request, error.__cause__)
    if error.status_code == 400:
        return unreadable([{"place": "body", "path": "", "message": "is not readable JSON"}])
    return answer(of_status(error.status_code, str(error)))


def too_big(request: HttpRequest, error: Any) -> HttpResponse:
    """More than anybody needs to send."""
    return answer(of_status(413, _("That is too big.")))


def not_a_form(request: HttpRequest, error: Any) -> HttpResponse:
    """A body that says it is a form and is none."""
    return unreadable([{"place": "body", "path": "", "message": "is not a readable multipart form"}])


def ours(request: HttpRequest) -> HttpResponse:
    """Our own fault, with the reference by which its log line is found."""
    return answer(of_status(500, _("Something went wrong here."), reference=logs.reference.get()))


def teach(api: NinjaAPI) -> None:
    """Let the API answer its errors this way. What is nobody's fault but ours goes on to Django, which logs it."""

    def raise_it(request: HttpRequest, error: Any) -> HttpResponse:
        raise error

    api.add_exception_handler(Exception, raise_it)
    api.add_exception_handler(Refusal, refused)
    api.add_exception_handler(Http404, not_there)
    api.add_exception_handler(AuthenticationError, no_token)
    api.add_exception_handler(ValidationError, malformed)
    api.add_exception_handler(HttpError, broken)
    api.add_exception_handler(RequestDataTooBig, too_big)
    api.add_exception_handler(MultiPartParserError, not_a_form)
    api.add_exception_handler(SuspiciousOperation, not_a_form)
