"""Réglages: when a point opens. Its weekly rhythm with what it will give, and single dates beside it."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hub import calendar, rhythm
from hub.access import MemberRequest, coordinator_required
from hub.models import Collection, CollectionPoint, WeeklySchedule
from hub.settings_forms import CollectionForm, EndForm, ScheduleForm
from hub.views.common import done

METHODS = ["GET", "HEAD", "POST"]
SHOWN = 30


@coordinator_required
@require_safe
def dates(request: MemberRequest, code: str) -> HttpResponse:
    """The rhythm of a point, and its collections to come."""
    return _page(request, _point(code))


@coordinator_required
@require_http_methods(METHODS)
def add(request: MemberRequest, code: str) -> HttpResponse:
    """A weekly rhythm."""
    point, now = _point(code), timezone.now()
    schedule = WeeklySchedule(point=point, valid_from=calendar.local_date(now))
    form = ScheduleForm(request.POST or None, instance=schedule)
    return _schedule(request, point, schedule, form, lambda: rhythm.begin(schedule=schedule, by=request.user, now=now))


@coordinator_required
@require_http_methods(METHODS)
def change(request: MemberRequest, code: str, number: int) -> HttpResponse:
    """Another rhythm from a day on."""
    point, now = _point(code), timezone.now()
    schedule = get_object_or_404(point.schedules.select_related("point"), pk=number)
    _free, kept = rhythm.planned(schedule, now)
    first = max([calendar.local_date(now), schedule.valid_from, *(row.local_date + timedelta(days=1) for row in kept)])
    form = ScheduleForm(request.POST or None, instance=schedule, initial={"valid_from": first})
    return _schedule(
        request, point, schedule, form, lambda: rhythm.change(schedule=schedule, by=request.user, now=now), kept=kept
    )


@coordinator_required
@require_POST
def end(request: MemberRequest, code: str, number: int) -> HttpResponse:
    """The last day of a rhythm."""
    point = _point(code)
    schedule = get_object_or_404(point.schedules.select_related("point"), pk=number)
    form = EndForm(request.POST, auto_id=f"end-{number}-%s")
    form.number = number

    def act() -> None:
        last_day = form.cleaned_data["last_day"]
        _say(request, rhythm.end(schedule=schedule, last_day=last_day, by=request.user, now=timezone.now()))

    if done(request, form, act, _("Saved.")):
        return redirect("hub:dates", code)
    return _page(request, point, form)


@coordinator_required
@require_http_methods(METHODS)
def hold(request: MemberRequest, code: str) -> HttpResponse:
    """One date beside the rhythm."""
    point = _point(code)
    form = CollectionForm(request.POST or None, instance=Collection(point=point))

    def act() -> None:
        rhythm.hold(point=point, **form.windows(), note=form.cleaned_data["note"], by=request.user, now=timezone.now())

    if request.method == "POST" and done(request, form, act, _("The date is planned.")):
        return redirect("hub:dates", code)
    return _date(request, point, form)


@coordinator_required
@require_http_methods(METHODS)
def move(request: MemberRequest, code: str, collection: str) -> HttpResponse:
    """Another day or other hours for a date whose orders have not opened."""
    point, now = _point(code), timezone.now()
    row = get_object_or_404(Collection.objects.select_related("point"), point=point, code=collection)
    if request.method != "POST" and not rhythm.is_forecast(row, now):
        raise Http404
    form = CollectionForm(request.POST or None, instance=row)

    def act() -> None:
        for name, moment in form.windows().items():
            setattr(row, name, moment)
        rhythm.move(collection=row, by=request.user, now=now)

    if request.method == "POST" and done(request, form, act, _("The date is moved.")):
        return redirect("hub:dates", code)
    return _date(request, point, form, row=row)


def _point(code: str) -> CollectionPoint:
    return get_object_or_404(CollectionPoint, code=code)


def _schedule(
    request: MemberRequest,
    point: CollectionPoint,
    schedule: WeeklySchedule,
    form: ScheduleForm,
    act: Any,
    kept: Any = (),
) -> HttpResponse:
    """The form of a rhythm beside what it gives; "preview" shows without writing."""
    now, asked = timezone.now(), "preview" in request.POST
    saved = schedule.pk is not None
    if request.method == "POST" and not asked and done(request, form, lambda: _say(request, act()), _("Saved.")):
        return redirect("hub:dates", point.code)
    shown = (
        rhythm.preview(schedule, now) if (saved and not form.is_bound) or (form.is_bound and form.is_valid()) else []
    )
    context = {
        "form": form, "point": point, "schedule": schedule, "saved": saved, "preview": shown, "kept": kept, "now": now,
        "space": "coordinator",
    }  # fmt: skip
    failed = request.method == "POST" and not (asked and form.is_valid())
    return render(request, "hub/schedule.html", context, status=422 if failed else 200)


def _say(request: MemberRequest, change: rhythm.Change) -> None:
    """What became of the dates planned before."""
    made = ngettext("%(n)s date planned.", "%(n)s dates planned.", change.made) % {"n": change.made}
    gone = ngettext("%(n)s date taken away.", "%(n)s dates taken away.", change.removed) % {"n": change.removed}
    kept = ngettext("%(n)s date stays as it was.", "%(n)s dates stay as they were.", len(change.kept))
    said = [
        made if change.made else "",
        gone if change.removed else "",
        kept % {"n": len(change.kept)} if change.kept else "",
    ]
    if any(said):
        messages.info(request, " ".join(filter(None, said)))


def _date(
    request: MemberRequest, point: CollectionPoint, form: CollectionForm, row: Collection | None = None
) -> HttpResponse:
    context = {"form": form, "point": point, "collection": row, "space": "coordinator"}
    return render(request, "hub/date.html", context, status=422 if request.method == "POST" else 200)


def _page(request: MemberRequest, point: CollectionPoint, failed: EndForm | None = None) -> HttpResponse:
    now = timezone.now()
    today = calendar.local_date(now)
    rows = point.schedules.select_related("point").order_by("valid_from", "pk")
    held = [row for row in rows if row.valid_until is None or row.valid_until >= today]
    forms = {row.pk: EndForm(initial={"last_day": today}, auto_id=f"end-{row.pk}-%s") for row in held}
    forms |= {failed.number: failed} if failed else {}
    coming = point.collections.filter(ends_at__gt=now).order_by("starts_at")[:SHOWN]
    context = {
        "point": point, "schedules": [(row, len(rhythm.planned(row, now)[0]), forms[row.pk]) for row in held],
        "collections": [(row, rhythm.is_forecast(row, now)) for row in coming], "now": now, "space": "coordinator",
    }  # fmt: skip
    return render(request, "hub/dates.html", context, status=422 if failed else 200)
