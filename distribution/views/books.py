"""The books: balances of any day, exports for the accountant and the state."""

from datetime import date
from tempfile import TemporaryFile
from typing import Any

from django.db.models import Count
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from distribution.books import archive, files, overdue, overview, periods
from distribution.models import StripeCheck
from hub import stripe_gateway
from hub.access import MemberRequest, coordinator_required, proof_required
from hub.calendar import local_date
from hub.models import ClosedPeriod
from hub.refusals import Refusal

SPACE = {"space": "coordinator"}
DAYS_SHOWN, MONTHS_SHOWN = 31, 26


@coordinator_required
@require_safe
def balances(request: MemberRequest) -> HttpResponse:
    """What is held for whom and where it lies, at the end of `?day=`, else now."""
    today, refusal = local_date(timezone.now()), None
    try:
        day = periods.day(request.GET["day"]) if request.GET.get("day") else today
    except periods.BadPeriod as said:
        day, refusal = today, said
    context = {"books": overview.at(day), "today": today, "refusal": refusal}
    return render(request, "distribution/books.html", context | SPACE, status=refusal.status if refusal else 200)


@coordinator_required
@require_safe
def exports(request: MemberRequest) -> HttpResponse:
    """Which exports there are, for which days."""
    return _exports(request)


@coordinator_required
@require_safe
@proof_required
def export(request: MemberRequest, kind: str) -> HttpResponseBase:
    """One export as a file; for days that are none, the page says so."""
    asked, (first, last) = request.GET, _this_year()
    try:
        period = periods.period(asked.get("from", first), asked.get("to", last))
        made = files.export(kind, asked.get("format", "csv"), period)
    except files.NoSuchExport as refusal:
        raise Http404 from refusal
    except Refusal as refusal:
        return _exports(request, refusal=refusal)
    headers = {"Content-Disposition": f'attachment; filename="{made.name}"'}
    return StreamingHttpResponse(made.chunks, content_type=made.type, headers=headers)


@coordinator_required
@require_safe
def closings(request: MemberRequest) -> HttpResponse:
    """Closed days, months and years, the newest first."""
    return _closings(request)


@coordinator_required
@require_safe
@proof_required
def archived(request: MemberRequest) -> HttpResponseBase:
    """Everything that is closed as one ZIP."""
    file = TemporaryFile()  # noqa: SIM115  (FileResponse closes it)
    try:
        last = archive.write(file)
    except archive.NothingClosed as refusal:
        return _closings(request, refusal=refusal)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=archive.name(last), content_type="application/zip")


@coordinator_required
@require_safe
def checks(request: MemberRequest) -> HttpResponse:
    """The daily comparison with Stripe, and what waits too long."""
    now = timezone.now()
    days = list(StripeCheck.objects.annotate(number=Count("findings")).order_by("-day")[:DAYS_SHOWN])
    context = {
        "checks": days, "latest": days[0] if days else None, "overdue": overdue.read(now), "now": now,
        "findings": days[0].findings.select_related("first") if days else [], "cards": stripe_gateway.is_set_up(),
    }  # fmt: skip
    return render(request, "distribution/books_checks.html", context | SPACE)


def _closings(request: MemberRequest, *, refusal: Refusal | None = None) -> HttpResponse:
    every = ClosedPeriod.objects.order_by("-ends")
    context = {
        "days": [(date.fromisoformat(one.code), one) for one in every.days()[:DAYS_SHOWN]],
        "wholes": every.exclude(kind=ClosedPeriod.Kind.DAY).order_by("-ends", "kind")[:MONTHS_SHOWN],
        "refusal": refusal,
    }  # fmt: skip
    return render(
        request, "distribution/books_closings.html", context | SPACE, status=refusal.status if refusal else 200
    )


def _exports(request: MemberRequest, *, refusal: Refusal | None = None) -> HttpResponse:
    first, last = _this_year()
    context: dict[str, Any] = {
        "kinds": files.KINDS.values(), "refusal": refusal,
        "first": request.GET.get("from", first), "last": request.GET.get("to", last),
    }  # fmt: skip
    return render(
        request, "distribution/books_exports.html", context | SPACE, status=refusal.status if refusal else 200
    )


def _this_year() -> tuple[str, str]:
    """From the first of January until today."""
    today = local_date(timezone.now())
    return date(today.year, 1, 1).isoformat(), today.isoformat()
