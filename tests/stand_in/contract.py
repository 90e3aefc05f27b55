"""What may be sent: routes and parameters, read from the typed services of the installed SDK."""

import ast
import re
import sys
import types
import typing
from functools import cache
from pathlib import Path
from typing import Any, Literal, Union

import stripe
import stripe.params

SDK = Path(stripe.__file__).parent
# Parameters of the SDK's own call, which it never sends.
_OPTIONS = frozenset(stripe.RequestOptions.__annotations__)
_PATH = re.compile(r"\{\w+\}")


@cache
def contract() -> dict[tuple[str, str], Any]:
    """(method, path) → the TypedDict of its parameters, or None where it takes none. Path parts are written `{}`."""
    found: dict[tuple[str, str], Any] = {}
    for path in sorted(SDK.rglob("_*_service.py")):
        if path.relative_to(SDK).parts[0] in ("v2", "test_helpers"):
            continue
        for klass in ast.parse(path.read_text()).body:
            if isinstance(klass, ast.ClassDef):
                found.update(_calls(klass, path.parent.relative_to(SDK).parts))
    return found


def _calls(klass: ast.ClassDef, package: tuple[str, ...]) -> dict[tuple[str, str], Any]:
    calls = {}
    for method in klass.body:
        if not isinstance(method, ast.FunctionDef):
            continue
        request = next((call for call in ast.walk(method) if _is_request(call)), None)
        if request is not None:
            verb, path = (_text(argument) for argument in request.args[:2])
            calls[verb, _PATH.sub("{}", path)] = _parameters(method, package)
    return calls


def _is_request(node: ast.AST) -> typing.TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "_request"


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Call):  # "…".format(…)
        node = typing.cast(ast.Attribute, node.func).value
    return str(typing.cast(ast.Constant, node).value)


def _parameters(method: ast.FunctionDef, package: tuple[str, ...]) -> Any:
    for argument in method.args.args:
        if argument.arg == "params" and argument.annotation is not None:
            name = re.search(r"\w+Params", ast.unparse(argument.annotation))
            if name:
                return ".".join((*package, name[0]))
    return None


@cache
def _type(name: str) -> Any:
    home: Any = stripe.params
    *package, last = name.split(".")
    for part in package:
        home = getattr(home, part)
    return getattr(home, last)


def problems(method: str, path: str, sent: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(code, parameter, sentence) for each parameter that is unknown, missing or of the wrong kind.

    Raises KeyError when the SDK knows no such call.
    """
    name = contract()[method, path]
    if name is None:
        return [("parameter_unknown", key, f"Received unknown parameter: {key}") for key in sent]
    return list(_check_dict(_type(name), sent, ""))


@cache
def _fields(kind: Any) -> dict[str, tuple[Any, bool]]:
    """Name → (type, required) of a TypedDict, forward references resolved in its module and in typing."""
    space = {"UntypedStripeObject": dict, "StripeContext": str, **vars(typing), **vars(sys.modules[kind.__module__])}
    hints = typing.get_type_hints(kind, globalns=space, include_extras=False)
    return {key: (hint, key in kind.__required_keys__) for key, hint in hints.items() if key not in _OPTIONS}


def _check_dict(kind: Any, sent: dict[str, Any], prefix: str) -> typing.Iterator[tuple[str, str, str]]:
    fields = _fields(kind)
    for key, (_hint, required) in fields.items():
        if required and key not in sent:
            yield "parameter_missing", prefix + key, f"Missing required param: {prefix}{key}."
    for key, value in sent.items():
        name = f"{prefix}[{key}]" if prefix else key
        if key not in fields:
            yield "parameter_unknown", name, f"Received unknown parameter: {name}"
        else:
            yield from _check(fields[key][0], value, name)


def _check(kind: Any, value: Any, name: str) -> typing.Iterator[tuple[str, str, str]]:
    """Nothing when the value fits one of the alternatives; otherwise what is wrong with the closest one."""
    choices = list(_alternatives(kind))
    words = {choice for kind in choices if typing.get_origin(kind) is Literal for choice in typing.get_args(kind)}
    if words - {""} and str in choices:
        choices.remove(str)  # the SDK lets future values through; Stripe knows today's
    wrong: list[tuple[str, str, str]] = []
    for choice in choices:
        wrong = list(_check_one(choice, value, name))
        if not wrong:
            return
    yield from wrong


def _alternatives(kind: Any) -> typing.Iterator[Any]:
    if typing.get_origin(kind) in (Union, types.UnionType):
        for part in typing.get_args(kind):
            yield from _alternatives(part)
    elif kind is not type(None):
        yield kind


def _check_one(kind: Any, value: Any, name: str) -> typing.Iterator[tuple[str, str, str]]:
    origin = typing.get_origin(kind)
    if origin is Literal:
        if value not in typing.get_args(kind):
            yield "parameter_invalid", name, f"Invalid {name}: must be one of {', '.join(typing.get_args(kind))}"
    elif kind in _SCALARS:
        word, pattern = _SCALARS[kind]
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            yield f"parameter_invalid_{word}", name, f"Invalid {word}: {name}"
    elif not isinstance(value, list if origin is list else dict):
        word = "array" if origin is list else "object"
        yield f"parameter_invalid_{word}", name, f"Invalid {word}: {name}"
    elif origin is list:
        for number, item in enumerate(value):
            yield from _check(typing.get_args(kind)[0], item, f"{name}[{number}]")
    elif hasattr(kind, "__required_keys__"):
        yield from _check_dict(kind, typing.cast(dict[str, Any], value), name)


_SCALARS: dict[Any, tuple[str, str]] = {
    int: ("integer", r"-?\d+"),
    float: ("number", r"-?\d+(\.\d+)?"),
    bool: ("boolean", r"true|false"),
    str: ("string", r"(?s).*"),
}
