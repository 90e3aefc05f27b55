"""Asking: the household pays on a page, or a sweep asks Stripe for what was announced and is due."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hub import calendar, stripe_gateway
from hub.models import Hub
from hub.stripe_gateway import NEVER, Declined, Page, Payment
from orders.customers import customer_of
from orders.debits.applying import apply_page, apply_payment, locked
from orders.models import Mandate, TopUp
from orders.models.debit import TopUpQuerySet


def pay_by_card(*, top_up: TopUp, success_url: str, cancel_url: str, now: datetime) -> str:
    """Where the household pays a sum by card; the same page again, "" once it is paid or given up. Raises
    stripe_gateway.Away."""
    if TopUp.objects.get(pk=top_up.pk).state != TopUp.State.DUE:
        return ""
    page = stripe_gateway.payment_page(
        key=f"page:{top_up.code}", customer=customer_of(top_up.household, now), amount=int(top_up.amount.amount * 100),
        label=_label(), success_url=success_url, cancel_url=cancel_url, locale=get_language() or "fr", now=now,
    )  # fmt: skip
    row = apply_page(top_up=top_up, found=page, now=now)
    if row.state == TopUp.State.CANCELLED:  # given up while Stripe made the page
        close_page(top_up=row, now=now)
        return ""
    return page.url


def close_page(*, top_up: TopUp, now: datetime) -> TopUp:
    """Close the page of a sum, if it has one: nobody pays on it any more, and what was paid on it counts. Raises
    stripe_gateway.Away."""
    row = TopUp.objects.get(pk=top_up.pk)
    return apply_page(top_up=row, found=stripe_gateway.close_page(row.page), now=now) if row.page else row


def ask_due(*, now: datetime, until: float = NEVER) -> int:
    """Ask Stripe for the debits that are due and were announced, and again for those whose answer was lost. Returns how
    many were answered; ends when it is away."""
    if not stripe_gateway.is_set_up():
        return 0

    def ask(row: TopUp) -> bool:
        asked = _at_the_bank(row)
        if asked is not None:
            apply_payment(top_up=asked, found=_ask(asked, now), now=now)
        return asked is not None

    return stripe_gateway.each(_to_ask(now).order_by("due_on", "pk"), ask, until=until).answered()


def read_page_again(*, top_up: TopUp, now: datetime) -> TopUp:
    """The sum as its page knows it now; the page of one that was given up is closed, and one Stripe knows nothing of is
    over: nobody pays on it. Raises stripe_gateway.Away."""
    try:
        if top_up.state == TopUp.State.CANCELLED:
            return close_page(top_up=top_up, now=now)
        return apply_page(top_up=top_up, found=stripe_gateway.read_page(top_up.page), now=now)
    except Declined as no:
        if not no.is_gone:
            raise
        return apply_page(top_up=top_up, found=Page(top_up.page, "", expired=True, payment=None), now=now)


def read_payment_again(*, top_up: TopUp, now: datetime) -> TopUp:
    """The sum as Stripe knows it now. Raises stripe_gateway.Away."""
    return apply_payment(top_up=top_up, found=stripe_gateway.read_payment(top_up.stripe_id), now=now)


def _to_ask(now: datetime) -> TopUpQuerySet:
    """Those that are due, and those that were asked for and not answered: under a mandate taken back since as well."""
    due = Q(
        state=TopUp.State.DUE,
        announced_at__isnull=False,
        due_on__lte=calendar.local_date(now),
        mandate__revoked_at=None,
    )
    unanswered = Q(state=TopUp.State.PROCESSING, stripe_id="")
    return TopUp.objects.filter(due | unanswered, means=TopUp.Means.DEBIT, mandate__rail=Mandate.Rail.STRIPE)


def _at_the_bank(top_up: TopUp) -> TopUp | None:
    """Note, before it leaves, that a debit is asked for: from here on nobody gives it up and it keeps its mandate. None
    where it was given up since it was read, or is to be announced anew."""
    with transaction.atomic():
        row = locked(top_up)
        if row.state == TopUp.State.DUE and row.announced_at is not None:
            row.state = TopUp.State.PROCESSING
            row.save(update_fields=["state"])
        return row if row.state == TopUp.State.PROCESSING and not row.stripe_id else None


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
        return stripe_gateway.read_payment(no.payment) if no.payment else Payment.unmade("failed", no.code)


def _label() -> str:
    return _("Balance at %(hub)s") % {"hub": Hub.get().name}
