"""The API's calls from the deadline on: sheets, the hand-over, its confirmation, statements."""

from datetime import date, datetime
from typing import Any, Literal, cast

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja.params.functions import Query

from distribution import confirming, handover, papers, printing, programs
from distribution import open_data as opened
from distribution.contents.money import Statement as StatementContent
from distribution.documents import Format, render_statement
from distribution.models import Sheet, Statement
from distribution.programs import (
    BatchIn,
    BatchOut,
    ConfirmationIn,
    ConfirmationOut,
    SheetListed,
    SheetOut,
    StatementOut,
    StatementWhole,
)
from hub.models import Collection, Member
from hub.refusals import Refusal
from hub.wire.calls import SCOPES, Calls, caller
from hub.wire.once import once
from hub.wire.paging import Cursor, Limit, Page, cut, pack, unpack
from hub.wire.problems import Unacceptable
from hub.wire.shapes import Code, Day, Week, days

calls = Calls(tags=["day"])
JSON = "application/json"
MEDIA = {"json": JSON} | {name: kind.partition(";")[0] for name, kind in printing.FORMATS.items() if name != "html"}
Kind = Literal[
    "harvest", "delivery-note", "member-slips", "packing", "sign-off", "table-plan", "labels", "duty", "route"
]


class WhichProducer(Refusal):
    """There is one such sheet per farm: say which with `producer`; `data["producers"]` are those there are."""

    code = "which-producer"


def files(*formats: str) -> dict[str, Any]:
    """For the document: an answer in other formats, and 406."""
    content = {MEDIA[name]: {"schema": {"type": "string", "format": "binary"}} for name in formats}
    return {
        "responses": {200: {"content": content}},
        "x-more-answers": {406: "None of the media types asked for", 409: "A rule refuses"},
    }


@calls.get("collections/{collection}/sheets", auth=SCOPES["read"], response=Page[SheetListed], tags=["sheets"])
def sheets(request: HttpRequest, collection: Code) -> Page[SheetListed]:
    """The frozen sheets of a distribution that I may have, each in its newest version."""
    member = caller(request)
    place = get_object_or_404(Collection, code=collection)
    found = Sheet.objects.visible_to(member).filter(pk__in=printing.sheets_of(place).values("pk"), purged_at=None)
    rows = sorted(found.defer("content").select_related("producer").distinct(), key=_place)
    if not rows and not Collection.objects.run_by(member).filter(pk=place.pk).exists():
        raise Http404
    return Page(items=[programs.sheet_listed(one) for one in rows], next=None)


@calls.get(
    "collections/{collection}/sheets/{kind}", auth=SCOPES["read"], response=SheetOut, tags=["sheets"],
    openapi_extra=files("csv", "pdf", "xlsx"),
)  # fmt: skip
def sheet(
    request: HttpRequest,
    collection: Code,
    kind: Kind,
    producer: Code | None = Query(None, description="needed where there is one sheet per farm and I see several"),
    version: int | None = Query(None, ge=1, le=1_000_000, description="the newest unless said"),
) -> HttpResponse | SheetOut:
    """A frozen sheet, as `Accept` asks: JSON, CSV, PDF or XLSX.

    The files are the same as those of the pages and of `manage.py sheets`.
    """
    place = get_object_or_404(Collection, code=collection)
    found = _sheet(caller(request), place, kind, producer, version)
    format_ = _format(request, "json", "csv", "pdf", "xlsx")
    if format_ == "json":
        return programs.sheet_out(found, place)
    return _file(printing.file_of(found, cast(Format, format_)), format_, printing.file_name(found, format_))


@calls.post("collections/{collection}/handover", auth=SCOPES["handover"], response=BatchOut)
@once()
def hand_over(request: HttpRequest, collection: Code, asked: BatchIn) -> BatchOut:
    """Acts of a tablet, each applied once however often it is sent; one answer per act.

    A refused act is not kept and hinders no other. 409 where the distribution takes no acts at all.
    """
    member = caller(request)
    acts = [programs.act(one) for one in asked.actions]
    outcomes = handover.apply(collection=_run(member, collection), actions=acts, by=member, now=timezone.now())
    return programs.batch_out(outcomes)


@calls.post("collections/{collection}/confirmation", auth=SCOPES["handover"], response=ConfirmationOut)
@once()
def confirmation(request: HttpRequest, collection: Code, asked: ConfirmationIn) -> ConfirmationOut:
    """The host's word that a distribution is over: settlement and statements follow. Saying it again changes nothing.

    `not-ready` tells what is missing: weights, arrivals, the fate of orders nobody collected.
    """
    member = caller(request)
    place = _run(member, collection)
    said = confirming.confirm(collection=place, uncollected=asked.uncollected, by=member, now=timezone.now())
    return programs.confirmation_out(said, place)


@calls.get("statements", auth=SCOPES["accounts"], response=Page[StatementOut], tags=["accounts"])
def statements(
    request: HttpRequest,
    producer: Code | None = None,
    from_: Day | None = Query(None, alias="from", description="first day of issue"),
    to: Day | None = Query(None, description="last day of issue"),
    limit: Limit = 100,
    cursor: Cursor | None = None,
) -> Page[StatementOut]:
    """Statements of my farms, the latest first."""
    found = _statements(caller(request)).filter(_issued(from_, to)).defer("content")
    if producer is not None:
        found = found.filter(producer__code=producer)
    if cursor is not None:
        issued_at, number = unpack(cursor, datetime, str)
        found = found.filter(Q(issued_at__lt=issued_at) | Q(issued_at=issued_at, number__lt=number))
    rows, more = cut(found.order_by("-issued_at", "-number")[: limit + 1], limit)
    after = pack(rows[-1].issued_at, rows[-1].number) if more else None
    return Page(items=[programs.statement_out(one) for one in rows], next=after)


@calls.get(
    "statements/{number}", auth=SCOPES["accounts"], response=StatementWhole, tags=["accounts"],
    openapi_extra=files("csv", "pdf"),
)  # fmt: skip
def statement(request: HttpRequest, number: Code) -> HttpResponse | StatementWhole:
    """A statement, as `Accept` asks: JSON, CSV or PDF."""
    found = get_object_or_404(_statements(caller(request)), number=number)
    format_ = _format(request, "json", "csv", "pdf")
    if format_ == "json":
        return programs.statement_whole(found)
    if format_ == "pdf":
        content = papers.statement_pdf(found, now=timezone.now())
    else:
        content = render_statement(cast(StatementContent, found.content), cast(Format, format_))
    return _file(content, format_, f"{found.number}-{found.producer.code}.{format_}")


@calls.get(
    "open-data/{week}.csv", auth=None, tags=["accounts"], url_name="open-data",
    openapi_extra={"responses": {200: {"content": {MEDIA["csv"]: {"schema": {"type": "string", "format": "binary"}}}}}},
)  # fmt: skip
def open_data(request: HttpRequest, week: Week) -> HttpResponse:
    """What a week brought, for everybody: packs, amounts and the farms' part by point and family of products.

    Nobody is in it: a family that fewer than five households bought at a point is told with others, or not at all.
    """
    found = opened.families(week)
    if not found:
        raise Http404
    return _file(opened.as_csv(week, found), "csv", f"{week}.csv")


def _place(sheet: Sheet) -> tuple[int, str]:
    return printing.ORDER.index(sheet.kind), sheet.producer.code if sheet.producer else ""


def _run(member: Member, code: str) -> Collection:
    return get_object_or_404(Collection.objects.run_by(member).select_related("point"), code=code)


def _sheet(member: Member, place: Collection, kind: str, producer: str | None, version: int | None) -> Sheet:
    """The sheet asked for among those the member may see. Raises Http404, WhichProducer."""
    where = Q(collection=place) if kind != Sheet.Kind.HARVEST else Q(week=place.week, producer__lines__collection=place)
    found = Sheet.objects.visible_to(member).filter(where, kind=kind, purged_at=None)
    if producer is not None:
        found = found.filter(producer__code=producer)
    if version is not None:
        found = found.filter(version=version)
    versions = found.distinct().values_list("producer__code", "version", "pk")
    newest = {code: pk for code, _version, pk in sorted(versions, key=lambda row: row[1])}
    if not newest:
        raise Http404
    if len(newest) > 1:
        raise WhichProducer(_("There is one sheet per farm: say which."), producers=sorted(newest))
    return Sheet.objects.select_related("producer").get(pk__in=newest.values())


def _statements(member: Member) -> Any:
    return Statement.objects.visible_to(member).select_related("producer").with_payouts().distinct()


def _issued(first: date | None, last: date | None) -> Q:
    since, until = days(first, last)
    return (Q(issued_at__gte=since) if since else Q()) & (Q(issued_at__lt=until) if until else Q())


def _format(request: HttpRequest, *offered: str) -> str:
    """The format that `Accept` prefers; JSON where it does not mind. Raises Unacceptable."""
    media = {MEDIA[name]: name for name in offered}
    chosen = request.get_preferred_type(list(media)) if request.headers.get("Accept") else JSON
    if chosen is None:
        raise Unacceptable(_("This does not exist as what you accept."), offered=list(media))
    return media[chosen]


def _file(content: bytes, format_: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=printing.FORMATS[format_])
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
