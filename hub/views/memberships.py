"""Members of my points: who asks to join, who belongs; a host accepts or refuses."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hub import joining
from hub.access import MemberRequest, host_required
from hub.models import CollectionPoint, Membership
from hub.ordering import alphabetical
from hub.views.common import told


@host_required
@require_safe
def memberships(request: MemberRequest) -> HttpResponse:
    """Requests first, then the households of my points."""
    mine = Membership.objects.filter(point__in=CollectionPoint.objects.visible_to(request.user))
    rows = mine.select_related("household", "point").prefetch_related("household__members")
    context = {
        "space": "host",
        "requests": rows.requested().order_by("requested_at"),
        "accepted": rows.accepted().order_by(alphabetical("point__name"), alphabetical("household__name"), "pk"),
    }
    return render(request, "hub/memberships.html", context)


@host_required
@require_POST
def decision(request: MemberRequest, code: str, household: str) -> HttpResponse:
    """Yes or no to a household that asks to join a point of mine."""
    mine = Membership.objects.filter(point__in=CollectionPoint.objects.visible_to(request.user)).requested()
    membership = get_object_or_404(mine, point__code=code, household__code=household)
    act = joining.accept if request.POST.get("answer") == "yes" else joining.refuse
    told(
        request,
        lambda: act(membership=membership, by=request.user, now=timezone.now()),
        _("The household will be told."),
    )
    return redirect("hub:memberships")
