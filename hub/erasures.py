"""Who was erased, noted outside the database: restoring an older backup must not bring anybody back.

One JSON line per household in `erasures.jsonl` of CABAS_HOME, holding its code and the instant; a copy goes into every
backup. The code names nobody. What is lost from the file is noted again from the database by the next backup or restore.
"""

import json
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError
from django.utils.module_loading import import_string

from hub.models import Household

NAME = "erasures.jsonl"


def note(erased: Iterable[tuple[str, datetime]]) -> None:
    """Add those the list does not know yet, safely on the disk when this returns."""
    known = listed()
    new = [(code, at) for code, at in erased if code not in known]
    if not new:
        return
    path = Path(settings.CABAS_HOME) / NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps({"household": code, "at": at.isoformat()}) + "\n" for code, at in new)
        file.flush()
        os.fsync(file.fileno())


def note_present() -> None:
    """Add all that the database knows; nothing where it has no tables yet or those of an older release."""
    try:
        note(Household.objects.filter(erased_at__isnull=False).values_list("code", "erased_at"))  # type: ignore[arg-type]  # filtered
    except DatabaseError:
        return


def listed(directory: Path | None = None) -> dict[str, datetime]:
    """Codes of erased households and when, from CABAS_HOME or another directory. A torn last line is not a line yet."""
    path = Path(directory or settings.CABAS_HOME) / NAME
    found: dict[str, datetime] = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else []:
        try:
            row = json.loads(line)
        except ValueError:
            continue
        found[row["household"]] = datetime.fromisoformat(row["at"])
    return found


def repeat() -> int:
    """Erase again whom the list names and the database does not; returns how many. For after a restore, and the sweep."""
    gone = listed()
    back = list(Household.objects.filter(code__in=gone, erased_at=None)) if gone else []
    erase = import_string(settings.ERASE_AGAIN)
    for household in back:
        erase(household=household, now=gone[household.code])
    return len(back)
