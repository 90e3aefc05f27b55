"""Réglages: the cooperative itself, its fees and the VAT rates of the country."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hub import calendar, fees, founding
from hub.access import MemberRequest, coordinator_required, proof_required
from hub.form_fields import whole
from hub.models import FeeRule, Hub, VatRate
from hub.settings_forms import FeeForm, HubForm, VatForm
from hub.views.common import done, told


@coordinator_required
@require_http_methods(["GET", "HEAD", "POST"])
def cooperative(request: MemberRequest) -> HttpResponse:
    """Who the cooperative is."""
    hub = Hub.get()
    form = HubForm(request.POST or None, instance=hub)

    def act() -> None:
        founding.describe(hub=hub, by=request.user, now=timezone.now())

    if request.method == "POST" and done(request, form, act, _("Saved.")):
        return redirect("hub:cooperative")
    # The page itself speaks of the cooperative as it is, not as it was typed.
    context = {"form": form, "space": "coordinator", "hub": Hub.get()}
    return render(request, "hub/cooperative.html", context, status=422 if request.method == "POST" else 200)


@coordinator_required
@require_safe
def money(request: MemberRequest) -> HttpResponse:
    """Fees and VAT."""
    return _page(request)


@coordinator_required
@proof_required
@require_POST
def announce(request: MemberRequest) -> HttpResponse:
    """A fee from a day on."""
    form = FeeForm(request.POST)

    def act() -> None:
        fees.announce(**form.cleaned_data, by=request.user, now=timezone.now())

    if done(request, form, act, _("Saved.")):
        return redirect("hub:fees")
    return _page(request, form=form)


@coordinator_required
@proof_required
@require_POST
def take_back(request: MemberRequest) -> HttpResponse:
    """A fee whose day has not come is forgotten."""
    number = request.POST.get("rule", "")
    rule = get_object_or_404(FeeRule, pk=whole(number, 2**63 - 1) or 0)
    told(request, lambda: fees.take_back(rule=rule, by=request.user, now=timezone.now()), _("This fee will not begin."))
    return redirect("hub:fees")


@coordinator_required
@require_POST
def add_vat(request: MemberRequest) -> HttpResponse:
    """One more rate, or the rates of France at once."""
    now = timezone.now()
    if "france" in request.POST:
        told(request, lambda: founding.take_french_rates(by=request.user, now=now), _("Saved."))
        return redirect("hub:fees")
    form = VatForm(request.POST)

    def act() -> None:
        founding.add_vat_rate(rate=form.instance, by=request.user, now=now)

    if done(request, form, act, _("Saved.")):
        return redirect("hub:fees")
    return _page(request, vat_form=form)


def _page(request: MemberRequest, **forms: Any) -> HttpResponse:
    today = calendar.local_date(timezone.now())
    rules = list(FeeRule.objects.select_related("point").order_by("-valid_from", "payee", "point__name"))
    latest: dict[Any, FeeRule] = {}
    for rule in rules:
        if rule.valid_from <= today:
            latest.setdefault((rule.payee, rule.point_id), rule)
    context = {
        "coming": [rule for rule in rules if rule.valid_from > today],
        "current": list(latest.values()),
        "past": [rule for rule in rules if rule.valid_from <= today and rule not in latest.values()],
        "rates": VatRate.objects.order_by("percentage", "valid_from"),
        "form": FeeForm(initial={"valid_from": today}),
        "vat_form": VatForm(initial={"valid_from": today}),
        "space": "coordinator",
    }
    return render(request, "hub/fees.html", context | forms, status=422 if forms else 200)
