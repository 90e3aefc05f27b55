"""Fees: announced for a day to come (or today), taken back while that day has not come, never rewritten."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hub import activity, calendar, founding
from hub.models import CollectionPoint, FeeRule, Member
from hub.refusals import Refusal


class InThePast(Refusal):
    """A fee holds from today at the earliest: what is ordered was shared by the rule of its day."""

    code = "fee-in-the-past"
    status = 422


class Holds(Refusal):
    """The rule counts already; a new one replaces it from another day."""

    code = "fee-holds"


def announce(
    *, payee: str, percentage: Decimal, valid_from: date, point: CollectionPoint | None, by: Member, now: datetime
) -> FeeRule:
    """Let a share be so many percent from a day on, at one point or at all. Raises InThePast, ValidationError."""
    if valid_from < calendar.local_date(now):
        raise InThePast(_("A fee holds from today at the earliest."), field="valid_from")
    return founding.set_fee(payee=payee, percentage=percentage, valid_from=valid_from, point=point, by=by, now=now)


def take_back(*, rule: FeeRule, by: Member, now: datetime) -> None:
    """Forget a rule whose day has not come. Raises Holds; the database refuses it too."""
    with transaction.atomic():
        locked = FeeRule.objects.select_for_update(of=("self",)).get(pk=rule.pk)
        if locked.valid_from <= calendar.local_date(now):
            raise Holds(_("This fee holds already. Announce another one, from a later day."))
        data = {"percentage": str(locked.percentage), "valid_from": locked.valid_from.isoformat()}
        locked.delete()
        activity.record(verb="fee.taken-back", subject=locked.payee, by=by, now=now, data=data)
