"""Money a household may have back for what was missing: it chooses. What it paid by card goes back to the card by itself;
the rest the treasurer sends."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Sum
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from distribution import given_back
from distribution.bank import using
from distribution.models import Refund
from hub import activity, identifiers, ledger, locks
from hub import format as say
from hub.models import Household, Member
from hub.money import CENT, ZERO, money
from hub.refusals import Refusal
from orders import cards, leaving
from orders.models import CardPayment, CardRefund, Dispute, Order


class AlreadyPaid(Refusal):
    """The refund has left the bank: the choice stands."""

    code = "already-paid"


class Contested(Refusal):
    """The bank was asked for this money as well, or has taken it back."""

    code = "contested"


class NotChosen(Refusal):
    """The household has not asked for its money back."""

    code = "not-chosen"


class NotByHand(Refusal):
    """The card has the money: only its bank sends it back."""

    code = "not-by-hand"


class AlreadySpent(Refusal):
    """The credit has been used since."""

    code = "already-spent"


class OnItsWay(Refusal):
    """The refund is going back to the card already."""

    code = "on-its-way"


class NothingToGrant(Refusal):
    """The order is not settled, the amount is more than it cost, or its household has a refund for it already."""

    code = "nothing-to-grant"
    status = 422


class NoSuchChoice(Refusal):
    """A refund is kept as credit or asked back."""

    code = "no-such-choice"
    status = 422


def choose(*, refund: Refund, choice: str, by: Member, now: datetime, send_to: str = "") -> None:
    """Keep the amount as credit, or ask for it back (`send_to`: an IBAN, or empty); the choice may change until it is paid
    or goes back to the card. Raises AlreadyPaid, OnItsWay, AlreadySpent, WrongNumber for an IBAN that is none, and
    NoSuchChoice for anything else."""
    if choice not in (Refund.Choice.CREDIT, Refund.Choice.REFUND):
        raise NoSuchChoice(_("Choose: keep it as credit, or have it back."))
    iban = identifiers.account(send_to)[0] if send_to.strip() else ""
    with transaction.atomic():
        locked = _locked(refund)
        if locked.paid_at is not None:
            raise AlreadyPaid(_("This refund has been paid already."))
        _check_still_here(locked)
        if choice == Refund.Choice.REFUND:
            _check_covered(locked, but=_others(locked))
        locked.choice, locked.chosen_at, locked.send_to = Refund.Choice(choice), now, iban
        locked.save(update_fields=["choice", "chosen_at", "send_to"])
        _record("refund.chosen", locked, by, now)
        _hand_to_card(locked, by, now)


def pay(*, refund: Refund, by: Member, now: datetime) -> None:
    """The treasurer's word that the refund has left the bank. Again, it changes nothing. Raises NotChosen, OnItsWay,
    Contested, and AlreadySpent when the account no longer holds the amount."""
    with transaction.atomic():
        locked = _locked(refund)
        if locked.paid_at is not None:
            return
        if locked.choice != Refund.Choice.REFUND:
            raise NotChosen(_("The household has not asked for this money back."))
        _check_still_here(locked)
        _check_covered(locked)
        for order in Order.objects.filter(household=locked.household, collection=locked.collection):
            _refuse_contested(order)
        entry = ledger.Entry(
            reference=locked.reference,
            debit=ledger.household_account(locked.household),
            credit="bank",
            amount=locked.amount.amount,
            memo=gettext("Refund for what was missing"),
            collection=locked.collection,
        )
        ledger.post([entry], now=now, by=by)
        locked.paid_at, locked.paid_by = now, by
        locked.save(update_fields=["paid_at", "paid_by"])
        _record("refund.paid", locked, by, now)


def take_back(*, refund: Refund, by: Member, now: datetime) -> None:
    """It was noted by mistake, or the transfer came back: reversed in the books and to be sent again. Again, it changes
    nothing. Raises NotByHand, and SeenAtTheBank while a line of the bank's statement tells of it."""
    with transaction.atomic():
        locked = _locked(refund)
        if locked.paid_at is None:
            return
        if locked.paid_by_id is None:
            raise NotByHand(_("This refund went back to the card: only the card’s bank can send it back."))
        using.refuse_if_seen(locked.reference)
        ledger.reverse(locked.reference, memo=gettext("Refund taken back"), now=now, by=by)
        locked.paid_at, locked.paid_by, locked.attempt = None, None, locked.attempt + 1
        locked.save(update_fields=["paid_at", "paid_by", "attempt"])
        _record("refund.taken-back", locked, by, now)


def grant(*, order: Order, amount: Decimal, by: Member, now: datetime) -> Refund:
    """What was missing shows after the settlement: the cooperative gives so much of an order back, and the household
    chooses. Again, it gives the first one. Raises NothingToGrant, and Contested."""
    with transaction.atomic():
        locks.own_household(order.household_id)
        known = Refund.objects.filter(household=order.household_id, collection=order.collection_id).first()
        final = order.final_total.amount if order.settled_at and order.final_total else ZERO
        most = min(final, given_back.left_of_all(order.household))
        if known is not None and known.amount.amount == amount:
            return known
        if known is not None:
            raise NothingToGrant(_("This household has a refund for this distribution already."))
        if not amount.is_finite() or amount != amount.quantize(CENT) or not 0 < amount <= most:
            raise NothingToGrant(
                _("At most %(most)s: what the order came to, less what was given back.")
                % {"most": say.money(money(most))}
            )
        _refuse_contested(order)
        made = Refund.objects.create(
            household=order.household, collection=order.collection, amount=money(amount), created_at=now
        )
        ledger.post([_granted(order, amount)], now=now, by=by)
        _record("refund.granted", made, by, now)
    return made


def hand_to_cards(*, now: datetime) -> int:
    """Refunds asked for whose order was paid by card and that are not on their way: the sweep. Returns how many."""
    paid = CardPayment.objects.filter(
        state=CardPayment.State.CAPTURED,
        order__household=OuterRef("household"),
        order__collection=OuterRef("collection"),
    )
    done = 0
    for refund in Refund.objects.to_pay().filter(Exists(paid), card_refund=None):
        with transaction.atomic():
            done += _hand_to_card(_locked(refund), None, now)
    return done


def note_cards(*, now: datetime) -> int:
    """What Stripe said of refunds on their way: paid, or sent back by the card, to be paid in another way. Returns how many
    changed."""
    answered = Refund.objects.filter(paid_by=None)
    done = answered.filter(paid_at=None, card_refund__state=CardRefund.State.DONE)
    sent_back = answered.filter(paid_at__isnull=False, card_refund__state=CardRefund.State.FAILED)
    changed = 0
    for refund in (*done, *sent_back):
        with transaction.atomic():
            changed += _note_card(_locked(refund), now)
    return changed


def _note_card(refund: Refund, now: datetime) -> bool:
    way = refund.card_refund
    if way is None or refund.paid_by_id is not None:
        return False
    paid_at = way.done_at if way.state == CardRefund.State.DONE else None
    if refund.paid_at == paid_at:
        return False
    refund.paid_at = paid_at
    refund.save(update_fields=["paid_at"])
    _record("refund.paid" if paid_at else "refund.sent-back", refund, None, now)
    return True


def _hand_to_card(refund: Refund, by: Member | None, now: datetime) -> bool:
    """Let the money go back to the card that paid the order, where one did, and never a second time."""
    if refund.choice != Refund.Choice.REFUND or refund.paid_at is not None or refund.card_refund_id is not None:
        return False
    paid = CardPayment.objects.filter(order__household=refund.household_id, order__collection=refund.collection_id)
    payment = paid.filter(state=CardPayment.State.CAPTURED).first()
    if payment is None or cards.left_to_give(payment) < refund.amount.amount or _contested(payment.order):
        return False
    if ledger.balance(ledger.household_account(refund.household)) < refund.amount.amount:
        return False  # spent meanwhile: the treasurer sees it among those to pay
    refund.card_refund = cards.refund(
        payment=payment, amount=refund.amount.amount, key=f"missing:{refund.pk}", by=by, now=now
    )
    refund.save(update_fields=["card_refund"])
    return True


def _contested(order: Order) -> Dispute | None:
    """The dispute by which the holder of the card has asked the bank for the money, or has it."""
    waits = Q(taken=True) | Q(state=Dispute.State.OPEN)
    return Dispute.objects.filter(waits, payment__order=order, charged=False).order_by("-taken", "pk").first()


def _refuse_contested(order: Order) -> None:
    """It would be given back twice. Raises Contested."""
    dispute = _contested(order)
    if dispute is not None and dispute.taken:
        raise Contested(_("The bank took this payment back: the household has the money already."))
    if dispute is not None:
        raise Contested(_("The payment of this order is contested: answer that first."))


def _granted(order: Order, amount: Decimal) -> ledger.Entry:
    return ledger.Entry(
        reference=f"{given_back.GRANTED}{order.collection_id}:{order.household.code}",
        debit="hub:income",
        credit=ledger.household_account(order.household),
        amount=amount,
        memo=gettext("For what was missing, order %(code)s") % {"code": order.code},
        collection=order.collection,
    )


def _check_still_here(refund: Refund) -> None:
    way = refund.card_refund
    if way is not None and way.state != CardRefund.State.FAILED:
        raise OnItsWay(_("This refund is on its way to the card already."))


def to_send(household: Household) -> Decimal:
    """What a household has asked back and the treasurer has still to send."""
    return Refund.objects.by_transfer().filter(household=household).aggregate(sum=Sum("amount"))["sum"] or ZERO


def _others(refund: Refund) -> Decimal:
    """What else of its household's balance is on its way back to it."""
    own = Refund.objects.by_transfer().filter(pk=refund.pk).exists()
    return leaving.leaving(refund.household) - (refund.amount.amount if own else ZERO)


def _check_covered(refund: Refund, *, but: Decimal = ZERO) -> None:
    """What was kept and spent on other orders, or is leaving in another way, cannot be sent back as well."""
    if ledger.balance(ledger.household_account(refund.household)) - but < refund.amount.amount:
        raise AlreadySpent(_("The account no longer holds this amount: it was spent on other orders."))


def _locked(refund: Refund) -> Refund:
    """The refund, alone until the transaction ends: nobody spends the same credit meanwhile."""
    locks.own_household(refund.household_id)
    rows = Refund.objects.select_for_update(of=("self",)).select_related("household", "collection", "card_refund")
    return rows.get(pk=refund.pk)


def _record(verb: str, refund: Refund, by: Member | None, now: datetime) -> None:
    activity.record(
        verb=verb,
        subject=refund.household.code,
        by=by,
        now=now,
        household=refund.household,
        collection=refund.collection,
        data={"amount": str(refund.amount.amount), "choice": refund.choice},
    )
