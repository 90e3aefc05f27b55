"""Money a household may have back for what was missing: it chooses, and the treasurer pays what is to be paid."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from distribution.models import Refund
from hub import activity, ledger, locks
from hub.models import Member
from hub.refusals import Refusal


class AlreadyPaid(Refusal):
    """The refund has left the bank: the choice stands."""

    code = "already-paid"


class NotChosen(Refusal):
    """The household has not asked for its money back."""

    code = "not-chosen"


class AlreadySpent(Refusal):
    """The credit has been used since."""

    code = "already-spent"


class NoSuchChoice(Refusal):
    """A refund is kept as credit or asked back."""

    code = "no-such-choice"
    status = 422


def choose(*, refund: Refund, choice: str, by: Member, now: datetime, send_to: str = "") -> None:
    """Keep the amount as credit, or ask for it back (`send_to`: an IBAN, or what was agreed on); the choice may change
    until it is paid. Raises AlreadyPaid, AlreadySpent, and NoSuchChoice for anything else."""
    if choice not in (Refund.Choice.CREDIT, Refund.Choice.REFUND):
        raise NoSuchChoice(_("Choose: keep it as credit, or have it back."))
    with transaction.atomic():
        locked = _locked(refund)
        if locked.paid_at is not None:
            raise AlreadyPaid(_("This refund has been paid already."))
        if choice == Refund.Choice.REFUND:
            _check_covered(locked)
        locked.choice, locked.chosen_at, locked.send_to = Refund.Choice(choice), now, send_to.strip()[:60]
        locked.save(update_fields=["choice", "chosen_at", "send_to"])
        _record("refund.chosen", locked, by, now)


def pay(*, refund: Refund, by: Member, now: datetime) -> None:
    """The treasurer's word that the refund has left the bank. Again, it changes nothing. Raises NotChosen, and
    AlreadySpent when the account no longer holds the amount."""
    with transaction.atomic():
        locked = _locked(refund)
        if locked.paid_at is not None:
            return
        if locked.choice != Refund.Choice.REFUND:
            raise NotChosen(_("The household has not asked for this money back."))
        _check_covered(locked)
        entry = ledger.Entry(
            reference=f"refund:{locked.collection_id}:{locked.household.code}",
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


def _check_covered(refund: Refund) -> None:
    """What was kept and spent on other orders cannot be sent back as well."""
    if ledger.balance(ledger.household_account(refund.household)) < refund.amount.amount:
        raise AlreadySpent(_("The account no longer holds this amount: it was spent on other orders."))


def _locked(refund: Refund) -> Refund:
    """The refund, alone until the transaction ends: nobody spends the same credit meanwhile."""
    locks.own_household(refund.household_id)
    rows = Refund.objects.select_for_update(of=("self",)).select_related("household", "collection")
    return rows.get(pk=refund.pk)


def _record(verb: str, refund: Refund, by: Member, now: datetime) -> None:
    activity.record(
        verb=verb,
        subject=refund.household.code,
        by=by,
        now=now,
        household=refund.household,
        collection=refund.collection,
        data={"amount": str(refund.amount.amount), "choice": refund.choice},
    )
