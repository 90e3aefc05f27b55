"""The billing mandate on a farm's own page: what it says, giving it, ending it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from hub.access import MemberRequest, producer_required
from hub.models import Hub
from hub.refusals import Refusal
from producers import mandates
from producers.views.week import farm_or_404


@producer_required
@require_http_methods(["GET", "HEAD", "POST"])
def mandate(request: MemberRequest, producer: str) -> HttpResponse:
    """Read the mandate, and give it."""
    farm, refusal = farm_or_404(request, producer), None
    if request.method == "POST":
        try:
            mandates.give(producer=farm, by=request.user, now=timezone.now())
        except Refusal as refused:
            refusal = refused
        else:
            messages.success(request, _("The mandate is given. Thank you."))
            return redirect("producers:mandate", producer)
    held = mandates.live(farm)
    context: dict[str, Any] = {
        "farm": farm, "held": held, "refusal": refusal, "missing": mandates.missing(farm), "space": "producer",
        "paragraphs": (held.text if held else mandates.text(farm, Hub.get())).splitlines(),
        "former": farm.billing_mandates.filter(revoked_at__isnull=False).select_related("by", "revoked_by"),
    }  # fmt: skip
    return render(request, "producers/mandate.html", context, status=refusal.status if refusal else 200)


@producer_required
@require_POST
def withdrawal(request: MemberRequest, producer: str) -> HttpResponse:
    """End the mandate."""
    if mandates.withdraw(producer=farm_or_404(request, producer), by=request.user, now=timezone.now()):
        messages.success(request, _("The mandate is withdrawn."))
    return redirect("producers:mandate", producer)
