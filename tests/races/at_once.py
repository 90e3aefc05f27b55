"""A race: acts to run at once, and what must be seen afterwards."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hub.models import Activity, Transfer
from tests.races.test_ordering_races import all_at_once

MANY = 10


@dataclass
class Race:
    """Acts to run at once, what is looked at afterwards, and what must be seen: how often each answer, and the state.

    `meet` is what a thread calls between looking and writing.
    """

    acts: list[Callable[[], Any]]
    state: Callable[[], Any]
    expected: tuple[dict[Any, int], Any]
    meet: str

    def run(self) -> tuple[dict[Any, int], Any]:
        return dict(Counter(all_at_once(self.acts))), self.state()


def count(verb: str) -> int:
    return Activity.objects.filter(verb=verb).count()


def posted(prefix: str) -> list[str]:
    return sorted(Transfer.objects.filter(reference__startswith=prefix).values_list("reference", flat=True))
