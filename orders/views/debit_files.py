"""The coordination's page of debits: files to send to the bank and what it answered; those that Stripe collects."""

from django.contrib import messages
from django.db.models import Max
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hub.access import MemberRequest, coordinator_required, proof_required
from hub.refusals import Refusal
from orders import debits
from orders.models import DebitFile, Mandate, TopUp

SHOWN = 50


@coordinator_required
@require_safe
def overview(request: MemberRequest) -> HttpResponse:
    """What may be written now, what is at the bank, what came back; and how far Stripe is."""
    sent = TopUp.objects.filter(file__isnull=False).select_related("household", "mandate", "file")
    by_stripe = TopUp.objects.filter(mandate__rail=Mandate.Rail.STRIPE).exclude(state=TopUp.State.CANCELLED)
    context = {
        "by_stripe": by_stripe.select_related("household").next_first()[:SHOWN],
        "due": debits.to_write(timezone.now()),
        "waiting": sent.filter(state=TopUp.State.PROCESSING).order_by("due_on", "pk"),
        "over": sent.exclude(state=TopUp.State.PROCESSING)[:SHOWN],
        "files": DebitFile.objects.defer("content")
        .select_related("written_by")
        .annotate(last_on=Max("top_ups__due_on"))[:SHOWN],
        "by_bank": debits.rail() == Mandate.Rail.BANK,
        "space": "coordinator",
    }
    return render(request, "orders/debits.html", context)


@coordinator_required
@require_POST
@proof_required
def writing(request: MemberRequest) -> HttpResponse:
    """Write the file of what is due; once it is written, the same page sent again leads to it."""
    first, made, refused = request.POST.get("first", ""), None, ""
    try:
        made = debits.written_with(first) or debits.write_file(by=request.user, now=timezone.now())
    except Refusal as refusal:
        made, refused = debits.written_with(first), str(refusal)
    if made is None:
        messages.error(request, refused)
    else:
        messages.success(
            request, _("The file %(code)s is written: download it and send it to the bank.") % {"code": made.code}
        )
    return redirect("orders:debits")


@coordinator_required
@require_safe
@proof_required
def file(request: MemberRequest, code: str) -> HttpResponse:
    """The bytes of a file, as they were written."""
    found = get_object_or_404(DebitFile, code=code)
    return HttpResponse(
        bytes(found.content),
        content_type="application/xml",
        headers={"Content-Disposition": f'attachment; filename="prelevements-{found.collection_on}-{found.code}.xml"'},
    )


@coordinator_required
@require_POST
@proof_required
def result(request: MemberRequest, code: str) -> HttpResponse:
    """What the bank said of a debit."""
    row = get_object_or_404(TopUp.objects.filter(file__isnull=False), code=code)
    try:
        said, why = request.POST.get("result", ""), request.POST.get("why", "")
        debits.mark(top_up=row, result=said, why=why, by=request.user, now=timezone.now())
        messages.success(request, _("Noted."))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("orders:debits")
