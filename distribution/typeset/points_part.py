"""The statement of a point on paper."""

from datetime import date
from decimal import Decimal
from typing import Any

from distribution.contents.money import PointPart, PointStatement
from distribution.typeset import words
from distribution.typeset.money import heading
from hub import format as say

Row = dict[str, Any]


def point_statement(content: PointStatement) -> Row:
    """What a point is owed for a week: the sum first, then each collection."""
    currency = content["currency"]
    sold = sum((Decimal(one["sold"]) for one in content["collections"]), Decimal())
    return {
        "head": heading(content, content["point"]),
        "net": words.amount(content["net"], currency),
        "sold": words.amount(str(sold), currency),
        "point": content["point"],
        "hub": content["hub"],
        "collections": [_part(one, currency) for one in content["collections"]],
    }


def _part(one: PointPart, currency: str) -> Row:
    return {
        "day": words.long_day(date.fromisoformat(one["date"])),
        "orders": one["orders"],
        "sold": words.amount(one["sold"], currency),
        "rates": say.listing([words.rate(rate) for rate in one["rates"]]),
        "part": words.amount(one["part"], currency),
    }
