"""Frozen sheets as files: PDFs are made once, kept under the hash of their content, and made again when missing."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import cast

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import F, Func, IntegerField, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.text import slugify

from distribution import documents
from distribution.contents import Content
from distribution.contents.shared import Kind
from distribution.documents import Format
from distribution.models import Sheet
from hub import pdf
from hub.models import Collection
from orders.models import OrderLine

FORMATS: dict[str, str] = {
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "html": "text/html; charset=utf-8",
}
# In the order a host prints them; the farm's own sheets come last.
ORDER = ["sign-off", "route", "packing", "delivery-note", "table-plan", "labels", "duty", "member-slips", "harvest"]
CHOSEN = {"sign-off", "route", "packing", "delivery-note", "table-plan", "duty"}
FRESH = timedelta(days=14)
UNFINISHED = "unfinished"
LISTS = ("households", "rows", "slips", "places", "lines", "shifts", "stops")


@dataclass(frozen=True)
class Card:
    """The sheets of one kind at a collection: one, or one per producer."""

    kind: str
    title: str
    sheets: list[Sheet]
    chosen: bool

    @property
    def per_farm(self) -> bool:
        return self.sheets[0].producer_id is not None

    @property
    def version(self) -> int:
        return max(sheet.version for sheet in self.sheets)


def sheets_of(collection: Collection) -> QuerySet[Sheet]:
    """The newest version of each sheet of a collection, its producers' harvest lists of the week among them."""
    producers = OrderLine.objects.filter(collection=collection).values("producer")
    own = Sheet.objects.filter(collection=collection)
    harvests = Sheet.objects.filter(kind=Sheet.Kind.HARVEST, week=collection.week, producer__in=producers)
    return (own | harvests).latest_versions()


def cards(collection: Collection) -> list[Card]:
    """The newest sheets by kind, without their contents; `entries` on each counts its rows, households, places …"""
    counts = [Func(F(f"content__{name}"), function="jsonb_array_length") for name in LISTS]
    newest = sheets_of(collection).annotate(entries=Coalesce(*counts, output_field=IntegerField()))
    by_kind: dict[str, list[Sheet]] = {}
    for sheet in newest.defer("content").select_related("producer"):
        by_kind.setdefault(sheet.kind, []).append(sheet)
    return [
        Card(kind, str(Sheet.Kind(kind).label), sorted(by_kind[kind], key=_farm), kind in CHOSEN)
        for kind in ORDER
        if kind in by_kind
    ]


def _farm(sheet: Sheet) -> str:
    return sheet.producer.name if sheet.producer else ""


def file_of(sheet: Sheet, format_: Format) -> bytes:
    """A sheet as a file; the PDF is the one kept, made now if it is not there. Raises ValueError for no such format."""
    if format_ == "pdf":
        return keep(_path(sheet), lambda: documents.render_sheet(_kind(sheet), _content(sheet), "pdf"))
    return documents.render_sheet(_kind(sheet), _content(sheet), format_)


def packet(sheets: Sequence[Sheet]) -> bytes:
    """One PDF of several sheets, kept like the others. Raises ValueError when there is none."""
    if not sheets:
        raise ValueError("a packet holds at least one sheet")
    together = hashlib.sha256("".join(sheet.sha256 for sheet in sheets).encode()).hexdigest()
    return keep(f"packets/{together}.pdf", lambda: pdf.merge([file_of(sheet, "pdf") for sheet in sheets]))


def file_name(sheet: Sheet, format_: str) -> str:
    """`<kind>[-<producer code>].<ext>`, as the command writes them."""
    producer = f"-{sheet.producer.code}" if sheet.producer else ""
    return f"{sheet.kind}{producer}.{format_}"


def shown_name(sheet: Sheet, format_: str, *, when: str) -> str:
    """What a file is called for people, in the reader's language, since those of several weeks lie in one folder:
    `<collection or week>-liste-d-emargement.pdf`."""
    producer = f"-{sheet.producer.code}" if sheet.producer else ""
    kind = slugify(sheet.get_kind_display().replace("’", "-"))
    return f"{when}-{kind}{producer}.{format_}"


def render_missing(*, now: datetime, limit: int = 60) -> int:
    """Make the PDFs that are not there of the newest sheets of the last two weeks, at most `limit`. Returns how many."""
    made = 0
    for sheet in _unmade(now - FRESH, now):
        if made >= limit:
            break
        file_of(sheet, "pdf")
        made += 1
    return made


def missing(*, now: datetime, older_than: timedelta, lately: timedelta = timedelta(days=1)) -> int:
    """How many PDFs of the sheets frozen lately, but longer ago than `older_than`, are not there."""
    return sum(1 for _sheet in _unmade(now - lately, now - older_than))


def _unmade(after: datetime, until: datetime) -> Iterator[Sheet]:
    """The newest sheets frozen between two instants that have no PDF yet."""
    recent = Sheet.objects.filter(extracted_at__gt=after, extracted_at__lte=until, purged_at=None).latest_versions()
    return (sheet for sheet in recent.defer("content") if not default_storage.exists(_path(sheet)))


def forget(sheets: Iterable[str]) -> None:
    """Remove the PDFs of purged sheets, by their hashes, and the packets of several sheets that nobody made lately."""
    for sha256 in sheets:
        default_storage.delete(_path_of(sha256))
    for folder in ("packets", UNFINISHED):
        for name in _names(folder):
            path = f"{folder}/{name}"
            if default_storage.get_modified_time(path) < timezone.now() - FRESH:
                default_storage.delete(path)


def _names(folder: str) -> list[str]:
    return default_storage.listdir(folder)[1] if default_storage.exists(folder) else []


def keep(path: str, make: Callable[[], bytes]) -> bytes:
    """The file of this path; made now where it is not there."""
    if default_storage.exists(path):
        with default_storage.open(path) as file:
            return bytes(file.read())
    content = make()
    # Written elsewhere and renamed when whole: a process killed meanwhile leaves no half document under this name. Two
    # at once make the same bytes.
    unfinished = default_storage.save(f"{UNFINISHED}/{token_hex(16)}", ContentFile(content))
    place = Path(default_storage.path(path))
    place.parent.mkdir(parents=True, exist_ok=True)
    Path(default_storage.path(unfinished)).replace(place)
    return content


def _path(sheet: Sheet) -> str:
    return _path_of(sheet.sha256)


def _path_of(sha256: str) -> str:
    return f"sheets/{sha256[:2]}/{sha256}.pdf"


def _kind(sheet: Sheet) -> Kind:
    return cast(Kind, sheet.kind)


def _content(sheet: Sheet) -> Content:
    return cast(Content, sheet.content)


def chosen(collection: Collection, kinds: Sequence[str]) -> list[Sheet]:
    """The newest sheets of these kinds (all when none is named), in the order they are printed."""
    found = [one for one in sheets_of(collection).select_related("producer") if one.purged_at is None]
    wanted = [one for one in found if not kinds or one.kind in kinds]
    return sorted(wanted, key=lambda one: (ORDER.index(one.kind), _farm(one)))


def at_hand(run: QuerySet[Collection], now: datetime) -> Collection | None:
    """Of the collections somebody runs, the one whose sheets they want now: counted and not over, else the next."""
    not_over = run.filter(ends_at__gt=now - timedelta(days=1), cancelled_at=None).order_by("starts_at", "pk")
    return not_over.filter(counted_at__isnull=False).first() or not_over.first()


def others(run: QuerySet[Collection], collection: Collection, many: int = 8) -> list[Collection]:
    """Other collections with sheets that the same person may print, the latest first."""
    counted = run.filter(counted_at__isnull=False).exclude(pk=collection.pk)
    return list(counted.select_related("point").order_by("-starts_at", "pk")[:many])
