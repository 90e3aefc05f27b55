"""The treasurer's pages: transfers to type at the bank, refunds made, households' accounts and what came in."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from distribution import accounts, refunds, transfers
from distribution.bank import using
from distribution.boxes import depositing
from distribution.models import Refund
from distribution.treasury_forms import GrantForm, PayBackForm, ReceivedForm
from hub.access import MemberRequest, coordinator_required, proof_required
from hub.models import Household
from hub.refusals import Refusal
from hub.views.common import told
from orders import payments
from orders.models import Dispute, Payment

SPACE = {"space": "coordinator"}


@coordinator_required
@require_safe
@proof_required
def transfers_list(request: MemberRequest) -> HttpResponse:
    """The transfers to type at the bank, account numbers in full: for whoever has just shown who they are."""
    found = transfers.to_make()
    context = {"transfers": found, "total": transfers.total([one.amount for one in found]), "now": timezone.now()}
    return render(request, "distribution/transfers.html", context | SPACE)


@coordinator_required
@require_safe
@proof_required
def transfers_file(request: MemberRequest) -> HttpResponse:
    """The same as CSV."""
    name = f"virements-{timezone.localdate().isoformat()}.csv"
    return HttpResponse(
        transfers.as_csv(transfers.to_make()),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@coordinator_required
@require_POST
@proof_required
def refund_payment(request: MemberRequest, collection: str, household: str) -> HttpResponse:
    """The money of one refund has left the bank."""
    every = Refund.objects.select_related("household")
    refund = get_object_or_404(every, collection__code=collection, household__code=household)
    told(
        request,
        lambda: refunds.pay(refund=refund, by=request.user, now=timezone.now()),
        _("Noted as sent: %(household)s.") % {"household": refund.household.name},
    )
    return redirect("distribution:payouts")


@coordinator_required
@require_safe
def accounts_list(request: MemberRequest) -> HttpResponse:
    """Find a household; without a search, those that owe something."""
    search = " ".join(request.GET.get("q", "").split())[:60]
    found = accounts.find(search) if search else accounts.owing()
    return render(request, "distribution/accounts.html", {"search": search, "found": found} | SPACE)


@coordinator_required
@require_safe
def account(request: MemberRequest, household: str) -> HttpResponse:
    """A household's balance and movements, and the form for money that came in."""
    return account_page(request, get_object_or_404(Household, code=household))


@coordinator_required
@require_POST
def receive(request: MemberRequest, household: str) -> HttpResponse:
    """Money came in for a household."""
    home, form = get_object_or_404(Household, code=household), ReceivedForm(request.POST)
    if form.is_valid():
        try:
            payments.receive(household=home, received_by=request.user, now=timezone.now(), **form.cleaned_data)
        except Refusal as refusal:
            form.refuse(refusal, "point" if isinstance(refusal, payments.PointMissing) else "amount")
        else:
            messages.success(request, _("Noted on the account of %(household)s.") % {"household": home.name})
            return redirect("distribution:account", home.code)
    return account_page(request, home, received=form, status=422)


@coordinator_required
@require_POST
def undo(request: MemberRequest, household: str, key: str) -> HttpResponse:
    """A payment was a mistake: it stays in the books and is taken back."""
    found = get_object_or_404(Payment, household__code=household, key=key)
    try:
        with transaction.atomic():
            using.refuse_if_seen(f"payment:{found.key}")
            depositing.refuse_if_carried(found)
            payments.undo(payment=found, by=request.user, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Taken back."))
    return redirect("distribution:account", household)


def account_page(
    request: MemberRequest,
    home: Household,
    *,
    received: ReceivedForm | None = None,
    grant: GrantForm | None = None,
    back: PayBackForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """A household's account, with the form that was refused, if one was."""
    page = request.GET.get("page", "1")
    number = int(page) if page.isascii() and page.isdigit() and 0 < int(page) < 10_000 else 1
    read = accounts.read(home, page=number)
    context: dict[str, Any] = {
        "account": read, "page": number, "form": received or ReceivedForm(),
        "back": back or PayBackForm(left=read.may_be_paid_back),
        "grant": grant or GrantForm(household=home), "members": home.members.all(),
        "disputes": Dispute.objects.filter(Q(payment__order__household=home) | Q(top_up__household=home))
        .select_related("payment__order", "payment__card", "top_up", "settled_by").order_by("-opened_at", "-pk"),
    }  # fmt: skip
    return render(request, "distribution/account.html", context | SPACE, status=status)
