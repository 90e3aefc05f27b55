"""Moments kept as text in a message's data, for the filters that say them."""

from datetime import datetime

from django import template

register = template.Library()


@register.filter
def moment(text: str) -> datetime:
    """{{ until|moment|day_time }}: the instant of an ISO 8601 text."""
    return datetime.fromisoformat(text)
