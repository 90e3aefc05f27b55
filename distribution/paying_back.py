"""Paying a household back what is on its account: the treasurer makes a transfer and notes it here."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from distribution.bank import using
from distribution.models import PaidBack
from hub import activity, ledger, locks
from hub.models import Household, Hub, Member, Transfer
from hub.money import CENT, ZERO, money
from hub.refusals import Refusal, the_first
from orders import leaving


class MoreThanHeld(Refusal):
    """More than is on the account and not on its way back already, or no amount at all."""

    code = "more-than-held"
    status = 422


def left(household: Household) -> Decimal:
    """What may be paid back: what is on the account, without what is on its way back already."""
    return max(ledger.balance(ledger.household_account(household)) - leaving.leaving(household), ZERO)


def pay_back(*, household: Household, amount: Decimal, key: str, by: Member, now: datetime) -> PaidBack:
    """A transfer was made to the household out of its credit. The same key again gives the first one. Raises MoreThanHeld,
    AnotherFact."""
    with transaction.atomic():
        locks.own_household(household.pk)
        known = PaidBack.objects.filter(key=key).first()
        if known is not None:
            return the_first(known, same=(known.household_id, known.amount.amount) == (household.pk, amount))
        most = left(household)
        if not amount.is_finite() or amount != amount.quantize(CENT) or not 0 < amount <= most:
            raise MoreThanHeld(_("At most %(most)s can be paid back.") % {"most": money(most)}, left=str(most))
        made = PaidBack.objects.create(
            household=household, amount=money(amount), key=key, at=now, by=by,
            transfer=_post(household, amount, f"paid-back:{key}", by, now),
        )  # fmt: skip
        _record("credit.paid-back", made, by, now)
    return made


def take_back(*, paid_back: PaidBack, by: Member, now: datetime) -> None:
    """It was noted by mistake, or the transfer came back. Again, it changes nothing. Raises SeenAtTheBank."""
    with transaction.atomic():
        locked = (
            PaidBack.objects.select_for_update(of=("self",))
            .select_related("household", "transfer")
            .get(pk=paid_back.pk)
        )
        if locked.undone_at is not None:
            return
        using.refuse_if_seen(locked.transfer.reference)
        with translation.override(Hub.get().language):
            memo = gettext("Credit not paid back after all")
        ledger.reverse(locked.transfer.reference, memo=memo, now=now, by=by)
        locked.undone_at, locked.undone_by = now, by
        locked.save(update_fields=["undone_at", "undone_by"])
        _record("credit.not-paid-back", locked, by, now)


def _post(household: Household, amount: Decimal, reference: str, by: Member, now: datetime) -> Transfer:
    with translation.override(Hub.get().language):
        memo = gettext("Credit paid back")
    ledger.post([ledger.Entry(reference, ledger.household_account(household), "bank", amount, memo)], now=now, by=by)
    return Transfer.objects.get(reference=reference)


def _record(verb: str, paid_back: PaidBack, by: Member, now: datetime) -> None:
    home = paid_back.household
    activity.record(
        verb=verb, subject=home.code, by=by, now=now, household=home, data={"amount": str(paid_back.amount.amount)}
    )
