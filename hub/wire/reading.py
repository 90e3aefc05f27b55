"""What programs send, as values: JSON and parameters that hold nothing the database could not store."""

import json
import re
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from ninja.errors import ValidationError
from ninja.parser import Parser

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class StrictParser(Parser):
    """ninja's parser, refusing NUL, half characters, NaN and names given twice."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        """The JSON of a body. Raises ValueError, which is answered as malformed."""
        body: dict[str, Any] = json.loads(request.body, object_pairs_hook=_object, parse_constant=_no_constant)
        if any(UNSTORABLE.search(text) for text in _texts(body)):
            raise ValueError("unstorable character")
        return body

    def parse_querydict(
        self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        """Parameters and form fields. Raises ValidationError, which is answered as malformed."""
        for name, values in data.lists():
            if any(isinstance(value, str) and UNSTORABLE.search(value) for value in values):
                raise ValidationError([{"loc": ("query", name), "msg": "holds a character that cannot be stored"}])
        return super().parse_querydict(data, list_fields, request)


def _texts(value: Any) -> Iterator[str]:
    """Every text in a JSON value, names included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, one in value.items():
            yield name
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name twice")
    return found


def _no_constant(word: str) -> Any:
    raise ValueError(word)
