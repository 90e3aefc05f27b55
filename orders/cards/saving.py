"""Saving a card: once, on Stripe's page, with the bank's check and the household's consent."""

from contextlib import suppress
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from hub import activity, stripe_gateway
from hub.models import Household, Hub, Member
from hub.refusals import Refusal
from hub.stripe_gateway import Away
from orders.customers import customer_of, setup_page
from orders.models import CardPayment, SavedCard


class NoCard(Refusal):
    """Nothing was saved on the page, or it was another household's."""

    code = "no-card"
    status = 404


class CardInUse(Refusal):
    """An order that waits to be paid needs this card."""

    code = "card-in-use"


def usable_card(household: Household) -> SavedCard | None:
    """The card a household pays with."""
    return SavedCard.objects.usable().filter(household=household).first()


def consent() -> str:
    """What a member agrees to by saving a card, in their language; kept beside the card as it was shown."""
    return _(
        "I let %(hub)s charge this card for the orders my household places: the greatest amount shown is held before the"
        " distribution, what was handed over is charged after it, and never more. I can remove the card at any time."
    ) % {"hub": Hub.get().name}


def begin_saving(*, household: Household, success_url: str, cancel_url: str, now: datetime) -> stripe_gateway.SetupPage:
    """A page of Stripe's to save a card on. Raises stripe_gateway.Away."""
    return setup_page(household=household, kind="card", success_url=success_url, cancel_url=cancel_url, now=now)


def finish_saving(*, household: Household, session: str, by: Member, now: datetime) -> SavedCard:
    """Keep what was saved on a page; it replaces the household's card. Again, it changes nothing.

    Raises stripe_gateway.Away, and NoCard where nothing was saved or the page was not this household's.
    """
    saved = stripe_gateway.saved_on(session)
    if saved is None or saved.kind != "card" or saved.customer != customer_of(household, now):
        raise NoCard(_("No card was saved. You can try again."))
    with transaction.atomic():
        Household.objects.select_for_update(no_key=True).get(pk=household.pk)
        known = SavedCard.objects.filter(method=saved.id).first()
        if known is not None:
            return known
        SavedCard.objects.usable().filter(household=household).update(removed_at=now)
        card = SavedCard.objects.create(
            household=household, customer=saved.customer, method=saved.id, brand=saved.brand, last4=saved.last4,
            expires=saved.expires, consent=consent(), consented_at=now, consented_by=by,
        )  # fmt: skip
        _record("card.saved", card, by, now)
    return card


def forget(*, card: SavedCard, by: Member, now: datetime) -> None:
    """Remove a card, here and at Stripe, where a sweep removes it should there be no answer now (forget_removed). Raises
    CardInUse while an order counts on it."""
    with transaction.atomic():
        locked = SavedCard.objects.select_for_update().get(pk=card.pk)
        if locked.removed_at is None:
            if _is_needed(locked):
                raise CardInUse(_("An order of yours is to be paid with this card. Save another one to replace it."))
            locked.removed_at = now
            locked.save(update_fields=["removed_at"])
            _record("card.removed", locked, by, now)
    with suppress(Away):
        stripe_gateway.forget(card.method, now=now)


def _is_needed(card: SavedCard) -> bool:
    ordered = card.household.orders.filter(payment_method="card", cancelled_at=None, settled_at=None)
    return ordered.exists() or CardPayment.objects.unfinished().filter(card=card).exists()


def _record(verb: str, card: SavedCard, by: Member, now: datetime) -> None:
    activity.record(
        verb=verb, subject=card.household.code, by=by, now=now, household=card.household, data={"card": str(card)}
    )
