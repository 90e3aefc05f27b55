"""A call of the API: which token may make it, and which parameters it knows."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from ninja import Router
from ninja.errors import AuthenticationError, ValidationError
from ninja.security import HttpBearer

from hub import second_factor, tokens
from hub.models import ApiToken, Member
from hub.wire.problems import MissingScope, NoSecondFactor


class Bearer(HttpBearer):
    """The header `Authorization: Bearer …` with a token that carries a scope."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken:
        """The token; sentences are then in its member's language unless the program asks for one.

        Raises AuthenticationError, MissingScope, NoSecondFactor, tokens.TooManyCalls.
        """
        found = tokens.owner(token, now=timezone.now())
        if found is None:
            raise AuthenticationError
        if "Accept-Language" not in request.headers:
            translation.activate(found.member.language)
        if not found.allows([self.scope]):
            raise MissingScope(_("This token was not made for that."), scope=self.scope)
        if found.member.is_coordinator and not second_factor.is_set_up(found.member):
            raise NoSecondFactor(_("Set up your second factor first, in “My account”."))
        return found


SCOPES = {scope: Bearer(scope) for scope in ApiToken.Scope.values}


def caller(request: HttpRequest) -> Member:
    """The member a program acts for."""
    token: ApiToken = request.auth  # type: ignore[attr-defined]  # set by ninja from what Bearer gives
    return token.member


class Calls(Router):
    """The calls of one package. An unknown query parameter is refused: a misspelt filter must not show everything."""

    def add_api_operation(self, path: str, methods: list[str], view_func: Callable[..., Any], **more: Any) -> None:
        """Add a call; its docstring's first paragraph is its summary, the rest its description."""
        super().add_api_operation(path, methods, view_func, **more)
        operation = self.path_operations[path].operations[-1]
        summary, _gap, more_words = (operation.description or "").partition("\n\n")
        operation.summary, operation.description = " ".join(summary.split()), more_words
        if isinstance(auth := more.get("auth"), Bearer):
            operation.openapi_extra = {**(operation.openapi_extra or {}), "x-scope": auth.scope}
        queries = [model for model in operation.models if model.__ninja_param_source__ == "query"]
        known = {name for model in queries for name in model.__ninja_flatten_map__}
        operation.view_func = _knowing(operation.view_func, known)


def _knowing(view: Callable[..., Any], known: set[str]) -> Callable[..., Any]:
    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if unknown := sorted(set(request.GET) - known):
            raise ValidationError([{"loc": ("query", name), "msg": "is not known here"} for name in unknown])
        return view(request, *args, **kwargs)

    return checked
