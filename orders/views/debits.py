"""Money for my balance: by card, by direct debit, in instalments; the mandate behind it."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hub import stripe_gateway
from hub.access import MemberRequest, member_required
from hub.models import Household
from hub.refusals import Refusal
from orders import debits
from orders.debit_forms import BankMandateForm, NoticeForm, TopUpForm
from orders.models import Mandate, TopUp
from orders.models.debit import LEGAL_NOTICE, SHORTEST_NOTICE
from orders.views.common import my_household

SHOWN = 30


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def top_up(request: MemberRequest) -> HttpResponse:
    """Ask for a sum; a card is then asked for on Stripe's page, a debit is announced by e-mail first."""
    household = _household(request)
    form = _top_up_form(household, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _page(request, household, form=form, status=422 if form.is_bound else 200)
    try:
        rows = debits.top_up(household=household, by=request.user, now=timezone.now(), **form.values())
        if rows[0].means == TopUp.Means.CARD:
            return redirect(_card_page(rows[0]))
    except stripe_gateway.Away:
        messages.error(request, _("The payment service does not answer. Nothing is lost: try again in a few minutes."))
    except stripe_gateway.Declined:
        messages.error(request, _("The payment service refuses this. Save your card again, or pay by transfer."))
    except Refusal as refusal:
        form.refuse(refusal, "amount")
        return _page(request, household, form=form, status=refusal.status)
    else:
        messages.success(request, _("Noted. You get an e-mail before each debit."))
    return redirect("orders:top-up")


@member_required
@require_safe
def topped_up(request: MemberRequest, code: str) -> HttpResponse:
    """Back from Stripe's page. What it says is not believed: the page is read again at Stripe."""
    row = _mine(request, code)
    try:
        row = debits.read_page_again(top_up=row, now=timezone.now()) if row.page else row
    except (stripe_gateway.Away, stripe_gateway.Declined):
        messages.info(request, _("The payment service does not answer; your balance follows as soon as it does."))
    if row.state == TopUp.State.PAID:
        messages.success(request, _("Thank you: it is on your balance."))
    return redirect("distribution:balance")


@member_required
@require_POST
def cancellation(request: MemberRequest, code: str) -> HttpResponse:
    """Give up a sum that is still to come."""
    try:
        debits.cancel(top_up=_mine(request, code), by=request.user, now=timezone.now())
        messages.success(request, _("Given up."))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("orders:top-up")


@member_required
@require_POST
def signing(request: MemberRequest) -> HttpResponse:
    """Allow direct debits: on Stripe's page, or here for the cooperative's bank."""
    household, rail = _household(request), debits.rail()
    form = _mandate_form(rail, request.POST)
    if not rail or not form.is_valid():
        return _page(request, household, mandate_form=form, status=422)
    days = form.cleaned_data["notice_days"]
    try:
        if rail == Mandate.Rail.BANK:
            debits.sign_at_bank(household=household, by=request.user, now=timezone.now(), **form.cleaned_data)
            messages.success(request, _("Direct debits are allowed."))
            return redirect("orders:top-up")
        back = settings.SITE_URL + reverse("orders:mandate-signed")
        page = debits.begin_signing(
            household=household, now=timezone.now(), success_url=f"{back}?page={{CHECKOUT_SESSION_ID}}&days={days}",
            cancel_url=settings.SITE_URL + reverse("orders:top-up"),
        )  # fmt: skip
    except stripe_gateway.Away:
        messages.error(request, _("The payment service does not answer. Nothing is lost: try again in a few minutes."))
        return redirect("orders:top-up")
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return _page(request, household, mandate_form=form, status=422)
    return redirect(page.url)


@member_required
@require_safe
def signed(request: MemberRequest) -> HttpResponse:
    """Back from Stripe's page, which is read again there, once or twice alike."""
    days = SHORTEST_NOTICE if request.GET.get("days") == str(SHORTEST_NOTICE) else LEGAL_NOTICE
    try:
        debits.finish_signing(
            household=_household(request), session=request.GET.get("page", ""), notice_days=days, by=request.user,
            now=timezone.now(),
        )  # fmt: skip
    except stripe_gateway.Away:
        messages.error(request, _("The payment service does not answer. Nothing is lost: try again in a few minutes."))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Direct debits are allowed."))
    return redirect("orders:top-up")


@member_required
@require_POST
def revocation(request: MemberRequest) -> HttpResponse:
    """Take the mandate back; what is still to come under it is given up."""
    mandate = debits.usable_mandate(my_household(request))
    if mandate is not None:
        debits.revoke(mandate=mandate, by=request.user, now=timezone.now())
        messages.success(request, _("Taken back. What was still to come is given up."))
    return redirect("orders:top-up")


def _page(request: MemberRequest, household: Household, *, status: int = 200, **forms: Any) -> HttpResponse:
    rail, mandate = debits.rail(), debits.usable_mandate(household)
    if not rail and not stripe_gateway.is_set_up():
        raise Http404
    context = {
        "form": _top_up_form(household, None), "mandate_form": _mandate_form(rail, None), "mandate": mandate, "rail": rail,
        "consents": [(days, debits.consent(days)) for days in (LEGAL_NOTICE, SHORTEST_NOTICE)],
        "by_card": stripe_gateway.is_set_up(),
        "top_ups": TopUp.objects.filter(household=household).select_related("mandate").next_first()[:SHOWN],
    } | forms  # fmt: skip
    return render(request, "orders/top_up.html", context, status=status)


def _top_up_form(household: Household, data: Any) -> TopUpForm:
    return TopUpForm(data, mandate=debits.usable_mandate(household), by_card=stripe_gateway.is_set_up())


def _mandate_form(rail: str, data: Any) -> NoticeForm:
    return BankMandateForm(data, prefix="mandate") if rail == Mandate.Rail.BANK else NoticeForm(data, prefix="mandate")


def _card_page(row: TopUp) -> str:
    back = settings.SITE_URL + reverse("orders:topped-up", args=[row.code])
    url = debits.pay_by_card(
        top_up=row, success_url=back, cancel_url=settings.SITE_URL + reverse("orders:top-up"), now=timezone.now()
    )
    return url or reverse("orders:top-up")


def _household(request: MemberRequest) -> Household:
    return Household.objects.get(pk=my_household(request).pk)


def _mine(request: MemberRequest, code: str) -> TopUp:
    mine = TopUp.objects.filter(household=my_household(request)).select_related("household", "mandate")
    return get_object_or_404(mine, code=code)
