"""The household's money: balance, movements, refunds to choose, receipts."""

from collections.abc import Mapping

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from distribution import accounts, papers, refunds
from distribution.models import Receipt, Refund
from hub.access import MemberRequest, member_required
from hub.giro_code import giro_code
from hub.models import Household, Hub
from hub.refusals import Refusal
from orders import debits
from orders.models import Order


@member_required
@require_safe
def balance(request: MemberRequest) -> HttpResponse:
    """What is held or owed, what is on its way, what was."""
    return _page(request)


@member_required
@require_POST
def refund_choice(request: MemberRequest, collection: str) -> HttpResponse:
    """Keep what was missing as credit, or have it back."""
    mine = Refund.objects.filter(household=request.user.household_id)
    refund = get_object_or_404(mine, collection__code=collection)
    choice, send_to = request.POST.get("choice", ""), request.POST.get("send_to", "")
    try:
        refunds.choose(refund=refund, choice=choice, send_to=send_to, by=request.user, now=timezone.now())
    except Refusal as refusal:
        return _page(request, refusal=refusal, typed={"at": collection, "send_to": send_to}, status=refusal.status)
    if choice == Refund.Choice.CREDIT:
        messages.success(request, _("Kept on your account. You can change your mind until you spend it."))
    elif Refund.objects.on_the_way_to_cards().filter(pk=refund.pk).exists():
        messages.success(request, _("Noted. It goes back to your card, and takes a few days to show there."))
    else:
        messages.success(request, _("Noted. The treasurer sends it to you."))
    return redirect("distribution:balance")


@member_required
@require_safe
def receipt(request: MemberRequest, order: str) -> HttpResponse:
    """A receipt as PDF, in the reader's language. Right after the confirmation it may still be in the making."""
    found = Receipt.objects.visible_to(request.user).filter(order__code=order).first()
    if found is None:
        settled = Order.objects.visible_to(request.user).filter(settled_at__isnull=False)
        mine = settled if request.user.is_coordinator else settled.filter(household=request.user.household_id)
        get_object_or_404(mine, code=order)
        messages.info(request, _("The receipt is being made. Try again in a minute."))
        return redirect("distribution:balance")
    name = pgettext("file name", "receipt") + f"-{order}.pdf"
    return HttpResponse(
        papers.receipt_pdf(found, (get_language() or "fr")[:2], now=timezone.now()),
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _page(
    request: MemberRequest, *, refusal: Refusal | None = None, typed: Mapping[str, str] | None = None, status: int = 200
) -> HttpResponse:
    if request.user.household_id is None:
        raise Http404
    page = request.GET.get("page", "1")
    number = int(page) if page.isascii() and page.isdigit() and 0 < int(page) < 10_000 else 1
    account = accounts.read(Household.objects.get(pk=request.user.household_id), page=number)
    hub = Hub.get()
    context = {"account": account, "page": number, "hub": hub, "refusal": refusal, "typed": typed, "space": "member"}
    context["tops_up"] = bool(debits.rail(hub))
    if hub.iban:
        context["giro_code"] = _giro_code(hub, account)
    return render(request, "distribution/balance.html", context, status=status)


def _giro_code(hub: Hub, account: accounts.Account) -> str:
    """A transfer to the cooperative under the household's reference; of what it owes, where it owes something."""
    return giro_code(
        name=hub.legal_name or hub.name,
        iban=hub.iban,
        reference=account.household.code,
        amount=account.owed.amount if account.owed else None,
    )
