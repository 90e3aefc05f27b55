"""What a farm is to bring in a week: counted as orders come in, then as the sheets froze it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import groupby

from distribution.contents.farm import Harvest, HarvestCell, HarvestColumn, HarvestRow
from distribution.models import Sheet
from distribution.sheets.farm import harvests
from hub.models import Hub
from producers.models import Producer


@dataclass(frozen=True)
class HarvestLine:
    """One packaging of the list with what the page says beside it."""

    row: HarvestRow
    cells: list[tuple[HarvestColumn, HarvestCell]]

    @property
    def grams(self) -> int | None:
        """The weight of all its packs, as expected; None where it has none."""
        return self.row["pack_g"] * self.row["quantity"] if self.row["pack_g"] else None


@dataclass(frozen=True)
class HarvestPage:
    """The harvest list as a page: `sheet` is the frozen version shown, None while it is counted live."""

    producer: Producer
    week: str
    content: Harvest | None
    sheet: Sheet | None
    versions: list[int]

    @property
    def columns(self) -> list[HarvestColumn]:
        return self.content["columns"] if self.content else []

    @property
    def lines(self) -> list[HarvestLine]:
        rows = self.content["rows"] if self.content else []
        return [HarvestLine(row, list(zip(self.columns, row["cells"], strict=True))) for row in rows]

    @property
    def zones(self) -> Iterator[tuple[str, list[HarvestLine]]]:
        """Lines by storage zone, in the order of the sheet."""
        return ((zone, list(group)) for zone, group in groupby(self.lines, key=lambda line: line.row["zone"]))

    @property
    def changes(self) -> int:
        """Rows that differ from the first version."""
        return sum(line.row["change"] is not None for line in self.lines)

    @cached_property
    def grams(self) -> int:
        """What all packs sold by weight weigh together, as expected."""
        return sum(line.grams or 0 for line in self.lines)

    @property
    def is_open(self) -> bool:
        """Whether some collection of the week still takes orders."""
        return any(column["open"] for column in self.columns)

    @property
    def is_purged(self) -> bool:
        return self.sheet is not None and self.sheet.purged_at is not None


def read(producer: Producer, week: str, *, now: datetime, version: int | None = None) -> HarvestPage:
    """The live list while a collection of the week takes orders, else the newest frozen version, or the one asked for.

    Raises Sheet.DoesNotExist for a version that is not there. A fixed number of statements.
    """
    frozen = Sheet.objects.filter(kind=Sheet.Kind.HARVEST, producer=producer, week=week).order_by("-version")
    versions = list(frozen.values_list("version", flat=True))
    live = None if version else harvests(week, [producer.pk], hub=Hub.get(), now=now).get(producer.pk)
    is_open = live is not None and any(column["open"] for column in live["columns"])
    if not versions or (version is None and is_open):
        if version is not None:
            raise Sheet.DoesNotExist
        return HarvestPage(producer, week, live, None, versions)
    sheet = frozen.get(version=version or versions[0])
    return HarvestPage(producer, week, None if sheet.purged_at else sheet.content, sheet, versions)
