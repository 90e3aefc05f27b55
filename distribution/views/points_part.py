"""A point's part of what is sold there: what it earned, what was paid."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from distribution import papers, point_statements
from distribution.models import PointStatement
from hub.access import MemberRequest, host_required
from hub.models import CollectionPoint


@host_required
@require_safe
def part(request: MemberRequest, code: str) -> HttpResponse:
    """The point's statements, distribution by distribution, and what the next one will tell."""
    point = get_object_or_404(CollectionPoint.objects.visible_to(request.user).select_related("account"), code=code)
    context = {
        "point": point, "part": point_statements.read(point, now=timezone.now()),
        "account": getattr(point, "account", None), "space": "host",
    }  # fmt: skip
    return render(request, "distribution/point_part.html", context)


@host_required
@require_safe
def statement_file(request: MemberRequest, number: str) -> HttpResponse:
    """One statement as PDF."""
    every = PointStatement.objects.visible_to(request.user).select_related("point")
    found = get_object_or_404(every, number=number)
    name = f"{found.number}-{found.point.code}.pdf"
    return HttpResponse(
        papers.point_statement_pdf(found, now=timezone.now()),
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
