"""Asking: the household pays on a page, or a sweep asks Stripe for what was announced and is due."""

from datetime import datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hub import calendar, stripe_gateway
from hub.models import Hub
from hub.stripe_gateway import Away, Declined, Payment
from orders.debits.applying import apply_page, apply_payment
from orders.debits.mandates import customer_of
from orders.models import Mandate, TopUp


def pay_by_card(*, top_up: TopUp, success_url: str, cancel_url: str, now: datetime) -> str:
    """Where the household pays a sum by card; the same page again. Raises stripe_gateway.Away."""
    page = stripe_gateway.payment_page(
        key=f"page:{top_up.code}", customer=customer_of(top_up.household, now), amount=int(top_up.amount.amount * 100),
        label=_label(), success_url=success_url, cancel_url=cancel_url, locale=get_language() or "fr", now=now,
    )  # fmt: skip
    apply_page(top_up=top_up, found=page, now=now)
    return page.url


def ask_due(*, now: datetime) -> int:
    """Ask Stripe for the debits that are due and were announced. Returns how many were answered; ends when it is away."""
    if not stripe_gateway.is_set_up():
        return 0
    due = TopUp.objects.filter(
        state=TopUp.State.DUE, means=TopUp.Means.DEBIT, announced_at__isnull=False, mandate__rail=Mandate.Rail.STRIPE,
        mandate__revoked_at=None, due_on__lte=calendar.local_date(now),
    )  # fmt: skip
    done = 0
    for row in due.select_related("mandate", "household").order_by("due_on", "pk"):
        try:
            found = _ask(row, now)
        except Away:
            return done
        apply_payment(top_up=row, found=found, now=now)
        done += 1
    return done


def read_page_again(*, top_up: TopUp, now: datetime) -> TopUp:
    """The sum as its page knows it now. Raises stripe_gateway.Away."""
    return apply_page(top_up=top_up, found=stripe_gateway.read_page(top_up.page), now=now)


def read_payment_again(*, top_up: TopUp, now: datetime) -> TopUp:
    """The sum as Stripe knows it now. Raises stripe_gateway.Away."""
    return apply_payment(top_up=top_up, found=stripe_gateway.read_payment(top_up.stripe_id), now=now)


def _ask(row: TopUp, now: datetime) -> Payment:
    mandate = row.mandate
    if mandate is None:
        raise ValueError(f"debit {row.code} without a mandate")
    try:
        return stripe_gateway.debit(
            key=f"debit:{row.code}", customer=mandate.customer, method=mandate.method,
            amount=int(row.amount.amount * 100), description=_label(), now=now,
        )  # fmt: skip
    except Declined as no:
        return stripe_gateway.read_payment(no.payment)


def _label() -> str:
    return _("Balance at %(hub)s") % {"hub": Hub.get().name}
