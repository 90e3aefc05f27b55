"""What a treasurer decides about money taken: given back, or contested and lost."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from distribution import paying_back, refunds
from distribution.models import PaidBack, Refund
from distribution.treasury_forms import GrantForm, PayBackForm
from distribution.views.treasury import account_page
from hub.access import MemberRequest, coordinator_required, proof_required
from hub.models import Household
from hub.refusals import Refusal
from hub.views.common import told
from orders import cards
from orders.models import Dispute


@coordinator_required
@require_POST
@proof_required
def grant(request: MemberRequest, household: str) -> HttpResponse:
    """The cooperative gives money back for what was missing after all; the household then chooses."""
    home = get_object_or_404(Household, code=household)
    form = GrantForm(request.POST, household=home)
    if form.is_valid():
        try:
            refunds.grant(by=request.user, now=timezone.now(), **form.cleaned_data)
        except Refusal as refusal:
            form.add_error("amount", str(refusal))
        else:
            messages.success(request, _("Noted. %(household)s is asked what to do with it.") % {"household": home.name})
            return redirect("distribution:account", home.code)
    return account_page(request, home, grant=form, status=422)


@coordinator_required
@require_POST
@proof_required
def refund_undo(request: MemberRequest, collection: str, household: str) -> HttpResponse:
    """A refund was noted by mistake, or its transfer came back."""
    found = get_object_or_404(Refund, collection__code=collection, household__code=household)
    told(
        request,
        lambda: refunds.take_back(refund=found, by=request.user, now=timezone.now()),
        _("Taken back: the refund is to be sent again."),
    )
    return redirect("distribution:payouts")


@coordinator_required
@require_POST
@proof_required
def pay_back(request: MemberRequest, household: str) -> HttpResponse:
    """What is on a household's account was sent back to it."""
    home = get_object_or_404(Household, code=household)
    form = PayBackForm(request.POST, left=paying_back.left(home))
    if form.is_valid():
        try:
            paying_back.pay_back(household=home, by=request.user, now=timezone.now(), **form.cleaned_data)
        except Refusal as refusal:
            form.refuse(refusal, "amount")
        else:
            messages.success(request, _("Noted as sent: %(household)s.") % {"household": home.name})
            return redirect("distribution:account", home.code)
    return account_page(request, home, back=form, status=422)


@coordinator_required
@require_POST
@proof_required
def paid_back_undo(request: MemberRequest, household: str, key: str) -> HttpResponse:
    """Credit was not paid back after all."""
    found = get_object_or_404(PaidBack, household__code=household, key=key)
    told(request, lambda: paying_back.take_back(paid_back=found, by=request.user, now=timezone.now()), _("Taken back."))
    return redirect("distribution:account", household)


@coordinator_required
@require_POST
@proof_required
def dispute(request: MemberRequest, number: str) -> HttpResponse:
    """Who bears a dispute that was lost: the household, or the cooperative."""
    found = get_object_or_404(Dispute.objects.select_related("payment__order__household"), stripe_id=number)
    charge = request.POST.get("charge") == "yes"
    try:
        cards.settle_dispute(dispute=found, charge=charge, by=request.user, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Noted."))
    if found.payment is None:
        return redirect("distribution:board")
    return redirect("distribution:account", found.payment.order.household.code)
