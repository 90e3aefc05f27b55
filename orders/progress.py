"""How far an order has come, in the five steps members see."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from hub.refusals import Words
from orders.models import Order


@dataclass(frozen=True)
class Step:
    """One step: its name, when it was or will be, and where it stands (`done`, `current` or empty)."""

    name: Words
    when: datetime | None
    state: str


def steps(order: Order, now: datetime) -> list[Step]:
    """Placed, closed, being prepared, ready, collected. The collection's stamps say which are past."""
    sale = order.collection
    collected = order.lines.filter(delivered__isnull=False).exists()
    reached = 0
    if sale.counted_at is not None or sale.closes_at <= now:
        reached = 2 if sale.counted_at else 1
    if sale.begun_at is not None or (sale.counted_at and sale.starts_at <= now):
        reached = 3
    if collected or sale.confirmed_at is not None:
        reached = 4
    named = [
        (_("Placed"), order.placed_at),
        (_("Closed"), sale.counted_at or sale.closes_at),
        (_("Being prepared"), None),
        (_("Ready"), sale.begun_at or sale.starts_at),
        (_("Collected"), None),
    ]
    return [Step(name, when, _state(position, reached)) for position, (name, when) in enumerate(named)]


def _state(position: int, reached: int) -> str:
    if position < reached or reached == 4:
        return "done"
    return "current" if position == reached else ""
