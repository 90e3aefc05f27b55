"""Réglages: where a cooperative begins, its farms, and which points they supply."""

from django.db.models import Count, F, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hub import points as naming
from hub.access import MemberRequest, coordinator_required
from hub.calendar import local_date
from hub.models import CollectionPoint, FeeRule, Host, Hub, VatRate, WeeklySchedule
from hub.ordering import alphabetical
from hub.views.common import done
from producers import farms as acts
from producers.models import Producer, ProducerPerson, Supply
from producers.settings_forms import FarmForm, SupplyForm

METHODS = ["GET", "HEAD", "POST"]


@coordinator_required
@require_safe
def settings(request: MemberRequest) -> HttpResponse:
    """What is set up and what is still missing, in the order in which a cooperative begins."""
    now = timezone.now()
    current = Q(valid_until=None) | Q(valid_until__gte=local_date(now))
    context = {
        "cooperative": Hub.get(),
        "points": CollectionPoint.objects.active().count(),
        "rhythms": WeeklySchedule.objects.filter(current, point__archived_at=None).values("point").distinct().count(),
        "hosted": Host.objects.current().filter(point__archived_at=None).values("point").distinct().count(),
        "rates": VatRate.objects.count(),
        "fees": FeeRule.objects.filter(valid_from__lte=local_date(now)).exists(),
        "farms": Producer.objects.active().count(),
        "kept": ProducerPerson.objects.filter(producer__archived_at=None).values("producer").distinct().count(),
        "supplying": Supply.objects.active_on(local_date(now)).values("producer").distinct().count(),
        "space": "coordinator",
    }
    return render(request, "producers/settings.html", context)


@coordinator_required
@require_safe
def farms(request: MemberRequest) -> HttpResponse:
    """All farms."""
    today = local_date(timezone.now())
    here = Q(supplies__since__lte=today) & (Q(supplies__until=None) | Q(supplies__until__gte=today))
    rows = (
        Producer.objects.active()
        .annotate(points=Count("supplies", filter=here, distinct=True), keepers=Count("people", distinct=True))
        .order_by(alphabetical(), "pk")
    )
    return render(request, "producers/settings_farms.html", {"farms": rows, "space": "coordinator"})


@coordinator_required
@require_http_methods(METHODS)
def add(request: MemberRequest) -> HttpResponse:
    """A new farm; who keeps its catalogue comes next."""
    new = Producer()
    form = FarmForm(request.POST or None, instance=new)

    def act() -> None:
        new.code = naming.free_code(Producer, new.name, longest=56)
        acts.add(producer=new, by=request.user, now=timezone.now())

    if request.method == "POST" and done(
        request, form, act, _("The farm is there. Now invite who keeps its catalogue.")
    ):
        return redirect("producers:people", new.code)
    context = {"form": form, "space": "coordinator"}
    return render(request, "producers/farm_new.html", context, status=422 if request.method == "POST" else 200)


@coordinator_required
@require_safe
def farm(request: MemberRequest, producer: str) -> HttpResponse:
    """One farm: who keeps its catalogue, which points it supplies. What it says of itself is on its own page."""
    found = get_object_or_404(Producer, code=producer)
    context = {
        "farm": found,
        "supplies": found.supplies.select_related("point").order_by(alphabetical("point__name"), "pk"),
        "people": found.people.select_related("member").order_by("since", "pk"),
        "today": local_date(timezone.now()),
        "space": "coordinator",
    }
    return render(request, "producers/settings_farm.html", context)


@coordinator_required
@require_http_methods(METHODS)
def supplies(request: MemberRequest, code: str) -> HttpResponse:
    """The farms of a point, and accepting one more."""
    point, now = get_object_or_404(CollectionPoint, code=code), timezone.now()
    new = Supply(point=point)
    form = SupplyForm(point, request.POST or None, instance=new, initial={"since": local_date(now)})

    def act() -> None:
        acts.accept_at(
            producer=new.producer, point=point, since=new.since, until=new.until, minimum=new.minimum, spot=new.spot,
            by=request.user, now=now,
        )  # fmt: skip

    if request.method == "POST" and done(request, form, act, _("The farm supplies this point.")):
        return redirect("producers:supplies", code)
    context = {
        "point": point,
        "form": form,
        "supplies": point.supplies.select_related("producer").order_by(
            F("until").asc(nulls_first=True), alphabetical("producer__name")
        ),
        "today": local_date(now),
        "space": "coordinator",
    }
    return render(request, "producers/supplies.html", context, status=422 if request.method == "POST" else 200)


@coordinator_required
@require_http_methods(METHODS)
def supply(request: MemberRequest, code: str, producer: str) -> HttpResponse:
    """One farm at one point: until when, with which minimum, where it stands."""
    rows = Supply.objects.select_related("producer", "point")
    mine = get_object_or_404(rows, point__code=code, producer__code=producer)
    form = SupplyForm(mine.point, request.POST or None, instance=mine)

    def act() -> None:
        acts.edit_supply(supply=mine, by=request.user, now=timezone.now())

    if request.method == "POST" and done(request, form, act, _("Saved.")):
        return redirect("producers:supplies", code)
    context = {"form": form, "supply": mine, "point": mine.point, "space": "coordinator"}
    return render(request, "producers/supply.html", context, status=422 if request.method == "POST" else 200)
