"""Printing: the frozen sheets of a collection, one by one or as one PDF; and the answer to a missed minimum."""

from typing import Any, cast

from django.contrib import messages
from django.db.models import Sum
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from distribution import closing, documents, mailing, printing
from distribution.documents import Format
from distribution.models import Closing, MinimumDecision, Sheet
from distribution.views.day import collection_or_404
from hub import notices
from hub.access import MemberRequest, host_required, member_required, producer_required
from hub.models import Collection, Notice
from hub.refusals import Refusal


@host_required
@require_safe
def prints(request: MemberRequest) -> HttpResponse:
    """The sheets of the distribution at hand of my points."""
    collection = printing.at_hand(Collection.objects.run_by(request.user), timezone.now())
    if collection is None:
        return render(request, "distribution/sheets.html", {"space": "host", "cards": []})
    return redirect("distribution:sheets", collection.code)


@host_required
@require_safe
def sheets(request: MemberRequest, collection: str) -> HttpResponse:
    """What there is to print for a collection."""
    place = collection_or_404(request, collection)
    frozen = _frozen(place)
    context = {
        "collection": place,
        "cards": printing.cards(place) if frozen else [],
        "closing": frozen,
        "sendings": mailing.sendings(place),
        "others": printing.others(Collection.objects.run_by(request.user), place),
        "space": "host",
        "now": timezone.now(),
    }
    return render(request, "distribution/sheets.html", context)


@host_required
@require_POST
def sending(request: MemberRequest, collection: str) -> HttpResponse:
    """The sheets go out again to one of those who get them."""
    place = collection_or_404(request, collection)
    carriers = Notice.objects.filter(collection=place, kind__in=mailing.CARRIERS)
    notice = get_object_or_404(carriers, key=request.POST.get("notice", ""))
    notices.send_again(notice=notice, by=request.user, now=timezone.now(), key=request.POST.get("uid", "")[:36])
    messages.success(request, _("The sheets leave again within a minute."))
    return redirect("distribution:sheets", place.code)


@host_required
@require_safe
def packet(request: MemberRequest, collection: str) -> HttpResponse:
    """The chosen kinds (`?kind=`, all when none is named) as one PDF."""
    place = collection_or_404(request, collection)
    chosen = printing.chosen(place, request.GET.getlist("kind")) if _frozen(place) else []
    if not chosen:
        raise Http404
    return _file(printing.packet(chosen), "pdf", f"{place.code}.pdf")


@member_required
@require_safe
@cache_control(private=True, max_age=86400, immutable=True)
def sheet(request: MemberRequest, fingerprint: str, format_: str) -> HttpResponse:
    """One version of one sheet as a file; the HTML one is the preview."""
    found = get_object_or_404(
        Sheet.objects.visible_to(request.user).select_related("producer", "collection").distinct(),
        sha256=fingerprint,
        purged_at=None,
    )
    if format_ not in printing.FORMATS:
        raise Http404
    when = found.collection.code if found.collection else found.week
    return _file(
        printing.file_of(found, cast(Format, format_)), format_, printing.shown_name(found, format_, when=when)
    )


def _frozen(place: Collection) -> Closing | None:
    """The collection's close once its sheets are frozen. Before, there may be harvest lists of the week from other points."""
    return Closing.objects.filter(collection=place, frozen_at__isnull=False).first()


def _file(content: bytes, format_: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=printing.FORMATS[format_])
    shown = "inline" if format_ in ("pdf", "html") else "attachment"
    response["Content-Disposition"] = f'{shown}; filename="{name}"'
    if format_ == "html":
        cast(Any, response)._csp_update = {"style-src": [documents.style_source(content)]}
    return response


@producer_required
@require_http_methods(["GET", "HEAD", "POST"])
def minimum(request: MemberRequest, collection: str, producer: str) -> HttpResponse:
    """A farm's orders stayed below its minimum: deliver anyway, or cancel and tell the members."""
    rows = MinimumDecision.objects.visible_to(request.user).select_related("collection__point", "producer")
    row = get_object_or_404(rows.distinct(), collection__code=collection, producer__code=producer)
    refusal, status = None, 200
    if request.method == "POST":
        try:
            closing.decide(decision_row=row, choice=request.POST.get("choice", ""), by=request.user, now=timezone.now())
            return redirect("distribution:minimum", collection, producer)
        except Refusal as said:
            refusal, status = said, said.status
            row.refresh_from_db()
    lines = row.collection.lines.filter(producer=row.producer, due__gt=0, order__cancelled_at=None)
    context = {
        "row": row, "refusal": refusal, "space": "producer", "now": timezone.now(),
        "households": lines.values("order").distinct().count(),
        "products": lines.values("name", "label").annotate(packs=Sum("due")).order_by("name", "label"),
    }  # fmt: skip
    return render(request, "distribution/minimum.html", context, status=status)
