"""The balance that some banks write beside each movement: whether it goes from line to line by their amounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from distribution.bank.values import ReadLine


@dataclass(frozen=True)
class Gap:
    """Where the balance does not follow: between `before` and `after` (in the order of time) `missing` is not in the file."""

    before: ReadLine
    after: ReadLine
    missing: Decimal


def gaps(lines: Sequence[ReadLine]) -> list[Gap]:
    """Each place where the balances beside two lines differ by something else than the movements between them."""
    return _gaps(in_time(lines))


def ends(lines: Sequence[ReadLine]) -> tuple[Decimal, Decimal] | None:
    """The balances before the first movement and after the last; None where a line at an end has none beside it."""
    ordered = in_time(lines)
    if not ordered or ordered[0].balance is None or ordered[-1].balance is None:
        return None
    return ordered[0].balance - ordered[0].amount, ordered[-1].balance


def in_time(lines: Sequence[ReadLine]) -> list[ReadLine]:
    """The lines from the first to the last movement. Banks write either way; days decide, and within one day, balances."""
    forth, back = list(lines), list(reversed(lines))
    if lines and lines[0].day != lines[-1].day:
        return forth if lines[0].day < lines[-1].day else back
    return back if len(_gaps(back)) < len(_gaps(forth)) else forth


def _gaps(lines: Sequence[ReadLine]) -> list[Gap]:
    found: list[Gap] = []
    before, moved = None, Decimal(0)
    for line in lines:
        moved += line.amount
        if line.balance is None:
            continue
        if before is not None and before.balance is not None and line.balance - before.balance != moved:
            found.append(Gap(before, line, line.balance - before.balance - moved))
        before, moved = line, Decimal(0)
    return found
