"""Pages of lists: `limit` items after a `cursor`, which is where the page before ended and stays right while rows come."""

import base64
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

from django.utils.translation import gettext_lazy as _
from pydantic import Field

from hub.refusals import Refusal
from hub.wire.shapes import Answer

Item = TypeVar("Item")
Limit = Annotated[int, Field(ge=1, le=500, description="items per page")]
Cursor = Annotated[str, Field(max_length=400, description="`next` of the page before")]


class BadCursor(Refusal):
    """A cursor is only ever the `next` of a page of the same list."""

    code = "bad-cursor"
    status = 422


class Page(Answer, Generic[Item]):
    """Some items of a list, and the cursor of the next page, null on the last."""

    items: list[Item]
    next: str | None


def cut(rows: Iterable[Any], limit: int) -> tuple[list[Any], bool]:
    """The rows of a page out of one more than it holds (or all), and whether there are more."""
    found = list(rows)
    return found[:limit], len(found) > limit


def pack(*place: str | int | datetime) -> str:
    """Where a page ends, as a cursor."""
    steps = [one.isoformat() if isinstance(one, datetime) else one for one in place]
    return base64.urlsafe_b64encode(json.dumps(steps).encode()).decode().rstrip("=")


def unpack(cursor: str, *kinds: type) -> tuple[Any, ...]:
    """The place a cursor says, of these types. Raises BadCursor."""
    try:
        steps = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        return tuple(_read(step, kind) for step, kind in zip(steps, kinds, strict=True))
    except (ValueError, TypeError, RecursionError) as error:
        raise BadCursor(_("This cursor is not one of this list.")) from error


def _read(step: Any, kind: type) -> Any:
    if kind is datetime:
        moment = datetime.fromisoformat(step)
        if moment.tzinfo is None or not 2000 <= moment.year < 2100:
            raise ValueError(step)
        return moment
    if type(step) is not kind or "\x00" in str(step):
        raise ValueError(step)
    return step
