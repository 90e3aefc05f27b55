"""What a stand-in remembers over a restart: everything, in one file that is whole at any moment."""

import json
import os
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.stand_in.world import World

if TYPE_CHECKING:
    from tests.stand_in.server import StandIn


def save(stand_in: "StandIn", path: Path) -> None:
    """Write all of it beside the file, then put it in its place: killed in between, the older state stays."""
    world = stand_in.world
    state = {
        "base": world.base, "objects": world.objects, "hidden": world.hidden, "pending": world.pending,
        "skipped": world.skipped, "serial": _next(world), "random": world.random.getstate(),
        "answered": [[key, *answer] for key, answer in stand_in.answered.items()],
    }  # fmt: skip
    beside = path.with_suffix(".new")
    with beside.open("w", encoding="utf-8") as file:
        json.dump(state, file)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def load(stand_in: "StandIn", path: Path) -> None:
    """Go on from what was saved; pages are hosted at today's address."""
    if not path.exists():
        return
    text, world = path.read_text(encoding="utf-8"), stand_in.world
    state: dict[str, Any] = json.loads(text.replace(json.loads(text)["base"], world.base))
    world.objects, world.hidden, world.pending = state["objects"], state["hidden"], state["pending"]
    world.skipped, world.serial = state["skipped"], count(state["serial"])
    version, numbers, gauss = state["random"]
    world.random.setstate((version, tuple(numbers), gauss))
    for key, (route, sent), status, body, at in state["answered"]:
        stand_in.answered[key] = ((route, sent), status, body, at)


def _next(world: World) -> int:
    number = next(world.serial)
    world.serial = count(number)
    return number
