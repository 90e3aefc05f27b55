"""Money a household may have back for what was missing: it chooses, and the treasurer pays what is to be paid."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from distribution.models import Refund
from hub import activity, ledger
from hub.models import Member
from hub.refusals import Refusal


class AlreadyPaid(Refusal):
    """The refund has left the bank: the choice stands."""

    code = "already-paid"


class NotChosen(Refusal):
    """The household has not asked for its money back."""

    code = "not-chosen"


def choose(*, refund: Refund, choice: str, by: Member, now: datetime) -> None:
    """Keep the amount as credit, or ask for it back; the choice may change until it is paid. Raises AlreadyPaid."""
    with transaction.atomic():
        locked = _locked(refund)
        if locked.paid_at is not None:
            raise AlreadyPaid(_("This refund has been paid already."))
        locked.choice, locked.chosen_at = Refund.Choice(choice), now
        locked.save(update_fields=["choice", "chosen_at"])
        _record("refund.chosen", locked, by, now)


def pay(*, refund: Refund, by: Member, now: datetime) -> None:
    """The treasurer's word that the refund has left the bank. Again, it changes nothing. Raises NotChosen."""
    with transaction.atomic():
        locked = _locked(refund)
        if locked.paid_at is not None:
            return
        if locked.choice != Refund.Choice.REFUND:
            raise NotChosen(_("The household has not asked for this money back."))
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


def _locked(refund: Refund) -> Refund:
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
