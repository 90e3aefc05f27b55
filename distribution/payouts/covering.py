"""What the books hold for whom: who owes is paid nothing, whatever an earlier statement said. What was corrected since, and
is less than what is due, stands on the next statement."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.db.models import Sum

from distribution.models import Payout
from hub import ledger


def uncovered(payouts: Sequence[Payout]) -> set[int]:
    """The ids of those for whose payees the books hold nothing once the earlier ones are paid. What runs have taken and not
    sent yet is no more held for them. Two statements, however many."""
    left = ledger.balances({one.books for one in payouts})
    for key, amount in _taken(payouts):
        left[key] -= amount
    found = set()
    for one in sorted(payouts, key=lambda one: (one.created_at, one.pk)):
        if left[one.books] <= 0:
            found.add(one.pk)
        left[one.books] -= one.amount.amount
    return found


def _taken(payouts: Sequence[Payout]) -> Iterable[tuple[str, Decimal]]:
    """What runs have taken for these payees and not booked yet, by their accounts in the books."""
    books = {(one.producer_id, one.point_id): one.books for one in payouts}
    rows = Payout.objects.filter(state=Payout.State.IN_RUN, posted_at=None).order_by()
    for producer, point, amount in rows.values_list("producer", "point").annotate(total=Sum("amount")):
        if (producer, point) in books:
            yield books[producer, point], amount
