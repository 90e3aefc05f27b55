"""Collection points: where they are, when they are next, and joining one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hub import joining as joins
from hub import stripe_gateway
from hub.access import MemberRequest, member_required, public
from hub.models import CollectionPoint, Household, Member, Membership, PaymentMethod
from hub.refusals import Refusal
from hub.views.common import told
from orders import forms, overview, shelf


@public
@require_safe
def points(request: HttpRequest) -> HttpResponse:
    """All points, found by name, town or postcode; a member joins from here."""
    now, search = timezone.now(), request.GET.get("q", "").strip()[:60]
    household = request.user.household_id if isinstance(request.user, Member) else None
    found = overview.points(now, Household(pk=household) if household else None)
    words = shelf.fold(search).split()
    shown = [p for p in found if all(word in shelf.fold(f"{p.name} {p.full_address}") for word in words)]
    return render(
        request, "orders/points.html", {"now": now, "points": shown, "search": search, "household": household}
    )


@public
@require_safe
def point(request: HttpRequest, code: str) -> HttpResponse:
    """One point: where, when, whose food, and joining it. Signed out, one signs up or in and comes back here."""
    now, found = timezone.now(), get_object_or_404(CollectionPoint.objects.active(), code=code)
    household = request.user.household_id if isinstance(request.user, Member) else None
    here = Membership.objects.filter(household=household, point=found, status__in=["requested", "accepted"])
    context = {
        "now": now, "point": found, "household": household, "state": here.values_list("status", flat=True).first(),
        "dates": overview.dates(found, now), "farms": overview.deliverers(found, now),
        "methods": [PaymentMethod(m).label for m in found.payment_methods if m != "card" or stripe_gateway.is_set_up()],
    }  # fmt: skip
    return render(request, "orders/point.html", context)


@member_required
@require_POST
def joining(request: MemberRequest, code: str) -> HttpResponse:
    """Ask for a place at a point."""
    point = get_object_or_404(CollectionPoint.objects.active(), code=code)
    household = get_object_or_404(Household, pk=request.user.household_id)
    form = forms.JoiningForm(request.POST)
    message = form.cleaned_data["message"] if form.is_valid() else ""
    try:
        joined = joins.ask(household=household, point=point, message=message, by=request.user, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("orders:point", code)
    if joined.status == Membership.Status.ACCEPTED:
        messages.success(request, _("Welcome to %(point)s.") % {"point": point.name})
        return redirect("orders:home")
    messages.success(
        request, _("Your request has been sent. A host of %(point)s answers by e-mail.") % {"point": point.name}
    )
    return redirect("orders:point", code)


@member_required
@require_POST
def leaving(request: MemberRequest, code: str) -> HttpResponse:
    """Give a place up, or take a request back."""
    mine = Membership.objects.filter(household=request.user.household_id, status__in=["requested", "accepted"])
    membership = get_object_or_404(mine, point__code=code)
    told(
        request,
        lambda: joins.leave(membership=membership, by=request.user, now=timezone.now()),
        _("Done. You can ask again whenever you like."),
    )
    return redirect("orders:point", code)
