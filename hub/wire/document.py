"""The OpenAPI document: what ninja derives from the calls, and what holds for all of them."""

from functools import cache
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.translation import override
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from pydantic.json_schema import models_json_schema

from hub.access import public
from hub.wire import problems
from hub.wire.once import HEADER
from hub.wire.shapes import Problem

WRITES = {"put", "post", "patch", "delete"}
ALWAYS = {
    401: "No token, or one that opens nothing",
    403: "The token lacks the scope",
    404: "Not there, or not yours",
    422: "Malformed input, with the path of each bad field",
    429: "Too many calls",
}
KEY = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    "description": "The same key with the same request gets the first answer again; with another request, 409.",
}


@cache
def document(api: NinjaAPI) -> dict[str, Any]:
    """The document, made once: in English, with problems as what they are sent as."""
    with override("en"):
        whole = dict(api.get_openapi_schema(path_prefix=reverse("api:root")))
    shapes = models_json_schema([(Problem, "serialization")], ref_template="#/components/schemas/{model}")[1]["$defs"]
    whole["components"]["schemas"] |= shapes
    whole["components"]["securitySchemes"] = {"Bearer": {"type": "http", "scheme": "bearer"}}
    for calls in whole["paths"].values():
        for method, call in calls.items():
            _complete(method, call)
    return whole


def _complete(method: str, call: dict[str, Any]) -> None:
    """The answers and headers that ninja cannot know of."""
    scope = call.pop("x-scope", None)
    answers = dict(ALWAYS) if scope else {404: ALWAYS[404], 422: ALWAYS[422]}
    if scope:
        call["security"] = [{"Bearer": [scope]}]
    if method in WRITES:
        answers[409] = "A rule refuses; nothing has changed"
        call["parameters"] = [*call["parameters"], KEY]
    answers |= call.pop("x-more-answers", {})
    for status, words in sorted(answers.items()):
        shape = {"schema": {"$ref": "#/components/schemas/Problem"}}
        call["responses"][str(status)] = {"description": words, "content": {problems.CONTENT_TYPE: shape}}
    call["responses"] = {str(status): said for status, said in call["responses"].items()}


@public
@require_safe
def openapi(request: HttpRequest) -> JsonResponse:
    """The document for programs."""
    from hub.api import api  # which imports this module

    response = JsonResponse(document(api))
    response["Access-Control-Allow-Origin"] = "*"
    return response
