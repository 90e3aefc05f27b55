"""Mending a refusal: the household is there, its bank may ask, another card may serve."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hub import stripe_gateway
from hub.refusals import Refusal
from hub.stripe_gateway import Declined
from orders.cards.applying import apply
from orders.cards.holding import ask
from orders.cards.owing import is_wanted
from orders.cards.saving import NoCard, usable_card
from orders.models import CardPayment, SavedCard


class NotRefused(Refusal):
    """The payment does not wait for anybody."""

    code = "not-refused"


def confirm_again(*, payment: CardPayment, return_url: str, now: datetime) -> str:
    """Try a refused hold again with the household's card; returns where its bank asks, or "" when it has answered.

    The order's last payment then says what it answered; where it was cancelled meanwhile, nothing is held. Raises
    NotRefused, NoCard, stripe_gateway.Away.
    """
    if payment.state != CardPayment.State.REFUSED:
        raise NotRefused(_("This payment does not wait for you."))
    if not is_wanted(payment.order):
        raise NotRefused(_("Nothing is left to pay by card for this order."))
    card = usable_card(payment.order.household)
    if card is None:
        raise NoCard(_("Save a card first."))
    if not payment.stripe_id:
        return _ask_anew(payment, card, now)
    try:
        found = stripe_gateway.confirm(payment=payment.stripe_id, method=card.method, return_url=return_url, now=now)
    except Declined as no:
        try:
            found = stripe_gateway.read_payment(no.payment or payment.stripe_id)
        except Declined:
            return _ask_anew(payment, card, now)
    CardPayment.objects.filter(pk=payment.pk).update(card=card, refusal=found.refusal[:60] or payment.refusal)
    apply(payment=payment, found=found, now=now)
    return found.confirm_url


def _ask_anew(payment: CardPayment, card: SavedCard, now: datetime) -> str:
    """Where Stripe knows no such payment there is none to confirm: another one follows it, which the sweep asks for
    should nobody get to it here."""
    with transaction.atomic():
        row = CardPayment.objects.select_for_update(of=("self",)).get(pk=payment.pk)
        if row.state != CardPayment.State.REFUSED:
            raise NotRefused(_("This payment does not wait for you."))
        row.move_to(CardPayment.State.RELEASED, now)
        made = CardPayment.objects.create(
            order=payment.order, number=row.number + 1, card=card, amount=row.amount, due_at=now
        )
    apply(payment=made, found=ask(made, now=now), now=now)
    return ""
