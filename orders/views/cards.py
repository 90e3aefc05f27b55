"""My card: save it, replace it, remove it; confirm a payment my bank refused."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hub import stripe_gateway
from hub.access import MemberRequest, member_required
from hub.models import Household
from hub.refusals import Refusal
from orders import cards
from orders.models import CardPayment
from orders.views.common import my_household


def _away() -> str:
    return _("The payment service does not answer. Nothing is lost: try again in a few minutes.")


@member_required
@require_safe
def card(request: MemberRequest) -> HttpResponse:
    """The card my household pays with."""
    _only_where_cards_are_taken()
    household = my_household(request)
    return render(request, "orders/card.html", {"card": cards.usable_card(household), "consent": cards.consent()})


@member_required
@require_POST
def saving(request: MemberRequest) -> HttpResponse:
    """Go to Stripe's page to save a card."""
    _only_where_cards_are_taken()
    back = settings.SITE_URL + reverse("orders:card-saved")
    try:
        page = cards.begin_saving(
            household=_household(request), now=timezone.now(), success_url=back + "?page={CHECKOUT_SESSION_ID}",
            cancel_url=settings.SITE_URL + reverse("orders:card"),
        )  # fmt: skip
    except stripe_gateway.Away:
        messages.error(request, _away())
        return redirect("orders:card")
    return redirect(page.url)


@member_required
@require_safe
def saved(request: MemberRequest) -> HttpResponse:
    """Back from Stripe's page. What it says is not believed: the page is read again at Stripe, once or twice alike."""
    _only_where_cards_are_taken()
    try:
        found = cards.finish_saving(
            household=_household(request), session=request.GET.get("page", ""), by=request.user, now=timezone.now()
        )
    except stripe_gateway.Away:
        messages.error(request, _away())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Card saved: %(card)s.") % {"card": found})
    return redirect("orders:card")


@member_required
@require_POST
def removal(request: MemberRequest) -> HttpResponse:
    """Remove my card, here and at Stripe."""
    _only_where_cards_are_taken()
    found = cards.usable_card(my_household(request))
    try:
        if found is not None:
            cards.forget(card=found, by=request.user, now=timezone.now())
            messages.success(request, _("Card removed."))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("orders:card")


@member_required
@require_POST
def mending(request: MemberRequest, code: str) -> HttpResponse:
    """Confirm a refused payment; the bank may want to ask on a page of its own."""
    payment = _refused(request, code)
    try:
        url = cards.confirm_again(
            payment=payment, now=timezone.now(),
            return_url=settings.SITE_URL + reverse("orders:card-mended", args=[code]),
        )  # fmt: skip
    except stripe_gateway.Away:
        messages.error(request, _away())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        if url:
            return redirect(url)
        _say(request, payment)
    return redirect("orders:order", code)


@member_required
@require_safe
def mended(request: MemberRequest, code: str) -> HttpResponse:
    """Back from the bank: the payment is read again at Stripe."""
    payment = _refused(request, code)
    try:
        cards.read_again(payment=payment, now=timezone.now())
    except (stripe_gateway.Away, stripe_gateway.Declined):
        messages.error(request, _away())
    else:
        _say(request, payment)
    return redirect("orders:order", code)


def _only_where_cards_are_taken() -> None:
    if not stripe_gateway.is_set_up():
        raise Http404


def _household(request: MemberRequest) -> Household:
    return Household.objects.get(pk=my_household(request).pk)


def _refused(request: MemberRequest, code: str) -> CardPayment:
    mine = CardPayment.objects.filter(order__household=my_household(request), order__collection__code=code)
    found = mine.select_related("order__household", "order__collection", "card").order_by("-number")
    return get_object_or_404(found[:1])


def _say(request: MemberRequest, payment: CardPayment) -> None:
    """What became of it: by the order's last payment, which may be another one by now."""
    last = payment.order.card_payments.order_by("-number").first()
    match last.state if last else "":
        case CardPayment.State.HELD | CardPayment.State.CAPTURED:
            messages.success(request, _("Thank you: the amount is held on your card."))
        case CardPayment.State.REFUSED:
            messages.error(request, _("The bank refused again. You can try another card, or pay at the distribution."))
        case CardPayment.State.RELEASED:
            messages.error(request, _("This payment was cancelled meanwhile: nothing is held on your card."))
        case _:
            messages.info(request, _("Your card is asked within a minute."))
