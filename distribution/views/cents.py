"""Where every cent went: of an order, for the household that paid it; of a distribution, for the coordinator."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from distribution import cents, shared_out
from hub.access import MemberRequest, coordinator_required, member_required
from hub.models import Collection
from orders.models import Order


@member_required
@require_safe
def story(request: MemberRequest, order: str) -> HttpResponse:
    """One order of one's own household, or any for a coordinator; before it is settled, the page says when it will be."""
    every = Order.objects.select_related("household", "collection__point")
    theirs = every if request.user.is_coordinator else every.filter(household=request.user.household_id)
    found = get_object_or_404(theirs, code=order)
    own = found.household_id == request.user.household_id
    context = {
        "order": found, "collection": found.collection, "now": timezone.now(), "own": own,
        "story": cents.read(found) if found.settled_at else None, "space": "member" if own else "coordinator",
    }  # fmt: skip
    return render(request, "distribution/cents.html", context)


@coordinator_required
@require_safe
def distribution(request: MemberRequest, collection: str) -> HttpResponse:
    """All settled orders of a distribution, each leading to its own page."""
    found = get_object_or_404(Collection.objects.select_related("point"), code=collection)
    rows = shared_out.orders(found)
    context = {"collection": found, "rows": rows, "together": shared_out.together(rows), "space": "coordinator"}
    return render(request, "distribution/cents_of_all.html", context)
