"""My data: take them with me, or have them erased."""

import zipfile
from io import BytesIO

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from distribution import erasing, own_data
from hub.access import MemberRequest, fresh_required, member_required
from hub.models import Household, Hub


@member_required
@require_http_methods(["GET", "POST"])
@fresh_required
def page(request: MemberRequest) -> HttpResponse:
    """Both doors; the second one closes behind who goes through."""
    household = get_object_or_404(Household, pk=request.user.household_id)
    if request.method == "POST" and request.POST.get("sure") == "yes":
        try:
            erasing.erase(household=household, by=request.user, now=timezone.now())
        except erasing.StillNeeded as refusal:
            messages.error(request, str(refusal))
            return redirect("distribution:own-data")
        logout(request)
        messages.success(request, _("Your account is erased. Thank you for having been with us."))
        return redirect("account_login")
    context = {
        "hindrances": erasing.hindrances(household),
        "people": household.members.count(),
        "weeks": max(4, Hub.get().sheet_weeks),
        "unsure": request.method == "POST",
    }
    return render(request, "distribution/own_data.html", context, status=422 if context["unsure"] else 200)


@member_required
@require_safe
@fresh_required
def file(request: MemberRequest) -> HttpResponse:
    """A ZIP of the page to read and the file for programs."""
    household = get_object_or_404(Household, pk=request.user.household_id)
    data = own_data.collect(household, now=timezone.now())
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("donnees.json", own_data.as_json(data))
        files.writestr("donnees.html", own_data.as_page(data, language=request.user.language))
    disposition = f'attachment; filename="cabas-{household.code}.zip"'
    return HttpResponse(
        archive.getvalue(),
        content_type="application/zip",
        headers={"Content-Disposition": disposition, "Cache-Control": "no-store"},
    )
