"""What members' pages share: whose they are, and which collection they speak of."""

from datetime import datetime
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse

from hub.access import MemberRequest, View, ask_to_sign_in
from hub.models import Collection, Household
from orders import concerning, typed


def kept_when_signed_out(view: View) -> View:
    """What is typed into a form while its session ends is there again after signing in, on the page of the order. Stands
    over `member_required`."""

    @wraps(view)
    def guarded(request: HttpRequest, code: str) -> HttpResponseBase:
        if request.user.is_authenticated or request.method != "POST" or request.headers.get("HX-Request"):
            return view(request, code)
        typed.keep(request, code)
        return ask_to_sign_in(request, back=reverse("orders:order", args=[code]))

    return guarded


def my_household(request: MemberRequest) -> Household:
    """The member's household; pages about orders do not exist for somebody without one. Only its key is loaded."""
    if request.user.household_id is None:
        raise Http404
    return Household(pk=request.user.household_id)


def my_collection(request: MemberRequest, code: str) -> Collection:
    """A collection of a point where the member's household is accepted, or where it has ordered; another one does not exist
    for them. `left`: they may no longer order more there."""
    return get_object_or_404(concerning.with_left(concerning.of(request.user), request.user), code=code)


def my_shop(request: MemberRequest, code: str) -> Collection:
    """A collection of a point where the member's household is accepted: there it may look round the shop."""
    mine = Collection.objects.ordered_from_by(request.user).select_related("point")
    return get_object_or_404(mine, code=code)


def next_collection(request: MemberRequest, now: datetime) -> Collection | None:
    """The collection taking orders now that closes first."""
    return Collection.objects.ordered_from_by(request.user).taking_orders(now).order_by("closes_at").first()


def latest_collection(request: MemberRequest, now: datetime) -> Collection | None:
    """Where the member's order matters now: one still open, else the next to collect, else the latest."""
    mine = Collection.objects.ordered_from_by(request.user)
    ordered = concerning.of(request.user).filter(orders__household=request.user.household_id, orders__cancelled_at=None)
    return (
        mine.taking_orders(now).order_by("closes_at").first()
        or ordered.filter(ends_at__gt=now).order_by("starts_at").first()
        or ordered.order_by("-starts_at").first()
    )
