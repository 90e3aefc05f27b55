"""Réglages: the collection points, one by one."""

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hub import founding
from hub import points as acts
from hub.access import MemberRequest, coordinator_required
from hub.models import CollectionPoint
from hub.ordering import alphabetical
from hub.settings_forms import PointForm
from hub.views.common import done, told

METHODS = ["GET", "HEAD", "POST"]


@coordinator_required
@require_safe
def points(request: MemberRequest) -> HttpResponse:
    """All points; closed ones last."""
    rows = CollectionPoint.objects.annotate(
        hosts_now=Count("hosts", filter=Q(hosts__until=None), distinct=True),
        households=Count("memberships", filter=Q(memberships__status="accepted"), distinct=True),
        rhythms=Count("schedules", distinct=True),
    ).order_by(alphabetical(), "pk")
    context = {
        "points": rows.filter(archived_at=None), "closed": rows.exclude(archived_at=None), "space": "coordinator",
    }  # fmt: skip
    return render(request, "hub/points.html", context)


@coordinator_required
@require_http_methods(METHODS)
def add(request: MemberRequest) -> HttpResponse:
    """A new point; its dates come next."""
    new = CollectionPoint()
    form = PointForm(request.POST or None, instance=new)

    def act() -> None:
        new.code = acts.free_code(CollectionPoint, new.name)
        founding.keep_point(point=new, by=request.user, now=timezone.now())

    if request.method == "POST" and done(request, form, act, _("The point is there. Now say when it opens.")):
        return redirect("hub:dates", new.code)
    return render(
        request, "hub/point_new.html", {"form": form, "space": "coordinator"}, status=422 if request.POST else 200
    )


@coordinator_required
@require_http_methods(METHODS)
def point(request: MemberRequest, code: str) -> HttpResponse:
    """What is decided about a point."""
    mine = get_object_or_404(CollectionPoint, code=code)
    name, form = mine.name, PointForm(request.POST or None, instance=mine)

    def act() -> None:
        acts.edit(point=mine, by=request.user, now=timezone.now())

    if request.method == "POST" and done(request, form, act, _("Saved.")):
        return redirect("hub:point", code)
    context = {"form": form, "point": mine, "name": name, "space": "coordinator"}
    return render(request, "hub/point.html", context, status=422 if request.method == "POST" else 200)


@coordinator_required
@require_POST
def close(request: MemberRequest, code: str) -> HttpResponse:
    """Close a point for good, or open it again."""
    mine, now = get_object_or_404(CollectionPoint, code=code), timezone.now()
    if mine.archived_at is None:
        told(request, lambda: acts.close(point=mine, by=request.user, now=now), _("This point is closed."))
    else:
        told(request, lambda: acts.reopen(point=mine, by=request.user, now=now), _("This point is open again."))
    return redirect("hub:point", code)
