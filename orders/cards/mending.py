"""Mending a refusal: the household is there, its bank may ask, another card may serve."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from hub import stripe_gateway
from hub.refusals import Refusal
from hub.stripe_gateway import Declined
from orders.cards.applying import apply
from orders.cards.saving import NoCard, usable_card
from orders.models import CardPayment


class NotRefused(Refusal):
    """The payment does not wait for anybody."""

    code = "not-refused"


def confirm_again(*, payment: CardPayment, return_url: str, now: datetime) -> str:
    """Try a refused hold again with the household's card; returns where its bank asks, or "" when it has answered.

    The row then says what it answered. Raises NotRefused, NoCard, stripe_gateway.Away.
    """
    if payment.state != CardPayment.State.REFUSED:
        raise NotRefused(_("This payment does not wait for you."))
    card = usable_card(payment.order.household)
    if card is None:
        raise NoCard(_("Save a card first."))
    try:
        found = stripe_gateway.confirm(payment=payment.stripe_id, method=card.method, return_url=return_url, now=now)
    except Declined as no:
        found = stripe_gateway.read_payment(no.payment or payment.stripe_id)
    CardPayment.objects.filter(pk=payment.pk).update(card=card, refusal=found.refusal or payment.refusal)
    apply(payment=payment, found=found, now=now)
    return found.confirm_url
