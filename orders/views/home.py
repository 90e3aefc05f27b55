"""The front door: a member's week, or the cooperative for a visitor."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from hub import shares
from hub.access import public
from hub.models import Household, Member, Membership
from orders import again, overview, progress


@public
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Members: next deadline, my order, where I collect. Visitors, and members of no point: what this is, and joining."""
    now = timezone.now()
    if isinstance(request.user, Member) and request.user.household_id:
        return _member(request, request.user, Household(pk=request.user.household_id), now)
    points = overview.points(now)
    context = {
        "now": now, "points": points, "coming": overview.soonest_first(points),
        "farms": overview.farms(now), "share": shares.of_euro(now), "signed_in": request.user.is_authenticated,
    }  # fmt: skip
    return render(request, "orders/public.html", context)


def _member(request: HttpRequest, member: Member, household: Household, now: datetime) -> HttpResponse:
    sales = overview.sales(member, household, now)
    first = sales[0] if sales else None
    context = {
        "now": now, "sales": sales, "first": first, "others": sales[1:],
        "steps": progress.steps(first.order, now) if first and first.order else [],
        "again": again.find(household, first.collection) if first and first.open and not first.order else None,
        "memberships": (mine := overview.memberships(household)),
        "waiting": not any(row.status == Membership.Status.ACCEPTED for row in mine),
    }  # fmt: skip
    return render(request, "orders/home.html", context)
