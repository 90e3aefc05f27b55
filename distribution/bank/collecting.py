"""Direct debits that the bank credited: one line for a whole file, a day of it, a block of it, or a single debit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from distribution.bank import using
from distribution.bank.wording import TOLD
from distribution.models import BankLine, BankMatch
from hub.models import Member, Transfer
from orders import debits

# A bank credits a block of a file (one day, first or recurring) as one sum; some add up a day or the whole file. What it
# refused meanwhile is not in the sum; what it took back later was.
BATCHES = f"""
    WITH coming AS (
        SELECT u.id, u.code, u.state, u.file_id, u.due_on, u.sequence, u.amount FROM orders_topup u
        LEFT JOIN hub_transfer t ON t.reference = 'topup:' || u.code
        WHERE u.file_id IS NOT NULL AND (u.state = 'processing' OR u.state IN ('paid', 'returned') AND NOT EXISTS (
            SELECT 1 FROM distribution_bankmatch m WHERE m.linked_id = t.id AND m.undone_at IS NULL))),
    sums AS (
        SELECT file_id, min(due_on) AS first, max(due_on) AS last, sum(amount) AS amount,
               array_agg(code ORDER BY due_on, id) AS codes
        FROM coming GROUP BY GROUPING SETS ((file_id), (file_id, due_on), (file_id, due_on, sequence), (file_id, id))
        HAVING count(*) > 1 OR bool_or(state = 'processing')),
    lines AS (SELECT l.id, l.day, l.amount, {TOLD} AS told FROM distribution_bankline l
              WHERE l.id = ANY(%(lines)s) AND l.amount > 0)
    SELECT DISTINCT l.id, f.code, s.codes,
           position(f.code IN l.told) > 0 OR (cardinality(s.codes) = 1 AND position(s.codes[1] IN l.told) > 0)
    FROM lines l JOIN sums s ON s.amount = l.amount AND l.day BETWEEN s.first - 1 AND s.last + 15
    JOIN orders_debitfile f ON f.id = s.file_id ORDER BY l.id, f.code, s.codes
"""  # noqa: S608  (our own words)


@dataclass(frozen=True)
class Batch:
    """Debits of one file that add up to a line; `named` where the line names the file, or the debit."""

    line: int
    file: str
    codes: list[str]
    named: bool


def batches(lines: Sequence[int]) -> list[Batch]:
    """What these lines may credit, one statement."""
    with connection.cursor() as cursor:
        cursor.execute(BATCHES, {"lines": list(lines)})
        return [Batch(*row) for row in cursor.fetchall()]


def certain(lines: Sequence[int]) -> list[Batch]:
    """Of the lines that name a file or a debit, what they credit, where only one answer is right; no debit twice."""
    named = [one for one in batches(lines) if one.named]
    once = [one for one in named if sum(other.line == one.line for other in named) == 1]
    found, taken = [], set[str]()
    for one in once:
        if taken.isdisjoint(one.codes):
            found.append(one)
            taken.update(one.codes)
    return found


def collect(*, line: BankLine, codes: Sequence[str], key: str, by: Member | None, now: datetime) -> list[BankMatch]:
    """The bank credited these debits: they are received, and the line tells of them, in one act. The same key again gives
    the first answer. Raises using.BadUse, and debits.NothingToWrite for one that is not at the bank."""
    with transaction.atomic():
        debits.receive(codes=codes, by=by, now=now)
        movements = Transfer.objects.filter(reference__in=[f"topup:{code}" for code in codes]).order_by("pk")
        if sum(one.amount.amount for one in movements) != line.amount.amount:
            raise using.BadUse(_("These debits do not add up to this line."))
        return using.link(line=line, movements=list(movements), key=key, by=by, now=now)
