"""Money a person takes from a household: at the point, or into its account."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hub import activity, ledger
from hub.models import CollectionPoint, Household, Member
from hub.money import CENT, ZERO, money
from hub.refusals import AnotherFact, Refusal
from orders.models import Order, Payment


class BadAmount(Refusal):
    """An amount is not above zero, has more than two decimals, or is beyond what anybody carries."""

    code = "bad-amount"
    status = 422


class DifferentPayment(AnotherFact):
    """The key was used before for another payment."""

    code = "different-payment"


class PointMissing(Refusal):
    """Cash and local currency lie in the box of some point."""

    code = "point-missing"
    status = 422


GREATEST = Decimal(100_000)


def receive(
    *,
    household: Household,
    amount: Decimal,
    means: str,
    key: str,
    received_by: Member,
    now: datetime,
    order: Order | None = None,
    point: CollectionPoint | None = None,
    note: str = "",
) -> Payment:
    """Record money taken from a household and credit its account; prepaid credit is a payment without an order.

    The same key again gives the first payment. Raises BadAmount, PointMissing, or DifferentPayment when the key stands
    for something else.
    """
    _check(amount)
    box = _box(means, point)
    with transaction.atomic():
        values: dict[str, Any] = {
            "household": household,
            "order": order,
            "point": point,
            "means": means,
            "amount": money(amount),
            "note": note,
            "received_at": now,
            "received_by": received_by,
        }
        payment, created = Payment.objects.get_or_create(key=key, defaults=values)
        if not created:
            return _same(payment, household=household, amount=amount, means=means, order=order)
        entry = ledger.Entry(
            reference=f"payment:{key}",
            debit=box,
            credit=ledger.household_account(household),
            amount=amount,
            memo=gettext("Payment received"),  # no name: what is in the ledger is never erased
            collection=order.collection if order else None,
        )
        ledger.post([entry], now=now, by=received_by)
        _record(payment, "payment.received", by=received_by, now=now)
    return payment


def undo(*, payment: Payment, by: Member, now: datetime) -> None:
    """Take a payment back by a reversing transfer. Doing it again changes nothing."""
    with transaction.atomic():
        locked = (
            Payment.objects.select_for_update(of=("self",))
            .select_related("household", "order__collection")
            .get(pk=payment.pk)
        )
        if locked.undone_at is not None:
            return
        ledger.reverse(f"payment:{locked.key}", memo=gettext("Payment taken back"), now=now, by=by)
        locked.undone_at = now
        locked.save(update_fields=["undone_at"])
        _record(locked, "payment.undone", by=by, now=now)


def taken_for(order: Order) -> Decimal:
    """What people have taken for an order and not given back."""
    taken = Payment.objects.filter(order=order, undone_at=None).aggregate(sum=Sum("amount"))["sum"]
    return Decimal(taken or ZERO)


def _check(amount: Decimal) -> None:
    if not amount.is_finite() or not 0 < amount <= GREATEST or amount != amount.quantize(CENT):
        raise BadAmount(_("An amount is above zero, with at most two decimals."))


def _box(means: str, point: CollectionPoint | None) -> str:
    """The account of the ledger in which money of these means lies."""
    match Payment.Means(means):
        case Payment.Means.CHEQUE:
            return "cheques"
        case Payment.Means.TRANSFER:
            return "bank"
        case Payment.Means.CASH | Payment.Means.LOCAL as held:
            if point is None:
                raise PointMissing(_("Say at which point the money was taken."))
            return f"{held.value}:{point.code}"


def _same(payment: Payment, *, household: Household, amount: Decimal, means: str, order: Order | None) -> Payment:
    stored = (payment.household_id, payment.amount.amount, payment.means, payment.order_id)
    if stored != (household.pk, amount, means, order.pk if order else None):
        raise DifferentPayment(_("This payment was recorded before, with other values."), key=payment.key)
    return payment


def _record(payment: Payment, verb: str, *, by: Member, now: datetime) -> None:
    activity.record(
        verb=verb,
        subject=payment.order.code if payment.order else payment.household.code,
        by=by,
        now=now,
        household=payment.household,
        collection=payment.order.collection if payment.order else None,
        data={"amount": str(payment.amount.amount), "means": payment.means},
    )
