"""Direct debits that the bank credited: one line for a whole file, a day of it, a block of it, or a single debit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from distribution.bank import using
from distribution.bank.values import PLAIN
from distribution.models import BankLine, BankMatch
from hub.models import Member, Transfer
from orders import debits

# A bank credits a block of a file (one day, first or recurring) as one sum; some add up a day or the whole file. What it
# refused meanwhile is not in the sum; what it took back later was. The days of one file lie within a month (a week ahead, or
# announced anew, at most fourteen days): what was written long before these lines is none of theirs.
BATCHES = f"""
    WITH lines AS (SELECT l.id, l.day, l.amount, {PLAIN} AS told FROM distribution_bankline l
              WHERE l.id = ANY(%(lines)s) AND l.amount > 0),
    coming AS (
        SELECT u.id, u.code, u.state, u.file_id, u.due_on, u.sequence, u.amount FROM orders_topup u
        JOIN orders_debitfile f ON f.id = u.file_id
        LEFT JOIN hub_transfer t ON t.reference = 'topup:' || u.code
        WHERE f.collection_on BETWEEN (SELECT min(day) FROM lines) - 45 AND (SELECT max(day) FROM lines) + 1
        AND (u.state = 'processing' OR u.state IN ('paid', 'returned') AND NOT EXISTS (
            SELECT 1 FROM distribution_bankmatch m WHERE m.linked_id = t.id AND m.undone_at IS NULL))),
    sums AS (
        SELECT file_id, min(due_on) AS first, max(due_on) AS last, sum(amount) AS amount,
               array_agg(code ORDER BY due_on, id) AS codes
        FROM coming GROUP BY GROUPING SETS ((file_id), (file_id, due_on), (file_id, due_on, sequence), (file_id, id))
        HAVING count(*) > 1 OR bool_or(state = 'processing'))
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


def collect_certain(lines: Mapping[int, BankLine], *, now: datetime) -> tuple[set[int], int]:
    """Lead new lines that name a file or a debit to what they credit, in the import's transaction and a fixed number of
    statements. Returns those that name one, and how many were led there.

    Who answers for one of these debits meanwhile is waited for, and a line that is not certain any more waits for a person.
    """
    seen = certain(list(lines))
    if not seen:
        return set(), 0
    debits.hold([code for one in seen for code in one.codes])
    found = [one for one in certain(list(lines)) if one in seen]
    codes = [code for one in found for code in one.codes]
    debits.receive(codes=codes, by=None, now=now)
    movements = {
        one.reference: one for one in Transfer.objects.filter(reference__in=[f"topup:{code}" for code in codes])
    }
    uses = [
        _use(lines[one.line], movements[f"topup:{code}"], nth) for one in found for nth, code in enumerate(one.codes, 1)
    ]
    using.use(uses, by=None, now=now)
    return {one.line for one in seen}, len(found)


def _use(line: BankLine, movement: Transfer, number: int) -> using.Use:
    key = f"bank:{line.pk}:{movement.pk}"
    amount = movement.amount.amount
    return using.Use(line, BankMatch.Kind.LINKED, amount, linked=movement.pk, key=key, number=number)


def collect(*, line: BankLine, codes: Sequence[str], key: str, by: Member, now: datetime) -> list[BankMatch]:
    """The bank credited these debits: they are received, and the line tells of them, in one act. The same key again gives
    the first answer. Raises using.BadUse, and debits.NothingToWrite for one that is not at the bank."""
    with transaction.atomic():
        debits.receive(codes=codes, by=by, now=now)
        movements = Transfer.objects.filter(reference__in=[f"topup:{code}" for code in codes]).order_by("pk")
        if sum(one.amount.amount for one in movements) != line.amount.amount:
            raise using.BadUse(_("These debits do not add up to this line."))
        return using.link(line=line, movements=list(movements), key=key, by=by, now=now)
