"""Putting right what a statement told: posted at once, told and netted on the farm's next statement."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils import translation
from django.utils.translation import gettext as _

from distribution import given_back
from distribution.models import Correction, Statement
from hub import activity, ledger, locks
from hub import format as say
from hub.models import Household, Hub, Member
from hub.money import CENT, ZERO, money
from hub.refusals import Refusal, the_first
from producers.models import Producer


class NoCorrection(Refusal):
    """This is not something to correct. `data["field"]` says where."""

    code = "no-correction"
    status = 422


def correct(
    *, producer: Producer, amount: Decimal, words: str, key: str, by: Member, now: datetime,
    about: Statement | None = None, household: Household | None = None, about_fee: bool = False,
) -> Correction:  # fmt: skip
    """The farm gets `amount` (above zero) or gives it back (below), from or to a household, else the cooperative;
    `about_fee` where the cooperative gives back a part of the fee of that statement.

    The same key again gives the first one. Raises NoCorrection and AnotherFact; then nothing has changed.
    """
    if not amount.is_finite() or amount == 0 or amount != amount.quantize(CENT):
        raise NoCorrection(_("Type an amount in euros and cents, above zero."), field="amount")
    if not words.strip():
        raise NoCorrection(_("Say what it is about: the farm reads it on its statement."), field="words")
    if about is not None and about.producer_id != producer.pk:
        raise NoCorrection(_("This statement is another farm’s."), field="about")
    with transaction.atomic():
        if household is not None:
            locks.own_household(household.pk)
        known = Correction.objects.filter(key=key).exists()
        if about_fee and not known:
            _check_fee(amount, about, household)
        if household is not None and amount < 0 and not known:
            _check_household(-amount, producer, household)
        made, new = Correction.objects.get_or_create(
            key=key,
            defaults={
                "producer": producer, "about": about, "household": household, "amount": money(amount),
                "about_fee": about_fee, "words": words.strip(), "noted_at": now, "noted_by": by,
            },
        )  # fmt: skip
        if new:
            _post(made, by, now)
            activity.record(
                verb="statement.corrected", subject=about.number if about else producer.code, by=by, now=now,
                household=household, producer_code=producer.code, data={"amount": str(amount)},
            )  # fmt: skip
    same = (made.producer, made.about, made.household, made.amount.amount, made.about_fee, made.words)
    return the_first(made, same=same == (producer, about, household, amount, about_fee, words.strip()))


def _check_fee(amount: Decimal, about: Statement | None, household: Household | None) -> None:
    if household is not None or amount < 0:
        raise NoCorrection(_("A fee is given back by the cooperative, and the farm gets it."), field="about_fee")
    if about is None:
        raise NoCorrection(_("Say which statement kept the fee back."), field="about")
    Statement.objects.select_for_update().get(pk=about.pk)  # two who give back at once share what is left
    fee = sum((-Decimal(one["gross"]) for one in about.content["entries"] if one["what"] == "hub-fee"), ZERO)
    back = Correction.objects.filter(about=about, about_fee=True).aggregate(sum=Sum("amount"))["sum"] or ZERO
    if amount > fee - back:
        said = {"amount": say.money(money(fee - back))}
        raise NoCorrection(_("Of this statement’s fee, %(amount)s is left at most.") % said, field="amount")


def _check_household(back: Decimal, producer: Producer, household: Household) -> None:
    left = given_back.left_of_farm(household, producer)
    if back > left:
        said = {"amount": say.money(money(left))}
        raise NoCorrection(
            _("Of what this household bought from the farm, %(amount)s is left to give back at most.") % said,
            field="amount",
        )


def _post(correction: Correction, by: Member, now: datetime) -> None:
    farm = f"producer:{correction.producer.code}"
    other = ledger.household_account(correction.household) if correction.household else "hub:income"
    debit, credit = (other, farm) if correction.amount.amount > 0 else (farm, other)
    with translation.override(Hub.get().language):
        memo = _("Correction: %(words)s") % {"words": correction.words}
    ledger.post(
        [ledger.Entry(correction.reference, debit, credit, abs(correction.amount.amount), memo)], now=now, by=by
    )
