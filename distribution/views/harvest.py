"""To harvest: totals per product, then per point."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from distribution import harvest
from distribution.models import Sheet
from hub.access import MemberRequest, producer_required
from hub.calendar import shift_week
from hub.form_fields import whole
from producers.views.week import farm_or_404, farms
from producers.week import next_week


@producer_required
@require_safe
def my_harvest(request: MemberRequest) -> HttpResponse:
    """What my farm is to bring in the week at hand."""
    return farms(request, "distribution:harvest", by_week=True)


@producer_required
@require_safe
def current(request: MemberRequest, producer: str) -> HttpResponse:
    """The week at hand of one farm."""
    farm = farm_or_404(request, producer)
    return redirect("distribution:harvest", farm.code, next_week(farm, timezone.now()))


@producer_required
@require_safe
def week(request: MemberRequest, producer: str, week: str) -> HttpResponse:
    """Live before the deadline, frozen after; an older version with `?version=`."""
    farm, asked = farm_or_404(request, producer), request.GET.get("version", "")
    try:
        page = harvest.read(farm, week, now=timezone.now(), version=whole(asked, 2**31 - 1))
    except Sheet.DoesNotExist as missing:
        raise Http404 from missing
    context = {"page": page, "before": shift_week(week, -1), "after": shift_week(week, 1), "space": "producer"}
    part = request.htmx and not request.htmx.boosted
    return render(request, "distribution/_harvest_table.html" if part else "distribution/harvest.html", context)
