"""What the books hold for whom: nobody is paid more, whatever an earlier statement said."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.db.models import Sum

from distribution.models import Payout
from hub import ledger
from hub.money import ZERO


def uncovered(payouts: Sequence[Payout]) -> dict[int, Decimal]:
    """Those, by id, that are more than is held for their payee once the earlier ones are paid, with what is held for it
    now. What runs have taken and not sent yet is held for them. Two statements, however many."""
    held = ledger.balances({one.books for one in payouts})
    for key, amount in _taken(payouts):
        held[key] -= amount
    left, short = dict(held), {}
    for one in sorted(payouts, key=lambda one: (one.created_at, one.pk)):
        if one.amount.amount > left[one.books]:
            short[one.pk] = max(held[one.books], ZERO)
        else:
            left[one.books] -= one.amount.amount
    return short


def _taken(payouts: Sequence[Payout]) -> Iterable[tuple[str, Decimal]]:
    """What runs have taken for these payees and not booked yet, by their accounts in the books."""
    books = {(one.producer_id, one.point_id): one.books for one in payouts}
    rows = Payout.objects.filter(state=Payout.State.IN_RUN, posted_at=None).order_by()
    for producer, point, amount in rows.values_list("producer", "point").annotate(total=Sum("amount")):
        if (producer, point) in books:
            yield books[producer, point], amount
