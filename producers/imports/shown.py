"""An import as people and programs are told of it."""

from typing import Any

from producers.imports import storing
from producers.models import Import


def summary(imp: Import) -> dict[str, Any]:
    """Counts of packagings and the rows with errors, as the API and the command answer.

    One entry a bad row: its first wrong cell, further ones named in the reason.
    """
    plan = imp.applied if imp.applied.get("counts") else imp.preview
    counts = plan["counts"]
    errors = [_error(line) for line in plan["lines"] if line["errors"]]
    return {name: counts[name] for name in ("created", "changed", "ignored", "unchanged")} | {"errors": errors}


def _error(line: dict[str, Any]) -> dict[str, Any]:
    first, *others = storing.errors_of(line)
    reason = " ".join([first.reason, *(f"{other.heading}: {other.reason}" for other in others)])
    return {"row": first.row, "column": first.heading, "value": first.value, "reason": reason}
