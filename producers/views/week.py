"""My week: what a farm has for sale, row by row."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hub.access import MemberRequest, producer_required
from hub.calendar import shift_week
from hub.ordering import alphabetical
from hub.refusals import Refusal
from producers import stock
from producers.forms import RowForm
from producers.models import Packaging, Producer
from producers.week import Week, next_week


def farms(request: MemberRequest, url_name: str, *, by_week: bool) -> HttpResponse:
    """Go to a page of one's farm; who has several chooses."""
    mine = list(Producer.objects.active().visible_to(request.user).distinct().order_by(alphabetical(), "pk"))
    weeks = {farm.pk: next_week(farm, timezone.now()) for farm in mine[:1]} if by_week and len(mine) == 1 else {}
    if len(mine) == 1:
        return redirect(url_name, mine[0].code, *weeks.values())
    return render(request, "producers/choose.html", {"farms": mine, "url_name": url_name, "space": "producer"})


def farm_or_404(request: MemberRequest, code: str) -> Producer:
    """A producer whose catalogue the member keeps."""
    return get_object_or_404(Producer.objects.visible_to(request.user).distinct(), code=code)


@producer_required
@require_safe
def my_week(request: MemberRequest) -> HttpResponse:
    """The week at hand of my farm."""
    return farms(request, "producers:week", by_week=True)


@producer_required
@require_safe
def current(request: MemberRequest, producer: str) -> HttpResponse:
    """The week at hand of one farm."""
    farm = farm_or_404(request, producer)
    return redirect("producers:week", farm.code, next_week(farm, timezone.now()))


@producer_required
@require_http_methods(["GET", "HEAD", "POST"])
def week(request: MemberRequest, producer: str, week: str) -> HttpResponse:
    """The grid. Without JavaScript the whole of it is posted here."""
    sheet = Week(farm_or_404(request, producer), week)
    posted = request.POST if request.method == "POST" else None
    forms = [RowForm(line, posted) for line in sheet.lines]
    if posted is not None and _publish(request, sheet, forms):
        messages.success(request, _("Your week is saved."))
        return redirect("producers:week", producer, week)
    return render(request, "producers/week.html", _page(sheet, forms), status=200 if posted is None else 422)


@producer_required
@require_POST
def row(request: MemberRequest, producer: str, week: str, packaging: str) -> HttpResponse:
    """Save one row; answers with the row."""
    farm = farm_or_404(request, producer)
    pack = get_object_or_404(Packaging.objects.active().filter(producer=farm).select_related("product"), code=packaging)
    form = RowForm(Week(farm, week, pack.product).line(pack), request.POST)
    saved = _publish(request, Week(farm, week), [form])
    sheet = Week(farm, week, pack.product)
    shown = RowForm(sheet.line(pack)) if saved else form
    context = {"sheet": sheet, "form": shown, "saved_at": timezone.now() if saved else None, "part": True}
    context |= {"undo": form.undo if saved and form.has_changed() else ""}
    return render(request, "producers/_week_row.html", context, status=200 if saved else 422)


@producer_required
@require_POST
def copy(request: MemberRequest, producer: str, week: str) -> HttpResponse:
    """The same as last week, in one press."""
    farm = farm_or_404(request, producer)
    try:
        made = stock.copy_last_week(producer=farm, week=week, by=request.user, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _copied(made))
    return redirect("producers:week", producer, week)


def _copied(made: int) -> str:
    if not made:
        return _("Nothing to copy: every product of last week is already there.")
    return ngettext("%(count)s product is as last week.", "%(count)s products are as last week.", made) % {
        "count": made
    }


def _publish(request: MemberRequest, sheet: Week, forms: Sequence[RowForm]) -> bool:
    """Publish what the forms say. Whether that went well: else they carry the errors and nothing has changed."""
    if sum(not form.is_valid() for form in forms):
        return False
    rows = [form.row for form in forms if not form.is_left_alone]
    try:
        stock.publish(producer=sheet.producer, rows=rows, week=sheet.week, by=request.user, now=timezone.now())
    except stock.RowsRefused as refusal:
        for form in forms:
            form.refuse(refusal)
        return False
    except Refusal as refusal:
        forms[0].add_error(None, str(refusal))
        return False
    return True


def _page(sheet: Week, forms: Sequence[RowForm]) -> dict[str, Any]:
    problems = sum(bool(form.problem) for form in forms)
    return {"sheet": sheet, "forms": forms, "problems": problems, "now": timezone.now(), "space": "producer"} | {
        "before": shift_week(sheet.week, -1), "after": shift_week(sheet.week, 1),
    }  # fmt: skip
