"""Orders whose card paid nothing although they were settled: the hold had ended, or there never was one. The household owes
them on its account, and both it and the coordination are told."""

from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Sum

from hub import in_charge, ledger, notices
from hub.models import Collection, Member, Notice, PaymentMethod
from hub.money import ZERO, money
from orders.cards.owing import LEAST
from orders.models import CardPayment, Order

LOOKED_AT = timedelta(days=14)  # after the settlement
NAMED = 20  # orders named in one message


def tell_uncharged(*, now: datetime) -> int:
    """Tell households and coordinators of settled orders that no card pays any more and that are still owed; each once.
    Returns how many orders. What was paid on the spot or is covered by a balance is no news."""
    with transaction.atomic():
        owing = _owing(_unpaid(now))
        notices.queue([*_to_households(owing, now), *_to_coordinators(owing, now)] if owing else [])
        Order.objects.filter(pk__in=[order.pk for order in owing]).update(uncharged_at=now)
    return len(owing)


def _unpaid(now: datetime) -> list[Order]:
    """Those of which nothing was told yet, the latest first, with `received`: what was paid for each on the spot."""
    payments = CardPayment.objects.filter(order=OuterRef("pk"))
    settled = Order.objects.filter(
        payment_method=PaymentMethod.CARD, settled_at__gt=now - LOOKED_AT, cancelled_at=None, final_total__gte=LEAST,
        uncharged_at=None,
    )  # fmt: skip
    lost = settled.exclude(Exists(payments.exclude(state=CardPayment.State.RELEASED)))
    by_hand = Sum("payments__amount", filter=Q(payments__undone_at=None))
    return list(lost.annotate(received=by_hand).select_related("household", "collection__point").order_by("-pk"))


def _owing(orders: list[Order]) -> dict[Order, Decimal]:
    """What is still owed of each, in all no more than the household's debt: what it paid since counts for the oldest."""
    debts = {order: ledger.household_account(order.household) for order in orders}
    left = {account: -balance for account, balance in ledger.balances(set(debts.values())).items()}
    owing = {}
    for order, account in debts.items():
        amount = min(_final(order) - (order.received or ZERO), left.get(account, ZERO))  # type: ignore[attr-defined]
        if amount >= LEAST:
            owing[order], left[account] = amount, left[account] - amount
    return dict(sorted(owing.items(), key=lambda one: one[0].pk))


def _final(order: Order) -> Decimal:
    return Decimal(order.final_total.amount) if order.final_total is not None else ZERO


def _to_households(owing: dict[Order, Decimal], now: datetime) -> list[Notice]:
    homes = defaultdict(list)
    for member in Member.objects.filter(household__in={order.household_id for order in owing}, is_active=True):
        homes[member.household_id].append(member)
    return [
        _notice(
            "card-not-charged", order, member, now, {"order": order.code, "owed": notices.amount(member, money(amount))}
        )
        for order, amount in owing.items()
        for member in homes[order.household_id]
    ]


def _to_coordinators(owing: dict[Order, Decimal], now: datetime) -> list[Notice]:
    """One message per distribution, named after its first order, which stands in no other."""
    told = list(in_charge.coordinators())
    collections: dict[Collection, list[Order]] = defaultdict(list)
    for order in owing:
        collections[order.collection].append(order)
    made = []
    for orders in collections.values():
        for member in told:
            lines = [
                {"order": one.code, "household": one.household.name, "owed": notices.amount(member, money(owing[one]))}
                for one in orders[:NAMED]
            ]
            whole = notices.amount(member, money(sum((owing[one] for one in orders), ZERO)))
            data = {"number": len(orders), "owed": whole, "lines": lines, "more": max(len(orders) - NAMED, 0)}
            made.append(_notice("cards-not-charged", orders[0], member, now, data))
    return made


def _notice(kind: str, order: Order, member: Member, now: datetime, data: dict[str, Any]) -> Notice:
    return Notice(
        kind=kind, key=f"{kind}:{order.code}:{member.pk}", member=member, collection=order.collection, due_at=now, data=data
    )  # fmt: skip
