"""What a treasurer decides about money taken: given back, or contested and lost."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from distribution import refunds
from distribution.treasury_forms import GrantForm
from distribution.views.treasury import account_page
from hub.access import MemberRequest, coordinator_required, proof_required
from hub.models import Household
from hub.refusals import Refusal
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
