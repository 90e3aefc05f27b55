"""A reference for each request, one name for the demo, and words where Django would answer with none."""

import re
import secrets
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation

from hub import logs

Answer = Callable[[HttpRequest], HttpResponse]

_REFERENCE = re.compile(r"[A-Za-z0-9-]{8,64}")


def reference(get_response: Answer) -> Answer:
    """Give the request a reference that its log lines, its answer and a 500 page carry; a proxy's own is kept."""

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        name = given if _REFERENCE.fullmatch(given) else secrets.token_hex(8)
        token = logs.reference.set(name)
        try:
            response = get_response(request)
        finally:
            logs.reference.reset(token)
        response["X-Request-ID"] = name
        return response

    return middleware


def members_language(get_response: Answer) -> Answer:
    """A member reads their own language on every device; a visitor, that of their browser or their choice."""

    def middleware(request: HttpRequest) -> HttpResponse:
        # A photo has no language: asking who looks would cost two queries and tie every cached copy to a cookie.
        language = "" if request.path.startswith("/photos/") else getattr(request.user, "language", "")
        if language:
            translation.activate(language)
            request.LANGUAGE_CODE = translation.get_language()
        return get_response(request)

    return middleware


def one_name_in_demo(get_response: Answer) -> Answer:
    """In the demo, send 127.0.0.1 and [::1] to localhost: passkeys refuse an IP address."""

    def middleware(request: HttpRequest) -> HttpResponse:
        host, colon, port = request.META.get("HTTP_HOST", "").rpartition(":")
        page = request.method == "GET" and not request.path.startswith("/api/")  # programs drop their token on the way
        if settings.DEMO and page and colon and host in ("127.0.0.1", "[::1]"):
            return HttpResponseRedirect(f"http://localhost:{port}{request.get_full_path()}")
        return get_response(request)

    return middleware


class Worded:
    """Refuses names and values with NUL, which the database cannot hold, and says so; a page that does not take a method
    says that too to whoever reads pages, where Django answers with nothing. Programs (the API, Stripe) have readers of their
    own."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        reads = "text/html" in request.headers.get("Accept", "") and request.method in ("GET", "POST")
        if response.status_code != 405 or response.content or not reads:
            return response
        words = render(request, "405.html", status=405)
        words["Allow"] = response["Allow"]
        return words

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Once it is known whose reader it is, and before that one reads."""
        if getattr(view, "csrf_exempt", False) or not _holds_nul(request):
            return None
        return render(request, "400.html", {"unreadable": True}, status=400)


def _holds_nul(request: HttpRequest) -> bool:
    texts = [text for data in (request.GET, request.POST) for name, values in data.lists() for text in (name, *values)]
    files = [str(file.name) for _field, files in request.FILES.lists() for file in files]
    return any("\0" in text for text in (*texts, *files))
