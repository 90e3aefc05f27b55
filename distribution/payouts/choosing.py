"""What a run may pay, and why not the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from distribution.models import Payout, PayoutRun
from distribution.payouts import covering
from hub import format as say
from hub import stripe_gateway
from hub.models import Hub
from hub.refusals import Words
from producers.models import Producer

Rail = PayoutRun.Rail


@dataclass(frozen=True)
class Obstacle:
    """Why a farm or a point is not paid by a rail now, and what to do about it; `label` where a word is enough."""

    what: str
    remedy: str
    label: str = ""


@dataclass(frozen=True)
class Choice:
    """A payout that is due; with an obstacle it cannot be chosen."""

    payout: Payout
    obstacle: Obstacle | None


@dataclass(frozen=True)
class RailState:
    """A way to pay; `missing` says what the cooperative has to do before it can be used."""

    rail: str
    label: Words
    about: Words
    missing: str


ABOUT = {
    Rail.FILE: _("One file with all transfers, sent on your bank’s site: nothing is typed."),
    Rail.HAND: _("You type each transfer at the bank, then note it here."),
    Rail.CONNECT: _("From the cooperative’s Stripe balance to the farms’ Stripe accounts."),
}


def rails() -> list[RailState]:
    """The ways to pay, the usual one first."""
    missing = {
        Rail.FILE: "" if Hub.get().iban else gettext("Give the cooperative’s IBAN in Settings first."),
        Rail.HAND: "",
        Rail.CONNECT: "" if stripe_gateway.is_set_up() else gettext("Stripe is not set up here."),
    }
    return [RailState(rail.value, rail.label, ABOUT[rail], missing[rail]) for rail in Rail]


def choices(*, rail: str, now: datetime, week: str = "") -> list[Choice]:
    """Every payout that is due (of one week's statements, where given), the oldest first."""
    due = Payout.objects.due().with_payees()
    if week:
        due = due.of_week(week)
    rows = list(due.order_by("created_at", "pk"))
    return [Choice(one, why) for one, why in zip(rows, obstacles(rows, rail, now), strict=True)]


def obstacles(payouts: Sequence[Payout], rail: str, now: datetime) -> list[Obstacle | None]:
    """Why each of these cannot be made by this rail now, together with the others. A fixed number of statements."""
    short = covering.uncovered(payouts)
    return [_obstacle(one, rail, now) or (_not_covered(one) if one.pk in short else None) for one in payouts]


def _not_covered(payout: Payout) -> Obstacle:
    return Obstacle(
        gettext("A correction came after this statement: the books hold nothing more for this payee."),
        gettext("It can be paid once new sales make up for it; or the farm pays the difference back.")
        if payout.producer
        else gettext("It can be paid once new sales make up for it."),
        gettext("corrected since"),
    )


def _obstacle(payout: Payout, rail: str, now: datetime) -> Obstacle | None:
    farm, account = payout.producer, payout.account
    if rail == PayoutRun.Rail.CONNECT:
        return _at_stripe(farm) if farm else _not_at_stripe()
    if account is None or not account.iban:
        return _no_account(farm)
    until = account.account_waits_until(now)
    if until is None:
        return None
    when = say.day_time(until)
    return Obstacle(
        gettext("The account was changed and nobody confirmed it; it waits until %(when)s.") % {"when": when},
        gettext("Call the farm on a number you know; if it changed it itself, confirm the account.")
        if farm
        else gettext("Somebody else of the coordination asks the host and confirms the account."),
    )


def _no_account(farm: Producer | None) -> Obstacle:
    if farm is not None:
        return Obstacle(
            gettext("This farm has not given a bank account yet."),
            gettext("It types its IBAN under “My farm”, with its second factor."),
        )
    return Obstacle(
        gettext("No bank account is known for this point yet."),
        gettext("Ask the host, or the association, and enter it in the point’s settings."),
    )


def _not_at_stripe() -> Obstacle:
    return Obstacle(
        gettext("A point is paid by transfer."), gettext("Choose the file for the bank, or pay it by hand.")
    )


def _at_stripe(farm: Producer) -> Obstacle | None:
    account = getattr(farm, "connect", None)
    if account is None:
        what = gettext("This farm has no Stripe account yet.")
        return Obstacle(what, gettext("It opens one under “My farm”; or pay it by transfer."))
    if not account.ready:
        return Obstacle(
            gettext("Stripe still asks this farm for something."),
            gettext("It finishes on Stripe’s page, under “My farm”; or pay it by transfer."),
        )
    return None
