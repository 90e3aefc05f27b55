"""What should have happened by now and has not: counted per kind, with the oldest, for the treasurer's daily look."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Min, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from distribution.bank import overview as bank
from distribution.models import Payout, Refund
from hub.calendar import local_date
from hub.models import ClosedPeriod, Notice
from hub.refusals import Words
from orders.models import CardPayment, CardRefund

SOON, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)


@dataclass(frozen=True)
class Overdue:
    """So many things of one kind that wait too long, since when the oldest does, and where to see to them."""

    name: Words
    number: int
    since: date | datetime
    url: str


def read(now: datetime) -> list[Overdue]:
    """Everything overdue; empty on a good day. One statement per kind."""
    return list(_all(now))


def _all(now: datetime) -> Iterator[Overdue]:
    held = CardPayment.objects.filter(state=CardPayment.State.HELD)
    yield from _of(
        _("Holds on cards that end within a day"), held.filter(capture_before__lt=now + DAY), "capture_before"
    )
    yield from _of(
        _("Settled orders whose card was not charged"), held.filter(order__settled_at__lt=now - SOON), "held_at"
    )
    asked = CardRefund.objects.filter(done_at=None, failed_at=None, asked_at__lt=now - SOON)
    yield from _of(_("Refunds to cards that Stripe has not made"), asked, "asked_at")
    late = Notice.objects.due(now).filter(due_at__lt=now - SOON)
    yield from _of(_("Messages that have not left"), late, "due_at", "distribution:board")
    given_up = Notice.objects.filter(given_up_at__gt=now - WEEK, attempts__gt=0)
    yield from _of(_("Messages given up this week"), given_up, "given_up_at", "distribution:board")
    waiting = Payout.objects.exclude(state__in=[Payout.State.PAID, Payout.State.FAILED])
    payouts = waiting.filter(created_at__lt=now - WEEK)
    yield from _of(_("Payouts to farms and points, older than a week"), payouts, "created_at", "distribution:payouts")
    refunds = Refund.objects.to_pay().order_by().filter(chosen_at__lt=now - WEEK)
    yield from _of(_("Refunds to households, older than a week"), refunds, "chosen_at", "distribution:payouts")
    lines = bank.waiting().filter(day__lt=local_date(now - WEEK))
    yield from _of(_("Bank lines nobody has claimed for a week"), lines, "day", "distribution:bank")
    yield from _closings(now)


def _of(name: Words, rows: QuerySet[Any], since: str, where: str = "") -> Iterator[Overdue]:
    found = rows.aggregate(number=Count("pk"), since=Min(since))
    if found["number"]:
        yield Overdue(name, found["number"], found["since"], reverse(where) if where else "")


def _closings(now: datetime) -> Iterator[Overdue]:
    """A day is closed in the night after it: two days later something is wrong."""
    last = ClosedPeriod.objects.days().order_by("-ends").first()
    if last is not None and last.ends < now - 2 * DAY:
        yield Overdue(
            _("Days that are not closed"), (now - last.ends).days, last.ends, reverse("distribution:books-closings")
        )
