"""Files that go with messages: sheets as PDF to farms at the close and to hosts and those on duty the day before; the
hand-over for a calendar. What was sent is stored, and can be sent again by hand."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from distribution import printing
from distribution.models import Sheet
from hub.models import Collection, Notice
from hub.notices import Attach, Attachment
from hub.refusals import Words
from orders import agenda
from orders.models import Order

PDF = "application/pdf"


def event(notice: Notice) -> Sequence[Attachment]:
    """The hand-over of the order a reminder speaks of."""
    order = Order.objects.select_related("collection__point").get(code=notice.data["order"])
    with translation.override(notice.member.language if notice.member else None):
        return [Attachment(f"{order.collection.code}.ics", agenda.event(order, order.collection), "text/calendar")]


def farm_sheets(notice: Notice) -> Sequence[Attachment]:
    """A farm's harvest list, delivery note and members’ slips, one PDF each."""
    mine = [one for one in _sheets(notice, ()) if one.producer and one.producer.code == notice.data["producer_code"]]
    when = notice.collection.code if notice.collection else ""
    with translation.override(notice.member.language if notice.member else None):
        names = [printing.shown_name(one, "pdf", when=when) for one in mine]
    return [Attachment(name, printing.file_of(one, "pdf"), PDF) for name, one in zip(names, mine, strict=True)]


def host_packet(notice: Notice) -> Sequence[Attachment]:
    """What a host prints, as one PDF."""
    return _packet(_sheets(notice, printing.CHOSEN), notice)


def duty_sheet(notice: Notice) -> Sequence[Attachment]:
    """The bundle of those on duty."""
    return _packet(_sheets(notice, ("duty",)), notice)


def _packet(sheets: Sequence[Sheet], notice: Notice) -> Sequence[Attachment]:
    name = f"{notice.collection.code}.pdf" if notice.collection else "sheets.pdf"
    return [Attachment(name, printing.packet(sheets), PDF)] if sheets else []


def _sheets(notice: Notice, kinds: Iterable[str]) -> list[Sheet]:
    return printing.chosen(notice.collection, list(kinds)) if notice.collection else []


FILES: dict[str, Attach] = {
    "collect-today": event,
    "close-producer": farm_sheets,
    "sheets-host": host_packet,
    "sheets-duty": duty_sheet,
}
"""What makes the files of each kind of message that has some."""

CARRIERS: dict[str, Words] = {
    "close-producer": _("harvest list, delivery note, members’ slips"),
    "sheets-host": _("sheets of the point"),
    "sheets-duty": _("duty bundle"),
}
"""The kinds of messages that carry sheets, and which. They leave with the papers' own sweep, after the PDFs are made."""


@dataclass(frozen=True)
class Sending:
    """Sheets that went, or shall go, to somebody."""

    notice: Notice
    what: Words
    uid: UUID = field(default_factory=uuid4)

    @property
    def name(self) -> str:
        """The farm for its people, else the member."""
        return str(self.notice.data.get("producer") or self.notice.member or self.notice.email)


def sendings(collection: Collection) -> list[Sending]:
    """Everybody the sheets of a collection were queued for, the latest message to each: one statement."""
    rows = Notice.objects.filter(collection=collection, kind__in=CARRIERS).select_related("member")
    latest = {(row.kind, row.member_id, row.data.get("producer")): row for row in rows.order_by("created_at", "pk")}
    return sorted(
        (Sending(row, CARRIERS[row.kind]) for row in latest.values()), key=lambda one: (one.notice.kind, one.name)
    )
