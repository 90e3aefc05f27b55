"""Spreadsheets: send one, look at what it would do, write it, take it back; and the catalogue as a file."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hub.access import MemberRequest, producer_required
from hub.refusals import Refusal
from hub.spreadsheets import MAX_BYTES, write_xlsx
from hub.views.common import told
from producers import export, imports
from producers.import_forms import UploadForm
from producers.imports import mending, shown
from producers.models import Import, Producer
from producers.views.week import farm_or_404

ROWS_A_PAGE = 200
CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@producer_required
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: MemberRequest, producer: str, week: str) -> HttpResponse:
    """Choose a file; its preview opens."""
    farm = farm_or_404(request, producer)
    form = UploadForm(request.POST or None, request.FILES or None)
    imp = _previewed(request, farm, week, form) if request.method == "POST" else None
    if imp is not None:
        return redirect("producers:import-preview", imp.code)
    recent = Import.objects.recent_of(farm)
    context = {"farm": farm, "week": week, "form": form, "recent": recent, "space": "producer"}
    return render(request, "producers/import.html", context, status=422 if request.method == "POST" else 200)


@producer_required
@require_safe
def preview(request: MemberRequest, code: str) -> HttpResponse:
    """What an import would do or did, row by row."""
    imp = _import_or_404(request, code)
    template = "producers/_import_rows.html" if request.htmx else "producers/import_preview.html"
    return render(request, template, _page(request, imp))


@producer_required
@require_POST
def confirm(request: MemberRequest, code: str) -> HttpResponse:
    """Write the rows without errors."""
    imp = _import_or_404(request, code)
    try:
        imp = imports.confirm(imp=imp, by=request.user, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        written = imp.applied["counts"]["created"] + imp.applied["counts"]["changed"]
        words = ngettext("%(count)s row is written.", "%(count)s rows are written.", written)
        messages.success(request, words % {"count": written})
    return redirect("producers:import-preview", imp.code)


@producer_required
@require_POST
def undo(request: MemberRequest, code: str) -> HttpResponse:
    """Put back what an import changed."""
    imp = _import_or_404(request, code)
    told(request, lambda: imports.undo(imp=imp, by=request.user, now=timezone.now()), _("The import is undone."))
    return redirect("producers:import-preview", imp.code)


@producer_required
@require_safe
def download(request: MemberRequest, producer: str, week: str) -> HttpResponse:
    """The catalogue and the week's stock as a workbook, or with ?format=csv as a CSV file."""
    farm = farm_or_404(request, producer)
    as_csv = request.GET.get("format") == "csv"
    content = export.as_csv(farm, week) if as_csv else export.as_xlsx(farm, week)
    return _file(content, CSV if as_csv else XLSX, f"{farm.code}-{week}.{'csv' if as_csv else 'xlsx'}")


@producer_required
@require_safe
def template(request: MemberRequest, producer: str, week: str) -> HttpResponse:
    """An empty workbook with the headings we read, to begin with."""
    farm = farm_or_404(request, producer)
    content = write_xlsx(_("Catalogue"), export.columns(week), [])
    return _file(content, XLSX, f"{farm.code}-cabas.xlsx")


@producer_required
@require_safe
def to_correct(request: MemberRequest, code: str) -> HttpResponse:
    """The rows that have errors, to mend and to send again."""
    imp = _import_or_404(request, code)
    return _file(mending.to_correct(imp), CSV, f"{imp.producer.code}-{imp.code}.csv")


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _import_or_404(request: MemberRequest, code: str) -> Import:
    return get_object_or_404(Import.objects.visible_to(request.user).select_related("producer").distinct(), code=code)


def _previewed(request: MemberRequest, farm: Producer, week: str, form: UploadForm) -> Import | None:
    """The preview of the file sent; None leaves its errors in the form."""
    if not form.is_valid():
        return None
    file = form.cleaned_data["file"]
    # One byte more than allowed is enough to refuse the rest.
    content = file.read(MAX_BYTES + 1)
    try:
        return imports.preview(
            producer=farm, week=week, file_name=file.name, content=content, by=request.user, now=timezone.now()
        )
    except Refusal as refusal:
        form.add_error("file", str(refusal))
    return None


def _page(request: MemberRequest, imp: Import) -> dict[str, Any]:
    now, plan = timezone.now(), shown.plan_of(imp)
    show = request.GET.get("show", "")
    show = show if show in shown.ORDER else ""
    rows = Paginator(shown.Lines(imp, show), ROWS_A_PAGE).get_page(request.GET.get("page"))
    counts = plan["counts"]
    return {
        "imp": imp, "farm": imp.producer, "counts": counts, "show": show, "rows": rows, "now": now, "space": "producer",
        "all": sum(counts.values()), "to_write": counts["created"] + counts["changed"],
        "remarks": shown.file_remarks(imp), "read_as": shown.read_as(imp), "left": shown.left_rows(imp),
        "undo_until": imp.confirmed_at + imports.UNDO_WITHIN if imp.confirmed_at else None,
    }  # fmt: skip
