"""The page that explains the API, made from its own document: no script, no other server."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from hub import tokens
from hub.access import public
from hub.refusals import Refusal, Words
from hub.wire.document import document

TAGS: dict[str, Words] = {
    "order": _("Ordering"),
    "stock": _("The farm’s week"),
    "sheets": _("Sheets"),
    "day": _("The hand-over"),
    "accounts": _("Accounts"),
}


@dataclass(frozen=True)
class Parameter:
    """One parameter: where it goes, what it takes."""

    name: str
    place: str
    takes: str
    required: bool
    about: str


@dataclass(frozen=True)
class Call:
    """One call as the page shows it."""

    id: str
    method: str
    path: str
    summary: str
    about: str
    scope: str
    parameters: list[Parameter]
    asked: str
    given: list[tuple[str, str]]
    example: str

    @property
    def short(self) -> str:
        """The path within the API."""
        return self.path.removeprefix(reverse("api:root"))


@public
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """All calls by subject, with an example of what each takes and gives, and every refusal."""
    from hub.api import api  # which imports this module

    whole = document(api)
    calls = list(_calls(whole))
    groups = [(tag, words, [call for key, call in calls if key == tag]) for tag, words in TAGS.items()]
    context = {"groups": groups, "refusals": refusals(), "base": f"{request.scheme}://{request.get_host()}"}
    context |= {
        "currency": settings.CURRENCY,
        "limit": tokens.CALLS_A_MINUTE,
        "space": "member" if request.user.is_authenticated else "public",
    }
    return render(request, "hub/docs.html", context)


def refusals() -> list[tuple[str, int, str]]:
    """Code, status and meaning of every rule that can say no."""
    found: dict[str, tuple[str, int, str]] = {}
    waiting = list(Refusal.__subclasses__())
    while waiting:
        one = waiting.pop()
        waiting += one.__subclasses__()
        if "code" in vars(one):
            found.setdefault(one.code, (one.code, one.status, " ".join((one.__doc__ or "").split())))
    return sorted(found.values())


def _calls(whole: dict[str, Any]) -> Iterator[tuple[str, Call]]:
    shapes = whole["components"]["schemas"]
    for path, methods in whole["paths"].items():
        for method, call in methods.items():
            yield call["tags"][0], _call(path, method, call, shapes)


def _call(path: str, method: str, call: dict[str, Any], shapes: dict[str, Any]) -> Call:
    good = {status: said for status, said in call["responses"].items() if status < "300"}
    contents = {kind: one for said in good.values() for kind, one in said.get("content", {}).items()}
    body = next(iter(call.get("requestBody", {}).get("content", {}).items()), None)
    security = call.get("security", [])
    return Call(
        id=call["operationId"],
        method=method.upper(),
        path=path,
        summary=call["summary"],
        about=call.get("description", "").replace("`", ""),
        scope=" ".join(scope for one in security for scope in one["Bearer"]),
        parameters=[_parameter(one) for one in call["parameters"]],
        asked=_asked(body, shapes) if body else "",
        given=[(status, ", ".join(said.get("content", {}))) for status, said in good.items()],
        example=_example_text(contents["application/json"], shapes) if "application/json" in contents else "",
    )


def _parameter(one: dict[str, Any]) -> Parameter:
    return Parameter(one["name"], one["in"], _takes(one["schema"]), one["required"], one.get("description", ""))


def _takes(schema: dict[str, Any]) -> str:
    """A type in few words: `integer, 1 to 500`, `read | order`."""
    kinds = [one for one in schema.get("anyOf", [schema]) if one.get("type") != "null"]
    one = kinds[0]
    if "enum" in one:
        return " | ".join(one["enum"])
    words = one.get("format") or one.get("type", "")
    if "minimum" in one and "maximum" in one:
        words += f", {one['minimum']} – {one['maximum']}"
    return str(words)


def _asked(body: tuple[str, dict[str, Any]], shapes: dict[str, Any]) -> str:
    kind, content = body
    if kind != "application/json":
        fields = content["schema"].get("properties", {})
        return "\n".join(f"{name}: {_takes(schema)}" for name, schema in fields.items())
    return _example_text(content, shapes)


def _example_text(content: dict[str, Any], shapes: dict[str, Any]) -> str:
    return json.dumps(example(content["schema"], shapes), ensure_ascii=False, indent=2)


def example(schema: dict[str, Any], shapes: dict[str, Any]) -> Any:
    """A value of a schema for people to read: its own example where it has one."""
    if "$ref" in schema:
        return example(shapes[schema["$ref"].rsplit("/", 1)[1]], shapes)
    if schema.get("examples"):
        return schema["examples"][0]
    for name in ("const", "default"):
        if schema.get(name) is not None:
            return schema[name]
    if "enum" in schema:
        return schema["enum"][0]
    choices = [one for name in ("anyOf", "oneOf") for one in schema.get(name, []) if one.get("type") != "null"]
    return example(choices[0], shapes) if choices else _of_type(schema, shapes)


def _of_type(schema: dict[str, Any], shapes: dict[str, Any]) -> Any:
    match schema.get("type"):
        case "object":
            return {name: example(one, shapes) for name, one in schema.get("properties", {}).items()}
        case "array":
            items = schema.get("items", {})
            return [example(one, shapes) for one in items.get("oneOf", [items])]
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case "string":
            return "…"
    return {}
