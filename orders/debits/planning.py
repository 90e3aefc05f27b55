"""Deciding: a sum for the balance, at once or in monthly instalments that add up to the cent."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from hub import activity, calendar
from hub.models import Household, Member
from hub.money import CENT, money, split
from hub.refusals import Refusal, the_first
from hub.stripe_gateway import Away, Declined
from orders.debits.asking import close_page
from orders.debits.mandates import usable_mandate
from orders.models import TopUp
from orders.models.debit import LEAST, MOST

MOST_PARTS = 12


class BadTopUp(Refusal):
    """The amount, the number of instalments or the means is not what is offered."""

    code = "bad-top-up"
    status = 422


class TooLate(Refusal):
    """The debit is at the bank already, or over."""

    code = "too-late"


def top_up(
    *, household: Household, amount: Decimal, means: str, key: str, by: Member, now: datetime, parts: int = 1
) -> list[TopUp]:
    """Ask for a sum: one row, or `parts` monthly ones by direct debit. The same key again gives the first rows.

    Each part is between 10 and 500 €. Raises BadTopUp, AnotherFact.
    """
    key = f"{household.code}:{key}"
    with transaction.atomic():
        Household.objects.select_for_update(no_key=True).get(pk=household.pk)
        if known := list(TopUp.objects.filter(household=household, plan=key).order_by("number")):
            same = (sum(row.amount.amount for row in known), known[0].means, known[0].of) == (amount, means, parts)
            return the_first(known, same=same)
        mandate = usable_mandate(household) if means == TopUp.Means.DEBIT else None
        if means not in TopUp.Means or (means == TopUp.Means.DEBIT and mandate is None):
            raise BadTopUp(_("Choose a card, or allow direct debits first."))
        if not 1 <= parts <= (MOST_PARTS if mandate else 1):
            raise BadTopUp(_("In 1 to 12 monthly debits."))
        amounts = _parts(amount, parts)
        first = calendar.local_date(now) + timedelta(days=mandate.notice_days if mandate else 0)
        rows = TopUp.objects.bulk_create(
            TopUp(
                household=household, key=f"{key}:{number}", plan=key, means=means, mandate=mandate, amount=money(part),
                number=number, of=parts, due_on=_months_later(first, number - 1), asked_by=by, asked_at=now,
            )
            for number, part in enumerate(amounts, 1)
        )  # fmt: skip
        activity.record(
            verb="top-up.asked", subject=household.code, by=by, now=now, household=household,
            data={"amount": str(amount), "means": means, "parts": parts},
        )  # fmt: skip
    return rows


def cancel(*, top_up: TopUp, by: Member, now: datetime) -> None:
    """Give up a sum that is still to come; nobody pays on its page then. Again, it changes nothing.

    Raises TooLate where it is at the bank, or was paid on its page meanwhile: then it counts.
    """
    if not _give_up(top_up, by, now):
        return
    try:
        row = close_page(top_up=top_up, now=now)
    except (Away, Declined):
        return  # the sweep closes it, or credits what was paid on it
    if row.state == TopUp.State.PAID:
        raise TooLate(_("It was paid meanwhile, and is on your balance."))


def _give_up(top_up: TopUp, by: Member, now: datetime) -> bool:
    """Whether it was given up now. Raises TooLate."""
    with transaction.atomic():
        row = TopUp.objects.select_for_update(of=("self",)).select_related("household").get(pk=top_up.pk)
        if row.state == TopUp.State.CANCELLED:
            return False
        if row.state != TopUp.State.DUE:
            raise TooLate(_("This one is at the bank already."))
        row.state, row.ended_at = TopUp.State.CANCELLED, now
        row.save(update_fields=["state", "ended_at"])
        activity.record(verb="top-up.cancelled", subject=row.code, by=by, now=now, household=row.household)
    return True


def _parts(amount: Decimal, parts: int) -> list[Decimal]:
    if not amount.is_finite() or amount != amount.quantize(CENT):
        raise BadTopUp(_("An amount has at most two decimals."))
    if not LEAST * parts <= amount <= MOST * parts:
        least, most = money(LEAST * parts), money(MOST * parts)
        raise BadTopUp(_("Between %(least)s and %(most)s.") % {"least": least, "most": most})
    found = split(amount, [Decimal(1)] * parts)
    if not all(LEAST <= part <= MOST for part in found):
        raise BadTopUp(_("An amount has at most two decimals."))
    return found


def _months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), following - timedelta(days=1))
