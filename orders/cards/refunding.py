"""Giving back: a person says how much, a sweep sends it, once."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from hub import activity, ledger, stripe_gateway
from hub.models import Member
from hub.money import CENT, money
from hub.refusals import Refusal
from hub.stripe_gateway import Away
from orders.models import CardPayment, CardRefund


class TooMuch(Refusal):
    """More than is left of what was paid, or no amount at all. `data["left"]` says how much may be given back."""

    code = "too-much"
    status = 422


def refund(*, payment: CardPayment, amount: Decimal, key: str, by: Member, now: datetime) -> CardRefund:
    """Ask for so much to go back to the card; the same key again gives the first refund. Raises TooMuch."""
    with transaction.atomic():
        row = CardPayment.objects.select_for_update(of=("self",)).select_related("order__household").get(pk=payment.pk)
        known = CardRefund.objects.filter(key=key).first()
        if known is not None:
            return known
        left = (row.captured.amount if row.captured else Decimal(0)) - row.refunded.amount
        if not amount.is_finite() or amount != amount.quantize(CENT) or not 0 < amount <= left:
            raise TooMuch(_("At most %(left)s can be given back.") % {"left": money(left)}, left=str(left))
        CardPayment.objects.filter(pk=row.pk).update(refunded=F("refunded") + amount)
        made = CardRefund.objects.create(payment=row, key=key, amount=money(amount), asked_at=now, asked_by=by)
        activity.record(
            verb="card.refund-asked", subject=row.order.code, by=by, now=now, household=row.order.household,
            data={"amount": str(amount)},
        )  # fmt: skip
    return made


def send_refunds(*, now: datetime) -> int:
    """Send what was asked for and is not done; post each when Stripe has done it. Returns how many."""
    waiting = CardRefund.objects.filter(done_at=None).select_related(
        "payment__order__household", "payment__order__collection"
    )
    done = 0
    for row in waiting.order_by("asked_at", "pk"):
        try:
            number = stripe_gateway.refund(
                key=f"refund:{row.key}", payment=row.payment.stripe_id, amount=int(row.amount.amount * 100), now=now
            )
        except Away:
            return done
        _post(row, number, now)
        done += 1
    return done


def _post(row: CardRefund, number: str, now: datetime) -> None:
    order = row.payment.order
    memo = _("Back to the card, order %(code)s") % {"code": order.code}
    household = ledger.household_account(order.household)
    with transaction.atomic():
        entry = ledger.Entry(f"card-refund:{row.key}", household, "stripe", row.amount.amount, memo, order.collection)
        ledger.post([entry], now=now, by=row.asked_by)
        CardRefund.objects.filter(pk=row.pk, done_at=None).update(done_at=now, stripe_id=number)
