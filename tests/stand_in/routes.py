"""Which function answers which call. A call the SDK could not make cannot even be registered."""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from tests.stand_in.contract import contract
from tests.stand_in.world import Object, World

Answer = Callable[..., Object]
ROUTES: dict[tuple[str, str], Answer] = {}


def answers(method: str, path: str) -> Callable[[Answer], Answer]:
    """The function answers this call: `(world, sent, *parts of the path)` → the object."""

    def register(function: Answer) -> Answer:
        if (method, path) not in contract():
            raise LookupError(f"the installed SDK has no call {method} {path}")
        ROUTES[method, path] = function
        return function

    return register


def find(method: str, url: str) -> tuple[str, tuple[str, ...]] | None:
    """The path as written in the contract and its parts, for the address of a request."""
    for path, pattern in _patterns(method, url.count("/")):
        match = pattern.fullmatch(url)
        if match:
            return path, match.groups()
    return None


@cache
def _patterns(method: str, depth: int) -> list[tuple[str, re.Pattern[str]]]:
    """Written paths before those with a part to fill in."""
    same = sorted(
        (path for verb, path in contract() if (verb, path.count("/")) == (method, depth)), key=lambda p: p.count("{")
    )
    return [(path, re.compile(path.replace("{}", "([^/]+)"))) for path in same]


def metadata(subject: Object, sent: dict[str, Any]) -> None:
    """Merge metadata as Stripe does: an empty value removes the key, an empty string all of them."""
    given = sent.get("metadata")
    if given == "":
        subject["metadata"] = {}
    elif given:
        merged = subject["metadata"] | given
        subject["metadata"] = {key: value for key, value in merged.items() if value != ""}


def keep(world: World, kind: str, number: str, sent: dict[str, Any], *fields: str) -> Object:
    """Change the given fields and metadata of an object."""
    found = world.get(number, kind)
    found.update({field: sent[field] for field in fields if field in sent})
    metadata(found, sent)
    return found
