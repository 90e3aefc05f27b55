"""Moments and amounts kept in a message's data, for the filters that say them."""

from datetime import datetime
from decimal import Decimal

from django import template
from djmoney.money import Money

from hub.money import money

register = template.Library()


@register.filter
def moment(text: str) -> datetime:
    """{{ until|moment|day_time }}: the instant of an ISO 8601 text."""
    return datetime.fromisoformat(text)


@register.filter
def amount(number: str | float) -> Money:
    """{{ total|amount|money }}: an amount of the hub's currency kept as a number."""
    return money(Decimal(str(number)))
