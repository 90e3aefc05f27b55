"""Moments and amounts kept in a message's data, for the filters that say them; movements of the bank in words."""

from datetime import datetime
from decimal import Decimal

from django import template
from djmoney.money import Money

from distribution import movements
from hub.models import Transfer
from hub.money import money
from hub.refusals import Words

register = template.Library()


@register.filter
def moment(text: str) -> datetime:
    """{{ until|moment|day_time }}: the instant of an ISO 8601 text."""
    return datetime.fromisoformat(text)


@register.filter
def amount(number: str | float) -> Money:
    """{{ total|amount|money }}: an amount of the hub's currency kept as a number."""
    return money(Decimal(str(number)))


@register.filter
def said(movement: Transfer) -> Words:
    """{{ movement|said }}: what a movement of the bank is, in the reader's language."""
    return movements.of_bank(movement)
