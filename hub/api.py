"""The web API under /api/v1/: the calls of all packages, named as strings; tokens, problems, the document and its page."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.operation import Operation

from hub.access import View, public
from hub.wire import docs, document, problems, reading

TITLE = "Cabas"
ABOUT = "Offers, orders, stock, sheets, the hand-over and statements of a food cooperative, for programs."
PACKAGES = ("producers", "orders", "distribution")
OPEN = {"open-data"}
"""Names of calls that need no token."""


class Interface(NinjaAPI):
    """ninja's, with the calls' own names in the document."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return str(operation.view_func.__name__)


api = Interface(
    title=TITLE, version="1", description=ABOUT, urls_namespace="api", docs_url=None, openapi_url=None,
    parser=reading.StrictParser(),
)  # fmt: skip
problems.teach(api)
for package in PACKAGES:
    api.add_router("", f"{package}.api.calls")


def declared(pattern: URLPattern) -> URLPattern:
    """A call as the rest of the house knows views: with its audience, and with problem JSON whatever happens."""
    view: View = pattern.callback

    @csrf_exempt
    def call(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        if any(reading.UNSTORABLE.search(str(value)) for value in kwargs.values()):
            return problems.not_there(request)
        heads = request.method == "HEAD"
        if heads:
            request.method = "GET"  # the same headers; the server leaves the body away
        response = view(request, **kwargs)
        if heads:
            request.method = "HEAD"
        if isinstance(response, HttpResponseNotAllowed):
            detail = _("This call does not exist; these do: %(methods)s.") % {"methods": response["Allow"]}
            return problems.answer(problems.of_status(405, detail), Allow=response["Allow"])
        return response

    call.audience = "public" if pattern.name in OPEN else "token"  # type: ignore[attr-defined]
    pattern.callback = call
    return pattern


@public
@require_safe
def root(request: HttpRequest) -> HttpResponse:
    """The API's own address explains it."""
    return redirect("api:docs")


def _patterns() -> list[URLPattern | URLResolver]:
    made = [one for one in api.urls[0] if isinstance(one, URLPattern) and one.name != "api-root"]
    return [
        path("", root, name="root"),
        path("openapi.json", document.openapi, name="openapi"),
        path("docs", docs.page, name="docs"),
        *[declared(one) for one in made],
    ]


urls = (_patterns(), "api")
