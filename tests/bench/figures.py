"""Figures: what was measured, what was measured beside it, and what it should be. Printed as a table, kept as JSON."""

import json
import os
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Goal:
    """A bound on a figure, or on its ratio to the reference. Printed beside it; missing it fails nothing."""

    sign: str
    limit: float
    of_ratio: bool = False

    def met(self, value: float) -> bool:
        return value <= self.limit if self.sign == "≤" else value >= self.limit

    def __str__(self) -> str:
        return f"{self.sign} {number(self.limit)}{' ×' if self.of_ratio else ''}"


def at_most(limit: float) -> Goal:
    return Goal("≤", limit)


def at_least(limit: float) -> Goal:
    return Goal("≥", limit)


def ratio_at_most(limit: float) -> Goal:
    return Goal("≤", limit, of_ratio=True)


def ratio_at_least(limit: float) -> Goal:
    return Goal("≥", limit, of_ratio=True)


@dataclass(frozen=True)
class Figure:
    """One line of the table. `reference` is a figure of the same unit from the same run, `against` says which."""

    work: str
    what: str
    value: float
    unit: str
    goal: Goal | None = None
    reference: float | None = None
    against: str = ""

    @property
    def ratio(self) -> float | None:
        return self.value / self.reference if self.reference else None

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached; None where there is no goal."""
        if self.goal is None:
            return None
        if not self.goal.of_ratio:
            return self.goal.met(self.value)
        return self.ratio is not None and self.goal.met(self.ratio)

    def row(self) -> list[str]:
        beside = "" if self.reference is None else f"{number(self.reference)} {self.unit}: {self.against}"
        reached = {True: "reached", False: "missed", None: ""}[self.met]
        return [
            self.what, f"{number(self.value)} {self.unit}".strip(), beside,
            "" if self.ratio is None else f"{number(self.ratio)} ×", str(self.goal or ""), reached,
        ]  # fmt: skip


HEAD = ["", "measured", "beside", "ratio", "goal", ""]


def number(value: float) -> str:
    """Three digits that matter."""
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def table(figures: Iterable[Figure]) -> str:
    """A table in Markdown under each work's heading."""
    works: dict[str, list[Figure]] = {}
    for figure in figures:
        works.setdefault(figure.work, []).append(figure)
    return "\n\n".join(f"### {work}\n\n{_rows([one.row() for one in rows])}" for work, rows in works.items())


def _rows(rows: list[list[str]]) -> str:
    widths = [max(len(row[column]) for row in [HEAD, *rows]) for column in range(len(HEAD))]
    lines = [HEAD, ["-" * width for width in widths], *rows]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    )


def machine() -> str:
    """What the figures were measured on, in words."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return f"{os.cpu_count()} cores, {memory:.0f} GB of memory, Python {platform.python_version()}"


def write(path: Path, figures: Iterable[Figure], *, quick: bool, seconds: float) -> None:
    """The same as JSON."""
    rows = [asdict(one) | {"ratio": one.ratio, "met": one.met} for one in figures]
    told = {"machine": machine(), "quick": quick, "seconds": round(seconds, 1), "figures": rows}
    path.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n")
